//! The audit trail and calls as files, for whoever may see them.

use std::{collections::HashMap, io};

use app::{AppError, audit::AuditQuery, model::report::ReportQuery, pages::history::asked::Asked};
use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::Stream;

use super::gate::status;
use crate::{
    backend::{CallerBackend, Wish},
    caller::Caller,
    clock::wall_ms,
    error::internal,
    export::{
        Format, calls as table,
        report::{Written, told},
    },
    report::zone,
    services::Services,
    trail::export::Format as TrailFormat,
};

/// Where the audit trail is,
pub(super) const TRAIL: &str = "/admin/audit/export";
/// and where calls and reports are.
pub(super) use app::pages::history::asked::{EXPORT as CALLS, REPORT_EXPORT as REPORT};

/// Answers with what the parameters of the trail's page let through, and `format`.
pub(super) async fn trail(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    let query = AuditQuery::read(|name| parameters.get(name).cloned());
    let format = TrailFormat::of(parameters.get("format").map_or("", String::as_str));
    let parts = CallerBackend::new(services, caller)
        .export_audit(query, format)
        .await;
    let name = format!("starboard-audit.{}", format.ending());
    file(parts, name, format.content_type())
}

/// Answers with the report that the parameters of its page ask for, with `since`, `until`, `format` and `zone` as for calls.
pub(super) async fn report(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    let one = |name: &str| parameters.get(name).map_or("", String::as_str);
    let asked = Asked::read_report(|name| parameters.get(name).cloned());
    let wish = match wish(&one, &asked) {
        Ok(wish) => wish,
        Err(error) => return refused(error),
    };
    let written = Written {
        by: asked.by.unwrap_or_default(),
        measure: asked.measure,
        than: asked.than,
        format: wish.format,
        time: wish.search.from_ms.zip(wish.search.to_ms).unwrap_or_default(),
        only: asked.only(),
        now_ms: wall_ms(),
        zone: wish.zone,
    };
    let query = ReportQuery {
        search: wish.search,
        by: written.by,
        measure: asked.measure,
        than: asked.than,
        zone: written.zone.iana_name().unwrap_or("UTC").to_owned(),
    };
    let (name, content_type) = (written.name(), written.format.content_type());
    let backend = CallerBackend::new(services, caller);
    // who goes away meanwhile has begun it all the same: its end is told
    let making = tokio::spawn(async move { backend.report_file(query, &wish.told, written).await });
    let made = making.await.map_err(internal).flatten();
    let parts = made.map(|bytes| futures::stream::iter([Ok(Bytes::from(bytes))]));
    file(parts, name, content_type)
}

/// Answers with the calls that the parameters of the list ask for: its days as the moments `since` and `until` (milliseconds),
/// `format`, the `zone` that times are told in, and the `name` by which the page asks how far it is.
pub(super) async fn calls(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    let one = |name: &str| parameters.get(name).map_or("", String::as_str);
    let asked = Asked::read(|name| parameters.get(name).cloned());
    let wish = match wish(&one, &asked) {
        Ok(wish) => wish,
        Err(error) => return refused(error),
    };
    let name = table::file_name(wall_ms(), wish.format.ending());
    let content_type = wish.format.content_type();
    let parts = CallerBackend::new(services, caller).export_calls(wish).await;
    file(parts, name, content_type)
}

fn wish<'a>(one: &impl Fn(&str) -> &'a str, asked: &Asked) -> Result<Wish, AppError> {
    let some = |name: &str| Some(one(name)).filter(|text| !text.is_empty());
    let moment = |name: &'static str| {
        let read = some(name).map(str::parse::<u64>).transpose();
        read.map_err(|_| AppError::field(name, "Milliseconds since 1970."))
    };
    let time = moment("since")?.zip(moment("until")?);
    let zone = zone(some("zone").unwrap_or("UTC"))?;
    Ok(Wish {
        above: told(time, &zone, asked.only().as_deref()),
        search: asked.between(time),
        told: asked.words(),
        format: Format::of(one("format")),
        zone,
        name: some("name").map(str::to_owned),
    })
}

/// The answer that is saved as a file.
fn file<S>(parts: Result<S, AppError>, name: String, content_type: &'static str) -> Response
where
    S: Stream<Item = io::Result<Bytes>> + Send + 'static,
{
    match parts {
        Ok(parts) => {
            let headers = [
                (header::CONTENT_TYPE, content_type.to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ),
            ];
            (headers, Body::from_stream(parts)).into_response()
        }
        Err(error) => refused(error),
    }
}

fn refused(error: AppError) -> Response {
    let mut refused = (status(&error), format!("{error}\n")).into_response();
    // the door tells the trail
    refused.extensions_mut().insert(error);
    refused
}
