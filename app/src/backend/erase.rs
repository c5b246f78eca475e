//! The part of the port that is about erasing numbers.

use async_trait::async_trait;

use crate::{AppError, model::erase::Erasing};

/// Erasing what is kept of a telephone number.
#[async_trait]
pub trait EraseBackend: Send + Sync {
    /// What erasing a number would come to, and what was erased before. An empty number asks for the second alone.
    async fn erasing(&self, number: String) -> Result<Erasing, AppError>;
    /// Erases a number, which is typed twice. The erasure goes on after this has answered.
    async fn erase_number(&self, number: String, again: String, purpose: String) -> Result<i64, AppError>;
}
