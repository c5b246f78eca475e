//! Queues: callers, members, and what happens between them.

use super::channel::ChannelRef;
use super::{Text, event, group};
use crate::id::{Interface, QueueName};
use crate::state::{AgentCompleteReason, DeviceState, Membership};

group! { 'a
    /// The headers member events share.
    MemberRef {
        "Queue" queue: QueueName<'a>,
        "MemberName" name: Text<'a>,
        "Interface" interface: Interface<'a>,
        "StateInterface" state_interface: Interface<'a>,
        "Membership" membership: Membership<'a>,
        "Penalty" penalty: u32,
        "CallsTaken" calls_taken: u64,
        /// Seconds since the epoch; 0 is never.
        "LastCall" last_call_s: u64,
        /// Seconds since the epoch; 0 is never.
        "LastPause" last_pause_s: u64,
        /// Seconds since the epoch.
        "LoginTime" login_s: u64,
        "InCall" in_call: bool,
        "Status" status: DeviceState,
        "Paused" paused: bool,
        "PausedReason" paused_reason: Text<'a>,
        "Ringinuse" ring_in_use: bool,
        "Wrapuptime" wrap_up_s: u64,
    }
    /// The headers agent events share.
    AgentRef {
        "Queue" queue: QueueName<'a>,
        "Interface" interface: Interface<'a>,
        "MemberName" name: Text<'a>,
    }
}

event! { 'a
    /// A caller joined.
    QueueCallerJoin {
        "Queue" queue: QueueName<'a>,
        "Position" position: u32,
        "Count" count: u32,
        ; "" channel: ChannelRef<'a>,
    }
    /// A caller left, for whatever reason.
    QueueCallerLeave {
        "Queue" queue: QueueName<'a>,
        "Position" position: u32,
        "Count" count: u32,
        ; "" channel: ChannelRef<'a>,
    }
    /// A caller left without an agent. Timeouts and empty queues say so too.
    QueueCallerAbandon {
        "Queue" queue: QueueName<'a>,
        "Position" position: u32,
        "OriginalPosition" original_position: u32,
        /// Seconds waited.
        "HoldTime" hold_s: u64,
        ; "" channel: ChannelRef<'a>,
    }
    /// A member was added.
    QueueMemberAdded { ; "" member: MemberRef<'a>, }
    /// A member was removed.
    QueueMemberRemoved { ; "" member: MemberRef<'a>, }
    /// A member's device or counters changed.
    QueueMemberStatus { ; "" member: MemberRef<'a>, }
    /// A member paused or came back.
    QueueMemberPause { ; "" member: MemberRef<'a>, }
    /// A member's penalty changed.
    QueueMemberPenalty { ; "" member: MemberRef<'a>, }
    /// Whether a member may ring while in use changed.
    QueueMemberRingInUse { ; "" member: MemberRef<'a>, }
    /// A member is being rung.
    AgentCalled { ; "" agent: AgentRef<'a>, "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>, }
    /// A member took the caller.
    AgentConnect {
        /// Seconds the caller waited.
        "HoldTime" hold_s: u64,
        /// Seconds the member rang.
        "RingTime" ring_s: u64,
        ; "" agent: AgentRef<'a>, "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// A member's call with a caller ended.
    AgentComplete {
        "HoldTime" hold_s: u64,
        "TalkTime" talk_s: u64,
        "Reason" reason: AgentCompleteReason<'a>,
        ; "" agent: AgentRef<'a>, "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// A member did not answer.
    AgentRingNoAnswer {
        /// Milliseconds the member rang.
        "RingTime" ring_ms: u64,
        ; "" agent: AgentRef<'a>, "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// A member hung up while it heard the announcement.
    AgentDump { ; "" agent: AgentRef<'a>, "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>, }
    /// One queue of a `QueueStatus`.
    QueueParams {
        "Queue" queue: QueueName<'a>,
        "Max" max: u32,
        "Strategy" strategy: Text<'a>,
        "Calls" calls: u32,
        "Holdtime" hold_s: u64,
        "TalkTime" talk_s: u64,
        "Completed" completed: u64,
        "Abandoned" abandoned: u64,
        "ServiceLevel" service_level_s: u64,
        "ServicelevelPerf" service_level_percent: f64,
        "ServicelevelPerf2" service_level_percent2: f64,
        "Weight" weight: u32,
    }
    /// One member of a `QueueStatus`. Its name and interface have other headers than in live events.
    QueueMember {
        "Queue" queue: QueueName<'a>,
        "Name" name: Text<'a>,
        "Location" interface: Interface<'a>,
        "StateInterface" state_interface: Interface<'a>,
        "Membership" membership: Membership<'a>,
        "Penalty" penalty: u32,
        "CallsTaken" calls_taken: u64,
        "LastCall" last_call_s: u64,
        "LastPause" last_pause_s: u64,
        "LoginTime" login_s: u64,
        "InCall" in_call: bool,
        "Status" status: DeviceState,
        "Paused" paused: bool,
        "PausedReason" paused_reason: Text<'a>,
        "Wrapuptime" wrap_up_s: u64,
    }
    /// One waiting caller of a `QueueStatus`.
    QueueEntry {
        "Queue" queue: QueueName<'a>,
        "Position" position: u32,
        /// Seconds waited.
        "Wait" wait_s: u64,
        /// Who has a higher one is before who has a lower one.
        "Priority" priority: i32,
        ; "" channel: ChannelRef<'a>,
    }
    /// One queue of a `QueueSummary`.
    QueueSummary {
        "Queue" queue: QueueName<'a>,
        "LoggedIn" logged_in: u32,
        "Available" available: u32,
        "Callers" callers: u32,
        "HoldTime" hold_s: u64,
        "TalkTime" talk_s: u64,
        "LongestHoldTime" longest_hold_s: u64,
    }
}
