//! What observing yields besides the board: changes, ended calls, gaps, and counters.

use serde::{Deserialize, Serialize};

use crate::{Change, EndedCall, Timestamp, Visit};

/// Collects what came of observing. Reuse one: draining keeps its memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Rows that changed, each once a message.
    pub changes: Vec<Change>,
    /// Calls that ended. Their rows are removed by `changes` of the same message.
    pub ended: Vec<EndedCall>,
    /// Times during which nothing could be seen, once they are over.
    pub gaps: Vec<Gap>,
    /// Visits of queues of which something is new: as a whole, the last one of an id counts.
    pub visits: Vec<Visit>,
}

impl Output {
    /// Whether nothing came of it.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.ended.is_empty() && self.gaps.is_empty() && self.visits.is_empty()
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.changes.clear();
        self.ended.clear();
        self.gaps.clear();
        self.visits.clear();
    }
}

/// A time during which the link to the PBX was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The last sign of life before.
    pub from: Timestamp,
    /// When the link was back.
    pub to: Timestamp,
    /// The PBX had restarted meanwhile.
    pub restarted: bool,
}

/// What passed through a switchboard since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Messages observed.
    pub messages: u64,
    /// Of them, those of a kind that can change the board.
    pub relevant: u64,
    /// Events this crate has no name for.
    pub unknown_events: u64,
    /// Events that lack what they must have (a channel's id, a queue's name).
    pub incomplete_events: u64,
    /// Changes given out.
    pub changes: u64,
    /// Calls begun, discovered ones included.
    pub calls: u64,
    /// Calls ended.
    pub ended: u64,
    /// Calls that became part of another one.
    pub merged: u64,
    /// Calls found on the PBX without having seen them begin.
    pub discovered: u64,
    /// Calls ended because the PBX no longer knew them.
    pub lost_track: u64,
    /// Calls ended because the PBX stopped.
    pub pbx_stopped: u64,
    /// Rows, legs and the like left out because a bound was reached.
    pub over_bounds: u64,
    /// Steps noticed of our clock or the PBX's.
    pub clock_steps: u64,
}
