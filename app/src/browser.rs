//! The few things of the browser that Leptos has no name for. Called from event handlers and effects only:
//! on the server nothing here runs.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, Storage, VisibilityState};

use crate::words::address;

/// The browser's clock, Unix milliseconds.
pub fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// How long ago an event happened: one of before the page was awake waited for it.
pub fn age_ms(event: &Event) -> u64 {
    let now_ms = window().performance().map_or(0.0, |clock| clock.now());
    (now_ms - event.time_stamp()) as u64
}

/// 32 random bits.
pub fn random_u32() -> u32 {
    let mut bytes = [0_u8; 4];
    random(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// Names one click: a second click of the same name does nothing.
pub fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    random(&mut bytes);
    hex(&bytes)
}

fn random(bytes: &mut [u8]) {
    let filled = window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(bytes));
    if filled.is_err() {
        for byte in bytes {
            *byte = (js_sys::Math::random() * 256.0) as u8;
        }
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// `wss://host/path` of this page's own server.
pub fn socket_address(path: &str) -> Option<String> {
    let location = window().location();
    let secure = location.protocol().ok()? == "https:";
    let host = location.host().ok()?;
    Some(format!("{}://{host}{path}", if secure { "wss" } else { "ws" }))
}

/// `https://host` of this page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Whether the page can be seen.
pub fn page_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// The height of the window's inside.
pub fn height_px() -> f64 {
    let height = window().inner_height().ok();
    height.and_then(|height| height.as_f64()).unwrap_or(0.0)
}

/// Leaves for another page of ours, loading it anew.
pub fn go_to(path: &str) {
    // a browser that refuses to navigate is closing
    let _ = window().location().set_href(path);
}

/// Goes to the sign-in, which leads back here; a screen shows a code.
pub fn go_to_sign_in() {
    let location = window().location();
    let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if here == "/tv" {
        return reload();
    }
    go_to(&address::sign_in(&here));
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Something remembered in this browser.
pub fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Remembers something in this browser; where storage is denied it lasts as long as the page.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Sets a `data-…` attribute of the document: themes, density and the open rail are plain CSS.
pub fn set_root_data(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(&format!("data-{name}"), value);
    }
}

/// A `data-…` attribute of the document.
pub fn root_data(name: &str) -> Option<String> {
    document()
        .document_element()?
        .get_attribute(&format!("data-{name}"))
}

/// Puts the focus on the first element that the selector finds.
pub fn focus(selector: &str) -> bool {
    let found = document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|element| element.focus().is_ok())
}

/// Presses the first element that the selector finds, as a click would.
pub fn press(selector: &str) -> bool {
    let found = document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.inspect(HtmlElement::click).is_some()
}

/// Every element inside `parent` that the selector finds.
pub fn all(parent: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = parent.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|index| list.item(index)?.dyn_into().ok())
        .collect()
}

/// Every element of the page that the selector finds.
pub fn everywhere(selector: &str) -> Vec<HtmlElement> {
    document()
        .document_element()
        .map_or_else(Vec::new, |root| all(&root, selector))
}

/// The element an event began at.
pub fn target_element(event: &web_sys::Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The nearest element around where an event began that the selector finds.
pub fn around(event: &web_sys::Event, selector: &str) -> Option<Element> {
    target_element(event)?.closest(selector).ok().flatten()
}

/// Whether keys pressed there are text.
pub fn is_typing(event: &web_sys::Event) -> bool {
    around(event, "input, textarea, select, [contenteditable]").is_some()
}

/// Fetches the stylesheet of the screens beside the switchboard, unless it is there; nothing is drawn in `main` before.
pub fn fetch_style(id: &str) {
    let document = document();
    if document.get_element_by_id(id).is_some() {
        return;
    }
    let href = document
        .document_element()
        .and_then(|root| root.get_attribute("data-later"));
    let (Some(href), Some(head), Ok(link)) = (href, document.head(), document.create_element("link")) else {
        return;
    };
    for (name, value) in [("rel", "stylesheet"), ("id", id), ("href", &href)] {
        // names and values of our own
        let _ = link.set_attribute(name, value);
    }
    let veil = |veiled: bool| {
        let main = leptos::prelude::document().query_selector("main").ok().flatten();
        if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
            let visibility = if veiled { "hidden" } else { "" };
            let _ = main.style().set_property("visibility", visibility);
        }
    };
    veil(true);
    for done in ["load", "error"] {
        // called once, for one link that stays
        let unveil = wasm_bindgen::closure::Closure::once_into_js(move || veil(false));
        let _ = link.add_event_listener_with_callback(done, unveil.unchecked_ref());
    }
    let _ = head.append_child(&link);
}

/// Fills the screen with the page; a browser that refuses leaves it as it is.
pub fn full_screen() {
    if let Some(root) = document().document_element() {
        let _ = root.request_fullscreen();
    }
}

/// Keeps the screen from going dark, where the browser can; asked for anew whenever the page is seen again.
pub fn stay_awake() {
    let lock = js_sys::Reflect::get(&window().navigator(), &"wakeLock".into()).ok();
    let Some(lock) = lock.filter(|lock| lock.is_object() && page_visible()) else {
        return;
    };
    let request = js_sys::Reflect::get(&lock, &"request".into()).ok();
    let request = request.and_then(|request| request.dyn_into::<js_sys::Function>().ok());
    let asked = request.and_then(|request| request.call1(&lock, &"screen".into()).ok());
    if let Some(promise) = asked.and_then(|asked| asked.dyn_into::<js_sys::Promise>().ok()) {
        leptos::task::spawn_local(async move {
            // a screen that goes dark after all is set up so by its owner
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

/// Whether an event began at something that is pressed.
pub fn is_button(event: &web_sys::Event) -> bool {
    around(event, "button, a, summary").is_some()
}
