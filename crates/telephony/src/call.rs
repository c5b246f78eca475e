//! A call: what a person would call one, however many channels Asterisk makes of it.

use serde::{Deserialize, Serialize};

use crate::{Mes, Quality, Story, Timestamp};

/// The Uniqueid of the first channel the call was seen with: the same after a restart of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub String);

/// The Uniqueid of the channel behind the leg.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegId(pub String);

/// Somebody on a call. Text is as the network sent it, invalid bytes made visible; it is never markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Caller ID number or dialled number; empty when withheld.
    pub number: String,
    /// Caller ID name, where there is one.
    pub name: Option<String>,
    /// The extension of ours this party is, by its number on the board.
    pub extension: Option<String>,
}

/// Which way the call crosses the PBX, judged by the technology and trunk of its outermost legs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Between extensions of ours, or to a service of ours.
    #[default]
    Internal,
    /// From a trunk.
    Inbound,
    /// To a trunk.
    Outbound,
}

/// What the call is doing now, in the words the screens use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CallState {
    /// The caller is up with nobody ringing yet: dialling, or the phone of a click-to-call not answered.
    Dialling,
    /// At least one phone rings.
    Ringing,
    /// In a menu, voicemail or another service: the application's name as Asterisk gives it, if known.
    Service(Option<String>),
    /// In a queue, nobody talks to the caller yet.
    Waiting,
    /// Two or more people can hear each other.
    Talking,
    /// Somebody put somebody on hold.
    OnHold,
    /// In a parking space.
    Parked,
    /// In a conference room.
    Conference,
}

/// Whether the call is being recorded (MixMonitor).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recording {
    /// No recording seen.
    #[default]
    Off,
    /// Recording.
    On,
    /// Recording, muted for now.
    Paused,
}

/// Why the leg exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegRole {
    /// The party that started the call.
    Caller,
    /// A party that was called, answered or not.
    Callee,
    /// Listening in, whispering or barging.
    Supervisor,
    /// A Local half or another channel no person holds.
    Internal,
}

/// What one leg is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegState {
    /// Sending digits, or being set up.
    Dialling,
    /// Ringing.
    Ringing,
    /// Answered, in nobody's company.
    Up,
    /// In a bridge with another.
    Talking,
    /// Holding the other side.
    Holding,
    /// Hung up, with its cause: ITU-T Q.850 code as Asterisk reports it.
    Ended(u16),
}

/// One channel's part in the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Its id.
    pub id: LegId,
    /// The channel name, for technical details only.
    pub channel: String,
    /// Who is on it.
    pub party: Party,
    /// Why it is there.
    pub role: LegRole,
    /// What it does.
    pub state: LegState,
    /// Since when it does that.
    pub since: Timestamp,
    /// When it answered.
    pub answered: Option<Timestamp>,
    /// The trunk it runs over, by its name on the board.
    pub trunk: Option<String>,
}

/// The call's stay in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct QueueVisit {
    /// The queue's name.
    pub queue: String,
    /// When the caller joined.
    pub joined: Timestamp,
    /// Position, from 1; zero when no longer waiting.
    pub position: u32,
    /// When an agent answered.
    pub connected: Option<Timestamp>,
    /// The agent who answered (interface as the queue names it).
    pub agent: Option<String>,
}

/// One thing that happened, for the call's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: MomentKind,
}

