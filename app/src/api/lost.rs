//! Callers who were not reached.

use leptos::server;
use telephony::Outcome;

use super::backend;
use crate::{
    AppError,
    model::lost::{LostCaller, LostPage, LostQuery},
    packed::PostPacked,
};

/// Those of a time, with figures.
#[server(prefix = "/api", endpoint = "lost_callers", input = PostPacked, output = PostPacked)]
pub async fn load_lost_callers(query: LostQuery) -> Result<LostPage, AppError> {
    backend()?.lost_callers(query).await
}

/// The viewer is on it, and nobody else.
#[server(prefix = "/api", endpoint = "claim_lost", output = PostPacked)]
pub async fn claim_lost(id: i64) -> Result<(), AppError> {
    backend()?.claim_lost(id).await
}

/// The same, and the viewer's phone rings for a call to them.
#[server(prefix = "/api", endpoint = "call_lost", output = PostPacked)]
pub async fn call_lost(id: i64, request_id: String) -> Result<Outcome, AppError> {
    backend()?.call_lost(id, request_id).await
}

/// The viewer is still on what they claimed.
#[server(prefix = "/api", endpoint = "hold_lost", output = PostPacked)]
pub async fn hold_lost() -> Result<u64, AppError> {
    backend()?.hold_lost().await
}

/// Nobody is on it any more.
#[server(prefix = "/api", endpoint = "release_lost", output = PostPacked)]
pub async fn release_lost(id: i64) -> Result<(), AppError> {
    backend()?.release_lost(id).await
}

/// One of them, whole.
#[server(prefix = "/api", endpoint = "lost_caller", input = PostPacked, output = PostPacked)]
pub async fn load_lost_caller(id: i64) -> Result<LostCaller, AppError> {
    backend()?.lost_caller(id).await
}

/// Somebody else is on it from now on.
#[server(prefix = "/api", endpoint = "hand_over_lost", output = PostPacked)]
pub async fn hand_over_lost(id: i64, to: i64) -> Result<(), AppError> {
    backend()?.hand_over_lost(id, to).await
}

/// Nobody calls them any more.
#[server(prefix = "/api", endpoint = "give_up_lost", output = PostPacked)]
pub async fn give_up_lost(id: i64, #[server(default)] reason: String) -> Result<(), AppError> {
    backend()?.give_up_lost(id, reason).await
}
