//! Starting, moving and ending calls.

use super::actions;
use crate::cause::Cause;
use crate::value::{Value, Variable};

actions! {
    /// Calls somebody and connects them to an extension or an application. Always asynchronous (a blocking one
    /// holds up every other action), always with an id for the new channel: a failed one is known by nothing else.
    /// The result comes as an `OriginateResponse` event.
    Originate = "Originate", Single {
        required "Channel" channel: Value,
        required "ChannelId" channel_id: Value,
        /// The second half's id, when the channel is a `Local` one.
        optional "OtherChannelId" other_channel_id: Value,
        optional "Context" context: Value,
        optional "Exten" exten: Value,
        optional "Priority" priority: u32,
        optional "Application" application: Value,
        optional "Data" data: Value,
        /// Milliseconds the channel may ring.
        optional "Timeout" timeout_ms: u64,
        /// `Name <number>`.
        optional "CallerID" caller_id: Value,
        optional "Account" account: Value,
        optional "EarlyMedia" early_media: bool,
        repeated "Variable" variables: Variable,
        ; "Async" = "true",
    }
    /// Ends a channel. Asterisk takes a name between slashes for a pattern that ends many: see [`Hangup::one`].
    Hangup = "Hangup", Single {
        required "Channel" channel: Value,
        optional "Cause" cause: Cause,
    }
    /// Sends a channel, and perhaps the one it talks to, to a place in the dialplan.
    Redirect = "Redirect", Single {
        required "Channel" channel: Value,
        required "Context" context: Value,
        required "Exten" exten: Value,
        required "Priority" priority: u32,
        optional "ExtraChannel" extra_channel: Value,
        optional "ExtraContext" extra_context: Value,
        optional "ExtraExten" extra_exten: Value,
        optional "ExtraPriority" extra_priority: u32,
    }
    /// Sends the channel's peer to an extension, at once.
    BlindTransfer = "BlindTransfer", Single {
        required "Channel" channel: Value,
        required "Context" context: Value,
        required "Exten" exten: Value,
    }
    /// Starts an attended transfer from this channel.
    Atxfer = "Atxfer", Single {
        required "Channel" channel: Value,
        required "Context" context: Value,
        required "Exten" exten: Value,
    }
    /// Gives up an attended transfer.
    CancelAtxfer = "CancelAtxfer", Single {
        required "Channel" channel: Value,
    }
    /// Parks a channel.
    Park = "Park", Single {
        required "Channel" channel: Value,
        /// Whom the call returns to.
        optional "TimeoutChannel" timeout_channel: Value,
        optional "AnnounceChannel" announce_channel: Value,
        /// Milliseconds until it returns.
        optional "Timeout" timeout_ms: u64,
        optional "Parkinglot" lot: Value,
    }
    /// Joins two channels.
    Bridge = "Bridge", Single {
        required "Channel1" channel1: Value,
        required "Channel2" channel2: Value,
        /// Whom to play a tone: `no`, `Channel1`, `Channel2`, `Both`.
        optional "Tone" tone: Value,
    }
    /// Ends a channel after some time. Zero takes the limit away.
    AbsoluteTimeout = "AbsoluteTimeout", Single {
        required "Channel" channel: Value,
        required "Timeout" timeout_s: u64,
    }
    /// Plays a digit to a channel.
    PlayDtmf = "PlayDTMF", Single {
        required "Channel" channel: Value,
        required "Digit" digit: Value,
    }
    /// Sets a variable, of a channel or of all.
    Setvar = "Setvar", Single {
        optional "Channel" channel: Value,
        required "Variable" variable: Value,
        required "Value" value: Value,
    }
    /// Reads a variable, of a channel or of all.
    Getvar = "Getvar", Single {
        optional "Channel" channel: Value,
        required "Variable" variable: Value,
    }
}

impl Hangup {
    /// Ends this very channel: `None` when the name would be read as a pattern.
    pub fn one(channel: Value, cause: Option<Cause>) -> Option<Self> {
        (!channel.as_str().starts_with('/')).then_some(Hangup { channel, cause })
    }
}
