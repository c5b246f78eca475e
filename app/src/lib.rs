//! What a browser and the server's first answer show. Every feature gate of the crate is in this file.

#![recursion_limit = "512"]
// what the macros of components and server functions write has neither
#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "structs and functions that macros write"
)]

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
pub mod backend;
pub mod browser;
pub mod components;
#[cfg(feature = "ssr")]
mod document;
pub mod dragging;
pub mod error;
pub mod favourites;
pub mod live;
pub mod model;
pub mod pages;
pub mod routes;
pub mod verbs;
pub mod words;

pub use backend::{Backend, BackendHandle};
#[cfg(feature = "ssr")]
pub use document::shell;
pub use error::{AppError, FieldError};
pub use routes::App;

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
