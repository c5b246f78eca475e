//! What is asked about those who wait in queues and those who serve them.

use async_trait::async_trait;
use telephony::Outcome;

use crate::{AppError, model::line::QueueRequest};

/// What the interface needs of the server about queues.
#[async_trait]
pub trait LineBackend: Send + Sync {
    /// Carries out a command about a queue once, however often its request id comes.
    async fn queue_command(&self, request: QueueRequest) -> Result<Outcome, AppError>;
}
