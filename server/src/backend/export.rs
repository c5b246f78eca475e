//! Calls that are over as a file: what the viewer sees of them, for as long as they may see it.

use std::{io, sync::Arc};

use app::{
    AppError,
    access::{Ability, Rights},
    audit::{Action, Fact, Outcome},
    model::history::CallSearch,
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};

use super::{CallerBackend, history};
use crate::{
    access::current,
    caller::Caller,
    clock::wall_ms,
    export::{self, Around, Broken, Format, Taken, calls::CALLS, under_way::UnderWay},
    services::Services,
    store::{CallPart, CallWalk, Seen},
};

/// Calls read at once.
const PART: usize = 1_000;
/// Parts that wait for whoever writes, and for whoever downloads.
const MOST_PARTS: usize = 2;

/// What is wanted of an export.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Which calls,
    pub(crate) search: CallSearch,
    /// the same as its page says it,
    pub(crate) told: String,
    /// and as it stands above a document, a sentence each.
    pub(crate) above: Vec<String>,
    /// How it is written,
    pub(crate) format: Format,
    /// and in which zone its times are.
    pub(crate) zone: TimeZone,
    /// The name by which its page asks after it.
    pub(crate) name: Option<String>,
}

/// An export of the viewer.
pub(super) fn of(backend: &CallerBackend, name: &str) -> Result<Arc<UnderWay>, AppError> {
    let viewer = backend.acting()?;
    let exports = &backend.services.exports;
    exports.of(viewer.id.0, name).ok_or(AppError::NotFound)
}

impl CallerBackend {
    /// The calls that are asked for, part by part as they are taken. It is told in the trail, with how many went out.
    pub(crate) async fn export_calls(
        &self,
        wish: Wish,
    ) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>, AppError> {
        self.about(Action::ExportCalls, "calls");
        let viewer = self.may(Ability::SeeCalls)?;
        let search = self.looked_up(wish.search).await?;
        let exports = &self.services.exports;
        let place = exports.place(viewer.id.0);
        let place = place.ok_or(AppError::TooMany { retry_after_s: 5 })?;
        let seen = history::seen(&viewer.rights);
        let walk = self.services.store.call_walk(&search, &seen).await?;
        let told = (!wish.told.is_empty()).then(|| Fact::told("filter", &wish.told));
        let format = Fact::told("format", wish.format.ending());
        let facts: Vec<Fact> = told.into_iter().chain([format]).collect();
        let act = self
            .begin(self.caller.who(), Action::ExportCalls, "calls", &facts)
            .await?;
        let under_way = exports.begin(viewer.id.0, wish.name.as_deref());
        let watched = Watched {
            changes: self.services.current.follow(),
            services: self.services.clone(),
            caller: self.caller.clone(),
            seen,
        };
        let (give_rows, rows) = mpsc::channel(MOST_PARTS);
        let (give_parts, parts) = mpsc::channel(MOST_PARTS);
        tokio::spawn(read(walk, watched, under_way.clone(), give_rows));
        let mut around = Around {
            told: wish.above,
            now_ms: wall_ms(),
            ..Around::default()
        };
        self.services
            .hub
            .each(|pbx, _| drop(around.pbxs.insert(pbx.id, pbx.name.clone())));
        let writing = under_way.clone();
        let written = tokio::task::spawn_blocking(move || {
            let taken = Taken {
                parts: &give_parts,
                under_way: &writing,
            };
            let came_of_it = export::write(wish.format, &CALLS, (&wish.zone, &around), rows, &taken);
            if let Err(why) = came_of_it {
                // a download that is cut short must not look whole
                let _ = give_parts.blocking_send(Err(io::Error::other(why)));
            }
            came_of_it
        });
        let trail = self.services.trail.clone();
        tokio::spawn(async move {
            let came_of_it = written.await.unwrap_or(Err(Broken::Fault));
            under_way.end(came_of_it);
            drop(place);
            let calls = Fact::told("calls", under_way.rows().to_string());
            match came_of_it {
                Ok(()) => trail.end(act, Outcome::Done, &[calls]).await,
                Err(why) => {
                    let why = Fact::told("why", why.to_string());
                    trail.end(act, Outcome::Failed, &[calls, why]).await;
                }
            }
        });
        let parts = futures::stream::unfold(parts, async |mut parts| {
            let part = parts.recv().await?;
            Some((part, parts))
        });
        // who reads it may ask once more after its end
        Ok(parts.fuse())
    }
}

/// Reads until the end, until it is called off, or until not all of it may be seen any more.
async fn read(
    mut walk: CallWalk,
    mut watched: Watched,
    under_way: Arc<UnderWay>,
    rows: mpsc::Sender<Result<CallPart, Broken>>,
) {
    loop {
        let part = match watched.may_go_on().await {
            _ if under_way.is_off() => Err(Broken::CalledOff),
            Ok(()) => walk.next(&watched.services.store, PART).await.map_err(|error| {
                tracing::error!(%error, "an export of calls was broken off");
                Broken::Fault
            }),
            Err(why) => Err(why),
        };
        if part.as_ref().is_ok_and(CallPart::is_empty) {
            return;
        }
        if let Ok(part) = &part {
            under_way.read(part.len(), walk.per_mille());
        }
        let broken = part.is_err();
        // nobody writes any more
        if rows.send(part).await.is_err() || broken {
            return;
        }
    }
}

/// What the viewer may see, looked at again when rights change.
struct Watched {
    changes: watch::Receiver<i64>,
    services: Services,
    caller: Caller,
    seen: Seen,
}

impl Watched {
    async fn may_go_on(&mut self) -> Result<(), Broken> {
        if !self.changes.has_changed().unwrap_or(true) {
            return Ok(());
        }
        self.changes.mark_unchanged();
        let now = self.rights().await?;
        let still = now.is_some_and(|rights| history::seen(&rights) == self.seen);
        if still { Ok(()) } else { Err(Broken::Withdrawn) }
    }

    async fn rights(&self) -> Result<Option<Rights>, Broken> {
        let Caller {
            user,
            view_as,
            token,
            address,
            ..
        } = &self.caller;
        let (store, whence) = (&self.services.store, self.services.whence(*address));
        let viewer = match token {
            Some(token) => current::by_token(store, whence, token, crate::clock::wall_ms()).await,
            None => current::viewer(store, whence, *user, *view_as).await,
        };
        let viewer = viewer.map_err(|error| {
            tracing::error!(%error, "the rights for an export could not be looked at");
            Broken::Fault
        })?;
        Ok(viewer.map(|viewer| viewer.rights))
    }
}
