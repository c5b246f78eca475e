//! `/api/v1`: the same house for programs. Its types are its own, its door takes tokens alone, its OpenAPI document is made
//! from the code, and everything that it does it does through the backend that the pages use.

mod command;
mod docs;
mod document;
mod door;
mod event;
mod given;
mod history;
mod limits;
mod live;
mod once;
mod page;
pub mod problem;
mod role;
mod shape;
mod team;
mod user;

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::any};
use utoipa_axum::router::OpenApiRouter;

pub use self::{event::Streams, limits::Limits, once::Kept};
use crate::{backend::once::Once, services::Services};

/// Where it is.
pub const PATH: &str = "/api/v1";

/// What `/api/v1` keeps between requests.
#[derive(Debug)]
pub struct Api {
    /// How often programs may ask.
    pub limits: Limits,
    /// Requests that change something and are under way.
    pub once: Once<Kept>,
    /// Event streams that are open.
    pub streams: Streams,
    /// Names this run of the server: sequences begin anew with each.
    pub run: String,
}

impl Api {
    /// So many requests a minute with one token.
    pub fn new(a_minute: usize) -> Self {
        Self {
            limits: Limits::new(a_minute),
            once: Once::default(),
            streams: Streams::default(),
            run: uuid::Uuid::new_v4().simple().to_string(),
        }
    }
}

/// Everything below the path, for whoever has a token; and the documentation, for everybody.
pub fn routes(services: &Services) -> Router<Services> {
    let (router, document) = OpenApiRouter::with_openapi(document::begin())
        .nest(
            PATH,
            live::routes()
                .merge(command::routes())
                .merge(event::routes())
                .merge(history::routes())
                .merge(user::routes())
                .merge(role::routes())
                .merge(team::routes()),
        )
        .split_for_parts();
    let document = Arc::new(document::finish(document));
    let anything_else = any(problem::nothing);
    router
        .route(PATH, anything_else.clone())
        .route(&format!("{PATH}/"), anything_else.clone())
        .route(&format!("{PATH}/{{*path}}"), anything_else)
        .layer(from_fn_with_state(services.clone(), door::door))
        .merge(docs::routes(&document))
}
