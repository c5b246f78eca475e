//! Recordings of calls.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::recording::{CallRecordings, Proof, RecordingComment, Troubled},
    packed::PostPacked,
};

/// Those of a call that is over.
#[server(prefix = "/api", endpoint = "call_recordings", input = PostPacked, output = PostPacked)]
pub async fn load_call_recordings(call: i64) -> Result<CallRecordings, AppError> {
    backend()?.call_recordings(call).await
}

/// Says something of a moment of one.
#[server(prefix = "/api", endpoint = "comment_recording", output = PostPacked)]
pub async fn comment_recording(
    key: String,
    at_s: u32,
    #[server(default)] said: String,
) -> Result<Vec<RecordingComment>, AppError> {
    backend()?.comment_recording(key, at_s, said).await
}

/// Takes back what one said oneself.
#[server(prefix = "/api", endpoint = "uncomment_recording", output = PostPacked)]
pub async fn uncomment_recording(id: i64) -> Result<Vec<RecordingComment>, AppError> {
    backend()?.uncomment_recording(id).await
}

/// Whether one is still what was taken in.
#[server(prefix = "/api", endpoint = "prove_recording", input = PostPacked, output = PostPacked)]
pub async fn prove_recording(key: String) -> Result<Proof, AppError> {
    backend()?.prove_recording(key).await
}

/// Those that are of no call or cannot be heard.
#[server(prefix = "/api", endpoint = "troubled_recordings", input = PostPacked, output = PostPacked)]
pub async fn load_troubled_recordings(after: i64) -> Result<Vec<Troubled>, AppError> {
    backend()?.troubled_recordings(after).await
}
