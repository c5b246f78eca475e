//! Asking for help, and being on it.

use leptos::server;

use super::backend;
use crate::{AppError, packed::PostPacked};

/// Asks whoever may listen to the viewer's calls for help.
#[server(prefix = "/api", endpoint = "ask_help", output = PostPacked)]
pub async fn ask_help(#[server(default)] words: String) -> Result<i64, AppError> {
    backend()?.ask_help(words).await
}

/// Says that the viewer is on it.
#[server(prefix = "/api", endpoint = "take_help", output = PostPacked)]
pub async fn take_help(id: i64) -> Result<(), AppError> {
    backend()?.take_help(id).await
}

/// Takes the viewer's own request back, or closes one that they are on.
#[server(prefix = "/api", endpoint = "end_help", output = PostPacked)]
pub async fn end_help(id: i64) -> Result<(), AppError> {
    backend()?.end_help(id).await
}
