//! The browser's push service. Through the object model: a browser that lacks one is no fault.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A push service that does not answer is waited for so long.
const PATIENCE_MS: i32 = 20_000;

/// What a browser says of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Where its push service takes messages.
    pub endpoint: String,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: String,
}

/// Whether this browser subscribes to something here.
pub async fn is_subscribed() -> bool {
    subscription().await.is_ok()
}

/// Subscribes to this key; None where that does not work here.
pub async fn subscribe(key: &str) -> Option<Subscription> {
    // one for another key is in the way
    forget().await;
    let asked = Object::new();
    let subscribed = async {
        Reflect::set(&asked, &"userVisibleOnly".into(), &JsValue::TRUE)?;
        Reflect::set(&asked, &"applicationServerKey".into(), &key.into())?;
        let subscribing = called(&manager().await?, "subscribe", &asked)?;
        let found = JsFuture::from(Promise::race(&Array::of2(&subscribing, &given_up()))).await?;
        let said = function(&found, "toJSON")?.call0(&found)?;
        let keys = of(&said, "keys")?;
        Ok::<_, JsValue>(Subscription {
            endpoint: text(&said, "endpoint")?,
            p256dh: text(&keys, "p256dh")?,
            auth: text(&keys, "auth")?,
        })
    };
    subscribed.await.ok()
}

/// Subscribes to nothing any more.
pub async fn forget() {
    let forgotten = async {
        let found = subscription().await?;
        JsFuture::from(called(&found, "unsubscribe", &JsValue::UNDEFINED)?).await
    };
    // where there is none, that is what was wanted
    let _ = forgotten.await;
}

async fn subscription() -> Result<JsValue, JsValue> {
    let found = JsFuture::from(called(&manager().await?, "getSubscription", &JsValue::UNDEFINED)?).await?;
    if found.is_object() { Ok(found) } else { Err(found) }
}

async fn manager() -> Result<JsValue, JsValue> {
    let workers = of(&of(&window(), "navigator")?, "serviceWorker")?;
    let worker = JsFuture::from(called(&workers, "getRegistration", &JsValue::UNDEFINED)?).await?;
    of(&worker, "pushManager")
}

/// Fails after a while.
fn given_up() -> Promise {
    Promise::new(&mut |_, fail| {
        // without a clock it is waited for ever
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&fail, PATIENCE_MS);
    })
}

fn of(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &name.into())
}

fn function(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    of(object, name)?.dyn_into()
}

fn called(object: &JsValue, name: &str, with: &JsValue) -> Result<Promise, JsValue> {
    function(object, name)?.call1(object, with)?.dyn_into()
}

fn text(object: &JsValue, name: &str) -> Result<String, JsValue> {
    let found = of(object, name)?;
    found.as_string().ok_or(found)
}
