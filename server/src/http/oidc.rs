//! Out to a provider and back. What went wrong is told by the sign-in page in words of ours.

use app::{
    model::{sign_in::Entry, single_sign_on::Trouble},
    words::address,
};
use axum::{
    Extension, Router,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::{
    backend::{
        CallerBackend,
        identity::{Refusal, come_back, leave},
    },
    caller::Caller,
    identity::oidc::{Pending, open, sealed},
    services::Services,
};

/// The cookie of a sign-in under way.
const COOKIE: &str = "__Host-oidc";
/// How long a browser keeps it, in seconds.
const COOKIE_S: u64 = 600;

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/oidc/start", get(start))
        .route("/oidc/callback", get(callback))
}

#[derive(Debug, Deserialize)]
struct Start {
    provider: usize,
    #[serde(default)]
    next: String,
}

/// What a provider sends back.
#[derive(Deserialize)]
struct Back {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    /// Who sends it back (RFC 9207).
    iss: Option<String>,
}

async fn start(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Start>,
) -> Response {
    let next = address::way_back(&wanted.next).unwrap_or_default().to_owned();
    let backend = CallerBackend::new(services.clone(), caller);
    let left = leave(&backend, wanted.provider, next.clone()).await;
    let (url, pending) = match left {
        Ok(left) => left,
        Err(refusal) => return refused(refusal, &next),
    };
    match sealed(&services.seal, &pending) {
        Ok(value) => with_cookie(Redirect::to(&url).into_response(), &value, COOKIE_S),
        Err(error) => refused(Refusal::Error(crate::error::internal(error)), &next),
    }
}

async fn callback(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let pending = pending(&services, &headers, &back);
    let next = pending
        .as_ref()
        .map(|pending| pending.next.clone())
        .unwrap_or_default();
    let backend = CallerBackend::new(services, caller);
    let entered = match (pending, back.code, back.error) {
        (None, _, _) => Err(Refusal::Trouble(Trouble::Stale)),
        (Some(_), _, Some(error)) => {
            tracing::info!(error = %app::words::shortened(&error, 80), "a provider did not sign somebody in");
            Err(Refusal::Trouble(Trouble::Declined))
        }
        (Some(_), None, None) => Err(Refusal::Trouble(Trouble::Declined)),
        (Some(pending), Some(code), None) => come_back(&backend, &pending, code).await,
    };
    let response = match entered {
        Ok(entry) => {
            let to = match entry {
                Entry::In => address::way_in(&next).to_owned(),
                Entry::Second => address::step("second", &next),
                Entry::SetUp => address::step("factor", &next),
            };
            Redirect::to(&to).into_response()
        }
        Err(refusal) => refused(refusal, &next),
    };
    // whatever came of it, it is over
    with_cookie(response, "", 0)
}

/// The sign-in that this browser began, where this is the answer to it.
fn pending(services: &Services, headers: &HeaderMap, back: &Back) -> Option<Pending> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut cookies = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let value = cookies.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let pending = match open(&services.seal, value) {
        Ok(pending) => pending,
        Err(error) => {
            tracing::info!(error = %format!("{error:#}"), "a sign-in under way cannot be gone on with");
            return None;
        }
    };
    let same = |one: &str, other: &str| bool::from(one.as_bytes().ct_eq(other.as_bytes()));
    let answers = back
        .state
        .as_deref()
        .is_some_and(|state| same(state, &pending.state));
    let provider = services.vouchers.providers.get(pending.provider)?;
    let from_it = back
        .iss
        .as_deref()
        .is_none_or(|issuer| issuer == provider.issuer());
    (answers && from_it).then_some(pending)
}

fn with_cookie(mut response: Response, value: &str, seconds: u64) -> Response {
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Back to the sign-in page, which says why.
fn refused(refusal: Refusal, next: &str) -> Response {
    let mut page = format!("/sign-in?trouble={}", refusal.trouble().word());
    if let Some(next) = address::way_back(next) {
        page.push_str("&next=");
        page.push_str(&address::part(next));
    }
    let mut response = Redirect::to(&page).into_response();
    // the gate tells the audit trail
    response.extensions_mut().insert(refusal.error());
    response
}
