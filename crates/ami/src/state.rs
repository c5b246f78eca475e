//! States and results Asterisk reports as codes or words; what is new to us stays readable.

use std::borrow::Cow;
use std::fmt;

use crate::text::{FromText, Raw};

/// A channel's state (`ChannelState`, `AST_STATE_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelState {
    /// Down and available.
    Down,
    /// Down but reserved.
    Reserved,
    /// Off hook.
    OffHook,
    /// Digits have been dialled.
    Dialing,
    /// The calling side of a call that is not answered.
    Ring,
    /// The called side of a call that is not answered.
    Ringing,
    /// Answered.
    Up,
    /// Busy.
    Busy,
    /// Dialling while off hook.
    DialingOffHook,
    /// An incoming call that waits for ring.
    PreRing,
    /// A code this library has no name for.
    Unknown(u8),
}

impl ChannelState {
    /// From the code on the wire.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => ChannelState::Down,
            1 => ChannelState::Reserved,
            2 => ChannelState::OffHook,
            3 => ChannelState::Dialing,
            4 => ChannelState::Ring,
            5 => ChannelState::Ringing,
            6 => ChannelState::Up,
            7 => ChannelState::Busy,
            8 => ChannelState::DialingOffHook,
            9 => ChannelState::PreRing,
            other => ChannelState::Unknown(other),
        }
    }

    /// The code on the wire.
    pub fn code(self) -> u8 {
        match self {
            ChannelState::Down => 0,
            ChannelState::Reserved => 1,
            ChannelState::OffHook => 2,
            ChannelState::Dialing => 3,
            ChannelState::Ring => 4,
            ChannelState::Ringing => 5,
            ChannelState::Up => 6,
            ChannelState::Busy => 7,
            ChannelState::DialingOffHook => 8,
            ChannelState::PreRing => 9,
            ChannelState::Unknown(code) => code,
        }
    }

    /// `ChannelStateDesc`, the word Asterisk prints beside the code.
    pub fn words(self) -> &'static str {
        match self {
            ChannelState::Down => "Down",
            ChannelState::Reserved => "Rsrvd",
            ChannelState::OffHook => "OffHook",
            ChannelState::Dialing => "Dialing",
            ChannelState::Ring => "Ring",
            ChannelState::Ringing => "Ringing",
            ChannelState::Up => "Up",
            ChannelState::Busy => "Busy",
            ChannelState::DialingOffHook => "Dialing Offhook",
            ChannelState::PreRing => "Pre-ring",
            ChannelState::Unknown(_) => "Unknown",
        }
    }
}

impl<'a> FromText<'a> for ChannelState {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        u8::from_text(raw).map(ChannelState::from_code)
    }
}

/// A device's state, as events name it (`NOT_INUSE`), endpoint lists word it (`Not in use`) and queue
/// members number it (1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceState {
    /// Asterisk does not know, or says something this library does not.
    Unknown,
    /// Idle.
    NotInUse,
    /// In a call.
    InUse,
    /// Busy.
    Busy,
    /// No such device.
    Invalid,
    /// Not reachable, not registered.
    Unavailable,
    /// Ringing.
    Ringing,
    /// In a call while another one rings.
    RingInUse,
    /// Its call is on hold.
    OnHold,
}

/// Code, name and words of every state, the code being the index.
const DEVICE_STATES: [(DeviceState, &str, &str); 9] = [
    (DeviceState::Unknown, "UNKNOWN", "Unknown"),
    (DeviceState::NotInUse, "NOT_INUSE", "Not in use"),
    (DeviceState::InUse, "INUSE", "In use"),
    (DeviceState::Busy, "BUSY", "Busy"),
    (DeviceState::Invalid, "INVALID", "Invalid"),
    (DeviceState::Unavailable, "UNAVAILABLE", "Unavailable"),
    (DeviceState::Ringing, "RINGING", "Ringing"),
    (DeviceState::RingInUse, "RINGINUSE", "Ring+Inuse"),
    (DeviceState::OnHold, "ONHOLD", "On Hold"),
];

impl DeviceState {
    /// The code queue members have (`AST_DEVICE_*`).
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The name device events use.
    pub fn name(self) -> &'static str {
        DEVICE_STATES[self as usize].1
    }

    /// The words endpoint lists use.
    pub fn words(self) -> &'static str {
        DEVICE_STATES[self as usize].2
    }

    /// From a name, words or code; [`DeviceState::Unknown`] for anything else.
    pub fn parse(text: &str) -> Self {
        let code = text.parse::<usize>().ok();
        DEVICE_STATES
            .iter()
            .enumerate()
            .find(|(index, (_, name, words))| {
                *name == text || words.eq_ignore_ascii_case(text) || Some(*index) == code
            })
            .map_or(DeviceState::Unknown, |(_, (state, _, _))| *state)
    }
}

