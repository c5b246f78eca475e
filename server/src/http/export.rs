//! `/admin/audit/export`: the audit trail as a file, for whoever may see it.

use std::collections::HashMap;

use app::audit::AuditQuery;
use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::gate::status;
use crate::{backend::CallerBackend, caller::Caller, services::Services, trail::export::Format};

/// Where it is.
pub(super) const PATH: &str = "/admin/audit/export";

/// Answers with what the parameters of the page let through, and `format`.
pub(super) async fn export(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    let query = AuditQuery::read(|name| parameters.get(name).cloned());
    let format = Format::of(parameters.get("format").map_or("", String::as_str));
    let parts = CallerBackend::new(services, caller)
        .export_audit(query, format)
        .await;
    match parts {
        Ok(parts) => {
            let name = format!("attachment; filename=\"starboard-audit.{}\"", format.ending());
            let headers = [
                (header::CONTENT_TYPE, format.content_type().to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, Body::from_stream(parts)).into_response()
        }
        Err(error) => {
            let mut refused = (status(&error), format!("{error}\n")).into_response();
            // the door tells the trail
            refused.extensions_mut().insert(error);
            refused
        }
    }
}
