//! A queue: who waits, who serves.

use serde::{Deserialize, Serialize};

use crate::{CallId, Timestamp, extension::DeviceState};

/// What a member is doing for the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberState {
    /// Ready to be rung.
    #[default]
    Ready,
    /// Being rung.
    Ringing,
    /// On a call.
    Busy,
    /// Paused.
    Paused,
    /// The device cannot be reached.
    Unavailable,
}

/// One member of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Member {
    /// The interface, which is the member's id in the queue (`PJSIP/1003`).
    pub interface: String,
    /// The name shown.
    pub name: String,
    /// The extension behind it, by its number on the board.
    pub extension: Option<String>,
    /// What it does.
    pub state: MemberState,
    /// The device's state as the queue sees it.
    pub device_state: DeviceState,
    /// The pause reason given, while paused.
    pub pause_reason: Option<String>,
    /// Since when paused, with this reason.
    pub paused_since: Option<Timestamp>,
    /// Since when in this state; None when that was before anybody looked.
    pub since: Option<Timestamp>,
    /// When its last call from the queue ended.
    pub last_call: Option<Timestamp>,
    /// Penalty.
    pub penalty: u32,
    /// Calls taken since the queue's counters were reset.
    pub calls_taken: u32,
    /// True for members added at run time.
    pub dynamic: bool,
}

/// One caller waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Waiting {
    /// The call.
    pub call: CallId,
    /// The caller's number.
    pub number: String,
    /// and name.
    pub name: Option<String>,
    /// Position from 1.
    pub position: u32,
    /// The priority, where the PBX told it: only its list of the queue does.
    pub priority: Option<i32>,
    /// The extension whose phone rings for this caller because somebody gives it to them.
    pub given_to: Option<String>,
    /// When the caller joined.
    pub joined: Timestamp,
}

/// What Asterisk itself counts of a queue, as it told when it was last asked for its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// When it told so.
    pub at: Timestamp,
    /// Calls completed since its counters were reset,
    pub completed: u32,
    /// and abandoned; whoever was sent out without an agent is among them.
    pub abandoned: u32,
    /// Its target in seconds.
    pub target_s: u32,
    /// Its moving average of the seconds that the answered ones waited,
    pub hold_s: u32,
    /// and of those that they talked.
    pub talk_s: u32,
    /// `ServicelevelPerf`, in tenths of a per cent: of the completed ones.
    pub of_completed: u32,
    /// `ServicelevelPerf2`, in tenths of a per cent: those who gave up in time are in time.
    pub with_abandoned: u32,
    /// When it was seen that the counters had begun anew; None while they only grew.
    pub reset: Option<Timestamp>,
}

/// One queue as a row of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Queue {
    /// Its name, which is its id.
    pub name: String,
    /// Strategy as Asterisk names it.
    pub strategy: String,
    /// Callers in order.
    pub waiting: Vec<Waiting>,
    /// Members in order of penalty, then name.
    pub members: Vec<Member>,
    /// Completed since the counters were reset, as app_queue counts.
    pub completed: u32,
    /// Abandoned since the counters were reset, as app_queue counts (includes time-outs).
    pub abandoned: u32,
    /// The queue's service level target in seconds.
    pub service_level_s: u32,
}
