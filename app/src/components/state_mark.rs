//! A state: colour, shape and word together.

use leptos::prelude::*;

use super::icon::shape;
use crate::{look::Look, words::Status};

/// Shape and word of a state that may change.
#[component]
pub fn StateMark(
    /// The state.
    status: Look<Status>,
    /// The word is read aloud but not drawn.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let (state, drawn) = (status.clone(), status.clone());
    view! {
        <span class="state" data-state=move || state().slug()>
            <svg class="icon" aria-hidden="true">
                <use href=move || shape(&["state-", drawn().slug()].concat())></use>
            </svg>
            <span class=if quiet { "unseen" } else { "state-word" }>{move || status().word()}</span>
        </span>
    }
}
