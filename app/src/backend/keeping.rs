//! The part of the port that is about for how long recordings are kept.

use async_trait::async_trait;

use crate::{AppError, model::keeping::Keeping};

/// For how long recordings are kept, and the removal of what is due.
#[async_trait]
pub trait KeepingBackend: Send + Sync {
    /// What is set, what is due, and what was removed.
    async fn keeping(&self) -> Result<Keeping, AppError>;
    /// Sets for how many days recordings of somebody are kept; empty for as long as is set otherwise.
    async fn keep_recordings(&self, whose: String, days: String) -> Result<(), AppError>;
    /// Sets when what is due is removed by itself; no time for never.
    async fn remove_nightly(&self, at: String, zone: String) -> Result<(), AppError>;
    /// Removes what was due at a moment, if it still is what was counted then. It goes on after this has answered.
    async fn remove_recordings(&self, at_ms: u64, files: u64, bytes: u64) -> Result<(), AppError>;
}
