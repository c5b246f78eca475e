//! What a request brings: body, parameters, path, key. What is wrong with it is said by name.

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::problem::{FieldProblem, Problem};
use crate::services::Services;

/// The largest body, in bytes.
const MAX_BODY_BYTES: usize = 64 << 10;
/// Lists and objects in each other: ours are four deep.
const MAX_DEPTH: usize = 32;
/// The header that names a request.
const KEY: &str = "idempotency-key";
/// Characters of a key.
const KEY_CHARS: std::ops::RangeInclusive<usize> = 8..=64;

/// A JSON body. No body at all, or null, is an object without fields.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Services> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Services) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = to_bytes(request.into_body(), MAX_BODY_BYTES).await;
        let bytes = bytes.map_err(|_| {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Problem::new(status, "The body is larger than 64 KiB, or broke off.")
        })?;
        if !bytes.is_empty() && !is_json {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(
                status,
                "Send JSON, as Content-Type: application/json.",
            ));
        }
        let text: &[u8] = match bytes.trim_ascii() {
            b"" | b"null" => b"{}",
            text => text,
        };
        if is_too_deep(text) {
            let said = format!("The body is nested more than {MAX_DEPTH} deep.");
            return Err(Problem::new(StatusCode::BAD_REQUEST, said));
        }
        serde_json::from_slice(text)
            .map(Self)
            .map_err(|error| wrong_body(&error))
    }
}

/// Whether lists and objects lie deeper in each other than [`MAX_DEPTH`]. What is no JSON is for the parser to say.
fn is_too_deep(text: &[u8]) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    text.iter().any(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let found = headers
        .get(header::CONTENT_TYPE)
        .and_then(|found| found.to_str().ok());
    let essence = found.and_then(|found| found.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn wrong_body(error: &serde_json::Error) -> Problem {
    use serde_json::error::Category::{Data, Eof, Io, Syntax};
    match error.classify() {
        Data => wrong_field(&error.to_string()),
        Eof | Io | Syntax => Problem::new(StatusCode::BAD_REQUEST, format!("The body is no JSON: {error}.")),
    }
}

/// The library says which field is unknown, missing or there twice between backticks.
fn wrong_field(said: &str) -> Problem {
    let said = said.split(" at line ").next().unwrap_or_default();
    let named = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|about| said.strip_prefix(about)?.split('`').next());
    let field = named.unwrap_or("body");
    Problem::field(field, super::problem::sentence(&said))
}

/// The parameters behind the question mark.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Services> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, services).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(error) => {
                let said = error.body_text();
                let said = said
                    .rsplit_once("query string: ")
                    .map_or(&*said, |(_, said)| said);
                // `limit: invalid digit …`, or a field that is named between backticks
                match said.split_once(": ") {
                    Some((name, wrong)) if !name.contains(' ') => {
                        Err(Problem::field(name, super::problem::sentence(&wrong)))
                    }
                    _ => Err(wrong_field(said)),
                }
            }
        }
    }
}

/// What the path names. What cannot be is not there.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Services> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Problem> {
        let named: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, services).await;
        match named {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(app::AppError::NotFound.into()),
        }
    }
}

/// The key that makes a repeated request one.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Key {
    /// Made by the program, once for what it wants done: the same request with the same key is done once, however often
    /// it comes, and answered the same. Kept for 24 hours.
    #[param(
        rename = "Idempotency-Key",
        min_length = 8,
        max_length = 64,
        pattern = "^[A-Za-z0-9-]{8,64}$",
        example = "6d0f3c0e-59ad-4b3f-9b0c-8c9d5f6a7b10"
    )]
    pub(super) key: String,
}

impl FromRequestParts<Services> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Services) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(KEY).iter();
        let key = match (values.next(), values.next()) {
            (Some(key), None) => key.to_str().unwrap_or_default(),
            _ => "",
        };
        let fits = KEY_CHARS.contains(&key.len())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if fits {
            return Ok(Self { key: key.to_owned() });
        }
        let detail =
            "Send one Idempotency-Key with this request: 8 to 64 letters, digits or dashes, as a UUID.";
        let field = FieldProblem {
            field: "Idempotency-Key".into(),
            detail: detail.into(),
        };
        Err(Problem::fields(vec![field]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_nested_so_deep_and_no_deeper() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(nested(MAX_DEPTH).as_bytes()));
        assert!(is_too_deep(nested(MAX_DEPTH + 1).as_bytes()));
        let side_by_side = format!("[{}]", "{\"a\": []},".repeat(100));
        assert!(!is_too_deep(side_by_side.as_bytes()));
        let text = format!(r#"{{"name": "\"{}"}}"#, "[".repeat(100));
        assert!(!is_too_deep(text.as_bytes()), "in a text they are letters");
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Form {
            #[expect(dead_code, reason = "read by the library alone")]
            to: String,
        }
        for (body, field) in [(r#"{"too":1}"#, "too"), ("{}", "to"), (r#"{"to":1}"#, "body")] {
            let error = serde_json::from_str::<Form>(body).map_err(|error| wrong_body(&error));
            let problem = error.err().map(|problem| problem.told()).unwrap_or_default();
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
            assert_eq!(problem["status"], 422);
        }
    }
}
