//! Figures of queues and agents over any time, the visits behind them, and what may be asked.

use serde::{Deserialize, Serialize};
use telephony::{
    Counted, Timestamp, Visit,
    figures::{Policy, Sums},
};

use super::PbxId;
use crate::access::QueueOn;

/// Most intervals of one question: a year of days, or a week of hours with room to spare.
pub const MAX_INTERVALS: usize = 400;
/// Visits of one page.
pub const MAX_VISITS: usize = 200;

/// By what figures are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Split {
    /// A row for each queue.
    #[default]
    Queue,
    /// A row for each agent.
    Agent,
    /// A row for each team.
    Team,
    /// A row for each interval between two edges.
    Interval,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FiguresQuery {
    /// Where intervals begin and end, Unix milliseconds, ascending: two for one interval. Whoever asks says where days
    /// begin, in their own zone, so that a day has 23, 24 or 25 hours as it really had.
    pub edges: Vec<u64>,
    /// By what they are split.
    pub by: Split,
    /// Only these queues; none for all that are seen.
    pub queues: Vec<QueueOn>,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// Everything that was asked for.
    Whole,
    /// A queue.
    Queue(PbxId, String),
    /// An agent, by the member's interface.
    Agent(PbxId, String),
    /// A team.
    Team(i64),
    /// The interval that begins here.
    Interval(u64),
}

/// How long agents did what, in milliseconds. Those who were in no queue are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// In a queue, whatever they did.
    pub logged_in_ms: u64,
    /// Ready for a call.
    pub available_ms: u64,
    /// Their phone rang.
    pub ringing_ms: u64,
    /// They talked.
    pub talking_ms: u64,
    /// They held somebody, or were held.
    pub on_hold_ms: u64,
    /// The work after a call.
    pub wrap_up_ms: u64,
    /// They could not be reached.
    pub unreachable_ms: u64,
    /// Paused, by reason, whether it is paid, and for how long.
    pub paused: Vec<(String, bool, u64)>,
    /// Nobody knows: Starboard did not run, or its link was cut.
    pub unknown_ms: u64,
}

impl Work {
    /// Paused for whatever reason.
    pub fn paused_ms(&self) -> u64 {
        self.paused.iter().map(|(_, _, ms)| ms).sum()
    }

    /// Of the time on calls and ready for them, that on calls: (part, whole).
    pub fn occupancy(&self) -> Option<(u64, u64)> {
        let busy = self.talking_ms + self.on_hold_ms + self.wrap_up_ms;
        let whole = busy + self.available_ms;
        (whole > 0).then_some((busy, whole))
    }

    /// Of the time logged in, that not paused: (part, whole).
    pub fn utilisation(&self) -> Option<(u64, u64)> {
        let whole = self.logged_in_ms;
        (whole > 0).then_some((whole.saturating_sub(self.paused_ms()), whole))
    }

    /// Adds another's.
    pub fn merge(&mut self, other: &Work) {
        self.logged_in_ms += other.logged_in_ms;
        self.available_ms += other.available_ms;
        self.ringing_ms += other.ringing_ms;
        self.talking_ms += other.talking_ms;
        self.on_hold_ms += other.on_hold_ms;
        self.wrap_up_ms += other.wrap_up_ms;
        self.unreachable_ms += other.unreachable_ms;
        self.unknown_ms += other.unknown_ms;
        for (reason, paid, ms) in &other.paused {
            match self
                .paused
                .iter_mut()
                .find(|(known, is, _)| known == reason && is == paid)
            {
                Some((_, _, sum)) => *sum += ms,
                None => self.paused.push((reason.clone(), *paid, *ms)),
            }
        }
    }
}

/// Figures of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiguresRow {
    /// Of what.
    pub of: Subject,
    /// Its name.
    pub name: String,
    /// Sums over its visits.
    pub visits: Sums,
    /// How its agents spent their time.
    pub work: Work,
    /// The work after the talks in `visits`, in milliseconds.
    pub wrap_up_ms: u64,
}

/// The policy of a queue, with which its visits were counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyOf {
    /// The queue.
    pub queue: QueueOn,
    /// From when it counts.
    pub since: Timestamp,
    /// What it says.
    pub policy: Policy,
}

/// A time during which nothing was seen of a PBX.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapOf {
    /// The PBX.
    pub pbx: PbxId,
    /// From when
    pub from: Timestamp,
    /// until when.
    pub to: Timestamp,
    /// Why, for people.
    pub reason: String,
    /// The log of the PBX tells what came of its calls.
    pub filled: bool,
    /// Of how many agents the log does not tell all the time whether they were paused; None where it tells of none.
    pub agents_unknown: Option<u64>,
}

/// What Asterisk itself counts of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedOf {
    /// The queue.
    pub queue: QueueOn,
    /// Its numbers.
    pub counted: Counted,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// When it was made: nothing after this is in it.
    pub as_of: Timestamp,
    /// A row for each subject, in the order of names or times.
    pub rows: Vec<FiguresRow>,
    /// Everything together.
    pub whole: FiguresRow,
    /// The policies that were applied.
    pub policies: Vec<PolicyOf>,
    /// Gaps that the time asked for crosses: figures over them are not whole.
    pub gaps: Vec<GapOf>,
    /// What Asterisk counts of the same queues.
    pub counted: Vec<CountedOf>,
}

/// Which visits are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VisitsQuery {
    /// Joined from here on, Unix milliseconds,
    pub from_ms: u64,
    /// and before this.
    pub to_ms: u64,
    /// Only these queues; none for all that are seen.
    pub queues: Vec<QueueOn>,
    /// Only those of this member's interface: which it answered or, where missed rings are asked for, did not.
    pub agent: Option<(PbxId, String)>,
    /// Only those of this team's queues.
    pub team: Option<i64>,
    /// Only those behind this figure.
    pub figure: Option<Figure>,
    /// Older than this one: the next page.
    pub before: Option<i64>,
    /// So many at most.
    pub limit: usize,
}

/// A figure whose visits can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Figure {
    /// Every one that is over.
    Offered,
    /// An agent took it.
    Answered,
    /// Answered within the target.
    InTime,
    /// Answered, too late.
    Late,
    /// Gave up after the short-abandon limit.
    Abandoned,
    /// Gave up before it.
    AbandonedShort,
    /// The queue's limit ran out.
    TimedOut,
    /// Left by a key.
    Key,
    /// Kept their place, to be called back.
    KeptPlace,
    /// Turned away, or sent out because nobody served the queue.
    NotServed,
    /// Somebody was rung and did not answer.
    RingNoAnswer,
    /// Handed on.
    Transferred,
    /// Not seen as a whole.
    Partial,
}

/// A visit as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVisit {
    /// Its number, ascending.
    pub id: i64,
    /// The PBX.
    pub pbx: PbxId,
    /// What was seen of it.
    pub visit: Visit,
    /// What the agent made of it, where they said so.
    pub disposition: Option<String>,
    /// The agent's note.
    pub note: Option<String>,
    /// It is told by the PBX's log: times are whole seconds.
    pub from_log: bool,
    /// It was seen as a whole, and that log tells it otherwise.
    pub doubted: bool,
}
