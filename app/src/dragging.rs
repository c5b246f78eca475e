//! What is being dragged over the board. The keyboard does the same through the row's menu.

use leptos::prelude::*;
use web_sys::DragEvent;

use crate::live::{CallKey, ExtensionKey};

/// What can be dragged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dragged {
    /// A call, to be handed to a person.
    Call(CallKey),
    /// A person: my own phone, to call somebody; another one, to be connected.
    Person(ExtensionKey),
}

/// The one drag of the page.
#[derive(Clone, Copy)]
pub struct Dragging(RwSignal<Option<Dragged>>);

impl Dragging {
    /// Nothing is dragged.
    pub fn nothing() -> Self {
        Self(RwSignal::new(None))
    }

    /// A drag begins.
    pub fn begin(self, event: &DragEvent, what: Dragged) {
        if let Some(data) = event.data_transfer() {
            // some browsers drag nothing without data; what is dragged is kept here
            let _ = data.set_data("text/plain", "Starboard");
            data.set_effect_allowed("move");
        }
        self.0.set(Some(what));
    }

    /// Whether something of ours is dragged.
    pub fn some(self) -> bool {
        self.0.read_untracked().is_some()
    }

    /// It was dropped.
    pub fn take(self) -> Option<Dragged> {
        self.0.try_update(Option::take).flatten()
    }

    /// It ended anywhere.
    pub fn end(self) {
        self.0.set(None);
    }
}
