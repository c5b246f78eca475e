//! Recordings of calls that are over.

use serde::{Deserialize, Serialize};

use super::UserId;

/// Where recordings are, in front of their names.
pub const PATH: &str = "/recordings";
/// What follows the name for a copy.
pub const COPY: &str = "copy";
/// What follows the name for a copy in another format, which is much smaller.
pub const OPUS: &str = "opus";

/// Recordings of one page that have something to be looked at.
pub const PAGE: usize = 100;

/// Comments on one recording at most, and letters of one.
pub const MAX_COMMENTS: usize = 100;
/// See [`MAX_COMMENTS`].
pub const MAX_COMMENT_CHARS: usize = 300;

/// What somebody says of a moment of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingComment {
    /// Its number.
    pub id: i64,
    /// At which second.
    pub at_s: u32,
    /// Whose,
    pub by: UserId,
    /// by the name they had then.
    pub name: String,
    /// What.
    pub said: String,
}

/// Where a link leads: a page, and the sound below it.
pub const HEARD: &str = "/heard";
/// Days that a link is good for at most, times that it can be heard at most, and links of one recording that are good.
pub const MAX_LINK_DAYS: u32 = 30;
/// See [`MAX_LINK_DAYS`].
pub const MAX_LINK_LISTENS: u32 = 100;
/// See [`MAX_LINK_DAYS`].
pub const MAX_LINKS: usize = 20;
/// Letters of a purpose.
pub const MAX_PURPOSE_CHARS: usize = 200;

/// A link by which somebody without an account hears a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingLink {
    /// Its number.
    pub id: i64,
    /// Who made it, by the name they had then.
    pub by: String,
    /// What for.
    pub purpose: String,
    /// Until when it is good, in milliseconds.
    pub expires_ms: u64,
    /// How often it can be heard; None as often as somebody likes.
    pub most: Option<u32>,
    /// How often it was.
    pub heard: u32,
    /// It is good no more: revoked, run out, or heard as often as it could be.
    pub over: bool,
}

/// A link that was made: its address is told this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeLink {
    /// The whole address.
    pub address: String,
    /// Every link of the recording.
    pub links: Vec<RecordingLink>,
}

/// What is known of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It may not be whole yet.
    Growing,
    /// It can be heard.
    Ready,
    /// It is whole, and of a kind that no browser plays.
    Foreign,
    /// There is nothing in it.
    Empty,
    /// It cannot be read, or not to its end.
    Damaged,
    /// What lies there is not what was taken in.
    Changed,
    /// Nothing lies there any more.
    Gone,
    /// It is about to be removed.
    Doomed,
    /// It was kept for as long as it should be, and removed.
    Deleted,
}

impl State {
    /// In a sentence, for people.
    pub fn says(self) -> &'static str {
        match self {
            State::Growing => "It is still being written, or was only just found.",
            State::Ready => "It is whole.",
            State::Foreign => "It is whole, but browsers do not play files of its kind.",
            State::Empty => "There is nothing in it.",
            State::Damaged => "It is damaged.",
            State::Changed => "What lies there is not what was recorded.",
            State::Gone => "The file is gone.",
            State::Doomed | State::Deleted => "It was removed after the time for which recordings are kept.",
        }
    }
}

/// A time in which nobody speaks, in milliseconds from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// From here on,
    pub from_ms: u32,
    /// until here.
    pub to_ms: u32,
}

/// A recording of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecording {
    /// Its name in addresses.
    pub key: String,
    /// The name of its file.
    pub file: String,
    /// What is known of it.
    pub state: State,
    /// More of that, for people; often empty.
    pub why: String,
    /// Its size.
    pub bytes: u64,
    /// How long it is; 0 where that is not known.
    pub duration_ms: u64,
    /// How many channels it has; 0 where that is not known.
    pub channels: u8,
    /// How loud it is: pieces of equal length, a byte for each channel.
    pub drawn: Vec<u8>,
    /// Where nobody speaks.
    pub silences: Vec<Silence>,
    /// What is said of moments of it, in the order of the moments.
    pub comments: Vec<RecordingComment>,
    /// SHA-256 of what was taken in, in hexadecimal digits.
    pub sha256: String,
    /// When that was.
    pub taken_ms: Option<u64>,
    /// It is kept whatever the policy says.
    pub held: bool,
}

impl CallRecording {
    /// Whether a copy of it can be had as Opus: it is a WAV file whose sound was heard.
    pub fn can_be_opus(&self) -> bool {
        let end = self.file.rsplit('.').next().unwrap_or_default();
        matches!(self.state, State::Ready | State::Damaged)
            && (1..=2).contains(&self.channels)
            && self.duration_ms > 0
            && end.eq_ignore_ascii_case("wav")
    }
}

/// Recordings of a call that are kept whatever is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when, in milliseconds.
    pub since_ms: u64,
    /// Because of whom, by the name they had then; empty where that is not known.
    pub by: String,
    /// Why; empty where nobody said.
    pub why: String,
}

/// The recordings of a call that the viewer may hear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecordings {
    /// In the order in which they were found.
    pub recordings: Vec<CallRecording>,
    /// The viewer may take copies.
    pub may_copy: bool,
    /// They are kept whatever is set.
    pub hold: Option<Hold>,
    /// The viewer may have them kept, and let them go.
    pub may_hold: bool,
}

/// Whether a recording is still what was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Every byte of it.
    Same,
    /// It is something else.
    Changed,
    /// There is none.
    Gone,
}

/// A recording that is of no call, or that cannot be heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Troubled {
    /// Its number.
    pub id: i64,
    /// Of which PBX.
    pub pbx: super::PbxId,
    /// Where it lies, below the folder of its PBX.
    pub place: String,
    /// The call that it is of.
    pub call: Option<i64>,
    /// When its file was written last.
    pub modified_ms: u64,
    /// What it is.
    pub recording: CallRecording,
}
