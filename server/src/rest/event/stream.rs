//! One event stream: it is asked for the next event when the system has taken the one before, and never sooner.

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use app::access::Rights;
use bytes::Bytes;
use futures::stream::{self, Stream as Events};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until},
};

use super::{Changes, End, Place, Reason, Snapshot};
use crate::{
    access::{
        Sight,
        current::{self, Whence},
    },
    clock::wall_ms,
    hub::lane::{Frame, Latest, Missed},
    rest::shape::{self, time},
    services::Services,
    store::TokenRecord,
};

/// A comment goes out when nothing else did for so long.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Frames are still made for whoever comes back, so long after the last one left.
const LINGER: Duration = Duration::from_secs(60);
/// The database could not say what the token may see: the wait before it is asked again.
const LOOK_LATER: Duration = Duration::from_millis(500);

/// An open stream.
pub(super) struct Stream {
    services: Services,
    token: Arc<TokenRecord>,
    address: IpAddr,
    sight: Sight,
    stamp: String,
    latest: watch::Receiver<Latest>,
    /// Hears when anybody's rights change.
    rights: watch::Receiver<i64>,
    /// The last change that it has, or does not see; None before its first snapshot.
    sequence: Option<u64>,
    heartbeat: Interval,
    expires: Instant,
    over: bool,
    _reading: Reading,
    _place: Place,
}

/// Has frames made for those who see only some, while it is there and a while longer.
struct Reading(Services);

impl Reading {
    fn begin(services: &Services) -> Self {
        services.hub.lane(false).joined_rows();
        Self(services.clone())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let services = self.0.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(LINGER) => {}
                () = services.ends.stopped() => {}
            }
            services.hub.lane(false).left_rows();
        });
    }
}

/// What goes with a sequence in an event's id: another run of the server, or other rights, and the sequence means nothing.
fn stamp(build: &str, rights: &Rights) -> String {
    let rights = serde_json::to_vec(rights).unwrap_or_default();
    let digest = Sha256::new().chain_update(build).chain_update(rights).finalize();
    app::browser::hex(&digest[..6])
}

impl Stream {
    pub(super) fn new(
        services: Services,
        (token, address): (Arc<TokenRecord>, IpAddr),
        rights: &Rights,
        last: Option<&str>,
        place: Place,
    ) -> Self {
        let reading = Reading::begin(&services);
        let mut followed = services.current.follow();
        // they may have changed since the door was passed
        followed.mark_changed();
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let left = Duration::from_millis(token.expires_ms.saturating_sub(wall_ms()));
        let stamp = stamp(&services.api.run, rights);
        let last = last.and_then(|last| last.split_once('-'));
        let sequence = last.filter(|(_, of)| *of == stamp);
        let sequence = sequence.and_then(|(sequence, _)| sequence.parse().ok());
        Self {
            latest: services.hub.lane(false).follow(),
            rights: followed,
            sight: Sight::of(rights),
            stamp,
            // what was never reached was never sent
            sequence: sequence.filter(|sequence| *sequence <= services.hub.sequence()),
            heartbeat,
            expires: Instant::now() + left,
            over: false,
            services,
            token,
            address,
            _reading: reading,
            _place: place,
        }
    }

    /// The events, one after the other.
    pub(super) fn events(self) -> impl Events<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, |mut stream| async move {
            let event = stream.next().await?;
            Some((Ok(event), stream))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let stopped = {
            let services = self.services.clone();
            async move { services.ends.stopped().await }
        };
        tokio::pin!(stopped);
        loop {
            if self.rights.has_changed().unwrap_or(false) {
                self.rights.mark_unchanged();
                if !self.look_again().await {
                    return Some(self.end(Reason::TokenEnded));
                }
            }
            if let Some(event) = self.due() {
                self.heartbeat.reset();
                return Some(event);
            }
            tokio::select! {
                biased;
                () = &mut stopped => return Some(self.end(Reason::Restarting)),
                () = sleep_until(self.expires) => return Some(self.end(Reason::TokenEnded)),
                changed = self.rights.changed() => match changed {
                    Ok(()) => self.rights.mark_changed(),
                    Err(_) => return None,
                },
                changed = self.latest.changed() => if changed.is_err() { return None },
                _ = self.heartbeat.tick() => return Some(self.beat()),
            }
        }
    }

