//! The door of `/api/v1`: a token and nothing else. Whoever passes is a [`Caller`] like a person with a session.

use std::{sync::Arc, time::Instant};

use app::{
    AppError,
    audit::{Action, Fact, Outcome},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::SecretString;

use super::{
    limits::{self, Of},
    problem::Problem,
};
use crate::{
    access::{
        current::{self, Whence},
        token,
    },
    backend::CallerBackend,
    caller::Caller,
    clock::wall_ms,
    error::refusal,
    http::gate::tell,
    proxy::Client,
    services::Services,
    store::TokenRecord,
    trail::Who,
};

/// Lets a program in, or refuses it.
pub(super) async fn door(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let Some(client) = request.extensions().get::<Client>().cloned() else {
        return Problem::from(crate::error::internal(anyhow::anyhow!(
            "a request without an address"
        )))
        .into_response();
    };
    let now = Instant::now();
    let limits = &services.api.limits;
    let of_address = limits.take(Of::Address(token::network(client.address)), now);
    let mut standings = vec![of_address];
    let mut response = 'answer: {
        if let Some(wait_s) = of_address.wait_s {
            break 'answer too_many(wait_s);
        }
        let (record, viewer) = match admit(&services, request.headers(), &client).await {
            Ok(admitted) => admitted,
            Err(problem) => break 'answer problem.into_response(),
        };
        let of_token = limits.take(Of::Token(record.id), now);
        standings.insert(0, of_token);
        if let Some(wait_s) = of_token.wait_s {
            break 'answer too_many(wait_s);
        }
        let caller = Caller::program(record, viewer, client.address, &services.sessions);
        request.extensions_mut().insert(caller.clone());
        let path = request.uri().path().to_owned();
        let response = next.run(request).await;
        let error = response.extensions().get::<AppError>();
        if let Some(why) = error.and_then(refusal) {
            tell(&services, &caller, &path, &why).await;
        }
        response
    };
    limits::say(response.headers_mut(), &standings);
    response
}

fn too_many(wait_s: u64) -> Response {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        format!("Too many requests: try again in {wait_s} s."),
    )
    .after(wait_s)
    .into_response()
}

/// Whose token it is and what it may do, now.
async fn admit(
    services: &Services,
    headers: &axum::http::HeaderMap,
    client: &Client,
) -> Result<(Arc<TokenRecord>, app::model::Viewer), Problem> {
    let refused = |detail: &str| Problem::new(StatusCode::UNAUTHORIZED, detail);
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        let cookies = headers.contains_key(header::COOKIE);
        return Err(refused(if cookies {
            "Cookies are not accepted here: send a token, as Authorization: Bearer sb_…"
        } else {
            "Send a token, as Authorization: Bearer sb_…"
        }));
    };
    let Some(hash) = bearer(header).as_ref().and_then(token::read) else {
        return Err(refused(
            "This is no token of Starboard: one begins with sb_ and has 52 characters, the last six of them a checksum.",
        ));
    };
    let store = &services.store;
    let Some(record) = store.token_of(&hash).await? else {
        return Err(refused("This token is not known here."));
    };
    let now_ms = wall_ms();
    let address = client.address.to_string();
    let whence = Whence {
        address: client.address,
        allowed: &services.allowed_networks,
    };
    let why = if record.revoked_ms.is_some() {
        "This token was revoked."
    } else if !record.is_good(now_ms) {
        "This token has expired."
    } else if !token::may_come_from(&record.networks, client.address) {
        "This token may not be used from this address."
    } else if let Some(viewer) = current::by_token(store, whence, &record, now_ms).await? {
        store.touch_token(&record, &address, now_ms).await?;
        note_address(services, &record, client, now_ms).await?;
        return Ok((Arc::new(record), viewer));
    } else {
        "The owner of this token is disabled, may not use programs any more, or not from this address."
    };
    let object = format!("token {}", record.name);
    let who = Who::token(&record);
    services
        .trail
        .refused(who, &address, Action::UseToken, &object, why)
        .await;
    Err(refused(why))
}

fn bearer(header: &axum::http::HeaderValue) -> Option<SecretString> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| SecretString::from(token.trim().to_owned()))
}

/// Writes that a token is somewhere that it never was, before it does anything there.
async fn note_address(
    services: &Services,
    record: &TokenRecord,
    client: &Client,
    now_ms: u64,
) -> Result<(), AppError> {
    let network = token::network(client.address).to_string();
    if !services.store.token_at(record.id, &network, now_ms).await? {
        return Ok(());
    }
    let address = client.address.to_string();
    let object = format!("token {}", record.name);
    let facts = [Fact::told("token", record.hint.clone())];
    let act = services
        .trail
        .begin(Who::token(record), &address, Action::TokenSeen, &object, &facts)
        .await?;
    services.trail.end(act, Outcome::Done, &[]).await;
    Ok(())
}

/// Whoever asks, with the backend that decides.
pub(super) struct Asker(pub(super) CallerBackend);

impl FromRequestParts<Services> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| Problem::from(AppError::NotSignedIn))?;
        Ok(Self(CallerBackend::new(services.clone(), caller)))
    }
}
