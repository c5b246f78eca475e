//! What a person can ask about those who wait in queues and those who serve them. Apart from [`crate::Command`], so that a
//! page that shows no queues does not have to know it.

use serde::{Deserialize, Serialize};

use crate::{CallId, Refusal};

/// Longest reason of a pause, in characters.
pub const MAX_REASON_CHARS: usize = 80;
/// Highest penalty a member may get.
pub const MAX_PENALTY: u32 = 1_000;
/// Highest priority a caller may get.
pub const MAX_PRIORITY: u32 = 1_000_000;

/// A command about a queue. [`crate::Switchboard::lower_queue`] checks it against the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueCommand {
    /// Put a waiting caller before everybody else.
    MoveCallerUp {
        /// The queue.
        queue: String,
        /// The caller's call.
        call: CallId,
    },
    /// Give a waiting caller a priority: behind those who have it already, before those with a lower one.
    ChangePriority {
        /// The queue.
        queue: String,
        /// The caller's call.
        call: CallId,
        /// At most [`MAX_PRIORITY`].
        priority: u32,
    },
    /// Take a waiting caller out: their call goes on in the dialplan, after the queue.
    WithdrawCaller {
        /// The queue.
        queue: String,
        /// The caller's call.
        call: CallId,
    },
    /// Have the phone of an extension ring for this caller, who keeps the place until it is answered.
    GiveCaller {
        /// The queue.
        queue: String,
        /// The caller's call.
        call: CallId,
        /// The extension.
        to: String,
    },
    /// Let an extension serve a queue.
    AddMember {
        /// The queue.
        queue: String,
        /// The extension.
        extension: String,
        /// At most [`MAX_PENALTY`].
        penalty: u32,
    },
    /// Let a member serve a queue no more.
    RemoveMember {
        /// The queue.
        queue: String,
        /// The member.
        interface: String,
    },
    /// Pause a member; who is paused already has another reason from now on.
    PauseMember {
        /// One queue; every queue the member serves when not given.
        queue: Option<String>,
        /// The member.
        interface: String,
        /// Why; at most [`MAX_REASON_CHARS`], and may be empty.
        reason: String,
    },
    /// End a pause.
    UnpauseMember {
        /// One queue; every queue the member serves when not given.
        queue: Option<String>,
        /// The member.
        interface: String,
    },
    /// Change a member's penalty.
    SetPenalty {
        /// The queue.
        queue: String,
        /// The member.
        interface: String,
        /// At most [`MAX_PENALTY`].
        penalty: u32,
    },
}

impl QueueCommand {
    /// The queue it is about; None where it is about every queue of a member.
    pub fn queue(&self) -> Option<&str> {
        match self {
            Self::MoveCallerUp { queue, .. }
            | Self::ChangePriority { queue, .. }
            | Self::WithdrawCaller { queue, .. }
            | Self::GiveCaller { queue, .. }
            | Self::AddMember { queue, .. }
            | Self::RemoveMember { queue, .. }
            | Self::SetPenalty { queue, .. } => Some(queue),
            Self::PauseMember { queue, .. } | Self::UnpauseMember { queue, .. } => queue.as_deref(),
        }
    }
}

/// Why a queue's command was refused, beyond what is refused of any command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueRefusal {
    /// No such queue on the board.
    #[error("queue {0} is not known")]
    UnknownQueue(String),
    /// The caller is not in that line.
    #[error("this caller does not wait in {0} any more")]
    NotWaiting(String),
    /// Nobody is before them.
    #[error("this caller is the first in line already")]
    First,
    /// Somebody was faster.
    #[error("this caller is being given to {0} already: their phone rings")]
    GivenAlready(String),
    /// Somebody was faster.
    #[error("this caller is being taken out already")]
    LeavingAlready,
    /// The agent's phone rings for another caller.
    #[error("another caller is being given to {0}: their phone rings already")]
    RingsAlready(String),
    /// The caller and the one who is to take them are the same.
    #[error("{0} is this caller")]
    Oneself(String),
    /// The member is not in that queue, or in none.
    #[error("{0} does not serve this queue")]
    NotServing(String),
    /// The extension is in that queue.
    #[error("{0} serves this queue already")]
    ServingAlready(String),
    /// The PBX's configuration has them.
    #[error("{0} is fixed in the configuration of the PBX: a pause is possible, taking them out is not")]
    Fixed(String),
}

impl From<QueueRefusal> for Refusal {
    fn from(why: QueueRefusal) -> Self {
        Refusal::ByQueue(why.to_string())
    }
}
