//! What is remembered of a call besides its row.

use crate::live::arena::Slot;
use crate::live::channel::ChannelSlot;
use crate::{CallId, CallResult, Quality, Timestamp};

pub(crate) type CallSlot = Slot<LiveCall>;

#[derive(Debug)]
pub(crate) struct LiveCall {
    pub(crate) id: CallId,
    /// Its row is on the board (there is a person on it), not yet only in the wings.
    pub(crate) on_board: bool,
    /// Its row on the board has changed since it was given out.
    pub(crate) changed: bool,
    pub(crate) channels: Vec<ChannelSlot>,
    /// Linked ids its channels have or had.
    pub(crate) linked: Vec<Box<str>>,
    /// Files that it is recorded to.
    pub(crate) files: Vec<String>,
    /// What was measured of it.
    pub(crate) quality: Quality,
    pub(crate) caller: Option<ChannelSlot>,
    pub(crate) callee: Option<ChannelSlot>,
    /// There was a caller and it has left.
    pub(crate) caller_left: bool,
    /// Began with a phone of ours being rung on somebody's order.
    pub(crate) originated: bool,
    /// Somebody is being called on behalf of a party that was transferred.
    pub(crate) transferring: bool,
    pub(crate) voicemail: bool,
    /// The caller's channel was answered by anything.
    pub(crate) served: bool,
    /// A phone, trunk or queue was tried.
    pub(crate) tried: bool,
    /// The mildest way in which those tried declined.
    pub(crate) declined: Option<CallResult>,
    /// Left a queue, and no word yet whether to an agent.
    pub(crate) left_queue: Option<String>,
    /// Cause of the caller's hang-up, or else of the first.
    pub(crate) cause: Option<u16>,
    pub(crate) told_hang_up: bool,
    /// Extensions whose rows show this call.
    pub(crate) engaged: Vec<String>,
    /// The latest time an event or a list spoke of it.
    pub(crate) proof: Timestamp,
    /// Legs not kept for want of room.
    pub(crate) legs_left_out: u32,
}

impl LiveCall {
    pub(crate) fn new(id: CallId, at: Timestamp) -> Self {
        LiveCall {
            id,
            on_board: false,
            changed: false,
            channels: Vec::new(),
            linked: Vec::new(),
            files: Vec::new(),
            quality: Quality::default(),
            caller: None,
            callee: None,
            caller_left: false,
            originated: false,
            transferring: false,
            voicemail: false,
            served: false,
            tried: false,
            declined: None,
            left_queue: None,
            cause: None,
            told_hang_up: false,
            engaged: Vec::new(),
            proof: at,
            legs_left_out: 0,
        }
    }

    /// Remembers how one of those tried declined; having been rung counts more than busy, busy more than failed.
    pub(crate) fn decline(&mut self, result: CallResult) {
        let rank = |result: CallResult| match result {
            CallResult::Missed => 3,
            CallResult::Busy => 2,
            CallResult::Failed => 1,
            CallResult::Answered
            | CallResult::Abandoned
            | CallResult::Voicemail
            | CallResult::Service
            | CallResult::Interrupted => 0,
        };
        if self.declined.is_none_or(|known| rank(known) < rank(result)) {
            self.declined = Some(result);
        }
    }
}
