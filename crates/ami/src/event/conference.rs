//! ConfBridge conferences.

use super::bridge::BridgeRef;
use super::channel::ChannelRef;
use super::event;
use crate::id::ConferenceName;

event! { 'a
    /// A conference began.
    ConfbridgeStart { "Conference" conference: ConferenceName<'a>, ; "" bridge: BridgeRef<'a>, }
    /// A conference ended.
    ConfbridgeEnd { "Conference" conference: ConferenceName<'a>, ; "" bridge: BridgeRef<'a>, }
    /// Somebody joined.
    ConfbridgeJoin {
        "Conference" conference: ConferenceName<'a>,
        "Admin" admin: bool,
        "Muted" muted: bool,
        ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// Somebody left.
    ConfbridgeLeave {
        "Conference" conference: ConferenceName<'a>,
        "Admin" admin: bool,
        ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// Somebody was muted.
    ConfbridgeMute {
        "Conference" conference: ConferenceName<'a>,
        "Admin" admin: bool,
        ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// Somebody was unmuted.
    ConfbridgeUnmute {
        "Conference" conference: ConferenceName<'a>,
        "Admin" admin: bool,
        ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// Somebody began or stopped to talk.
    ConfbridgeTalking {
        "Conference" conference: ConferenceName<'a>,
        "TalkingStatus" talking: bool,
        "Admin" admin: bool,
        ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// The conference is being recorded.
    ConfbridgeRecord { "Conference" conference: ConferenceName<'a>, ; "" bridge: BridgeRef<'a>, }
    /// The conference is no longer recorded.
    ConfbridgeStopRecord { "Conference" conference: ConferenceName<'a>, ; "" bridge: BridgeRef<'a>, }
    /// One participant of a `ConfbridgeList`.
    ConfbridgeList {
        "Conference" conference: ConferenceName<'a>,
        "Admin" admin: bool,
        "MarkedUser" marked: bool,
        "Waiting" waiting: bool,
        "Muted" muted: bool,
        "Talking" talking: bool,
        /// Seconds since the channel was answered.
        "AnsweredTime" answered_s: u64,
        ; "" channel: ChannelRef<'a>,
    }
    /// One conference of a `ConfbridgeListRooms`.
    ConfbridgeListRooms {
        "Conference" conference: ConferenceName<'a>,
        "Parties" parties: u32,
        "Marked" marked: u32,
        "Locked" locked: bool,
        "Muted" muted: bool,
    }
}
