//! The browser's passkeys: its own words for a question and for an answer are JSON, and nothing here reads them.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What a browser does with passkeys: the word for it, and what reads its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passkeys {
    /// Makes one.
    Create,
    /// Uses one.
    Use,
}

impl Passkeys {
    /// Asks the person; what comes is for the server. The error is a sentence.
    pub async fn ask(self, options: &str) -> Result<String, String> {
        match self.credential(options).await {
            Ok(credential) => Ok(credential),
            Err(error) => Err(self.trouble(&error).to_owned()),
        }
    }

    async fn credential(self, options: &str) -> Result<String, JsValue> {
        let (verb, reader) = match self {
            Passkeys::Create => ("create", "parseCreationOptionsFromJSON"),
            Passkeys::Use => ("get", "parseRequestOptionsFromJSON"),
        };
        let class = of(&window(), "PublicKeyCredential")?;
        let options = function(&class, reader)?.call1(&class, &JSON::parse(options)?)?;
        let asked = Object::new();
        Reflect::set(&asked, &"publicKey".into(), &options)?;
        let credentials = of(&of(&window(), "navigator")?, "credentials")?;
        let asking: Promise = function(&credentials, verb)?
            .call1(&credentials, &asked)?
            .dyn_into()?;
        let credential = JsFuture::from(asking).await?;
        let answer = function(&credential, "toJSON")?.call0(&credential)?;
        JSON::stringify(&answer).map(String::from)
    }

    fn trouble(self, error: &JsValue) -> &'static str {
        let name = of(error, "name").ok().and_then(|name| name.as_string());
        match (name.as_deref(), self) {
            (Some("NotAllowedError" | "AbortError"), _) => {
                "No passkey was used: it was cancelled, or took too long. Nothing was changed."
            }
            (Some("InvalidStateError"), Passkeys::Create) => {
                "This device has a passkey for you here already."
            }
            (Some("SecurityError"), _) => "Passkeys do not work at this address. Nothing was changed.",
            _ => "This browser cannot use passkeys here. Nothing was changed.",
        }
    }
}

fn of(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &name.into())
}

fn function(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    of(object, name)?.dyn_into()
}