/// The kinds of thing that happen to a call.
#[expect(missing_docs, reason = "each variant's sentence names its fields")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MomentKind {
    /// The call began: who calls what.
    Started { caller: Party, dialled: String },
    /// A phone began to ring.
    Ringing { party: Party },
    /// A party answered.
    Answered { party: Party },
    /// A phone stopped ringing without answering; the word Asterisk used (BUSY, NOANSWER, CANCEL, ...).
    NotAnswered { party: Party, status: String },
    /// Somebody held the call.
    Held { party: Party },
    /// and took it back.
    Resumed { party: Party },
    /// Joined a queue.
    QueueJoined { queue: String, position: u32 },
    /// Left a queue without an agent; `abandoned` when the caller hung up.
    QueueLeft { queue: String, abandoned: bool },
    /// An agent took the caller.
    QueueConnected { queue: String, agent: Party },
    /// Blind transfer by a party to a number.
    BlindTransfer { by: Party, to: String },
    /// Attended transfer by a party to another.
    AttendedTransfer { by: Party, to: Party },
    /// Put into a parking space.
    Parked { space: String, by: Option<Party> },
    /// Taken out of it.
    Unparked { space: String, by: Option<Party> },
    /// The parking time ran out.
    ParkTimedOut { space: String },
    /// Picked up by somebody it did not ring for.
    PickedUp { by: Party },
    /// Entered or left a conference.
    ConferenceJoined { room: String, party: Party },
    /// Left a conference.
    ConferenceLeft { room: String, party: Party },
    /// Recording changed.
    Recording { state: Recording },
    /// Somebody listens in.
    Supervised { by: Party },
    /// A party hung up, with the Q.850 cause.
    HungUp { party: Party, cause: u16 },
    /// The link to the PBX was cut and this call was found again afterwards.
    GapCrossed { from: Timestamp },
    /// Found on the PBX without having seen it begin.
    Discovered,
    /// How a party's leg sounded: what came from there, and what got there.
    Sounded {
        party: Party,
        from: Option<Mes>,
        to: Option<Mes>,
    },
}

/// One call as a row of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Call {
    /// Its id, stable for the life of the call.
    pub id: CallId,
    /// Which way it goes.
    pub direction: Direction,
    /// Who calls.
    pub caller: Party,
    /// Who is called: the party talking once answered, until then the number dialled.
    pub callee: Party,
    /// What the caller dialled first.
    pub dialled: String,
    /// What it is doing.
    pub state: CallState,
    /// Since when.
    pub state_since: Timestamp,
    /// When it began, as far as we know.
    pub started: Timestamp,
    /// When two people first talked.
    pub answered: Option<Timestamp>,
    /// Time spent on hold before the present hold, in milliseconds.
    pub held_ms: u64,
    /// Since when it is on hold.
    pub held_since: Option<Timestamp>,
    /// Its stay in a queue, the latest.
    pub queue: Option<QueueVisit>,
    /// The parking space it is in.
    pub parked_in: Option<String>,
    /// The conference room it is in.
    pub conference: Option<String>,
    /// Recording state.
    pub recording: Recording,
    /// Its legs in order of birth; at most [`crate::board::MAX_LEGS`].
    pub legs: Vec<Leg>,
    /// What happened so far, oldest first; at most [`crate::board::MAX_MOMENTS`].
    pub story: Story,
    /// True when we did not see it begin.
    pub discovered: bool,
}

/// Who or what ended the call as far as the stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndedBy {
    /// Asterisk said so.
    Pbx,
    /// The PBX shut down or restarted under it.
    PbxStopped,
    /// It vanished while we could not see: gone in the next description of the world.
    LostTrack,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When, or the last proof of life for one we lost track of.
    pub at: Timestamp,
    /// By what.
    pub by: EndedBy,
    /// Q.850 cause of the leg that decides it (the caller's for an unanswered call).
    pub cause: u16,
    /// The result in a caller's words.
    pub result: CallResult,
}

/// What came of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallResult {
    /// Somebody talked.
    Answered,
    /// Nobody answered.
    Missed,
    /// Busy.
    Busy,
    /// Could not be connected.
    Failed,
    /// Gave up waiting in a queue.
    Abandoned,
    /// Reached voicemail.
    Voicemail,
    /// A service answered (menu, echo, parking retrieval, feature code).
    Service,
    /// Cut by a fault: PBX stopped or track lost.
    Interrupted,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedCall {
    /// As it last was.
    pub call: Call,
    /// The linked id it began with: Asterisk's own records of it go by that name.
    pub linked: String,
    /// Files that it was recorded to, as the PBX names them; only an account that may see variables is told.
    pub files: Vec<String>,
    /// What was measured of it.
    pub quality: Quality,
    /// How it ended.
    pub end: End,
}
