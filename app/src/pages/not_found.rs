//! An address where nothing is.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::trouble::Nothing;

/// The page.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::say_not_found();
    view! {
        <Title text="Not found"/>
        <section class="lone-page">
            <h1 class="unseen">"Not found"</h1>
            <Nothing icon="search" title="There is nothing at this address">
                <p>"The link may be old, or mistyped."</p>
                <a class="button primary" href="/">"To the switchboard"</a>
            </Nothing>
        </section>
    }
    .into_any()
}
