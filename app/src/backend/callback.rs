//! The part of the port that is about callers who keep their place and hang up.

use async_trait::async_trait;
use telephony::callback::RequestId;

use crate::{
    AppError,
    access::QueueOn,
    model::callback::{CallbackRules, CallbackVerb},
};

/// Callbacks.
#[async_trait]
pub trait CallbackBackend: Send + Sync {
    /// How the queues call back that the viewer may set up.
    async fn callback_rules(&self) -> Result<Vec<CallbackRules>, AppError>;
    /// Sets how a queue calls back.
    async fn save_callback_rules(&self, rules: CallbackRules) -> Result<(), AppError>;
    /// Does something with a request.
    async fn callback(&self, queue: QueueOn, request: RequestId, verb: CallbackVerb) -> Result<(), AppError>;
}
