//! The part of the port that is about recordings of calls.

use async_trait::async_trait;

use crate::{
    AppError,
    model::recording::{CallRecordings, Hold, MadeLink, Proof, RecordingComment, RecordingLink, Troubled},
};

/// Recordings of calls.
#[async_trait]
pub trait RecordingBackend: Send + Sync {
    /// Those of a call that is over, as far as the viewer may hear them.
    async fn call_recordings(&self, call: i64) -> Result<CallRecordings, AppError>;
    /// Says something of a moment of one that the viewer hears. All that is said of it then.
    async fn comment_recording(
        &self,
        key: String,
        at_s: u32,
        said: String,
    ) -> Result<Vec<RecordingComment>, AppError>;
    /// Takes back what the viewer said of one. All that is said of it then.
    async fn uncomment_recording(&self, id: i64) -> Result<Vec<RecordingComment>, AppError>;
    /// Makes a link by which somebody without an account hears one that the viewer may copy: for so many days, and as often as
    /// `listens` says, 0 as often as they like.
    async fn share_recording(
        &self,
        key: String,
        purpose: String,
        days: u32,
        listens: u32,
    ) -> Result<MadeLink, AppError>;
    /// The links of one that the viewer may copy, the latest first.
    async fn recording_links(&self, key: String) -> Result<Vec<RecordingLink>, AppError>;
    /// Ends a link of one that the viewer may copy. Every link of it then.
    async fn revoke_link(&self, id: i64) -> Result<Vec<RecordingLink>, AppError>;
    /// Has the recordings of a call that the viewer hears kept whatever is set, also those that are found later.
    async fn hold_recordings(&self, call: i64, why: String) -> Result<Option<Hold>, AppError>;
    /// Lets them go.
    async fn release_recordings(&self, call: i64) -> Result<Option<Hold>, AppError>;
    /// Whether one is still what was taken in.
    async fn prove_recording(&self, key: String) -> Result<Proof, AppError>;
    /// Those that are of no call or cannot be heard, after one of them, for whoever hears everything of their PBX.
    async fn troubled_recordings(&self, after: i64) -> Result<Vec<Troubled>, AppError>;
}
