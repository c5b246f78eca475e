//! The part of the port that is about help.

use async_trait::async_trait;

use crate::AppError;

/// Asking for help, and being on it.
#[async_trait]
pub trait HelpBackend: Send + Sync {
    /// Asks whoever may listen to the viewer's calls for help. Gives the number of the request.
    async fn ask_help(&self, words: String) -> Result<i64, AppError>;
    /// Says that the viewer is on it.
    async fn take_help(&self, id: i64) -> Result<(), AppError>;
    /// Takes the viewer's own request back, or closes one that they are on.
    async fn end_help(&self, id: i64) -> Result<(), AppError>;
}
