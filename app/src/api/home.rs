//! How the system itself does.

use leptos::server;

use super::backend;
use crate::{AppError, model::health::Health, packed::PostPacked};

/// What is looked at, as it is now.
#[server(prefix = "/api", endpoint = "health", input = PostPacked, output = PostPacked)]
pub async fn load_health() -> Result<Health, AppError> {
    backend()?.health().await
}
