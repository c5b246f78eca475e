//! One stay of one caller in one queue: whom it rang, how it ended, and what came of it. What queue figures count.

use serde::{Deserialize, Serialize};

use crate::{CallId, Timestamp};

/// Ring attempts kept of one visit; further ones are counted only.
pub const MAX_RINGS: usize = 64;

/// How a caller left the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Left {
    /// An agent took the call.
    Answered,
    /// Hung up while waiting.
    Abandoned,
    /// The queue's own limit ran out (`QUEUESTATUS` `TIMEOUT`).
    TimedOut,
    /// Pressed a key that leads out.
    Key,
    /// Pressed the key that keeps the place: they are called back.
    KeptPlace,
    /// The queue was full; they never waited.
    Full,
    /// Nobody served it when they came (`JOINEMPTY`, `JOINUNAVAIL`); they never waited.
    NoAgentsAtFirst,
    /// Nobody served it any more (`LEAVEEMPTY`, `LEAVEUNAVAIL`).
    NoAgents,
    /// Somebody took them out (`WITHDRAW`).
    Withdrawn,
    /// The dialplan goes on because no agent answered (`CONTINUE`).
    Continued,
    /// They are out, and nothing says why: the variable is not in the stream, or the link was cut.
    Unexplained,
    /// The PBX stopped.
    PbxStopped,
}

impl Left {
    /// What the variable `QUEUESTATUS` says (Asterisk, application Queue).
    pub fn of_status(status: &str) -> Option<Self> {
        Some(match status {
            "TIMEOUT" => Left::TimedOut,
            "FULL" => Left::Full,
            "JOINEMPTY" | "JOINUNAVAIL" => Left::NoAgentsAtFirst,
            "LEAVEEMPTY" | "LEAVEUNAVAIL" => Left::NoAgents,
            "WITHDRAW" => Left::Withdrawn,
            "CONTINUE" => Left::Continued,
            _ => return None,
        })
    }
}

/// How one member's ringing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RingEnd {
    /// They took the call.
    Answered,
    /// They did not answer, were busy, or refused.
    NotAnswered,
    /// Another member was faster.
    TakenElsewhere,
    /// The caller was gone: not the member's miss.
    CallerLeft,
    /// Nothing says so.
    Unexplained,
}

/// One ringing of one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The member's interface.
    pub interface: String,
    /// The extension behind it.
    pub extension: Option<String>,
    /// The channel that rings.
    pub channel: String,
    /// When it began.
    pub began: Timestamp,
    /// When and how it ended.
    pub ended: Option<(Timestamp, RingEnd)>,
}

/// Who ended the talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TalkEnd {
    /// The caller.
    Caller,
    /// The agent.
    Agent,
    /// It was handed on.
    Transfer,
    /// Nothing says so.
    Unexplained,
}

/// The talk with an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// The member's interface.
    pub interface: String,
    /// The extension behind it.
    pub extension: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// When and by whom it ended.
    pub ended: Option<(Timestamp, TalkEnd)>,
    /// For how much of it somebody was on hold, in milliseconds; final when it ended.
    pub held_ms: u64,
}

/// One visit, as a whole; given out each time something of it is new. The same visit again replaces what was known of
/// it: its id is the queue, the caller's channel and the number of the visit on that channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The queue.
    pub queue: String,
    /// The unique id of the caller's channel.
    pub channel: String,
    /// Counts the visits of one channel, from 1: a dialplan may send a caller into a queue again and again.
    pub serial: u32,
    /// The call as it was when they joined.
    pub call: CallId,
    /// The caller's number
    pub number: String,
    /// and name.
    pub name: Option<String>,
    /// When they joined.
    pub joined: Timestamp,
    /// The position they got.
    pub position: u32,
    /// Whom it rang, in order; at most [`MAX_RINGS`].
    pub rings: Vec<Ring>,
    /// Ring attempts beyond those.
    pub more_rings: u32,
    /// When and how they left; None while they wait.
    pub left: Option<(Timestamp, Left)>,
    /// The talk, where an agent took the call.
    pub talk: Option<Talk>,
    /// Not all of it was seen: it was found under way, or the link was cut meanwhile. Its times may be off, ring
    /// attempts may be missing.
    pub partial: bool,
}

impl Visit {
    /// Whether both are of one visit.
    pub fn is_same(&self, other: &Visit) -> bool {
        (self.serial, &self.channel, &self.queue) == (other.serial, &other.channel, &other.queue)
    }

    /// Milliseconds from joining to leaving; None while they wait.
    pub fn waited_ms(&self) -> Option<u64> {
        self.left.map(|(at, _)| at.since_ms(self.joined))
    }

    /// Whether nothing of it will change any more.
    pub fn is_over(&self) -> bool {
        let talks = self.talk.as_ref().is_some_and(|talk| talk.ended.is_none());
        self.left.is_some() && !talks
    }
}
