//! The browser's entry: it wakes up the page that the server has sent.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that `<HydrationScripts/>` puts in the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
