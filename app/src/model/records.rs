//! Asterisk's own call records, held against the calls that were seen.

use serde::{Deserialize, Serialize};
use telephony::Timestamp;

use super::{PbxId, history::CallRow};

/// Rows of one page.
pub const PAGE: usize = 50;

/// What came of holding records and calls against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// The records are of a call that was seen.
    Matched,
    /// A call was seen, and no record tells of it.
    OnlyHere,
    /// Records tell of a call that was not seen, though its PBX was.
    OnlyThere,
    /// Nobody looked, or nobody saw it end: what was not seen of it is told by its records.
    Repaired,
}

impl Class {
    /// Each of them.
    pub const ALL: [Class; 4] = [Class::Matched, Class::Repaired, Class::OnlyThere, Class::OnlyHere];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Class::Matched => "matched",
            Class::OnlyHere => "only_here",
            Class::OnlyThere => "only_there",
            Class::Repaired => "repaired",
        }
    }

    /// The class of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// Which of them are looked for. What is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsQuery {
    /// Of this class.
    pub class: Option<Class>,
    /// On this PBX.
    pub pbx: Option<PbxId>,
    /// Begun from here on,
    pub from_ms: Option<u64>,
    /// and before this.
    pub to_ms: Option<u64>,
    /// Older than the row of this number.
    pub older_than: Option<i64>,
}

/// One record, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordShown {
    /// The caller's number.
    pub src: String,
    /// What was dialled.
    pub dst: String,
    /// In which context.
    pub context: String,
    /// The caller's name and number.
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
    pub start: Timestamp,
    /// when it was answered,
    pub answer: Option<Timestamp>,
    /// and when it ended.
    pub end: Timestamp,
    /// Clocks showed its hour twice, or never.
    pub doubtful: bool,
    /// Its seconds,
    pub duration_s: u64,
    /// and those since the answer.
    pub billable_s: u64,
    /// What came of it, in Asterisk's word.
    pub disposition: String,
    /// The unique id of its channel.
    pub uniqueid: String,
    /// Its number.
    pub sequence: Option<u64>,
    /// What a dialplan wrote.
    pub user_field: String,
    /// The recording's file.
    pub recording: String,
    /// The manager told of it,
    pub by_manager: bool,
    /// and so did the source.
    pub by_source: bool,
}

/// Records and a call that belong together, or either of them alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsRow {
    /// Its number.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// What came of it.
    pub class: Class,
    /// When it began.
    pub began: Timestamp,
    /// The linked id of the records.
    pub linked: String,
    /// How many records there are,
    pub records: u64,
    /// and the first of them.
    pub first: Option<RecordShown>,
    /// The call.
    pub call: Option<CallRow>,
}

/// How far the records of a PBX are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsSource {
    /// The PBX.
    pub pbx: PbxId,
    /// The zone of its clocks.
    pub zone: String,
    /// When its source was last read.
    pub read: Option<Timestamp>,
    /// Rows that were none.
    pub damaged: u64,
    /// How often the server reads it, in seconds; 0 for never.
    pub every_s: u32,
    /// Why it could not the last time; empty where it could.
    pub trouble: String,
}

/// One page, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsPage {
    /// The rows.
    pub rows: Vec<RecordsRow>,
    /// There are older ones.
    pub older: bool,
    /// How many there are of each class, in the order of [`Class::ALL`].
    pub counts: [u64; 4],
    /// Where records come from.
    pub sources: Vec<RecordsSource>,
}

/// One of them, with every record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsTold {
    /// What the list shows of it.
    pub row: RecordsRow,
    /// Every record, in the order in which they began.
    pub records: Vec<RecordShown>,
}
