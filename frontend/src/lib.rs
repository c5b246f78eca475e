//! The browser's entry: it wakes up the page that the server has sent.
#![recursion_limit = "512"] // a page is one type, and its layout is asked for as deep as the page nests

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that `<HydrationScripts/>` puts in the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
