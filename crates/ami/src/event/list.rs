//! Items of answers that are lists, and the events that end them.

use super::channel::ChannelRef;
use super::{Text, event};
use crate::id::{BridgeId, ChannelName};

event! { 'a
    /// One channel of a `CoreShowChannels`.
    CoreShowChannel {
        "Application" application: Text<'a>,
        "ApplicationData" data: Text<'a>,
        /// `HH:MM:SS`.
        "Duration" duration: Text<'a>,
        "BridgeId" bridge: BridgeId<'a>,
        ; "" channel: ChannelRef<'a>,
    }
    /// The channels connected to the one asked about; several `ConnectedChannel` headers may follow, read
    /// them from the message.
    CoreShowChannelMap {
        "ConnectedChannel" connected: ChannelName<'a>,
    }
    /// One channel of a `Status`.
    Status {
        "Type" technology: Text<'a>,
        "DNID" dialled: Text<'a>,
        "BridgeID" bridge: BridgeId<'a>,
        "Application" application: Text<'a>,
        "Data" data: Text<'a>,
        /// Seconds since the channel was answered.
        "Seconds" seconds: u64,
        /// Seconds until it is hung up; 0 is never.
        "TimeToHangup" time_to_hangup_s: i64,
        ; "" channel: ChannelRef<'a>,
    }
    /// The value a `DBGet` found.
    DbGetResponse {
        "Family" family: Text<'a>,
        "Key" key: Text<'a>,
        "Val" value: Text<'a>,
    }
    /// One key of a `DBGetTree`, with its family: `/CF/1005`.
    DbGetTreeResponse {
        "Key" key: Text<'a>,
        "Val" value: Text<'a>,
    }
    /// The end of a list.
    ListComplete {
        /// `Complete`, or `cancelled` when Asterisk gave up on it.
        "EventList" event_list: Text<'a>,
        "ListItems" items: u32,
    }
}

impl ListComplete<'_> {
    /// Whether Asterisk sent the whole list.
    pub fn is_complete(&self) -> bool {
        self.event_list
            .as_deref()
            .is_none_or(|text| text.eq_ignore_ascii_case("Complete"))
    }
}
