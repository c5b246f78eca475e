//! Asking the server from a page that is awake: forms are sent without leaving the page, and answers unpacked.

use leptos::{
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
    task::spawn_local,
};
use leptos_router::hooks::use_navigate;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, HtmlFormElement, RequestInit, Response, SubmitEvent, UrlSearchParams};

use crate::{AppError, browser, live::Live, packed::unpack};

/// Present in an answer that wants the browser to go to its `Location`.
const REDIRECT: &str = "serverfnredirect";
/// How a packed `Ok` begins; the rest is what it holds.
const PACKED_OK: char = '\u{100}';
/// How a packed `Err` begins.
const PACKED_ERR: char = '\u{101}';

/// A form that also works by itself: its way to the server, and what came back.
#[derive(Clone, Copy)]
pub struct Sending {
    /// Where a plain form goes.
    pub path: &'static str,
    /// Whether an answer is awaited.
    pub pending: RwSignal<bool>,
    answer: RwSignal<Option<Result<String, AppError>>>,
    last: StoredValue<String>,
    /// What does the sending anew, where that is more than sending what was sent last.
    anew: StoredValue<Option<Callback<()>>>,
    go: Callback<String>,
}

impl Sending {
    /// To this server function; after a form sent without JavaScript its error is known at once.
    pub fn to<F: ServerFn>() -> Self {
        Self::to_path(F::PATH)
    }

    fn to_path(path: &'static str) -> Self {
        let failed = use_context::<ServerActionError>().filter(|failed| failed.path() == path);
        let failed = failed.map(|failed| Err(ServerFnUrlError::<AppError>::decode_err(failed.err())));
        let in_frame = use_context::<Live>().is_some();
        let navigate = use_navigate();
        Self {
            path,
            pending: RwSignal::new(false),
            answer: RwSignal::new(failed),
            last: StoredValue::new(String::new()),
            anew: StoredValue::new(None),
            // into and out of the frame the page is loaded anew, and where what is said above it has changed
            go: Callback::new(move |to: String| {
                if in_frame && to != "/sign-in" && !to.starts_with("/me/") {
                    navigate(&to, Default::default());
                } else {
                    browser::go_to(&to);
                }
            }),
        }
    }

    /// What was answered last; tracked.
    pub fn answer<T: DeserializeOwned>(self) -> Option<Result<T, AppError>> {
        self.answer.with(|answer| {
            let text = answer.as_ref()?.as_ref();
            Some(text.map_err(Clone::clone).and_then(|text| read(text)))
        })
    }

    /// What went wrong last; tracked.
    pub fn problem(self) -> Option<AppError> {
        self.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()))
    }

    /// Sends the form of a `submit` in the browser's stead.
    pub fn submit(self, event: &SubmitEvent) {
        event.prevent_default();
        if let Some(form) = event.target().and_then(|target| target.dyn_into().ok()) {
            self.send(&form);
        }
    }

    /// Sends a form; a second one meanwhile is not sent.
    pub fn send(self, form: &HtmlFormElement) {
        let fields = FormData::new_with_form(form)
            .and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
        if let Ok(fields) = fields {
            self.send_fields(fields);
        }
    }

    /// Sends what no form holds.
    pub fn send_pairs(self, pairs: &[(&str, &str)]) {
        if let Ok(fields) = UrlSearchParams::new() {
            for (name, value) in pairs {
                fields.append(name, value);
            }
            self.send_fields(fields);
        }
    }

    /// From now on [`Sending::again`] is this.
    pub fn again_by(self, anew: Callback<()>) {
        self.anew.set_value(Some(anew));
    }

    /// Does once more what was done last.
    pub fn again(self) {
        if let Some(anew) = self.anew.get_value() {
            anew.run(());
        } else if let Ok(fields) = UrlSearchParams::new_with_str(&self.last.get_value()) {
            self.send_fields(fields);
        }
    }

    /// Nothing could be sent.
    pub fn failed(self, error: AppError) {
        let _ = self.answer.try_set(Some(Err(error)));
    }

    fn send_fields(self, fields: UrlSearchParams) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.last.set_value(fields.to_string().into());
        spawn_local(async move {
            let answer = post(self.path, &fields).await;
            // the page may be gone
            let _ = self.pending.try_set(false);
            let redirect = answer.as_ref().ok().and_then(|answer| answer.redirect.clone());
            let _ = self.answer.try_set(Some(answer.map(|answer| answer.text)));
            if let Some(to) = redirect {
                let _ = self.go.try_run(to);
            }
        });
    }
}

/// Asks a server function whose arguments are written already.
pub(crate) async fn ask<T: DeserializeOwned>(path: &str, arguments: &str) -> Result<T, AppError> {
    let answer = post(path, &JsValue::from_str(arguments)).await?;
    read(&answer.text)
}

/// The same, with the answer as [`crate::load`] keeps it: a packed `Result`.
pub(crate) async fn ask_packed(path: &str, arguments: &str) -> String {
    match post(path, &JsValue::from_str(arguments)).await {
        Ok(answer) => format!("{PACKED_OK}{}", answer.text),
        Err(error) => format!("{PACKED_ERR}{}", crate::packed::pack(&error).unwrap_or_default()),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    unpack(text).map_err(|_| AppError::Internal { id: "answer".into() })
}

struct Answer {
    text: String,
    redirect: Option<String>,
}

async fn post(path: &str, body: &JsValue) -> Result<Answer, AppError> {
    let Ok((response, text)) = fetch(path, body).await else {
        return Err(AppError::Offline);
    };
    if !response.ok() {
        return Err(read(&text).unwrap_or_else(|garbled| garbled));
    }
    let header = |name| response.headers().get(name).ok().flatten();
    Ok(Answer {
        text,
        redirect: header(REDIRECT).and_then(|_| header("location")),
    })
}

async fn fetch(path: &str, body: &JsValue) -> Result<(Response, String), JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(body);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(path, &init))
        .await?
        .dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response, text.as_string().unwrap_or_default()))
}
