//! The page of a board on the bench: tiles are moved and made larger with the pointer and by keyboard.

use leptos::{ev, html, prelude::*};

use super::{CORNER, draft::Draft, tile::TileFace, value::Reader};
use crate::{
    browser,
    model::wallboard::{COLUMNS, Metric, Place, ROWS, Tile, Wallboard},
};

/// A tile under the pointer.
#[derive(Clone, Debug)]
struct Hold {
    at: usize,
    /// By its corner: it grows.
    grows: bool,
    /// Where the pointer took it,
    from: (i32, i32),
    /// how large a cell is on the screen,
    cell: (f64, f64),
    /// and how everything was.
    place: Place,
    before: Wallboard,
}

/// The canvas.
#[component]
pub fn Canvas(draft: Draft, #[prop(into)] reader: Signal<Reader>) -> impl IntoView {
    let canvas = NodeRef::<html::Div>::new();
    let hold = StoredValue::new(None::<Hold>);
    let held = RwSignal::new(false);
    let count = Memo::new(move |_| draft.now().tiles.len());
    let light = Memo::new(move |_| draft.board.read().light);
    let take = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let (Some(room), Some(at)) = (canvas.get_untracked(), index_of(&event)) else {
            return;
        };
        draft.chosen.set(Some(at));
        let Some(tile) = untrack(|| draft.tile()) else {
            return;
        };
        let size = room.get_bounding_client_rect();
        // the pointer is the canvas's from now on, also outside of it
        let _ = room.set_pointer_capture(event.pointer_id());
        held.set(true);
        hold.set_value(Some(Hold {
            at,
            grows: browser::around(&event, "[data-grip]").is_some(),
            from: (event.client_x(), event.client_y()),
            cell: (size.width() / f64::from(COLUMNS), size.height() / f64::from(ROWS)),
            place: tile.place,
            before: draft.board.get_untracked(),
        }));
    };
    let drag = move |event: ev::PointerEvent| {
        hold.with_value(|hold| {
            if let Some(hold) = hold {
                let _ = draft.put(hold.at, hold.at_pointer(&event));
            }
        });
    };
    let drop = move |_: ev::PointerEvent| {
        held.set(false);
        let Some(hold) = hold.try_update_value(Option::take).flatten() else {
            return;
        };
        if draft.board.with_untracked(|board| *board != hold.before) {
            draft.step(hold.before);
            tell(draft);
        }
    };
    let key = move |event: ev::KeyboardEvent| pressed(draft, &event);
    view! {
        <div class="canvas" data-light=move || light.get().then_some("") data-held=move || held.get().then_some("")
            role="group" aria-label=move || format!("Page {}", draft.page.get() + 1) aria-describedby="canvas-keys"
            node_ref=canvas on:pointerdown=take on:pointermove=drag on:pointerup=drop on:pointercancel=drop on:keydown=key
            on:dragstart=|event| event.prevent_default()>
            <div class="wall-page">
                {move || {
                    let page = draft.page.get();
                    view! {
                        <For each=move || 0..count.get() key=move |at| (page, *at) let:at>
                            <Piece draft at reader/>
                        </For>
                    }.into_any()
                }}
            </div>
        </div>
        <p class="field-help" id="canvas-keys">"Drag a tile, or its corner to change its size. With the keyboard: arrows move it, with Shift they change its size, Delete removes it."</p>
    }
    .into_any()
}

#[component]
fn Piece(draft: Draft, at: usize, reader: Signal<Reader>) -> impl IntoView {
    let tile = Memo::new(move |_| {
        let found = draft.now().tiles.get(at).cloned();
        found.unwrap_or_else(|| Tile::new(Metric::Text, CORNER))
    });
    let place = move || tile.read().place;
    let chosen = move || draft.chosen.get() == Some(at);
    view! {
        <div class="cell piece" data-at=at.to_string() data-chosen=move || chosen().then_some("")
            data-x=move || place().x.to_string() data-y=move || place().y.to_string()
            data-w=move || place().wide.to_string() data-h=move || place().high.to_string()>
            <div class="piece-face" aria-hidden="true"><TileFace tile reader/></div>
            <button type="button" class="piece-take" aria-pressed=move || chosen().to_string()
                aria-label=move || format!("{}, {}", tile.read().heading(), words(place()))
                on:focus=move |_| draft.chosen.set(Some(at))></button>
            <span class="grip" data-grip aria-hidden="true"></span>
        </div>
    }
    .into_any()
}

