//! The handshake of a live socket: for our own pages, and for whoever is signed in.

use axum::{
    Extension,
    body::Body,
    extract::{Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tungstenite::handshake::server::create_response_with_body;

use super::{Page, eyes::Eyes, line::Line, serve};
use crate::{
    caller::Caller, http::connection::Connection, hub::message::Format, proxy::Client, services::Services,
    session,
};

/// How the socket is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Options {
    /// `json` for people who debug.
    #[serde(default)]
    format: Option<String>,
}

/// `GET /live`.
pub async fn upgrade(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Query(options): Query<Options>,
    mut request: Request,
) -> Response {
    if !services.origins.allows(request.headers(), Some(&client)) {
        tracing::warn!("a live socket from a foreign origin was refused");
        return (
            StatusCode::FORBIDDEN,
            "This socket is for Starboard's own pages.\n",
        )
            .into_response();
    }
    let screen = caller.screen.as_ref().map(|screen| screen.record.token_hash);
    let (Ok(sight), Some(hash)) = (
        caller.sight(),
        screen.or_else(|| caller.session.id().map(session::hash)),
    ) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let format = match options.format.as_deref() {
        None | Some("postcard") => Format::Postcard,
        Some("json") => Format::Json,
        Some(_) => return (StatusCode::BAD_REQUEST, "format is postcard or json\n").into_response(),
    };
    let Ok(switching) = create_response_with_body(&request, Body::empty) else {
        return (
            StatusCode::UPGRADE_REQUIRED,
            [("upgrade", "websocket"), ("sec-websocket-version", "13")],
            "This address is a WebSocket; it does not answer plain requests.\n",
        )
            .into_response();
    };
    let mut rights = services.current.follow();
    // they may have changed since the door was passed
    rights.mark_changed();
    let eyes = Eyes {
        sight,
        address: caller.address,
        user: caller.user,
        view_as: caller.view_as,
        screen,
        rights,
    };
    let watch = services.ends.watch(hash);
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        // an error means that the page went away before its handshake was through
        let Ok(upgraded) = upgrading.await else { return };
        match upgraded.downcast::<TokioIo<Connection>>() {
            Ok(parts) => {
                let line = Line::new(parts.io.into_inner(), &parts.read_buf);
                tokio::spawn(serve(Page::new(line, services, eyes, format), watch));
            }
            Err(_) => tracing::error!("a live socket is on no connection of ours"),
        }
    });
    switching
}
