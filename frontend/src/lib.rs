//! The browser's entry: it wakes up the page that the server has sent.
#![recursion_limit = "512"] // a page is one type, and its layout is asked for as deep as the page nests

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script at the head of the page; the page is awake when it ends.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = leptos::prelude::location().pathname().unwrap_or_default();
    app::later::at_hand(&path).await;
    leptos::mount::hydrate_body(app::App);
}
