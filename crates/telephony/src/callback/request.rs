//! One caller's wish to be called back, and everything that can come of it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Which request; never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub i64);

/// One call back that was decided. Its number is used once, whatever becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// For which request.
    pub request: RequestId,
    /// Counts the decisions of this request, from 1.
    pub serial: u32,
}

impl Attempt {
    /// The id of its channel on the PBX: the same attempt could never make a second one.
    pub fn channel(self) -> String {
        format!("starboard-callback-{}-{}", self.request.0, self.serial)
    }

    /// The id of the far half of that channel.
    pub fn other_channel(self) -> String {
        format!("{}-out", self.channel())
    }
}

/// Why somebody was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Miss {
    /// Their line was busy.
    Busy,
    /// They did not answer.
    NoAnswer,
    /// They answered and hung up before an agent came.
    HungUp,
    /// They answered, and the queue let them go without an agent.
    NoAgent,
    /// The call could not be put through.
    Failed,
    /// The PBX refused to place it.
    Refused,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum End {
    /// An agent talks to them.
    Reached,
    /// They called again by themselves, and an agent talks to them.
    CameBack,
    /// Every attempt was made; the last miss is on the request.
    NotReached,
    /// Somebody decided to try no more.
    GivenUp,
    /// Somebody took the request back.
    Cancelled,
    /// It was kept as long as requests are kept.
    Expired,
}

/// What only a person can settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Open {
    /// The link has been cut for long while a call was under way: it may still be up.
    Unseen,
    /// The call is gone and nobody saw what came of it: it may have rung, they may have talked.
    Unknown,
    /// The queue does not call this number back, or nobody.
    NotAllowed,
}

/// How far a call back has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Decided and stored; nothing was sent yet.
    Decided,
    /// Sent; not seen on the PBX yet.
    Ordered,
    /// Their phone is called.
    Ringing,
    /// They answered, and wait at the head of the queue.
    Back,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// Keeps its place until an agent is free for it.
    Waiting {
        /// Not called before.
        not_before: Timestamp,
        /// Somebody wants it called next, whoever is before.
        next: bool,
    },
    /// A call is under way.
    Calling {
        /// How far it is.
        phase: Phase,
        /// Since when nobody can see what becomes of it.
        unsure: Option<Timestamp>,
        /// What ends the request should this attempt fail.
        last: Option<End>,
    },
    /// A person decides.
    Open(Open),
    /// Over.
    Ended(End),
}

impl State {
    pub(super) fn calling(phase: Phase) -> Self {
        State::Calling {
            phase,
            unsure: None,
            last: None,
        }
    }
}

/// A caller who hung up and keeps the place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Request {
    /// Which one.
    pub id: RequestId,
    /// The number to call.
    pub number: String,
    /// The caller's name.
    pub name: Option<String>,
    /// When they joined the queue: the place that is kept.
    pub joined: Timestamp,
    /// When they asked.
    pub asked: Timestamp,
    /// Where it stands
    pub state: State,
    /// and since when.
    pub since: Timestamp,
    /// Calls decided so far, whether or not they were sent.
    pub serial: u32,
    /// Attempts that count.
    pub attempts: u8,
    /// How the last one failed.
    pub miss: Option<Miss>,
}

impl Request {
    /// The call that is under way, or was the last.
    pub fn attempt(&self) -> Attempt {
        Attempt {
            request: self.id,
            serial: self.serial,
        }
    }

    /// Whether a call of it may be up.
    pub fn is_in_flight(&self) -> bool {
        matches!(self.state, State::Calling { .. })
    }

    /// Whether this call is decided, not sent yet, and nobody thought better of it.
    pub fn is_wanted(&self, attempt: Attempt) -> bool {
        let decided = State::calling(Phase::Decided);
        self.attempt() == attempt && self.state == decided
    }

    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    pub(super) fn enter(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.since = now;
    }
}
