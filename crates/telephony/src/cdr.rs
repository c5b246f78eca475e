//! Asterisk's own call records (CDR), from whichever of its back ends they come: one row for each try, not for each call.
//!
//! A busy phone makes two rows, a conference of three five, a caller who waited in vain has seconds that are billed. Rows of
//! one linked id belong together; [`call_of`] tells what they say of the call.

mod call;
mod column;
mod csv;
mod heal;
mod when;

pub use call::{Known, Told, call_of, is_of_somebody};
pub use column::{Column, Wrong};
pub use csv::{Counted, Fault, MasterCsv};
pub use heal::heal;
pub use when::{Doubt, NEAR_MS, Offset, Times, When, Zone, seen_offset};

use ami::{Kind, Message};
use serde::{Deserialize, Serialize};

/// What came of a try, in Asterisk's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Disposition {
    /// Somebody or something answered.
    Answered,
    /// Nobody did.
    NoAnswer,
    /// Whoever was called was busy.
    Busy,
    /// It could not be put through.
    Failed,
    /// The network had no room.
    Congestion,
    /// A word that is none of these.
    #[default]
    Other,
}

/// Each with its word, and the number that stands for it in a column of numbers.
const DISPOSITIONS: [(Disposition, &str, &str); 6] = [
    (Disposition::Answered, "ANSWERED", "8"),
    (Disposition::NoAnswer, "NO ANSWER", "4"),
    (Disposition::Busy, "BUSY", "2"),
    (Disposition::Failed, "FAILED", "1"),
    (Disposition::Congestion, "CONGESTION", "16"),
    (Disposition::Other, "", "0"),
];

impl Disposition {
    /// Asterisk's word; empty for none of them.
    pub fn word(self) -> &'static str {
        let found = DISPOSITIONS.iter().find(|(one, ..)| *one == self);
        found.map_or("", |(_, word, _)| word)
    }

    /// The disposition of a word, or of a number.
    pub fn of(text: &str) -> Self {
        let found = DISPOSITIONS
            .iter()
            .find(|(_, word, number)| word.eq_ignore_ascii_case(text) || *number == text);
        found.map_or(Disposition::Other, |(one, ..)| *one)
    }
}

/// One row. A column that is not there, or is empty, is `None`, or empty where every back end has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CdrRow {
    /// The caller's account.
    pub account: Option<String>,
    /// The caller's number.
    pub src: String,
    /// What was dialled.
    pub dst: String,
    /// In which context.
    pub context: String,
    /// The caller's name and number, as `"Ann" <1001>`.
    pub caller_id: String,
    /// The caller's channel,
    pub channel: String,
    /// and the one that was called.
    pub dest_channel: String,
    /// The last application,
    pub application: String,
    /// and what it was given.
    pub data: String,
    /// When it began,
    pub start: Option<When>,
    /// when it was answered,
    pub answer: Option<When>,
    /// and when it ended.
    pub end: Option<When>,
    /// Seconds from beginning to end,
    pub duration_s: u64,
    /// and from the answer to the end.
    pub billable_s: u64,
    /// What came of it.
    pub disposition: Disposition,
    /// What it is for, in the words of accountants.
    pub ama_flags: Option<String>,
    /// The unique id of the caller's channel.
    pub uniqueid: Option<String>,
    /// The unique id that stands for everything that belongs together.
    pub linkedid: Option<String>,
    /// Counts the rows of one run of Asterisk.
    pub sequence: Option<u64>,
    /// The account of whoever was called.
    pub peer_account: Option<String>,
    /// What a dialplan wrote into it.
    pub user_field: Option<String>,
    /// The recording's file (FreePBX).
    pub recording: Option<String>,
    /// The number of ours that was called from outside (FreePBX).
    pub did: Option<String>,
}

impl CdrRow {
    /// The row that an event tells; `None` for any other message, and for one that does not say when it began.
    pub fn of_event(message: &Message) -> Option<Self> {
        if message.kind() != Kind::Cdr {
            return None;
        }
        let mut row = Self::default();
        for (name, value) in message.headers() {
            if let Some(column) = Column::of_header(&name) {
                row.set(column, &value).ok()?;
            }
        }
        row.start.is_some().then_some(row)
    }

    /// What names a row for good, where the back end keeps all three.
    pub fn name(&self) -> Option<(&str, &str, u64)> {
        Some((
            self.uniqueid.as_deref()?,
            self.linkedid.as_deref()?,
            self.sequence?,
        ))
    }

    /// Which rows it belongs to: the linked id, else its own.
    pub fn group(&self) -> Option<&str> {
        self.linkedid.as_deref().or(self.uniqueid.as_deref())
    }

    /// Whether it is of a phone that listened to another call.
    pub fn listens(&self) -> bool {
        let listening = ["ChanSpy", "ExtenSpy"];
        listening
            .iter()
            .any(|one| one.eq_ignore_ascii_case(&self.application))
    }

    /// When its channel was made, by its unique id, in seconds since the epoch.
    pub fn channel_made_s(&self) -> Option<u64> {
        made_s(self.uniqueid.as_deref()?)
    }

    /// Everything in it as one text, the same for the same row.
    pub fn content(&self) -> String {
        let mut text = String::new();
        for column in Column::ALL {
            // no column can hold it: what stands beside each other is never taken for one
            text.push('\u{1f}');
            text.push_str(&self.get(column));
        }
        text
    }
}

/// The seconds in a unique id: `1795220750.12`, with the name of the system before it where it has one.
fn made_s(uniqueid: &str) -> Option<u64> {
    const LEAST_DIGITS: usize = 9;
    let own = uniqueid.rsplit_once('-').map_or(uniqueid, |(_, own)| own);
    let (seconds, count) = own.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let right = digits(seconds) && digits(count) && seconds.len() >= LEAST_DIGITS;
    right.then(|| seconds.parse().ok())?
}
