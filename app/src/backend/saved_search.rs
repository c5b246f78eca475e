//! The part of the port that is about searches that somebody comes back to.

use async_trait::async_trait;

use crate::{AppError, model::history::SavedSearch};

/// Searches for calls, and reports, by name.
#[async_trait]
pub trait SavedSearchBackend: Send + Sync {
    /// Those of the viewer, by name.
    async fn saved_searches(&self) -> Result<Vec<SavedSearch>, AppError>;
    /// Keeps one, in the place of that of the same name.
    async fn save_search(&self, name: String, address: String) -> Result<(), AppError>;
    /// Forgets one.
    async fn forget_search(&self, id: i64) -> Result<(), AppError>;
}
