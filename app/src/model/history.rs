//! Calls that are over: what is asked for, and what is answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use telephony::{
    CallId, CallResult, Direction, HungUpBy, Leg, Marks, Moment, Party, Quality, Timestamp, finished::unpack,
};

use super::{PbxId, UserId};

/// Calls of one page.
pub const PAGE: usize = 50;
/// Counted up to here; beyond it is more.
pub const MOST_COUNTED: u64 = 1_000;
/// Letters of what is looked for.
pub const MAX_TEXT: usize = 80;
/// Notes on one call,
pub const MAX_NOTES: u32 = 50;
/// and letters of one.
pub const MAX_NOTE_CHARS: usize = 500;
/// Searches that one person keeps,
pub const MAX_SAVED: u32 = 50;
/// letters of the name of one,
pub const MAX_SAVED_NAME: usize = 40;
/// and bytes of its address.
pub const MAX_ADDRESS: usize = 1_500;
/// Tags of one call,
pub const MAX_TAGS: u32 = 10;
/// and letters of one.
pub const MAX_TAG_CHARS: usize = 30;

/// Which calls are looked for. What is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallSearch {
    /// Begun from here on,
    pub from_ms: Option<u64>,
    /// and before this.
    pub to_ms: Option<u64>,
    /// On this PBX.
    pub pbx: Option<PbxId>,
    /// A part of the number or name of who called,
    pub caller: String,
    /// of who was called,
    pub callee: String,
    /// of anybody on the call.
    pub anyone: String,
    /// An extension that was on it or was rung.
    pub extension: String,
    /// The queue they came through; several with commas between, which no queue has in its name.
    pub queue: String,
    /// The trunk it ran over.
    pub trunk: String,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// What came of it: any of these.
    pub results: Vec<CallResult>,
    /// Recorded, or not.
    pub recorded: Option<bool>,
    /// At least so many seconds long,
    pub longer_s: Option<u32>,
    /// and shorter than this.
    pub shorter_s: Option<u32>,
    /// A phone of this person was on it or rang: by user name or name; `me` is whoever asks.
    pub user: String,
    /// The same of the people of a team, by its name.
    pub team: String,
    /// The phones that these are, once they were looked up: never taken from a request.
    #[serde(skip)]
    pub phones: Option<Vec<(PbxId, String)>>,
    /// Answered first by this extension.
    pub answered_by: String,
    /// A part of a note on it.
    pub note: String,
    /// With any note.
    pub noted: bool,
    /// A tag that it has.
    pub tag: String,
    /// What somebody says came of it: a word of a queue's list.
    pub disposition: String,
}

impl CallSearch {
    /// Whether something is asked of what people said of calls.
    pub fn is_of_what_was_said(&self) -> bool {
        self.noted || !self.note.is_empty() || !self.tag.is_empty() || !self.disposition.is_empty()
    }
}

/// Which page of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Turn {
    /// The newest.
    #[default]
    Newest,
    /// Those before this call,
    Older(i64),
    /// or after it.
    Newer(i64),
}

/// A call in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRow {
    /// Its number: later calls have greater ones.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// By which name the live board knew it.
    pub call: CallId,
    /// Which way it went.
    pub direction: Direction,
    /// What came of it.
    pub result: CallResult,
    /// Who called,
    pub caller: Party,
    /// and whom they talked to last, else what they dialled.
    pub callee: Party,
    /// What they dialled first.
    pub dialled: String,
    /// The queue they came through.
    pub queue: Option<String>,
    /// The trunk it ran over.
    pub trunk: Option<String>,
    /// When it began,
    pub started: Timestamp,
    /// and when two people first talked.
    pub answered: Option<Timestamp>,
    /// From its beginning to its end.
    pub duration_ms: u64,
    /// For how long people could hear each other.
    pub talk_ms: u64,
    /// For how long somebody was on hold.
    pub held_ms: u64,
    /// The extension that answered first,
    pub first_by: Option<String>,
    /// and the one that answered last.
    pub last_by: Option<String>,
    /// The Q.850 cause of its end.
    pub cause: u16,
    /// Who hung up.
    pub hung_up_by: HungUpBy,
    /// What it was or had.
    pub marks: Marks,
    /// What was measured of it.
    pub quality: Quality,
    /// What somebody says came of it: a word of a queue's list.
    pub disposition: Option<String>,
}

/// One page of a search, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPage {
    /// The calls.
    pub rows: Vec<CallRow>,
    /// There are older ones,
    pub older: bool,
    /// and newer ones.
    pub newer: bool,
    /// How many there are,
    pub found: u64,
    /// or that there are more: no more than [`MOST_COUNTED`] are counted, and not for ever.
    pub more: bool,
    /// What was said of some of them: their tags, and how many notes there are.
    pub said: BTreeMap<i64, (Vec<String>, u32)>,
}

