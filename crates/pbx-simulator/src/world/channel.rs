//! A channel: one phone's or trunk's part in a call.

use std::collections::BTreeMap;

use crate::company::INTERNAL;
use crate::wire::Text;

use super::originate::Origin;

/// Names a channel inside the world; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(pub(crate) u32);

/// What is at the far end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Device {
    /// A person's phone.
    Phone(usize),
    /// A trunk.
    Line(usize),
    /// Nothing: half of a Local pair.
    Local,
}

/// `ChannelState`, with Asterisk's own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelState {
    Down,
    Ring,
    Ringing,
    Up,
    Busy,
}

impl ChannelState {
    fn number(self) -> u8 {
        match self {
            ChannelState::Down => 0,
            ChannelState::Ring => 4,
            ChannelState::Ringing => 5,
            ChannelState::Up => 6,
            ChannelState::Busy => 7,
        }
    }

    fn word(self) -> &'static str {
        match self {
            ChannelState::Down => "Down",
            ChannelState::Ring => "Ring",
            ChannelState::Ringing => "Ringing",
            ChannelState::Up => "Up",
            ChannelState::Busy => "Busy",
        }
    }
}

/// A caller ID. Empty text is shown as `<unknown>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) number: String,
    pub(crate) name: String,
}

impl Party {
    pub(crate) fn new(number: &str, name: &str) -> Self {
        Party {
            number: number.to_owned(),
            name: name.to_owned(),
        }
    }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "<unknown>" } else { text }
}

/// What a channel is busy with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Nothing that lasts: set up, in a bridge, or listening to an application.
    Nothing,
    /// Waits for one of these to answer.
    Dialling {
        legs: Vec<Key>,
        dialled: String,
        begun_ms: u64,
    },
    /// Is called by this channel.
    Rung { by: Key },
    /// Is called by `Originate`.
    Originated,
    /// Waits in a queue; these ring for it.
    Queueing { queue: usize, legs: Vec<Key> },
    /// Is called by a queue on behalf of this channel.
    QueueRung { by: Key },
    /// In a parking space.
    Parked(u16),
    /// In the conference.
    Conference,
    /// Leaves a message for this person.
    Voicemail(usize),
}

/// A call an agent took from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) queue: usize,
    pub(crate) interface: String,
    pub(crate) hold_s: u64,
    pub(crate) connected_ms: u64,
}

/// An attended transfer under way, on the channel of the one who transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consultation {
    /// The bridge with the one who waits.
    pub(crate) home: u32,
    /// The bridge with the one who is consulted.
    pub(crate) between: u32,
    pub(crate) peer: Key,
    pub(crate) near: Key,
    pub(crate) far: Key,
}

/// What a `Cdr` event tells of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) destination: String,
    pub(crate) context: String,
    pub(crate) peer: String,
    pub(crate) application: (String, String),
    pub(crate) start_ms: u64,
    pub(crate) answer_ms: Option<u64>,
    pub(crate) busy: bool,
}

/// One channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) uniqueid: String,
    pub(crate) linkedid: String,
    pub(crate) device: Device,
    pub(crate) state: ChannelState,
    pub(crate) caller: Party,
    pub(crate) connected: Party,
    pub(crate) context: String,
    pub(crate) exten: String,
    pub(crate) priority: u32,
    pub(crate) application: (String, String),
    pub(crate) born_ms: u64,
    pub(crate) answered_ms: Option<u64>,
    pub(crate) bridge: Option<u32>,
    pub(crate) doing: Doing,
    /// Made by the PBX to call somebody: runs no dialplan of its own.
    pub(crate) outgoing: bool,
    /// Put on hold by the other side.
    pub(crate) held: bool,
    /// Holds the other side.
    pub(crate) holding: bool,
    /// Recorded; true while muted.
    pub(crate) recording: Option<bool>,
    pub(crate) other_half: Option<Key>,
    /// Whom it listens to.
    pub(crate) spies_on: Option<Key>,
    pub(crate) served: Option<Served>,
    pub(crate) consultation: Option<Consultation>,
    pub(crate) origin: Option<Origin>,
    /// A caller ID on its way through a Local pair; it arrives with the next thing that does.
    pub(crate) next_caller: Option<Party>,
    pub(crate) record: Option<Record>,
    /// Took part in an answered `Dial`, which leaves a cause on the channel.
    pub(crate) dialled: bool,
    /// Refused with this cause before anybody answered.
    pub(crate) tech_cause: Option<u16>,
    pub(crate) variables: BTreeMap<String, String>,
}

impl Channel {
    pub(crate) fn new(name: String, uniqueid: String, linkedid: String, device: Device, now_ms: u64) -> Self {
        Channel {
            name,
            uniqueid,
            linkedid,
            device,
            state: ChannelState::Down,
            caller: Party::default(),
            connected: Party::default(),
            context: INTERNAL.to_owned(),
            exten: "s".to_owned(),
            priority: 1,
            application: (String::new(), String::new()),
            born_ms: now_ms,
            answered_ms: None,
            bridge: None,
            doing: Doing::Nothing,
            outgoing: false,
            held: false,
            holding: false,
            recording: None,
            other_half: None,
            spies_on: None,
            served: None,
            consultation: None,
            origin: None,
            next_caller: None,
            record: None,
            dialled: false,
            tech_cause: None,
            variables: BTreeMap::new(),
        }
    }

    pub(crate) fn legs(&self) -> &[Key] {
        match &self.doing {
            Doing::Dialling { legs, .. } | Doing::Queueing { legs, .. } => legs,
            Doing::Nothing
            | Doing::Rung { .. }
            | Doing::Originated
            | Doing::QueueRung { .. }
            | Doing::Parked(_)
            | Doing::Conference
            | Doing::Voicemail(_) => &[],
        }
    }

    pub(crate) fn go_to(&mut self, context: &str, exten: &str, priority: u32) {
        context.clone_into(&mut self.context);
        exten.clone_into(&mut self.exten);
        self.priority = priority;
    }
}

impl Text {
    /// The fourteen headers of a channel snapshot, under this prefix.
    pub(crate) fn channel(self, prefix: &str, channel: &Channel) -> Self {
        let name = |suffix: &str| format!("{prefix}{suffix}");
        self.with(&name("Channel"), &channel.name)
            .with(&name("ChannelState"), channel.state.number())
            .with(&name("ChannelStateDesc"), channel.state.word())
            .with(&name("CallerIDNum"), or_unknown(&channel.caller.number))
            .with(
                &name("CallerIDName"),
                &*ami::wire::escaped(or_unknown(&channel.caller.name)),
            )
            .with(&name("ConnectedLineNum"), or_unknown(&channel.connected.number))
            .with(
                &name("ConnectedLineName"),
                &*ami::wire::escaped(or_unknown(&channel.connected.name)),
            )
            .with(&name("Language"), "en")
            .with(&name("AccountCode"), "")
            .with(&name("Context"), &channel.context)
            .with(&name("Exten"), &channel.exten)
            .with(&name("Priority"), channel.priority)
            .with(&name("Uniqueid"), &channel.uniqueid)
            .with(&name("Linkedid"), &channel.linkedid)
    }
}
