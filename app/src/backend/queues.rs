//! The part of the port that is about queues: figures, the visits behind them, and what is set up.

use async_trait::async_trait;

use crate::{
    AppError,
    model::{
        figures::{Figures, FiguresQuery, KeptVisit, VisitsQuery},
        queues::{PauseReason, QueueRules, QueueSetUp},
    },
};

/// Queues.
#[async_trait]
pub trait QueueBackend: Send + Sync {
    /// Figures of what the viewer sees.
    async fn figures(&self, query: FiguresQuery) -> Result<Figures, AppError>;
    /// The visits behind figures, the latest first; and whether there are more.
    async fn visits(&self, query: VisitsQuery) -> Result<(Vec<KeptVisit>, bool), AppError>;
    /// What is set up of the queues that the viewer sees.
    async fn queue_set_up(&self) -> Result<QueueSetUp, AppError>;
    /// Sets the rules of a queue.
    async fn save_queue_rules(&self, rules: QueueRules) -> Result<(), AppError>;
    /// Makes or changes a pause reason.
    async fn save_pause_reason(&self, reason: PauseReason) -> Result<(), AppError>;
}
