//! The part of the port that is about calls that are over.

use async_trait::async_trait;

use crate::{
    AppError,
    model::{
        export::ExportState,
        history::{CallPage, CallSearch, CallTold, Turn},
        report::{Report, ReportQuery},
    },
};

/// Calls that are over.
#[async_trait]
pub trait HistoryBackend: Send + Sync {
    /// A page of those that are asked for, as far as the viewer sees them.
    async fn past_calls(&self, search: CallSearch, turn: Turn) -> Result<CallPage, AppError>;
    /// One of them, with its story.
    async fn past_call(&self, id: i64) -> Result<CallTold, AppError>;
    /// The calls that are asked for, added up.
    async fn call_report(&self, query: ReportQuery) -> Result<Report, AppError>;
    /// Notes something on a call.
    async fn note_past_call(&self, id: i64, text: String) -> Result<(), AppError>;
    /// Removes a note of one's own.
    async fn unnote_past_call(&self, note: i64) -> Result<(), AppError>;
    /// Puts a tag on a call, or takes it off.
    async fn tag_past_call(&self, id: i64, tag: String, on: bool) -> Result<(), AppError>;
    /// Says what came of a call, in a word that its queue has; nothing takes it back.
    async fn dispose_past_call(&self, id: i64, disposition: String) -> Result<(), AppError>;
    /// How far an export of the viewer is, by the name that its page gave it.
    async fn export_state(&self, name: String) -> Result<ExportState, AppError>;
    /// Calls it off: nothing of it stays.
    async fn call_off_export(&self, name: String) -> Result<(), AppError>;
}
