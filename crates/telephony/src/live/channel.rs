//! Channels: the facts the stream told about each.

use ami::ChannelState;

use crate::live::arena::Slot;
use crate::live::bridge::BridgeSlot;
use crate::live::call::CallSlot;
use crate::{LegRole, Party, Timestamp, Visit};

pub(crate) type ChannelSlot = Slot<Channel>;

/// What is at the far end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Far {
    /// A phone of ours.
    Phone,
    /// The rest of the world.
    Trunk,
    /// The other half of a Local channel.
    Local,
    /// Nobody: recorders, announcers, snoops.
    Nobody,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) uid: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) linked: Box<str>,
    pub(crate) call: CallSlot,
    pub(crate) far: Far,
    pub(crate) trunk: Option<String>,
    pub(crate) party: Party,
    pub(crate) role: LegRole,
    pub(crate) state: ChannelState,
    pub(crate) answered: Option<Timestamp>,
    pub(crate) bridge: Option<BridgeSlot>,
    /// The serial of the bridge whose other members this channel put on hold.
    pub(crate) holding: Option<u64>,
    /// The other half of a Local channel.
    pub(crate) half: Option<ChannelSlot>,
    pub(crate) dialled_by: Option<ChannelSlot>,
    /// When a trunk was dialled that has not given a sign yet.
    pub(crate) dialled_at: Option<Timestamp>,
    /// Whom the ringing phone is called by, when it is not the call's caller.
    pub(crate) rung_for: Option<Party>,
    /// Dials of this channel under way.
    pub(crate) dials: u32,
    /// The service the dialplan runs for this channel.
    pub(crate) app: Option<Box<str>>,
    /// The conference it is in.
    pub(crate) room: Option<Box<str>>,
    /// Whom it listens to.
    pub(crate) spying_on: Option<Party>,
    /// The queue it waits in.
    pub(crate) queued: Option<String>,
    /// Somebody asked for it to be taken out of there.
    pub(crate) withdrawn: bool,
    /// The queue that the dialplan sends it to.
    pub(crate) enters: Option<Box<str>>,
    /// Its last visit of a queue, and how many there were.
    pub(crate) visit: Option<Box<Visit>>,
    pub(crate) visits: u32,
    /// The lot and space it is parked in.
    pub(crate) parked: Option<(String, String)>,
    /// A recording was started on it.
    pub(crate) recorded: bool,
    pub(crate) rang: bool,
    /// Its end of a dial was told in the story.
    pub(crate) dial_told: bool,
    /// When its own end asked to hang up.
    pub(crate) hung_up: Option<Timestamp>,
}

impl Channel {
    /// A channel of which nothing is known but whose it is.
    pub(crate) fn new([uid, name, linked]: [&str; 3], call: CallSlot, far: Far, party: Party) -> Self {
        Channel {
            uid: uid.into(),
            name: name.into(),
            linked: linked.into(),
            call,
            far,
            trunk: None,
            party,
            role: LegRole::Internal,
            state: ChannelState::Down,
            answered: None,
            bridge: None,
            holding: None,
            half: None,
            dialled_by: None,
            dialled_at: None,
            rung_for: None,
            dials: 0,
            app: None,
            room: None,
            spying_on: None,
            queued: None,
            withdrawn: false,
            enters: None,
            visit: None,
            visits: 0,
            parked: None,
            recorded: false,
            rang: false,
            dial_told: false,
            hung_up: None,
        }
    }

    /// Whether a person may be at its far end.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self.far, Far::Phone | Far::Trunk)
    }

    /// A person who takes part, rather than listens in.
    pub(crate) fn takes_part(&self) -> bool {
        self.is_person() && self.role != LegRole::Supervisor
    }

    pub(crate) fn is_up(&self) -> bool {
        self.state == ChannelState::Up
    }
}

/// `PJSIP/1001` of `PJSIP/1001-0000002a`: the name up to its last dash.
pub(crate) fn device_of(name: &str) -> &str {
    name.rsplit_once('-').map_or(name, |(device, _)| device)
}

/// `PJSIP` and `1001` of `PJSIP/1001`.
pub(crate) fn split_device(device: &str) -> (&str, &str) {
    device.split_once('/').unwrap_or((device, ""))
}

/// The common part of the names of both halves of a Local channel, and the half's number.
pub(crate) fn local_half(name: &str) -> Option<(&str, u8)> {
    let (base, half) = name.rsplit_once(';')?;
    match half {
        "1" => Some((base, 1)),
        "2" => Some((base, 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_keep_their_dashes() {
        assert_eq!(device_of("PJSIP/trunk-a-0000002a"), "PJSIP/trunk-a");
        assert_eq!(split_device("PJSIP/1001"), ("PJSIP", "1001"));
        assert_eq!(local_half("Local/1@x-0001;2"), Some(("Local/1@x-0001", 2)));
    }
}
