//! One shape of the sprite.

use leptos::prelude::*;

/// Where the shapes are. A page as the server sends it takes them from the sprite's own file. A page that is awake
/// has the sprite in its document (see [`crate::browser::take_in_sprite`]): a shape is drawn there with the row it
/// belongs to, and no row makes a request.
const SPRITE: &str = if cfg!(feature = "ssr") {
    "/icons.svg#icon-"
} else {
    "#icon-"
};

/// The address of the shape of this name, for the `href` of a `<use>`.
pub fn shape(name: &str) -> String {
    [SPRITE, name].concat()
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
