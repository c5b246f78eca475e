//! What a browser and the server's first answer show. Every feature gate of the crate is in this file.

#![recursion_limit = "512"]
// what the macros of components and server functions write has neither
#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "structs and functions that macros write"
)]

pub mod access;
pub mod again;
#[cfg_attr(
    not(feature = "ssr"),
    allow(
        unused_imports,
        dead_code,
        reason = "the bodies of server functions are the server's alone"
    )
)]
pub mod api;
pub mod asking;
pub mod audit;
pub mod backend;
pub mod browser;
pub mod components;
#[cfg(feature = "ssr")]
mod document;
pub mod dragging;
pub mod error;
pub mod favourites;
#[cfg(feature = "ssr")]
mod fonts;
pub mod hands;
pub mod later;
pub mod live;
pub mod look;
pub mod model;
pub mod notifications;
pub mod packed;
pub mod pages;
pub mod passkeys;
pub mod push;
pub mod routes;
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "the server has everything at hand and asks nobody")
)]
pub mod sending;
mod sorting;
pub mod verbs;
pub mod words;

pub use backend::{Backend, BackendHandle, LineBackend, SignInBackend, WallboardBackend};
#[cfg(feature = "ssr")]
pub use document::{USED, shell};
#[cfg(feature = "ssr")]
pub(crate) use document::{said_to_the_viewer, way_to_the_rest};
pub use error::{AppError, FieldError};
pub use routes::App;

/// What the frame shows first: the server's look for this request, which the page carries along.
#[cfg(feature = "ssr")]
pub(crate) fn frame_data() -> Result<api::frame::FrameData, AppError> {
    leptos::prelude::use_context().unwrap_or_else(api::frame::look)
}

/// The answer's status says that nothing is there.
#[cfg(feature = "ssr")]
pub(crate) fn say_not_found() {
    if let Some(answer) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
        answer.set_status(axum::http::StatusCode::NOT_FOUND);
    }
}

/// A browser has its answer already.
#[cfg(not(feature = "ssr"))]
pub(crate) fn say_not_found() {}

/// It is in the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn said_to_the_viewer(_data: &api::frame::FrameData) -> &'static str {
    ""
}

/// A browser that runs this does without.
#[cfg(not(feature = "ssr"))]
pub(crate) fn way_to_the_rest(_total: usize, _first: usize) -> &'static str {
    ""
}

/// What the frame shows first: it is in the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn frame_data() -> Result<api::frame::FrameData, AppError> {
    let element = leptos::prelude::document().get_element_by_id(api::frame::ELEMENT);
    let packed = element.and_then(|element| element.text_content());
    loaded(&packed.unwrap_or_default())
}

/// What a page is made from: on the server it is fetched here and travels inside the page, packed.
#[cfg(feature = "ssr")]
pub(crate) fn load<T, Asked>(
    _path: &'static str,
    _arguments: String,
    here: impl Fn() -> Asked + Send + Sync + 'static,
) -> Load
where
    T: serde::Serialize + 'static,
    Asked: Future<Output = Result<T, AppError>> + Send + 'static,
{
    Load::new_str_blocking(
        || (),
        move |()| {
            let asked = here();
            // our own types always pack; what cannot be read is told as a fault
            async move { packed::pack(&asked.await).unwrap_or_default() }
        },
    )
}

/// What a page is made from: it is in the page; one that is made in the browser asks for it.
#[cfg(not(feature = "ssr"))]
pub(crate) fn load<Here>(path: &'static str, arguments: String, _here: Here) -> Load {
    Load::new_str_blocking(
        || (),
        move |()| {
            let arguments = arguments.clone();
            // a browser has one thread
            leptos::__reexports::send_wrapper::SendWrapper::new(async move {
                sending::ask_packed(path, &arguments).await
            })
        },
    )
}

/// [`load`], for what depends on something: asked for anew whenever the packed arguments change.
#[cfg(feature = "ssr")]
pub(crate) fn load_by<T, Asked>(
    _path: &'static str,
    arguments: impl Fn() -> String + Send + Sync + 'static,
    here: impl Fn(String) -> Asked + Send + Sync + 'static,
) -> Load
where
    T: serde::Serialize + 'static,
    Asked: Future<Output = Result<T, AppError>> + Send + 'static,
{
    Load::new_str_blocking(arguments, move |arguments| {
        let asked = here(arguments);
        async move { packed::pack(&asked.await).unwrap_or_default() }
    })
}

/// [`load`], for what depends on something: asked for anew whenever the packed arguments change.
#[cfg(not(feature = "ssr"))]
pub(crate) fn load_by<Here>(
    path: &'static str,
    arguments: impl Fn() -> String + Send + Sync + 'static,
    _here: Here,
) -> Load {
    Load::new_str_blocking(arguments, move |arguments| {
        // a browser has one thread
        leptos::__reexports::send_wrapper::SendWrapper::new(async move {
            sending::ask_packed(path, &arguments).await
        })
    })
}

/// What [`load`] gives; [`loaded`] reads it.
pub(crate) type Load = leptos::prelude::Resource<String, leptos::server::codee::string::FromToStringCodec>;

/// What a page was made from.
pub(crate) fn loaded<T: serde::de::DeserializeOwned>(packed: &str) -> Result<T, AppError> {
    packed::unpack(packed).unwrap_or_else(|_| Err(AppError::Internal { id: "page".into() }))
}

/// Text to be compared without regard to case.
#[cfg(feature = "ssr")]
pub(crate) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Text to be compared without regard to case. The browser knows every script's letters: no second table of them.
#[cfg(not(feature = "ssr"))]
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        js_sys::JsString::from(text).to_lower_case().into()
    }
}

/// Names one click. The browser has its own source; the server takes that of its nonces.
#[cfg(feature = "ssr")]
pub(crate) fn random_name() -> String {
    let nonce = leptos::nonce::Nonce::new().to_string();
    browser::hex(nonce.as_bytes())
}

/// Names one click.
#[cfg(not(feature = "ssr"))]
pub(crate) fn random_name() -> String {
    browser::request_id()
}
