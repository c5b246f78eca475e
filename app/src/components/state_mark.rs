//! A state: colour, shape and word together.

use leptos::prelude::*;

use crate::words::Status;

/// Shape and word of a state that may change.
#[component]
pub fn StateMark(
    /// The state.
    #[prop(into)]
    status: Signal<Status>,
    /// The word is read aloud but not drawn.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    view! {
        <span class="state" data-state=move || status.get().slug()>
            <svg class="icon" aria-hidden="true">
                <use href=move || format!("/icons.svg#state-{}", status.get().slug())></use>
            </svg>
            <span class=if quiet { "unseen" } else { "state-word" }>{move || status.get().word()}</span>
        </span>
    }
}
