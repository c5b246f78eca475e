//! The part of a long list that can be seen: only that much of it is in the document, and the rest is kept free
//! as padding, so that the scroll bar tells the truth.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};

use crate::{browser, way_to_the_rest};

/// Rows of the document above and below what can be seen: arrow keys and a flick of the wheel find them there.
const SPARE_ROWS: usize = 8;
/// The window moves in steps of so many rows, and not at every pixel.
const STEP_ROWS: usize = 4;

/// Which of `keys` are in the document. `room` gets the padding, `rows` holds the rows; in a plain list both are
/// the same. The server, and a list of no more than `first`, draw from the beginning.
pub fn near<K>(
    keys: Memo<Vec<K>>,
    room: impl Fn() -> Option<HtmlElement> + Copy + 'static,
    rows: impl Fn() -> Option<HtmlElement> + Copy + 'static,
    first: usize,
) -> Memo<Vec<K>>
where
    K: Clone + PartialEq + Send + Sync + 'static,
{
    let part = RwSignal::new((0, first));
    let look = move || {
        // a frame may come when the page is gone, and its elements with it
        let Some(total) = keys.try_with_untracked(Vec::len).filter(|_| !part.is_disposed()) else {
            return;
        };
        let (Some(room), Some(rows)) = (untrack(room), untrack(rows)) else {
            return;
        };
        let Some(seen) = seen(&room, &rows, total, first) else {
            return;
        };
        pad(&room, "padding-block-start", seen.before_px);
        pad(&room, "padding-block-end", seen.after_px);
        if part.try_get_untracked().is_some_and(|part| part != seen.part) {
            part.set(seen.part);
        }
    };
    Effect::new(move |_| {
        keys.track();
        request_animation_frame(look);
    });
    Effect::new(move |_| {
        let Some(list) = rows() else { return };
        let looking = Closure::<dyn FnMut()>::new(look);
        let on_change: &js_sys::Function = looking.as_ref().unchecked_ref();
        // whatever scrolls around the list: such events do not bubble, but they can be caught on their way down
        let _ = document().add_event_listener_with_callback_and_bool("scroll", on_change, true);
        let observer = ResizeObserver::new(on_change).ok();
        if let Some(observer) = &observer {
            observer.observe(&list);
        }
        let held = StoredValue::new_local((looking, observer));
        on_cleanup(move || {
            let _ = held.try_update_value(|(looking, observer)| {
                let on_change: &js_sys::Function = looking.as_ref().unchecked_ref();
                let _ = document().remove_event_listener_with_callback_and_bool("scroll", on_change, true);
                if let Some(observer) = observer.take() {
                    observer.disconnect();
                }
            });
        });
    });
    Memo::new(move |_| {
        let (from, to) = part.get();
        keys.with(|keys| keys.iter().take(to).skip(from).cloned().collect())
    })
}

/// Where there is no JavaScript, a list of which only the `first` rows are drawn says so, and leads to all of it.
pub fn rest<K: Send + Sync + 'static>(keys: Memo<Vec<K>>, first: usize) -> impl IntoView {
    view! { <noscript inner_html=way_to_the_rest(keys.with_untracked(Vec::len), first)></noscript> }
}

/// How many rows are drawn before it is known how many can be seen: `few`, or all where the address asks for it.
pub fn first_rows(few: usize) -> usize {
    let asked = use_query_map().with_untracked(|query| query.get_str("all").is_some());
    if asked { usize::MAX } else { few }
}

/// What of a list should be in the document.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    part: (usize, usize),
    before_px: f64,
    after_px: f64,
}

/// Judged by the rows that are drawn now; nothing while none is.
fn seen(room: &HtmlElement, rows: &HtmlElement, total: usize, first: usize) -> Option<Seen> {
    if total <= first {
        return Some(Seen {
            part: (0, first),
            before_px: 0.0,
            after_px: 0.0,
        });
    }
    let drawn = rows.children();
    let top_px = |at: u32| {
        drawn
            .item(at)
            .map(|row: Element| row.get_bounding_client_rect().top())
    };
    let first_px = top_px(0)?;
    let columns = (1..drawn.length())
        .find(|at| top_px(*at).is_some_and(|top| top - first_px > 1.0))
        .unwrap_or(1);
    let last = (drawn.length() - 1) / columns;
    let row_px = (top_px(last * columns)? - first_px) / f64::from(last.max(1));
    let above_px = -room.get_bounding_client_rect().top();
    (row_px >= 1.0).then(|| around(total, columns as usize, row_px, above_px, browser::height_px()))
}

/// The rows around what a window of `height_px` shows of a list whose beginning is `above_px` above it.
fn around(total: usize, columns: usize, row_px: f64, above_px: f64, height_px: f64) -> Seen {
    let all = total.div_ceil(columns);
    let many = (height_px / row_px) as usize + 2 * SPARE_ROWS + STEP_ROWS;
    let from = ((above_px.max(0.0) / row_px) as usize).saturating_sub(SPARE_ROWS) / STEP_ROWS * STEP_ROWS;
    let from = from.min(all.saturating_sub(many));
    let to = (from + many).min(all);
    Seen {
        part: (from * columns, to * columns),
        before_px: from as f64 * row_px,
        after_px: (all - to) as f64 * row_px,
    }
}

/// Through the object model: the page allows no style attribute.
fn pad(room: &HtmlElement, side: &str, px: f64) {
    let style = HtmlElement::style(room);
    let wanted = if px > 0.0 {
        // whole pixels: writing fractions would bring all of the formatting of floats into the page
        format!("{}px", px.round() as i64)
    } else {
        String::new()
    };
    if style.get_property_value(side).unwrap_or_default() != wanted {
        let _ = style.set_property(side, &wanted);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::around;

    #[test]
    fn a_long_list_is_drawn_around_what_can_be_seen() {
        let top = around(2_000, 4, 64.0, -100.0, 800.0);
        assert_eq!((top.part, top.before_px), ((0, 4 * 32), 0.0));
        let middle = around(2_000, 4, 64.0, 6_400.0, 800.0);
        assert_eq!(middle.part, (4 * 92, 4 * 124));
        assert_eq!(middle.before_px, 92.0 * 64.0);
        let end = around(2_000, 4, 64.0, 1e9, 800.0);
        assert_eq!((end.part.1, end.after_px), (2_000, 0.0));
    }

    proptest! {
        #[test]
        fn what_can_be_seen_is_always_drawn(
            total in 1usize..5_000, columns in 1usize..20, row_px in 20f64..200.0, above_px in -1e4f64..1e6, height_px in 100f64..4e3
        ) {
            let seen = around(total, columns, row_px, above_px, height_px);
            let all = total.div_ceil(columns) as f64 * row_px;
            let drawn_px = (seen.part.1 - seen.part.0) as f64 / columns as f64 * row_px;
            // padding and rows together are as long as the list
            prop_assert!((seen.before_px + drawn_px + seen.after_px - all).abs() < 1e-3);
            let (from_px, to_px) = (above_px.clamp(0.0, all), (above_px + height_px).clamp(0.0, all));
            if from_px < to_px {
                prop_assert!(seen.before_px <= from_px && seen.before_px + drawn_px >= to_px - 1e-3);
            }
        }
    }
}
