//! An agent's own desk.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::{PbxId, desk::Desk, figures::KeptVisit},
    packed::PostPacked,
};

/// What it is made of.
#[server(prefix = "/api", endpoint = "desk", output = PostPacked)]
pub async fn load_desk() -> Result<Desk, AppError> {
    backend()?.desk().await
}

/// Earlier visits of a caller.
#[server(prefix = "/api", endpoint = "earlier_visits", input = PostPacked, output = PostPacked)]
pub async fn earlier_visits(pbx: i64, number: String) -> Result<Vec<KeptVisit>, AppError> {
    backend()?.earlier_visits(PbxId(pbx), number).await
}

/// Says what became of a call that one took.
#[server(prefix = "/api", endpoint = "say_of_call", output = PostPacked)]
pub async fn say_of_call(
    visit: i64,
    #[server(default)] disposition: String,
    #[server(default)] note: String,
) -> Result<(), AppError> {
    backend()?.say_of_call(visit, disposition, note).await
}
