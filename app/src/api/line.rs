//! Asking about queues.

use leptos::server;
use telephony::Outcome;

use super::backend;
use crate::{AppError, model::line::QueueRequest, packed::PostPacked};

/// Carries out a command about a queue once, however often its request id comes.
#[server(prefix = "/api", endpoint = "queue_command", input = PostPacked, output = PostPacked)]
pub async fn send_queue_command(request: QueueRequest) -> Result<Outcome, AppError> {
    backend()?.queue_command(request).await
}