fn index_of(event: &web_sys::Event) -> Option<usize> {
    browser::around(event, "[data-at]")?
        .get_attribute("data-at")?
        .parse()
        .ok()
}

impl Hold {
    /// The place under the pointer, on the grid.
    fn at_pointer(&self, event: &ev::PointerEvent) -> Place {
        let cells = |moved: i32, cell: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "a few cells")]
            let cells = (f64::from(moved) / cell.max(1.0)).round() as i32;
            cells
        };
        let right = cells(event.client_x() - self.from.0, self.cell.0);
        let down = cells(event.client_y() - self.from.1, self.cell.1);
        moved(self.place, right, down, self.grows)
    }
}

/// A place so many cells on, or that much larger, within the grid.
fn moved(place: Place, right: i32, down: i32, grows: bool) -> Place {
    let within = |from: u8, by: i32, least: i32, most: u8| {
        let to = (i32::from(from) + by).clamp(least, i32::from(most));
        u8::try_from(to).unwrap_or(from)
    };
    if grows {
        Place {
            wide: within(place.wide, right, 1, COLUMNS - place.x),
            high: within(place.high, down, 1, ROWS - place.y),
            ..place
        }
    } else {
        Place {
            x: within(place.x, right, 0, COLUMNS - place.wide),
            y: within(place.y, down, 0, ROWS - place.high),
            ..place
        }
    }
}

/// In words: columns and rows count from 1.
pub fn words(place: Place) -> String {
    format!(
        "column {}, row {}, {} wide, {} high",
        place.x + 1,
        place.y + 1,
        place.wide,
        place.high
    )
}

fn tell(draft: Draft) {
    if let Some(tile) = untrack(|| draft.tile()) {
        draft
            .said
            .set(format!("{}: {}.", tile.heading(), words(tile.place)));
    }
}

fn pressed(draft: Draft, event: &ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(at) = index_of(event) else { return };
    let step = match event.key().as_str() {
        "ArrowLeft" => (-1, 0),
        "ArrowRight" => (1, 0),
        "ArrowUp" => (0, -1),
        "ArrowDown" => (0, 1),
        "Delete" | "Backspace" => {
            event.prevent_default();
            draft.remove();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    draft.chosen.set(Some(at));
    let Some(tile) = untrack(|| draft.tile()) else {
        return;
    };
    let before = draft.board.get_untracked();
    let grows = event.shift_key();
    // a tile that is in the way is jumped over
    let far = if grows { 1 } else { i32::from(COLUMNS) };
    let places = (1..=far).map(|cells| moved(tile.place, step.0 * cells, step.1 * cells, grows));
    let mut places = places.filter(|place| *place != tile.place);
    if places.any(|place| draft.put(at, place)) {
        draft.step(before);
        tell(draft);
    } else {
        draft.said.set("There is no room on that side.".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_stays_on_the_grid_however_far_it_is_dragged() {
        let place = Place {
            x: 3,
            y: 2,
            wide: 4,
            high: 2,
        };
        for (right, down, grows, wanted) in [
            (2, 1, false, Place { x: 5, y: 3, ..place }),
            (99, 99, false, Place { x: 8, y: 6, ..place }),
            (-99, -99, false, Place { x: 0, y: 0, ..place }),
            (
                1,
                -1,
                true,
                Place {
                    wide: 5,
                    high: 1,
                    ..place
                },
            ),
            (
                99,
                99,
                true,
                Place {
                    wide: 9,
                    high: 6,
                    ..place
                },
            ),
            (
                -99,
                -99,
                true,
                Place {
                    wide: 1,
                    high: 1,
                    ..place
                },
            ),
        ] {
            assert_eq!(moved(place, right, down, grows), wanted);
            assert!(wanted.fits());
        }
    }
}
