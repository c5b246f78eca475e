//! Calls that are over.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::history::{CallPage, CallSearch, CallTold, Turn},
    packed::PostPacked,
};

/// A page of those that are asked for.
#[server(prefix = "/api", endpoint = "past_calls", input = PostPacked, output = PostPacked)]
pub async fn load_calls(search: CallSearch, turn: Turn) -> Result<CallPage, AppError> {
    backend()?.past_calls(search, turn).await
}

/// One of them, with its story.
#[server(prefix = "/api", endpoint = "past_call", input = PostPacked, output = PostPacked)]
pub async fn load_call(id: i64) -> Result<CallTold, AppError> {
    backend()?.past_call(id).await
}
