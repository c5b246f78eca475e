//! Erasing what is kept of a telephone number.

use serde::{Deserialize, Serialize};

/// Letters of a purpose at most.
pub const MAX_PURPOSE_CHARS: usize = 200;

/// How much there is of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls,
    pub calls: u64,
    /// recordings of them,
    pub recordings: u64,
    /// notes,
    pub notes: u64,
    /// and anything else that is a row by itself: visits of queues, lost callers, callbacks, Asterisk's records.
    pub others: u64,
}

impl Tally {
    /// In words: `12 calls, 3 recordings, 1 note, 14 other entries`.
    pub fn says(&self) -> String {
        let many = |count: u64, one: &str, more: &str| {
            let word = if count == 1 { one } else { more };
            format!("{count} {word}")
        };
        [
            many(self.calls, "call", "calls"),
            many(self.recordings, "recording", "recordings"),
            many(self.notes, "note", "notes"),
            many(self.others, "other entry", "other entries"),
        ]
        .join(", ")
    }
}

/// Something of a number that stays, because it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The call; None for a recording of no call.
    pub call: Option<i64>,
    /// When it began, in milliseconds; 0 for a recording of no call.
    pub began_ms: u64,
    /// The recording, where it is of no call.
    pub recording: Option<String>,
}

/// What an erasure would come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// How the number is told apart from others, without it.
    pub hint: String,
    /// What would be erased,
    pub tally: Tally,
    /// how many calls and recordings are held,
    pub held: u64,
    /// and the latest of them.
    pub named: Vec<Held>,
    /// Calls and callbacks that are under way: they stay until they are over.
    pub under_way: u64,
    /// It is the number of a phone here.
    pub ours: bool,
}

/// An erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Its number: what was erased is called by it.
    pub id: i64,
    /// How the number is told apart from others.
    pub hint: String,
    /// Why it was erased.
    pub purpose: String,
    /// Who had it erased.
    pub by: String,
    /// When it began.
    pub began_ms: u64,
    /// When nothing was left.
    pub done_ms: Option<u64>,
    /// What was erased so far.
    pub tally: Tally,
    /// What was held when it began.
    pub held: u64,
    /// What keeps it from its end.
    pub left: String,
}

/// The page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasing {
    /// Of the number that was asked for.
    pub preview: Option<Preview>,
    /// Erasures, the latest first.
    pub erasures: Vec<Erasure>,
}
