//! The board as signals: what the socket says is folded in here, and each row wakes only what shows it.

use std::sync::Arc;

use leptos::prelude::*;
use telephony::{Board, Call, CallId, Change, Conference, Extension, Key, ParkedCall, Queue, Row, Trunk};

use super::{
    clock::{Clock, Freshness, SocketState},
    protocol::{LinkStatus, LiveChange, LiveSnapshot, PbxRow, Rows},
    table::Table,
};
use crate::model::{PbxId, Viewer};

/// A call on the screen.
pub type CallKey = (PbxId, CallId);
/// An extension on the screen.
pub type ExtensionKey = (PbxId, String);
/// A parking space on the screen: PBX, then lot and space.
pub type ParkedKey = (PbxId, (String, String));
/// What pages take from their context.
pub type Live = Arc<LiveBoard>;

/// Everything a viewer may see, live.
pub struct LiveBoard {
    /// PBX connections.
    pub pbxs: Table<PbxId, PbxRow>,
    /// Calls.
    pub calls: Table<CallKey, Call>,
    /// Extensions.
    pub extensions: Table<ExtensionKey, Extension>,
    /// Queues.
    pub queues: Table<(PbxId, String), Queue>,
    /// Trunks.
    pub trunks: Table<(PbxId, String), Trunk>,
    /// Parked calls.
    pub parked: Table<ParkedKey, ParkedCall>,
    /// Conferences.
    pub conferences: Table<(PbxId, String), Conference>,
    /// What Starboard adds: see [`super::note`].
    pub notes: Table<(PbxId, String), String>,
    /// The link between this page and Starboard.
    pub link: ArcRwSignal<SocketState>,
    /// The server's time.
    pub clock: Clock,
    /// The build that made this page.
    pub build: String,
    /// Set when the server is of another build.
    pub newer_build: ArcRwSignal<bool>,
    /// The viewer, from when what they may see and do has changed.
    pub you: ArcRwSignal<Option<Box<Viewer>>>,
}

impl LiveBoard {
    /// The board of a snapshot, standing still.
    pub fn new(snapshot: LiveSnapshot<Rows>) -> Live {
        let board = Self {
            pbxs: Table::default(),
            calls: Table::default(),
            extensions: Table::default(),
            queues: Table::default(),
            trunks: Table::default(),
            parked: Table::default(),
            conferences: Table::default(),
            notes: Table::default(),
            link: ArcRwSignal::new(SocketState::Opening),
            clock: Clock::at(snapshot.now.0),
            build: snapshot.build.clone(),
            newer_build: ArcRwSignal::new(false),
            you: ArcRwSignal::new(None),
        };
        board.replace(snapshot);
        Arc::new(board)
    }

    /// Makes the board that of the snapshot. Rows that are in both keep their signal, and sleep when equal.
    pub fn replace(&self, snapshot: LiveSnapshot<Rows>) {
        if snapshot.build != self.build {
            self.newer_build.set(true);
        }
        self.pbxs.mark(|_| true);
        self.mark_rows(|_| true);
        for one in snapshot.pbxs {
            let pbx = one.pbx.id;
            self.pbxs.upsert(pbx, one.pbx);
            for row in one.board {
                self.upsert(pbx, row);
            }
            for (name, says) in one.notes {
                self.notes.upsert((pbx, name), says);
            }
        }
        self.publish();
    }

    /// Folds a batch in; lists wake once.
    pub fn apply(&self, changes: impl IntoIterator<Item = LiveChange>) {
        for change in changes {
            match change {
                LiveChange::Pbx(row) => self.pbxs.upsert(row.id, row),
                LiveChange::PbxRemoved(id) => {
                    self.pbxs.remove(&id);
                    self.mark_rows(|pbx| pbx == id);
                }
                LiveChange::Row {
                    pbx,
                    change: Change::Upsert(row),
                } => self.upsert(pbx, row),
                LiveChange::Row {
                    pbx,
                    change: Change::Remove(key),
                } => self.remove(pbx, key),
                LiveChange::Note { pbx, name, says } => match says {
                    Some(says) => self.notes.upsert((pbx, name), says),
                    None => self.notes.remove(&(pbx, name)),
                },
            }
        }
        self.publish();
    }

    fn upsert(&self, pbx: PbxId, row: Row) {
        match row {
            Row::Call(row) => self.calls.upsert((pbx, row.id.clone()), *row),
            Row::Extension(row) => self.extensions.upsert((pbx, row.number.clone()), *row),
            Row::Queue(row) => self.queues.upsert((pbx, row.name.clone()), *row),
            Row::Trunk(row) => self.trunks.upsert((pbx, row.name.clone()), *row),
            Row::Parked(row) => self
                .parked
                .upsert((pbx, (row.lot.clone(), row.space.clone())), *row),
            Row::Conference(row) => self.conferences.upsert((pbx, row.room.clone()), *row),
        }
    }

