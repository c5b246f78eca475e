//! Bridges: who is where with whom.

use crate::live::arena::Slot;
use crate::live::channel::ChannelSlot;

pub(crate) type BridgeSlot = Slot<Bridge>;

/// What being in a bridge means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BridgeKind {
    /// People in it talk, and belong to one call.
    Talk,
    /// People in it talk, each on a call of their own.
    Conference,
    /// Nobody in it talks (parking, holding).
    Hold,
}

#[derive(Debug)]
pub(crate) struct Bridge {
    pub(crate) id: Box<str>,
    /// Never used twice, unlike a slot.
    pub(crate) serial: u64,
    pub(crate) kind: BridgeKind,
    /// The conference's name.
    pub(crate) room: Option<Box<str>>,
    pub(crate) members: Vec<ChannelSlot>,
}

impl Bridge {
    /// Judges a bridge by its type, technology and maker.
    pub(crate) fn kind_of(bridge: &ami::BridgeRef<'_>) -> BridgeKind {
        let creator = bridge.creator.as_deref().unwrap_or_default();
        match bridge.kind.as_deref().unwrap_or_default() {
            "parking" | "holding" => BridgeKind::Hold,
            _ if bridge.technology.as_deref() == Some("holding_bridge") => BridgeKind::Hold,
            "base" if creator == "ConfBridge" => BridgeKind::Conference,
            _ => BridgeKind::Talk,
        }
    }
}
