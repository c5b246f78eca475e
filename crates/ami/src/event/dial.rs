//! Dialling: a channel, or nobody, calls another one.

use super::channel::ChannelRef;
use super::{Text, event};
use crate::id::{ChannelName, ContextName, ExtensionName, UniqueId};
use crate::state::DialStatus;

event! { 'a
    /// A dial began. An originate has no dialling channel.
    DialBegin {
        "DialString" dial_string: Text<'a>,
        ; "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// The dialled side made progress.
    DialState {
        "DialStatus" status: DialStatus<'a>,
        ; "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// A dial ended. After a pickup the destination may be a channel no `DialBegin` named.
    DialEnd {
        "DialStatus" status: DialStatus<'a>,
        /// Where the call was forwarded to.
        "Forward" forward: Text<'a>,
        ; "Dest" dest: ChannelRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// What an asynchronous originate came to.
    OriginateResponse {
        /// `Success` or `Failure`.
        "Response" response: Text<'a>,
        "Channel" channel: ChannelName<'a>,
        "Context" context: ContextName<'a>,
        "Exten" exten: ExtensionName<'a>,
        "Application" application: Text<'a>,
        "Data" data: Text<'a>,
        /// 4 is answered, 3 not answered in time, 0 everything else.
        "Reason" reason: u32,
        /// `None` when no channel came to be; the `ChannelId` of the action otherwise.
        "Uniqueid" uniqueid: UniqueId<'a>,
        "CallerIDNum" caller_number: Text<'a>,
        "CallerIDName" caller_name: Text<'a>,
    }
}

impl OriginateResponse<'_> {
    /// Whether the called side answered.
    pub fn is_answered(&self) -> bool {
        self.response.as_deref() == Some("Success")
    }
}