    fn remove(&self, pbx: PbxId, key: Key) {
        match key {
            Key::Call(id) => self.calls.remove(&(pbx, id)),
            Key::Extension(number) => self.extensions.remove(&(pbx, number)),
            Key::Queue(name) => self.queues.remove(&(pbx, name)),
            Key::Trunk(name) => self.trunks.remove(&(pbx, name)),
            Key::Parked(lot, space) => self.parked.remove(&(pbx, (lot, space))),
            Key::Conference(room) => self.conferences.remove(&(pbx, room)),
        }
    }

    fn mark_rows(&self, which: impl Fn(PbxId) -> bool) {
        self.calls.mark(|(pbx, _)| which(*pbx));
        self.extensions.mark(|(pbx, _)| which(*pbx));
        self.queues.mark(|(pbx, _)| which(*pbx));
        self.trunks.mark(|(pbx, _)| which(*pbx));
        self.parked.mark(|(pbx, _)| which(*pbx));
        self.conferences.mark(|(pbx, _)| which(*pbx));
        self.notes.mark(|(pbx, _)| which(*pbx));
    }

    fn publish(&self) {
        self.pbxs.publish();
        self.calls.publish();
        self.extensions.publish();
        self.queues.publish();
        self.trunks.publish();
        self.parked.publish();
        self.conferences.publish();
        self.notes.publish();
    }

    /// How fresh the rows of one PBX are; tracked.
    pub fn freshness(&self, pbx: PbxId) -> Freshness {
        if let SocketState::Offline { since_ms } = self.link.get() {
            return Freshness::Old {
                since_ms,
                reason: String::new(),
            };
        }
        let of_pbx = self
            .pbxs
            .with(&pbx, |row| of_link(&row.link))
            .unwrap_or(Freshness::Connecting);
        // a page that no socket has joined yet stands still
        let joined = self.link.get() == SocketState::Live;
        if of_pbx == Freshness::Live && !joined {
            return Freshness::CatchingUp;
        }
        of_pbx
    }

    /// The worst news of all PBXs; tracked.
    pub fn overall(&self) -> Freshness {
        self.pbxs
            .keys()
            .into_iter()
            .map(|pbx| self.freshness(pbx))
            .max_by_key(Freshness::severity)
            .unwrap_or(match self.link.get() {
                SocketState::Offline { since_ms } => Freshness::Old {
                    since_ms,
                    reason: String::new(),
                },
                SocketState::Live => Freshness::Live,
                SocketState::Opening | SocketState::CatchingUp => Freshness::CatchingUp,
            })
    }

    /// Until when the rows of one PBX are known: its timers stand still there. Unix milliseconds; tracked.
    pub fn as_of_ms(&self, pbx: PbxId) -> u64 {
        match self.freshness(pbx) {
            Freshness::Old { since_ms, .. } | Freshness::Refused { since_ms } => since_ms,
            Freshness::Live | Freshness::CatchingUp | Freshness::Connecting | Freshness::Disabled => {
                self.clock.now_ms.get()
            }
        }
    }

    /// One PBX's rows as plain data, as they are now.
    pub fn export(&self, pbx: PbxId) -> Board {
        let mut board = Board::default();
        copy(
            &self.calls,
            pbx,
            |row: &Call| Row::Call(Box::new(row.clone())),
            &mut board,
        );
        copy(
            &self.extensions,
            pbx,
            |row: &Extension| Row::Extension(Box::new(row.clone())),
            &mut board,
        );
        copy(
            &self.queues,
            pbx,
            |row: &Queue| Row::Queue(Box::new(row.clone())),
            &mut board,
        );
        copy(
            &self.trunks,
            pbx,
            |row: &Trunk| Row::Trunk(Box::new(row.clone())),
            &mut board,
        );
        copy(
            &self.parked,
            pbx,
            |row: &ParkedCall| Row::Parked(Box::new(row.clone())),
            &mut board,
        );
        copy(
            &self.conferences,
            pbx,
            |row: &Conference| Row::Conference(Box::new(row.clone())),
            &mut board,
        );
        board
    }
}

fn of_link(link: &LinkStatus) -> Freshness {
    match link {
        LinkStatus::Connecting => Freshness::Connecting,
        LinkStatus::CatchingUp => Freshness::CatchingUp,
        LinkStatus::Live => Freshness::Live,
        LinkStatus::Down { reason, since } => Freshness::Old {
            since_ms: since.0,
            reason: reason.clone(),
        },
        LinkStatus::CredentialsRefused { since } => Freshness::Refused { since_ms: since.0 },
        LinkStatus::Disabled => Freshness::Disabled,
    }
}

fn copy<K, R>(table: &Table<(PbxId, K), R>, pbx: PbxId, row_of: impl Fn(&R) -> Row, board: &mut Board)
where
    K: Clone + Ord + Send + Sync + 'static,
    R: PartialEq + Send + Sync + 'static,
{
    let keys = untrack(|| table.keys());
    for key in keys.iter().filter(|(of, _)| *of == pbx) {
        if let Some(row) = table.peek(key, &row_of) {
            board.apply(Change::Upsert(row));
        }
    }
}

#[cfg(test)]
mod tests;
