//! Web push: which browsers are told of alarms while no page is open.

use async_trait::async_trait;

use crate::{AppError, model::push::Told};

/// Web push.
#[async_trait]
pub trait PushBackend: Send + Sync {
    /// The key to subscribe to, and the viewer's browsers.
    async fn push(&self) -> Result<Told, AppError>;
    /// Tells this browser of alarms, as long as its session lasts.
    async fn add_push(&self, endpoint: String, p256dh: String, auth: String) -> Result<(), AppError>;
    /// Tells a browser of the viewer no more.
    async fn remove_push(&self, id: i64) -> Result<(), AppError>;
}
