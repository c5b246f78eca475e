//! The part of the port that is about the system itself.

use async_trait::async_trait;

use crate::{AppError, model::health::Health};

/// How the system itself does.
#[async_trait]
pub trait HomeBackend: Send + Sync {
    /// What is looked at, as it is now; for who manages connections.
    async fn health(&self) -> Result<Health, AppError>;
}
