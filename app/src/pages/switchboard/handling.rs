//! The hands on the board: a row that is pointed at or has the focus gets its verbs, and its keys, its menu and what
//! is dragged work. Rows themselves only say whose they are, in `data-person` and `data-call`.

use std::{cell::RefCell, rc::Rc};

use leptos::{
    prelude::*,
    tachys::view::{Mountable, Render},
};
use telephony::CallId;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, Event, KeyboardEvent, MouseEvent, Node};

use super::call_verbs::{CallActions, CallVerbs};
use crate::{
    asking::{Asking, Deed},
    browser,
    components::person_verbs::{PersonActions, PersonVerbs},
    dragging::{self, Dragged},
    hands,
    live::{CallKey, ExtensionKey, Live, board::ParkedKey},
    model::{PbxId, Viewer},
};

/// Rows that show their verbs at a time: the one pointed at, the one with the focus, and what is in question there.
const MOST_SHOWN: usize = 4;
/// A row that is being dragged over.
const OVER: &str = "over";

/// Takes over what [`hands`] hears.
#[component]
pub fn Handling() -> impl IntoView {
    Effect::new(move |_| {
        let Some(owner) = Owner::current() else { return };
        let handful = Rc::new(RefCell::new(Handful {
            owner,
            shown: Vec::new(),
            dragged: None,
            over: None,
            busy: RwSignal::new(false),
        }));
        hands::give_to(Rc::new(move |event| {
            // what is done may move the focus: that is no new sign of a hand
            if let Ok(mut handful) = handful.try_borrow_mut() {
                handful.handle(event);
            }
        }));
    });
}

struct Handful {
    owner: Owner,
    shown: Vec<Shown>,
    dragged: Option<Dragged>,
    over: Option<Element>,
    busy: RwSignal<bool>,
}

/// A row with its verbs; they go with it.
struct Shown {
    row: Element,
    actions: Actions,
    owner: Owner,
    view: <AnyView as Render>::State,
}

enum Actions {
    Person(PersonActions),
    Call(CallActions),
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.view.unmount();
        self.owner.cleanup();
    }
}

impl Shown {
    /// Whether the row can do without: nobody is at it, nothing is asked there, no answer is awaited.
    fn is_done(&self) -> bool {
        const AT_WORK: &str = ":is(:hover, :focus-within, :has(.question, [aria-busy=\"true\"]))";
        !self.row.is_connected() || !self.row.matches(AT_WORK).unwrap_or(false)
    }
}

impl Handful {
    fn handle(&mut self, event: &Event) {
        if hands::is_ours_alone(event) {
            event.prevent_default();
        }
        let row = browser::around(event, hands::ROWS);
        match (event.type_().as_str(), row) {
            ("click", _) => self.click(event),
            ("pointerover" | "focusin", Some(row)) => {
                self.show(&row);
            }
            ("keydown", Some(row)) if browser::around(event, "[data-cell]").is_some() => {
                let Some(key) = event.dyn_ref::<KeyboardEvent>() else {
                    return;
                };
                self.with(&row, |actions| match actions {
                    Actions::Person(person) => person.key(key, &row),
                    Actions::Call(call) => call.key(key, &row),
                });
            }
            ("contextmenu", Some(row)) => {
                let Some(at) = event.dyn_ref::<MouseEvent>() else {
                    return;
                };
                let (left_px, top_px) = (at.client_x(), at.client_y());
                self.with(&row, |actions| match actions {
                    Actions::Person(person) => person.menu_at(left_px, top_px),
                    Actions::Call(call) => call.menu_at(left_px, top_px),
                });
            }
            ("dragstart", Some(row)) => {
                if let Some(event) = event.dyn_ref::<DragEvent>() {
                    dragging::lift(event);
                }
                self.dragged = person(&row)
                    .map(Dragged::Person)
                    .or_else(|| call(&row).map(Dragged::Call));
            }
            ("dragover", row) if self.dragged.is_some() => {
                let person = row.filter(|row| row.has_attribute("data-person"));
                if person.is_some() {
                    // a place to drop it
                    event.prevent_default();
                }
                self.point_out(person);
            }
            ("dragend", _) => {
                self.dragged = None;
                self.point_out(None);
            }
            ("drop", row) => {
                self.point_out(None);
                if let (Some(what), Some(on)) = (self.dragged.take(), row.as_ref().and_then(person)) {
                    event.prevent_default();
                    self.owner.with(|| dragging::dropped(what, &on, self.busy));
                }
            }
            _ => {}
        }
    }

