//! The part of the port that is about an agent's own desk.

use async_trait::async_trait;

use crate::{
    AppError,
    model::{PbxId, desk::Desk, figures::KeptVisit},
};

/// One's own desk.
#[async_trait]
pub trait DeskBackend: Send + Sync {
    /// What it is made of.
    async fn desk(&self) -> Result<Desk, AppError>;
    /// Earlier visits of a caller, as far as they are seen, the latest first.
    async fn earlier_visits(&self, pbx: PbxId, number: String) -> Result<Vec<KeptVisit>, AppError>;
    /// Says what became of a call that one took.
    async fn say_of_call(&self, visit: i64, disposition: String, note: String) -> Result<(), AppError>;
}
