//! Web push.

use leptos::server;

use super::backend;
use crate::{AppError, model::push::Told, packed::PostPacked};

/// The key to subscribe to, and one's browsers.
#[server(prefix = "/api", endpoint = "push", output = PostPacked)]
pub async fn load_push() -> Result<Told, AppError> {
    backend()?.push().await
}

/// Tells this browser of alarms: where its push service takes messages, and its keys, base64url.
#[server(prefix = "/api", endpoint = "add_push", output = PostPacked)]
pub async fn add_push(endpoint: String, p256dh: String, auth: String) -> Result<(), AppError> {
    backend()?.add_push(endpoint, p256dh, auth).await
}

/// Tells one of one's browsers no more.
#[server(prefix = "/api", endpoint = "remove_push", output = PostPacked)]
pub async fn remove_push(id: i64) -> Result<(), AppError> {
    backend()?.remove_push(id).await
}
