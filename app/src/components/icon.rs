//! One shape of the sprite.

use leptos::prelude::*;

/// The address of the shape of this name: the sprite is in every document, so that a shape is drawn with its row and
/// no row makes a request, for the `href` of a `<use>`.
pub fn shape(name: &str) -> String {
    ["#icon-", name].concat()
}

/// An icon beside a word; alone it says nothing to those who cannot see it.
#[component]
pub fn Icon(
    /// Its name in `public/icons.svg`.
    #[prop(into)]
    name: Oco<'static, str>,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=shape(&name)></use>
        </svg>
    }
}
