//! One shape of the sprite.

use leptos::prelude::*;

/// An icon beside a word; alone it says nothing to those who cannot see it.
#[component]
pub fn Icon(
    /// Its name in `public/icons.svg`.
    #[prop(into)]
    name: Oco<'static, str>,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
