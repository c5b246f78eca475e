//! The part of the port that is about recordings of calls.

use async_trait::async_trait;

use crate::{
    AppError,
    model::recording::{CallRecordings, Proof, Troubled},
};

/// Recordings of calls.
#[async_trait]
pub trait RecordingBackend: Send + Sync {
    /// Those of a call that is over, as far as the viewer may hear them.
    async fn call_recordings(&self, call: i64) -> Result<CallRecordings, AppError>;
    /// Whether one is still what was taken in.
    async fn prove_recording(&self, key: String) -> Result<Proof, AppError>;
    /// Those that are of no call or cannot be heard, after one of them, for whoever hears everything of their PBX.
    async fn troubled_recordings(&self, after: i64) -> Result<Vec<Troubled>, AppError>;
}