/// A search that somebody comes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its number.
    pub id: i64,
    /// What they call it.
    pub name: String,
    /// Where it is.
    pub address: String,
}

/// A note on a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNote {
    /// Its number.
    pub id: i64,
    /// When it was written,
    pub at_ms: u64,
    /// by whom,
    pub by: UserId,
    /// who was called this then.
    pub name: String,
    /// What it says, line by line.
    pub lines: Vec<String>,
}

/// Something that a channel did, as Asterisk's channel event log (CEL) tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEvent {
    /// When.
    pub at: Timestamp,
    /// What, in Asterisk's word.
    pub name: String,
    /// The unique id of the channel,
    pub unique: String,
    /// and its name.
    pub channel: String,
    /// The application,
    pub application: String,
    /// and what it was given.
    pub data: String,
    /// Channels at the other end.
    pub peer: String,
    /// More of it.
    pub extra: String,
}

/// A call with its story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTold {
    /// What the list shows of it.
    pub row: CallRow,
    /// Its legs, in order of birth.
    pub legs: Vec<Leg>,
    /// What happened, oldest first.
    pub story: Vec<Moment>,
    /// The story is of a layout that this version cannot read.
    pub unreadable: bool,
    /// What people noted, the oldest first.
    pub notes: Vec<CallNote>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Tags that other calls have.
    pub known_tags: Vec<String>,
    /// Words that may be said of what came of it.
    pub dispositions: Vec<String>,
    /// What its channels did, where Asterisk tells that.
    pub events: Vec<CallEvent>,
    /// The row of the page of call records on which it is held against Asterisk's own, for whoever sees that.
    pub records: Option<i64>,
}

impl CallTold {
    /// The call of this row, from its packed story.
    pub fn of(row: CallRow, told: &[u8]) -> Self {
        let read = unpack(told);
        let unreadable = read.is_none();
        let (legs, story) = read.unwrap_or_default();
        Self {
            row,
            legs,
            story: story.iter().collect(),
            unreadable,
            notes: Vec::new(),
            tags: Vec::new(),
            known_tags: Vec::new(),
            dispositions: Vec::new(),
            events: Vec::new(),
            records: None,
        }
    }
}

/// Calls of one hour or day, by what came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTotals {
    /// When it began, in milliseconds.
    pub at_ms: u64,
    /// Somebody talked.
    pub answered: u64,
    /// Nobody answered.
    pub missed: u64,
    /// Busy.
    pub busy: u64,
    /// Could not be connected.
    pub failed: u64,
    /// Gave up waiting.
    pub abandoned: u64,
    /// Reached voicemail.
    pub voicemail: u64,
    /// A service answered.
    pub service: u64,
    /// Cut by a fault.
    pub interrupted: u64,
    /// How long they were together.
    pub duration_ms: u64,
    /// How long people could hear each other.
    pub talk_ms: u64,
    /// Post-dial delay, in milliseconds.
    pub pdd_ms: Mean,
    /// Media Experience Score, the worst of each call, in tenths.
    pub mes: Mean,
}

/// What was measured of some of the calls: their sum, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mean {
    /// All of them together.
    pub sum: u64,
    /// How many they are.
    pub of: u64,
}

impl Mean {
    /// On average; None where nothing was measured.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.sum as f64 / self.of as f64)
    }

    /// Adds others.
    pub fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.of += other.of;
    }
}

impl CallTotals {
    /// Nobody answered them, and no voicemail or service did.
    pub fn not_answered(&self) -> u64 {
        self.missed + self.busy + self.failed + self.abandoned + self.interrupted
    }

    /// How long people talked on average (ACD), of the calls that were answered.
    pub fn average_talk_ms(&self) -> Option<u64> {
        self.talk_ms.checked_div(self.answered)
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.missed += other.missed;
        self.busy += other.busy;
        self.failed += other.failed;
        self.abandoned += other.abandoned;
        self.voicemail += other.voicemail;
        self.service += other.service;
        self.interrupted += other.interrupted;
        self.duration_ms += other.duration_ms;
        self.talk_ms += other.talk_ms;
        self.pdd_ms.add(other.pdd_ms);
        self.mes.add(other.mes);
    }

    /// All of them.
    pub fn calls(&self) -> u64 {
        self.answered
            + self.missed
            + self.busy
            + self.failed
            + self.abandoned
            + self.voicemail
            + self.service
            + self.interrupted
    }
}
