//! The part of the port that is about calls that are over.

use async_trait::async_trait;

use crate::{
    AppError,
    model::history::{CallPage, CallSearch, CallTold, Turn},
};

/// Calls that are over.
#[async_trait]
pub trait HistoryBackend: Send + Sync {
    /// A page of those that are asked for, as far as the viewer sees them.
    async fn past_calls(&self, search: CallSearch, turn: Turn) -> Result<CallPage, AppError>;
    /// One of them, with its story.
    async fn past_call(&self, id: i64) -> Result<CallTold, AppError>;
}
