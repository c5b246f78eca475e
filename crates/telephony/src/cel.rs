//! Asterisk's channel event log (CEL): what each channel did, one thing after the other, where `cel_manager` tells it. It explains a
//! call and decides nothing: what a channel carries is printed into it as callers wrote it
//! (<https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/>).

use ami::{Kind, Message};

use crate::Timestamp;

/// Letters of any of its texts; what a dialplan writes may be long.
const MAX_CHARS: usize = 200;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CelEvent {
    /// When: as Asterisk stamps it, else when it came.
    pub at: Timestamp,
    /// What, in Asterisk's word: `CHAN_START`, `ANSWER`, `BRIDGE_ENTER`, ...
    pub name: String,
    /// The linked id of the call.
    pub linked: String,
    /// The unique id of the channel,
    pub unique: String,
    /// and its name.
    pub channel: String,
    /// The caller's number,
    pub number: String,
    /// and name.
    pub caller: String,
    /// What was dialled,
    pub exten: String,
    /// in which context.
    pub context: String,
    /// The application,
    pub application: String,
    /// and what it was given.
    pub data: String,
    /// Channels at the other end.
    pub peer: String,
    /// More of it (JSON).
    pub extra: String,
}

impl CelEvent {
    /// The event that a message tells; None for any other message, and for one that says not of which call it is.
    pub fn of_event(message: &Message, came: Timestamp) -> Option<Self> {
        if message.kind() != Kind::Cel {
            return None;
        }
        let mut event = Self {
            at: message.timestamp_us().map_or(came, |us| Timestamp(us / 1_000)),
            ..Self::default()
        };
        for (name, value) in message.headers() {
            let place = match &*name {
                "EventName" => &mut event.name,
                "LinkedID" => &mut event.linked,
                "UniqueID" => &mut event.unique,
                "Channel" => &mut event.channel,
                "CallerIDnum" => &mut event.number,
                "CallerIDname" => &mut event.caller,
                "Exten" => &mut event.exten,
                "Context" => &mut event.context,
                "Application" => &mut event.application,
                "AppData" => &mut event.data,
                "Peer" => &mut event.peer,
                "Extra" => &mut event.extra,
                _ => continue,
            };
            // the first one is Asterisk's own
            if place.is_empty() {
                *place = value.chars().take(MAX_CHARS).collect();
            }
        }
        let says_whose = !(event.name.is_empty() || event.linked.is_empty() || event.unique.is_empty());
        says_whose.then_some(event)
    }
}
