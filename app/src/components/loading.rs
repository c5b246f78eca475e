//! What stands where a page's content is on its way, or could not be had.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::trouble::{Nothing, capitalised};
use crate::{AppError, words::address};

/// The shape of what is on its way.
#[component]
pub fn Bones() -> impl IntoView {
    view! { <div class="skeleton"><div class="bone"></div><div class="bone"></div></div> }
}

/// Why the content is not there, and the next step.
#[component]
pub fn NotLoaded(
    /// What the server said.
    error: AppError,
) -> impl IntoView {
    let here = use_location();
    let again = move || address::with_search(&here.pathname.read(), &here.search.read());
    let forbidden = error == AppError::Forbidden;
    view! {
        <Nothing icon=if forbidden { "lock" } else { "unplug" } title=capitalised(&error.to_string())>
            {if forbidden {
                view! {
                    <p>"Your role does not show this page. An administrator can give you one that does."</p>
                    <a class="button" href="/">"To the switchboard"</a>
                }.into_any()
            } else {
                view! { <a class="button" href=again rel="external">"Try again"</a> }.into_any()
            }}
        </Nothing>
    }
    .into_any()
}
