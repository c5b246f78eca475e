//! The part of the port that is about Asterisk's own call records.

use async_trait::async_trait;

use crate::{
    AppError,
    model::records::{RecordsPage, RecordsQuery, RecordsTold},
};

/// Asterisk's own call records, held against calls.
#[async_trait]
pub trait RecordsBackend: Send + Sync {
    /// A page of what came of it, for who sees every call of a PBX.
    async fn call_records(&self, query: RecordsQuery) -> Result<RecordsPage, AppError>;
    /// One of them, with every record.
    async fn call_record(&self, id: i64) -> Result<RecordsTold, AppError>;
}
