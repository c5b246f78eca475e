//! What hands do on the board - pointing, keys, menus, dragging - is fetched at the first sign of a hand: a page that
//! is only looked at does without. What was done meanwhile is kept, and done when it is there.

use std::{cell::RefCell, mem, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MouseEvent};

use crate::{
    asking::{Asking, Tone},
    browser,
    components::trouble::capitalised,
    later,
};

/// Signs of a hand.
const SIGNS: [&str; 9] = [
    "pointerover",
    "focusin",
    "keydown",
    "contextmenu",
    "click",
    "dragstart",
    "dragover",
    "dragend",
    "drop",
];
/// Kept until the part is there; nobody does more in that time.
const MOST_KEPT: usize = 16;
/// Rows that have verbs.
pub(crate) const ROWS: &str = "[data-person], [data-call]";
/// What is done by a click alone: a number is called, a parked call taken.
pub(crate) const CLICKED: &str = "[data-dial], [data-take]";

type Act = Rc<dyn Fn(&Event)>;

enum Ear {
    Keeps(Vec<Event>),
    Has(Act),
}

thread_local! {
    // of the browser's one thread; the server hears nothing
    static EAR: RefCell<Ear> = const { RefCell::new(Ear::Keeps(Vec::new())) };
}

fn hear(event: &Event) {
    let act = EAR.with_borrow_mut(|ear| match ear {
        Ear::Has(act) => Some(act.clone()),
        Ear::Keeps(kept) => {
            if is_ours_alone(event) {
                event.prevent_default();
            }
            // of where the pointer was only the last counts, so that no click is crowded out
            let sign = event.type_();
            if matches!(sign.as_str(), "pointerover" | "dragover") {
                kept.retain(|before| before.type_() != sign);
            }
            if kept.len() < MOST_KEPT {
                kept.push(event.clone());
            }
            None
        }
    });
    if let Some(act) = act {
        act(event);
    }
}

/// From now on signs go there, those that were kept first.
pub(crate) fn give_to(act: Act) {
    if let Ear::Keeps(kept) = EAR.replace(Ear::Has(act.clone())) {
        for event in &kept {
            act(event);
        }
    }
}

/// What was kept is lost; whether something among it was to be done.
fn forget() -> bool {
    EAR.with_borrow_mut(|ear| match ear {
        Ear::Keeps(kept) => mem::take(kept).iter().any(is_ours_alone),
        Ear::Has(_) => false,
    })
}

/// The browser has something of its own for it, which must be refused at once.
pub(crate) fn is_ours_alone(event: &Event) -> bool {
    match event.type_().as_str() {
        "contextmenu" => browser::around(event, ROWS).is_some(),
        // with a key held down a link is opened elsewhere
        "click" => {
            let plain = event
                .dyn_ref::<MouseEvent>()
                .is_some_and(|click| !(click.ctrl_key() || click.meta_key() || click.shift_key()));
            plain && browser::around(event, CLICKED).is_some()
        }
        _ => false,
    }
}

/// Waits for a hand; runs in a browser only.
#[component]
pub fn Hands() -> impl IntoView {
    let wanted = RwSignal::new(false);
    Effect::new(move |_| {
        let listening = Closure::<dyn FnMut(Event)>::new(move |event| {
            hear(&event);
            if wanted.try_get_untracked() == Some(false) {
                wanted.set(true);
            }
        });
        let on_sign = listening.as_ref().unchecked_ref();
        for sign in SIGNS {
            // on its way down: a number that is called leads nowhere else
            let _ = window().add_event_listener_with_callback_and_bool(sign, on_sign, true);
        }
        let held = StoredValue::new_local(listening);
        on_cleanup(move || {
            EAR.set(Ear::Keeps(Vec::new()));
            let _ = held.try_update_value(|listening| {
                let on_sign = listening.as_ref().unchecked_ref();
                for sign in SIGNS {
                    let _ = window().remove_event_listener_with_callback_and_bool(sign, on_sign, true);
                }
            });
        });
    });
    let asking = expect_context::<Asking>();
    later::once_wanted(wanted, later::handling, move |error| {
        // who only moved the pointer missed nothing
        if forget() {
            asking.tell(Tone::Bad, capitalised(&error.to_string()));
        }
    })
}
