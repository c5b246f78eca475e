//! What went wrong, as RFC 9457 has it: `application/problem+json`, for every refusal of `/api/v1`.

use app::AppError;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::gate::status;

/// The media type.
pub(super) const TYPE: &str = "application/problem+json";
/// Where the kinds of problem are explained.
const KINDS: &str = "/api/v1/docs#problem-";

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FieldProblem {
    /// The name of the field, parameter or header.
    pub(super) field: String,
    /// What is wrong with it, in a sentence.
    pub(super) detail: String,
}

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(super) struct Problem(Box<Told>);

/// Why a request was refused (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Told {
    /// The kind of problem: an address with an explanation.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// The kind in a few words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What happened, in a sentence.
    detail: String,
    /// Each field that is wrong, where fields are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// What it was before it became this, for the audit trail.
    #[serde(skip)]
    error: Option<AppError>,
    /// Seconds to wait.
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// A kind of problem: the status, the word in its address, the title, and what it means.
pub(super) struct Kind {
    pub(super) status: StatusCode,
    pub(super) word: &'static str,
    pub(super) title: &'static str,
    pub(super) says: &'static str,
}

const fn kind(status: StatusCode, word: &'static str, title: &'static str, says: &'static str) -> Kind {
    Kind {
        status,
        word,
        title,
        says,
    }
}

/// Every kind of problem; the documentation is made from this table.
pub(super) const EVERY: [Kind; 14] = [
    kind(
        StatusCode::BAD_REQUEST,
        "bad-request",
        "The request cannot be read",
        "A header is missing or wrong, or the body is no JSON.",
    ),
    kind(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "A token is needed",
        "There is no token, or it is not known, has ended, was revoked, or may not be used from this address. Cookies are not looked at.",
    ),
    kind(
        StatusCode::FORBIDDEN,
        "forbidden",
        "Not allowed",
        "The token, or its owner, lacks the ability.",
    ),
    kind(
        StatusCode::NOT_FOUND,
        "not-found",
        "Not there",
        "There is no such thing, or the token does not see it: the same answer.",
    ),
    kind(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Not with this method",
        "The address is right and the method is not; `Allow` lists those that are.",
    ),
    kind(
        StatusCode::CONFLICT,
        "conflict",
        "Not as things are",
        "Something else is in the way: a name is taken, a call is over, an `Idempotency-Key` was used for something else.",
    ),
    kind(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "Too large",
        "A body may have 64 KiB.",
    ),
    kind(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "Not JSON",
        "Send `Content-Type: application/json`.",
    ),
    kind(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid",
        "Fields are wrong",
        "`errors` names each field, parameter or header that is wrong, unknown ones too.",
    ),
    kind(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many",
        "Too many requests",
        "Wait as many seconds as `Retry-After` says.",
    ),
    kind(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "A fault of Starboard",
        "The reference in `detail` is in its log.",
    ),
    kind(
        StatusCode::BAD_GATEWAY,
        "pbx-silent",
        "The PBX did not answer",
        "It may have happened all the same. Nothing is repeated; the live state tells.",
    ),
    kind(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "Not available now",
        "The PBX is not connected, or the database cannot be used. Nothing was changed.",
    ),
    kind(
        StatusCode::GATEWAY_TIMEOUT,
        "timeout",
        "It took too long",
        "The request was given up after 30 seconds.",
    ),
];

impl Problem {
    /// A problem of the kind that goes with a status.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let found = EVERY.iter().find(|kind| kind.status == status);
        let (word, title) = found.map_or(("bad-request", "Refused"), |kind| (kind.word, kind.title));
        Self(Box::new(Told {
            kind: format!("{KINDS}{word}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            error: None,
            retry_after_s: None,
        }))
    }

    /// Fields that are wrong.
    pub(super) fn fields(errors: Vec<FieldProblem>) -> Self {
        let detail = errors.iter().map(|error| error.detail.as_str());
        let detail = detail.collect::<Vec<_>>().join(" ");
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        problem.0.errors = errors;
        problem
    }

    /// One field that is wrong.
    pub(super) fn field(field: &str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldProblem {
            field: field.into(),
            detail: detail.into(),
        }])
    }

    /// Says when to come again.
    pub(super) fn after(mut self, retry_after_s: u64) -> Self {
        self.0.retry_after_s = Some(retry_after_s);
        self
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let status = status(&error);
        let mut problem = match &error {
            AppError::Invalid(fields) => {
                let fields = fields.iter().map(|field| FieldProblem {
                    field: field.field.clone(),
                    detail: field.problem.clone(),
                });
                Self::fields(fields.collect())
            }
            AppError::TooMany { retry_after_s } => Self::new(status, sentence(&error)).after(*retry_after_s),
            AppError::NotSignedIn
            | AppError::Reauthenticate
            | AppError::Forbidden
            | AppError::NotFound
            | AppError::Conflict(_)
            | AppError::Unavailable(_)
            | AppError::Offline
            | AppError::Internal { .. } => Self::new(status, sentence(&error)),
        };
        problem.0.error = Some(error);
        problem
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        AppError::from(error).into()
    }
}

/// An error begins small, because a page puts it after something.
pub(super) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let dot = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{dot}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
impl Problem {
    /// As it goes out.
    pub(super) fn told(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (self.status(), [(header::CONTENT_TYPE, TYPE)], body).into_response();
        let headers = response.headers_mut();
        if let Some(retry_after_s) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, retry_after_s.into());
        }
        if self.0.status == StatusCode::UNAUTHORIZED.as_u16() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(error) = self.0.error {
            response.extensions_mut().insert(error);
        }
        response
    }
}

/// Whether an address is ours.
pub(super) fn is_ours(path: &str) -> bool {
    path.strip_prefix("/api/v1")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What there is at every other address.
pub(super) async fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
}

/// Makes a problem of every refusal that is none yet: of the router, of the limits, of a panic.
pub async fn dress(request: Request, next: Next) -> Response {
    let ours = is_ours(request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    let is_problem = |response: &Response| {
        let found = response.headers().get(header::CONTENT_TYPE);
        found.is_some_and(|found| found == TYPE)
    };
    if !ours || !(status.is_client_error() || status.is_server_error()) || is_problem(&response) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let detail = match status {
        StatusCode::NOT_FOUND => "There is nothing at this address.",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take this method.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 64 KiB.",
        StatusCode::GATEWAY_TIMEOUT => "This took too long and was given up.",
        StatusCode::FORBIDDEN => "This request comes from another site.",
        StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong here. It is in Starboard's log.",
        _ => "The request was refused.",
    };
    let mut dressed = Problem::new(status, detail).into_response();
    if let Some(allow) = parts.headers.get(header::ALLOW) {
        dressed.headers_mut().insert(header::ALLOW, allow.clone());
    }
    let (dressed_parts, body) = dressed.into_parts();
    let mut response = Response::<Body>::from_parts(dressed_parts, body);
    *response.extensions_mut() = parts.extensions;
    response
}
