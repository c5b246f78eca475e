//! Queues and their members.

use super::actions;
use crate::value::Value;

actions! {
    /// Lists queues, members and callers.
    QueueStatus = "QueueStatus", List {
        optional "Queue" queue: Value,
        optional "Member" member: Value,
    }
    /// Lists queues with their counts.
    QueueSummary = "QueueSummary", List { optional "Queue" queue: Value, }
    /// Adds a dynamic member.
    QueueAdd = "QueueAdd", Single {
        required "Queue" queue: Value,
        required "Interface" interface: Value,
        optional "MemberName" name: Value,
        optional "StateInterface" state_interface: Value,
        optional "Penalty" penalty: u32,
        optional "Paused" paused: bool,
        optional "Reason" reason: Value,
    }
    /// Removes a dynamic member.
    QueueRemove = "QueueRemove", Single {
        required "Queue" queue: Value,
        required "Interface" interface: Value,
    }
    /// Pauses a member or ends its pause, in one queue or in all.
    QueuePause = "QueuePause", Single {
        optional "Queue" queue: Value,
        required "Interface" interface: Value,
        required "Paused" paused: bool,
        optional "Reason" reason: Value,
    }
    /// Changes a member's penalty, in one queue or in all.
    QueuePenalty = "QueuePenalty", Single {
        optional "Queue" queue: Value,
        required "Interface" interface: Value,
        required "Penalty" penalty: u32,
    }
    /// Takes a caller out of a queue.
    QueueWithdrawCaller = "QueueWithdrawCaller", Single {
        required "Queue" queue: Value,
        required "Caller" caller: Value,
        optional "WithdrawInfo" info: Value,
    }
    /// Changes the priority of a waiting caller. Asterisk tells nobody: ask for the queue's status afterwards.
    QueueChangePriorityCaller = "QueueChangePriorityCaller", Single {
        required "Queue" queue: Value,
        /// The caller's channel.
        required "Caller" caller: Value,
        required "Priority" priority: u32,
        /// Moves the caller in line at once. An Asterisk that does not know this moves nobody.
        optional "Immediate" immediate: bool,
    }
}
