//! Recordings of calls.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::recording::{CallRecordings, Hold, MadeLink, Proof, RecordingComment, RecordingLink, Troubled},
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

/// Makes a link to one; `listens` is empty where it can be heard as often as somebody likes.
#[server(prefix = "/api", endpoint = "share_recording", output = PostPacked)]
pub async fn share_recording(
    key: String,
    #[server(default)] purpose: String,
    days: u32,
    #[server(default)] listens: String,
) -> Result<MadeLink, AppError> {
    let listens = match listens.trim() {
        "" => 0,
        text => text
            .parse::<u32>()
            .ok()
            .filter(|listens| *listens > 0)
            .ok_or_else(|| AppError::field("listens", "A number, or nothing."))?,
    };
    backend()?.share_recording(key, purpose, days, listens).await
}

/// Its links.
#[server(prefix = "/api", endpoint = "recording_links", input = PostPacked, output = PostPacked)]
pub async fn load_recording_links(key: String) -> Result<Vec<RecordingLink>, AppError> {
    backend()?.recording_links(key).await
}

/// Ends a link.
#[server(prefix = "/api", endpoint = "revoke_link", output = PostPacked)]
pub async fn revoke_link(id: i64) -> Result<Vec<RecordingLink>, AppError> {
    backend()?.revoke_link(id).await
}

/// Has the recordings of a call kept whatever is set.
#[server(prefix = "/api", endpoint = "hold_recordings", output = PostPacked)]
pub async fn hold_recordings(call: i64, #[server(default)] why: String) -> Result<Option<Hold>, AppError> {
    backend()?.hold_recordings(call, why).await
}

/// Lets them go.
#[server(prefix = "/api", endpoint = "release_recordings", output = PostPacked)]
pub async fn release_recordings(call: i64) -> Result<Option<Hold>, AppError> {
    backend()?.release_recordings(call).await
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
