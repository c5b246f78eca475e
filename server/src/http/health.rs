//! `/healthz`: the process answers. `/readyz`: so does its database. A PBX that is down degrades the board
//! and nothing else.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::services::Services;

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
}

async fn ready(State(services): State<Services>) -> (StatusCode, &'static str) {
    match services.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
