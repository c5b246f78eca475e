//! The audit trail.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    audit::{AuditEntry, AuditList, AuditQuery},
    packed::PostPacked,
};

/// A page of it.
#[server(prefix = "/api", endpoint = "audit", input = PostPacked, output = PostPacked)]
pub async fn load_audit(query: AuditQuery) -> Result<AuditList, AppError> {
    backend()?.audit_list(query).await
}

/// One entry, whole.
#[server(prefix = "/api", endpoint = "audit_entry", output = PostPacked)]
pub async fn load_audit_entry(id: i64) -> Result<AuditEntry, AppError> {
    backend()?.audit_entry(id).await
}
