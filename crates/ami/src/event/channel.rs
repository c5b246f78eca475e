//! Channels: birth, state, who is on them, hold, and their end.

use super::{Text, event, group};
use crate::cause::Cause;
use crate::id::{ChannelName, ContextName, ExtensionName, LinkedId, UniqueId};
use crate::name::Name;
use crate::state::ChannelState;

group! { 'a
    /// The headers that describe a channel in nearly every event, bare or behind a prefix (`Dest`, `Transferee`).
    ChannelRef {
        "Channel" name: ChannelName<'a>,
        "ChannelState" state: ChannelState,
        "CallerIDNum" caller_number: Text<'a>,
        "CallerIDName" caller_name: Name<'a>,
        "ConnectedLineNum" connected_number: Text<'a>,
        "ConnectedLineName" connected_name: Name<'a>,
        "AccountCode" account: Text<'a>,
        "Context" context: ContextName<'a>,
        "Exten" exten: ExtensionName<'a>,
        "Priority" priority: u32,
        "Uniqueid" uniqueid: UniqueId<'a>,
        "Linkedid" linkedid: LinkedId<'a>,
    }
}

impl ChannelRef<'_> {
    /// Whether the event named no channel here (a dial without a caller, for example).
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.uniqueid.is_none()
    }
}

event! { 'a
    /// A channel was made.
    Newchannel { ; "" channel: ChannelRef<'a>, }
    /// A channel changed its state.
    Newstate { ; "" channel: ChannelRef<'a>, }
    /// A channel's caller id changed.
    NewCallerid { "CID-CallingPres" presentation: Text<'a>, ; "" channel: ChannelRef<'a>, }
    /// What a channel shows of the other side changed.
    NewConnectedLine { ; "" channel: ChannelRef<'a>, }
    /// A channel got another name.
    Rename {
        "Channel" old_name: ChannelName<'a>,
        "Newname" new_name: ChannelName<'a>,
        "Uniqueid" uniqueid: UniqueId<'a>,
    }
    /// A channel is gone.
    Hangup {
        "Cause" cause: Cause,
        "Cause-txt" cause_text: Text<'a>,
        /// The SIP status, when there was one.
        "TechCause" tech_cause: Text<'a>,
        ; "" channel: ChannelRef<'a>,
    }
    /// The channel's own end asked to hang up.
    HangupRequest { "Cause" cause: Cause, "TechCause" tech_cause: Text<'a>, ; "" channel: ChannelRef<'a>, }
    /// Asterisk asked the channel to hang up.
    SoftHangupRequest { "Cause" cause: Cause, "TechCause" tech_cause: Text<'a>, ; "" channel: ChannelRef<'a>, }
    /// A channel put its peer on hold.
    Hold { "MusicClass" music_class: Text<'a>, ; "" channel: ChannelRef<'a>, }
    /// A channel took its peer back.
    Unhold { ; "" channel: ChannelRef<'a>, }
    /// A channel hears music.
    MusicOnHoldStart { "Class" class: Text<'a>, ; "" channel: ChannelRef<'a>, }
    /// A channel hears no more music.
    MusicOnHoldStop { ; "" channel: ChannelRef<'a>, }
    /// A digit began. Digits by SIP INFO have an end only.
    DtmfBegin { "Digit" digit: Text<'a>, "Direction" direction: Text<'a>, ; "" channel: ChannelRef<'a>, }
    /// A digit ended.
    DtmfEnd {
        "Digit" digit: Text<'a>,
        "DurationMs" duration_ms: u64,
        "Direction" direction: Text<'a>,
        ; "" channel: ChannelRef<'a>,
    }
    /// A variable was set; without a channel it is a global one.
    VarSet {
        "Variable" variable: Text<'a>,
        "Value" value: Text<'a>,
        "Channel" channel: ChannelName<'a>,
        "Uniqueid" uniqueid: UniqueId<'a>,
        "Linkedid" linkedid: LinkedId<'a>,
    }
    /// Something the dialplan or another client announced. Its own headers are read from the message.
    UserEvent { "UserEvent" name: Text<'a>, ; "" channel: ChannelRef<'a>, }
}
