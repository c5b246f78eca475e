//! The browser's entry: it wakes up the page that the server has sent.
#![recursion_limit = "512"] // a page is one type, and its layout is asked for as deep as the page nests

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script at the head of the page; the page is awake when it ends. One that cannot fetch what it is made of
/// stays as the server sent it: whole, with links and forms that work.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = leptos::prelude::location().pathname().unwrap_or_default();
    if app::later::at_hand(&path).await.is_ok() {
        leptos::mount::hydrate_body(app::App);
    }
}
