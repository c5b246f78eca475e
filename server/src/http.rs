//! The router and its layers. Closed by default: `gate` lists what strangers may ask for.

pub(crate) mod connection;
pub(crate) mod connections;
mod export;
pub mod gate;
pub mod health;
mod oidc;
mod pages;
mod recording;
mod shared;
mod site;
pub(crate) mod tls;

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Method, StatusCode},
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use tracing::Instrument;

use crate::{
    export::Format,
    live,
    proxy::{Client, find_client},
    rest, security,
    services::Services,
};

/// The largest body a request may have.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The longest a request may take, live sockets aside.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Files that are saved go out as they are written: to compress them takes longer than to send them.
fn no_file() -> impl Predicate {
    let files = [Format::Csv, Format::Xlsx].map(|format| NotForContentType::const_new(format.content_type()));
    let [csv, book] = files;
    let sound = NotForContentType::const_new("audio/");
    DefaultPredicate::new().and(csv).and(book).and(sound)
}

/// How hard pages are compressed: a page of 90 kB is 12.1 kB after 3 ms; at the fastest it would be 3 kB more.
const PAGE_COMPRESSION: CompressionLevel = CompressionLevel::Precise(7);

/// What changes something is done to its end, also when whoever asked hangs up or the time is over: the audit trail has
/// begun a row that has to say how it ended.
async fn to_the_end(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if only_reads && !request.uri().path().starts_with("/oidc/") {
        return next.run(request).await;
    }
    let work = tokio::spawn(next.run(request).in_current_span());
    match work.await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // the runtime stops
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    }
}

/// Everything the server answers.
pub fn router(services: &Services) -> Router {
    let origins = services.origins.clone();
    let inner = pages::routes(services)
        .merge(oidc::routes())
        .route(app::live::protocol::PATH, get(live::upgrade))
        .route(export::TRAIL, get(export::trail))
        .route(export::CALLS, get(export::calls))
        .route(export::REPORT, get(export::report))
        .merge(recording::routes())
        .route(app::USED, post(|| async { StatusCode::NO_CONTENT }))
        .layer(from_fn_with_state(services.clone(), gate::gate))
        .layer(services.sessions.layer())
        .layer(from_fn(to_the_end));
    Router::new()
        .merge(site::routes(services))
        .merge(health::routes())
        .merge(shared::routes())
        .merge(rest::routes(services).layer(from_fn(to_the_end)))
        .fallback_service(inner.with_state(services.clone()))
        .with_state(services.clone())
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(services.proxies.clone(), find_client))
                .layer(
                    TraceLayer::new_for_http()
                        .make_span_with(span)
                        .on_request(())
                        .on_response(on_response),
                )
                .layer(from_fn_with_state(origins.clone(), security::headers))
                .layer(from_fn(rest::problem::dress))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(
                    CompressionLayer::new()
                        .quality(PAGE_COMPRESSION)
                        .compress_when(no_file()),
                )
                .layer(map_response(plain_timeout))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::GATEWAY_TIMEOUT,
                    REQUEST_TIMEOUT,
                ))
                .layer(from_fn_with_state(origins, security::check_origin))
                .layer(DefaultBodyLimit::disable())
                .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES)),
        )
}

/// The path alone: a query may hold a token or a number.
fn span(request: &axum::http::Request<axum::body::Body>) -> tracing::Span {
    let client = request.extensions().get::<Client>().map(|client| client.address);
    tracing::info_span!("request", client = client.map(tracing::field::display), method = %request.method(), path = request.uri().path())
}

fn on_response<B>(response: &axum::http::Response<B>, latency: Duration, _: &tracing::Span) {
    tracing::debug!(
        status = response.status().as_u16(),
        latency_ms = latency.as_millis() as u64,
        "answered"
    );
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    // the panic itself is in the log already, with its place
    tracing::error!("a request panicked");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong here. It is in Starboard's log.\n",
    )
        .into_response()
}

async fn plain_timeout(response: Response) -> Response {
    if response.status() != StatusCode::GATEWAY_TIMEOUT {
        return response;
    }
    (
        StatusCode::GATEWAY_TIMEOUT,
        "This took too long and was given up.\n",
    )
        .into_response()
}
