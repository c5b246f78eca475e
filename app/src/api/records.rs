//! Asterisk's own call records.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::records::{RecordsPage, RecordsQuery, RecordsTold},
    packed::PostPacked,
};

/// A page of what came of holding them against calls.
#[server(prefix = "/api", endpoint = "call_records", input = PostPacked, output = PostPacked)]
pub async fn load_records(query: RecordsQuery) -> Result<RecordsPage, AppError> {
    backend()?.call_records(query).await
}

/// One of them, with every record.
#[server(prefix = "/api", endpoint = "call_record", input = PostPacked, output = PostPacked)]
pub async fn load_record(id: i64) -> Result<RecordsTold, AppError> {
    backend()?.call_record(id).await
}
