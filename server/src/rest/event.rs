//! `GET /api/v1/events`: the live state and every change of it, as server-sent events. The same lane and the same sight as
//! a page's socket. Nothing waits for a program that reads slowly: it gets a snapshot in place of what it missed.

mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use app::live::protocol::LiveChange;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use telephony::{Change, Key};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::stream::Stream;
use super::{door::Asker, given::Parameters, problem::Problem, shape};
use crate::services::Services;

/// Streams that one token may have open.
const MAX_PER_TOKEN: usize = 4;
/// Streams that may be open.
const MAX_STREAMS: usize = 1_000;
const LAST_EVENT_ID: &str = "last-event-id";

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Everything that the token sees, at one moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Snapshot {
    /// The last change that is in it.
    sequence: u64,
    /// The server's clock.
    #[schema(format = DateTime)]
    at: String,
    /// Every row. What is not here is not there any more.
    rows: Vec<shape::Row>,
}

/// What changed: the last state of each row that did.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(super) struct Changes {
    /// The last change in it.
    sequence: u64,
    /// Rows as they are now.
    set: Vec<shape::Row>,
    /// Rows that are not there any more, or not seen.
    gone: Vec<Gone>,
}

/// A row that is gone.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Gone {
    /// The kind of row.
    kind: &'static str,
    /// The PBX it was on. A PBX that is gone takes all of its rows with it.
    pbx: i64,
    /// Its id; null for a PBX.
    id: Option<String>,
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// The token has expired or was revoked, or its owner may not use it any more.
    TokenEnded,
    /// Starboard stops; come back.
    Restarting,
}

/// The last event of a stream.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct End {
    /// Why.
    reason: Reason,
}

impl Changes {
    /// Takes in a change as it is seen.
    fn add(&mut self, change: &LiveChange) {
        match change {
            LiveChange::Pbx(row) => self.set.push(shape::Row::Pbx(row.into())),
            LiveChange::PbxRemoved(pbx) => self.gone.push(Gone {
                kind: "pbx",
                pbx: pbx.0,
                id: None,
            }),
            // not part of what programs are told yet
            LiveChange::Note { .. } => {}
            LiveChange::Row { pbx, change } => match change {
                Change::Upsert(row) => self.set.push(shape::row(*pbx, row)),
                Change::Remove(key) => {
                    let (kind, id) = named(key);
                    self.gone.push(Gone {
                        kind,
                        pbx: pbx.0,
                        id: Some(id),
                    });
                }
            },
        }
    }
}

fn named(key: &Key) -> (&'static str, String) {
    match key {
        Key::Call(id) => ("call", id.0.clone()),
        Key::Extension(id) => ("extension", id.clone()),
        Key::Queue(id) => ("queue", id.clone()),
        Key::Trunk(id) => ("trunk", id.clone()),
        Key::Parked(lot, space) => ("parked", format!("{lot}/{space}")),
        Key::Conference(id) => ("conference", id.clone()),
    }
}

/// Streams that are open, by token.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<HashMap<i64, usize>>>);

/// A stream's place among those that may be open; free again when dropped.
#[derive(Debug)]
struct Place {
    streams: Streams,
    token: i64,
}

impl Streams {
    fn take(&self, token: i64) -> Result<Place, Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= MAX_STREAMS {
            let said = "Too many event streams are open on this Starboard.";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, said).after(10));
        }
        let mine = open.entry(token).or_default();
        if *mine >= MAX_PER_TOKEN {
            let said = format!("This token has {MAX_PER_TOKEN} event streams open, and may not have more.");
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, said).after(10));
        }
        *mine += 1;
        Ok(Place {
            streams: self.clone(),
            token,
        })
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = open.get_mut(&self.token) {
            *mine -= 1;
            if *mine == 0 {
                open.remove(&self.token);
            }
        }
    }
}

/// How a stream goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct From {
    /// The `id` of the last event that was received, for programs that cannot send `Last-Event-ID`.
    #[param(max_length = 64)]
    last_event_id: Option<String>,
}

/// Changes as they happen
///
/// Server-sent events. The first one is a `snapshot` of everything that the token sees; then come `changes`, each with the
/// last state of every row that changed since the event before, and every 15 seconds a comment. `id` names the place in the
/// sequence: with it in `Last-Event-ID` a stream goes on where it broke off, without a snapshot where what was missed is
/// still kept. A program that reads slowly, or whose rights change, gets a `snapshot` in between: it replaces everything.
/// The last event is `end` with a reason, when the token ends or Starboard stops.
#[utoipa::path(get, path = "/events", tag = "Events", params(From, ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that was received.", max_length = 64)), responses((status = OK, description = "Events `snapshot` (data: `Snapshot`), `changes` (data: `Changes`) and `end` (data: `End`).", body = String, content_type = "text/event-stream")))]
async fn events(
    State(services): State<Services>,
    asker: Asker,
    headers: HeaderMap,
    Parameters(from): Parameters<From>,
) -> Result<Response, Problem> {
    let header = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let last = header.or(from.last_event_id.as_deref());
    let (token, address) = asker.0.token().ok_or(app::AppError::NotSignedIn)?;
    let place = services.api.streams.take(token.id)?;
    let stream = Stream::new(services, (token, address), asker.0.rights()?, last, place);
    let head = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((head, Body::from_stream(stream.events())).into_response())
}
