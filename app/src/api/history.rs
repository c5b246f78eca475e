//! Calls that are over.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::{
        export::ExportState,
        history::{CallPage, CallSearch, CallTold, SavedSearch, Turn},
        report::{Report, ReportQuery},
    },
    packed::PostPacked,
};

/// A page of those that are asked for.
#[server(prefix = "/api", endpoint = "past_calls", input = PostPacked, output = PostPacked)]
pub async fn load_calls(search: CallSearch, turn: Turn) -> Result<CallPage, AppError> {
    backend()?.past_calls(search, turn).await
}

/// One of them, with its story.
#[server(prefix = "/api", endpoint = "past_call", input = PostPacked, output = PostPacked)]
pub async fn load_call(id: i64) -> Result<CallTold, AppError> {
    backend()?.past_call(id).await
}

/// Those that are asked for, added up.
#[server(prefix = "/api", endpoint = "call_report", input = PostPacked, output = PostPacked)]
pub async fn load_call_report(query: ReportQuery) -> Result<Report, AppError> {
    backend()?.call_report(query).await
}

/// Notes something on a call.
#[server(prefix = "/api", endpoint = "note_past_call", output = PostPacked)]
pub async fn note_past_call(id: i64, #[server(default)] note: String) -> Result<(), AppError> {
    backend()?.note_past_call(id, note).await
}

/// Removes a note of one's own.
#[server(prefix = "/api", endpoint = "unnote_past_call", output = PostPacked)]
pub async fn unnote_past_call(id: i64) -> Result<(), AppError> {
    backend()?.unnote_past_call(id).await
}

/// Puts a tag on a call.
#[server(prefix = "/api", endpoint = "tag_past_call", output = PostPacked)]
pub async fn tag_past_call(id: i64, #[server(default)] tag: String) -> Result<(), AppError> {
    backend()?.tag_past_call(id, tag, true).await
}

/// Takes a tag off a call.
#[server(prefix = "/api", endpoint = "untag_past_call", output = PostPacked)]
pub async fn untag_past_call(id: i64, #[server(default)] tag: String) -> Result<(), AppError> {
    backend()?.tag_past_call(id, tag, false).await
}

/// Says what came of a call; nothing takes it back.
#[server(prefix = "/api", endpoint = "dispose_past_call", output = PostPacked)]
pub async fn dispose_past_call(id: i64, #[server(default)] disposition: String) -> Result<(), AppError> {
    backend()?.dispose_past_call(id, disposition).await
}

/// How far an export of the viewer is.
#[server(prefix = "/api", endpoint = "export_state", input = PostPacked, output = PostPacked)]
pub async fn load_export_state(name: String) -> Result<ExportState, AppError> {
    backend()?.export_state(name).await
}

/// Calls an export off.
#[server(prefix = "/api", endpoint = "call_off_export", input = PostPacked, output = PostPacked)]
pub async fn call_off_export(name: String) -> Result<(), AppError> {
    backend()?.call_off_export(name).await
}

/// Searches that the viewer comes back to.
#[server(prefix = "/api", endpoint = "saved_searches", output = PostPacked)]
pub async fn load_saved_searches() -> Result<Vec<SavedSearch>, AppError> {
    backend()?.saved_searches().await
}

/// Keeps a search by a name.
#[server(prefix = "/api", endpoint = "save_search", output = PostPacked)]
pub async fn save_search(
    #[server(default)] name: String,
    #[server(default)] address: String,
) -> Result<(), AppError> {
    backend()?.save_search(name, address).await
}

/// Forgets one.
#[server(prefix = "/api", endpoint = "forget_search", output = PostPacked)]
pub async fn forget_search(id: i64) -> Result<(), AppError> {
    backend()?.forget_search(id).await
}