    /// The next event that is there already: a snapshot, or what a frame says to this token.
    fn due(&mut self) -> Option<Bytes> {
        loop {
            let Some(sequence) = self.sequence else {
                return Some(self.snapshot());
            };
            let upto = self.latest.borrow_and_update().frame.upto;
            if upto <= sequence {
                return None;
            }
            let next = match self.services.hub.lane(false).missed(sequence) {
                Missed::Frames(frames) => frames.into_iter().next(),
                Missed::TooMuch => None,
            };
            let Some(frame) = next else {
                return Some(self.snapshot());
            };
            match self.show(&frame) {
                Ok(Some(event)) => return Some(event),
                Ok(None) => {}
                Err(NotMade) => return Some(self.snapshot()),
            }
        }
    }

    /// What this token sees of a frame; None where that is nothing.
    fn show(&mut self, frame: &Frame) -> Result<Option<Bytes>, NotMade> {
        let rows = frame.rows().ok_or(NotMade)?;
        let mut changes = Changes {
            sequence: frame.upto,
            ..Changes::default()
        };
        for entry in rows {
            if let Some(change) =
                self.sight
                    .change(&entry.change, &entry.before, entry.now.as_deref(), entry.private)
            {
                changes.add(&change);
            }
        }
        self.sequence = Some(frame.upto);
        let seen = !changes.set.is_empty() || !changes.gone.is_empty();
        Ok(seen.then(|| self.event("changes", &changes)))
    }

    fn snapshot(&mut self) -> Bytes {
        let seen = self.services.hub.snapshot(&self.sight);
        let mut rows = Vec::new();
        for one in &seen.pbxs {
            rows.push(shape::Row::Pbx((&one.pbx).into()));
            rows.extend(one.board.rows().map(|row| shape::row(one.pbx.id, &row)));
        }
        self.sequence = Some(seen.sequence);
        let snapshot = Snapshot {
            sequence: seen.sequence,
            at: time(seen.now),
            rows,
        };
        self.event("snapshot", &snapshot)
    }

    /// Somebody's rights changed. Where they were these, what is seen from now on begins with a snapshot. False when the
    /// token has ended.
    async fn look_again(&mut self) -> bool {
        let store = &self.services.store;
        let whence = Whence {
            address: self.address,
            allowed: &self.services.allowed_networks,
        };
        let looked = async {
            let token = store.token(self.token.id).await?;
            match &token {
                Some(token) => current::by_token(store, whence, token, wall_ms()).await,
                None => Ok(None),
            }
        };
        match looked.await {
            Ok(Some(viewer)) => {
                if viewer.rights != *self.sight.rights() {
                    self.sight = Sight::of(&viewer.rights);
                    self.stamp = stamp(&self.services.api.run, &viewer.rights);
                    self.sequence = None;
                }
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::warn!(%error, "the rights behind an event stream could not be read");
                tokio::time::sleep(LOOK_LATER).await;
                self.rights.mark_changed();
                true
            }
        }
    }

    fn end(&mut self, reason: Reason) -> Bytes {
        self.over = true;
        self.event("end", &End { reason })
    }

    /// An event without data moves the id alone: nothing of what was left out has to be sent again.
    fn beat(&self) -> Bytes {
        let sequence = self.sequence.unwrap_or_default();
        format!(": alive\nid: {sequence}-{}\n\n", self.stamp).into()
    }

    fn event(&self, name: &str, data: &impl Serialize) -> Bytes {
        // JSON holds no line break of its own
        let data = serde_json::to_string(data).unwrap_or_default();
        let sequence = self.sequence.unwrap_or_default();
        format!("event: {name}\nid: {sequence}-{}\ndata: {data}\n\n", self.stamp).into()
    }
}

/// A frame was made before anybody wanted its rows.
struct NotMade;