    /// A number, or a parked call.
    fn click(&self, event: &Event) {
        let Some(clicked) = browser::around(event, hands::CLICKED).filter(|_| hands::is_ours_alone(event))
        else {
            return;
        };
        self.owner.with(|| {
            let asking = expect_context::<Asking>();
            let viewer = expect_context::<RwSignal<Viewer>>();
            let viewer = viewer.read_untracked();
            if clicked.has_attribute("data-dial") {
                asking.call(self.busy, &viewer, &clicked.text_content().unwrap_or_default());
            } else if let Some(key) = parked(&clicked) {
                let live = expect_context::<Live>();
                let deed = live.parked.peek(&key, |row| Deed::take(&viewer, key.0, row));
                if let Some(deed) = deed.flatten() {
                    asking.ask(self.busy, deed.pbx, deed.command, deed.what);
                }
            }
        });
    }

    /// Puts verbs on a row, and takes them from rows that can do without.
    fn show(&mut self, row: &Element) -> Option<&Shown> {
        self.shown.retain(|shown| shown.row == *row || !shown.is_done());
        if let Some(at) = self.shown.iter().position(|shown| shown.row == *row) {
            return self.shown.get(at);
        }
        let owner = self.owner.child();
        let (actions, mut view) = owner.with(|| {
            let live = expect_context::<Live>();
            if let Some(key) = person(row) {
                let actions = PersonActions::new(key.clone(), live.extensions.get(&key)?);
                let view = view! { <PersonVerbs actions=actions.clone()/> }
                    .into_any()
                    .build();
                return Some((Actions::Person(actions), view));
            }
            let key = call(row)?;
            let of = live.calls.get(&key)?;
            let view = view! { <CallVerbs row=of.clone() pbx=key.0/> }.into_any().build();
            Some((Actions::Call(CallActions::new(key, of)), view))
        })?;
        let row: &Node = row;
        view.mount(row.unchecked_ref(), None);
        if self.shown.len() == MOST_SHOWN {
            self.shown.remove(0);
        }
        self.shown.push(Shown {
            row: row.unchecked_ref::<Element>().clone(),
            actions,
            owner,
            view,
        });
        self.shown.last()
    }

    fn with(&mut self, row: &Element, act: impl FnOnce(&Actions)) {
        if let Some(shown) = self.show(row) {
            shown.owner.with(|| act(&shown.actions));
        }
    }

    fn point_out(&mut self, row: Option<Element>) {
        if self.over == row {
            return;
        }
        if let Some(before) = &self.over {
            let _ = before.class_list().remove_1(OVER);
        }
        if let Some(row) = &row {
            let _ = row.class_list().add_1(OVER);
        }
        self.over = row;
    }
}

/// The PBX, and what follows it.
fn place(row: &Element, attribute: &str) -> Option<(PbxId, String)> {
    let place = row.get_attribute(attribute)?;
    let (pbx, rest) = place.split_once('/')?;
    Some((PbxId(pbx.parse().ok()?), rest.to_owned()))
}

fn person(row: &Element) -> Option<ExtensionKey> {
    place(row, "data-person")
}

fn call(row: &Element) -> Option<CallKey> {
    place(row, "data-call").map(|(pbx, id)| (pbx, CallId(id)))
}

fn parked(button: &Element) -> Option<ParkedKey> {
    let (pbx, place) = place(button, "data-take")?;
    let (space, lot) = place.split_once('/')?;
    Some((pbx, (lot.to_owned(), space.to_owned())))
}
