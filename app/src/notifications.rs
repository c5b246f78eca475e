//! The browser's own notifications, and its time zone. Through the object model: a browser that lacks them is no fault.

use js_sys::{Array, Function, Intl, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

fn notification() -> Option<JsValue> {
    let there = Reflect::get(&window(), &"Notification".into()).ok()?;
    there.is_function().then_some(there)
}

/// Whether this browser shows them; None where it has none, or was told not to.
pub fn permission() -> Option<bool> {
    let said = Reflect::get(&notification()?, &"permission".into())
        .ok()?
        .as_string()?;
    match said.as_str() {
        "granted" => Some(true),
        "default" => Some(false),
        _ => None,
    }
}

/// Asks whoever sits there; whether they agree.
pub async fn ask() -> bool {
    let asked = || {
        let class = notification()?;
        let ask: Function = Reflect::get(&class, &"requestPermission".into())
            .ok()?
            .dyn_into()
            .ok()?;
        let promise: Promise = ask.call0(&class).ok()?.dyn_into().ok()?;
        Some(promise)
    };
    let Some(promise) = asked() else { return false };
    let said = JsFuture::from(promise).await.ok();
    said.and_then(|said| said.as_string()).as_deref() == Some("granted")
}

/// Shows one, where that is allowed; one of the same tag takes the place of another.
pub fn show(title: &str, body: &str, tag: &str) {
    if permission() != Some(true) {
        return;
    }
    let Some(class) = notification().and_then(|class| class.dyn_into::<Function>().ok()) else {
        return;
    };
    let options = Object::new();
    for (name, value) in [("body", body), ("tag", tag), ("icon", "/icons/icon-192.png")] {
        // setting a property of an object of our own cannot fail
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    // some browsers let only service workers show them
    let _ = Reflect::construct(&class, &Array::of2(&title.into(), &options));
}

/// The time zone of this browser, `Europe/Berlin`.
pub fn zone() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let name = Reflect::get(&options, &"timeZone".into()).ok();
    name.and_then(|name| name.as_string())
        .unwrap_or_else(|| "UTC".into())
}
