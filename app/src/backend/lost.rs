//! The part of the port that is about callers who were not reached.

use async_trait::async_trait;
use telephony::Outcome;

use crate::{
    AppError,
    model::lost::{LostCaller, LostPage, LostQuery},
};

/// Lost callers.
#[async_trait]
pub trait LostBackend: Send + Sync {
    /// Those of a time, as far as the viewer may call them, with figures.
    async fn lost_callers(&self, query: LostQuery) -> Result<LostPage, AppError>;
    /// The viewer is on it, and nobody else.
    async fn claim_lost(&self, id: i64) -> Result<(), AppError>;
    /// The same, and the viewer's phone rings for a call to them.
    async fn call_lost(&self, id: i64, request_id: String) -> Result<Outcome, AppError>;
    /// The viewer is still on what they claimed. How many that are.
    async fn hold_lost(&self) -> Result<u64, AppError>;
    /// Nobody is on it any more.
    async fn release_lost(&self, id: i64) -> Result<(), AppError>;
    /// One of them, whole.
    async fn lost_caller(&self, id: i64) -> Result<LostCaller, AppError>;
    /// Somebody else is on it from now on.
    async fn hand_over_lost(&self, id: i64, to: i64) -> Result<(), AppError>;
    /// Nobody calls them any more.
    async fn give_up_lost(&self, id: i64, reason: String) -> Result<(), AppError>;
}