impl<'a> FromText<'a> for DeviceState {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        match raw.strict()? {
            "" => None,
            text => Some(DeviceState::parse(text)),
        }
    }
}

/// A hint's state: a set of what its devices do (`AST_EXTENSION_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionState(pub i32);

impl ExtensionState {
    /// No such hint, or it was removed.
    pub fn is_missing(self) -> bool {
        self.0 < 0
    }

    /// Nothing in use.
    pub fn is_idle(self) -> bool {
        self.0 == 0
    }

    /// Some device is in a call.
    pub fn is_in_use(self) -> bool {
        self.has(1)
    }

    /// All devices are busy.
    pub fn is_busy(self) -> bool {
        self.has(2)
    }

    /// No device is reachable.
    pub fn is_unavailable(self) -> bool {
        self.has(4)
    }

    /// Some device rings.
    pub fn is_ringing(self) -> bool {
        self.has(8)
    }

    /// Some device holds a call.
    pub fn is_on_hold(self) -> bool {
        self.has(16)
    }

    fn has(self, bit: i32) -> bool {
        self.0 > 0 && self.0 & bit != 0
    }
}

impl<'a> FromText<'a> for ExtensionState {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        i32::from_text(raw).map(ExtensionState)
    }
}

macro_rules! words {
    ($($(#[$note:meta])* $name:ident { $($(#[$variant_note:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$note])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name<'a> {
            $($(#[$variant_note])* #[doc = concat!("`", $word, "`")] $variant,)*
            /// A word this library does not know.
            Unknown(Cow<'a, str>),
        }

        impl<'a> $name<'a> {
            /// From the word on the wire, whatever its case.
            pub fn parse(word: impl Into<Cow<'a, str>>) -> Self {
                let word = word.into();
                $(if word.eq_ignore_ascii_case($word) { return $name::$variant; })*
                $name::Unknown(word)
            }

            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $word,)*
                    $name::Unknown(word) => word,
                }
            }

            /// The same, free of the message.
            pub fn into_owned(self) -> $name<'static> {
                match self {
                    $($name::$variant => $name::$variant,)*
                    $name::Unknown(word) => $name::Unknown(Cow::Owned(word.into_owned())),
                }
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'a> FromText<'a> for $name<'a> {
            fn from_text(raw: Raw<'a>) -> Option<Self> {
                raw.known().map($name::parse)
            }
        }
    )*};
}

words! {
    /// How a dial went on or ended.
    DialStatus {
        Answer = "ANSWER", Busy = "BUSY", Cancel = "CANCEL", Congestion = "CONGESTION", NoAnswer = "NOANSWER",
        ChanUnavail = "CHANUNAVAIL", Ringing = "RINGING", Progress = "PROGRESS", Proceeding = "PROCEEDING",
        DontCall = "DONTCALL", Torture = "TORTURE", InvalidArgs = "INVALIDARGS", Continue = "CONTINUE", Goto = "GOTO",
    }
    /// What a transfer came to.
    TransferResult {
        Success = "Success", Fail = "Fail", Invalid = "Invalid", NotPermitted = "Not Permitted",
    }
    /// Who ended a queue call.
    AgentCompleteReason {
        Caller = "caller", Agent = "agent", Transfer = "transfer",
    }
    /// How a member came into a queue.
    Membership {
        Static = "static", Dynamic = "dynamic", Realtime = "realtime",
    }
    /// A contact's reachability.
    ContactState {
        Created = "Created", Removed = "Removed", Updated = "Updated", Reachable = "Reachable",
        Unreachable = "Unreachable", NonQualified = "NonQualified", NotReported = "Unknown",
    }
    /// The state of an outbound registration.
    RegistrationState {
        Registered = "Registered", Unregistered = "Unregistered", Rejected = "Rejected", Stopped = "Stopped",
        Unregistering = "Unregistering", Registering = "Registering",
    }
    /// What a person says about their presence.
    PresenceState {
        NotSet = "not_set", Unavailable = "unavailable", Available = "available", Away = "away", ExtendedAway = "xa",
        Chat = "chat", DoNotDisturb = "dnd",
    }
    /// Which audio of a channel is meant.
    AudioDirection {
        Read = "read", Write = "write", Both = "both",
    }
    /// What a CDR says a call came to.
    Disposition {
        Answered = "ANSWERED", NoAnswer = "NO ANSWER", Busy = "BUSY", Failed = "FAILED", Congestion = "CONGESTION",
    }
}
