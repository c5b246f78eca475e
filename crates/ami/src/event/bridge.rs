//! Bridges: what joins channels so that they hear each other.

use super::channel::ChannelRef;
use super::{Text, event, group};
use crate::id::{BridgeId, UniqueId};

group! { 'a
    /// The headers that describe a bridge, bare or behind a prefix (`To`, `From`, `Orig`).
    BridgeRef {
        "BridgeUniqueid" id: BridgeId<'a>,
        /// `basic`, `base`, `holding`, `parking`, `stasis`.
        "BridgeType" kind: Text<'a>,
        "BridgeTechnology" technology: Text<'a>,
        /// What made it: `ConfBridge`, `Parking`, `Stasis`; `None` for an ordinary call.
        "BridgeCreator" creator: Text<'a>,
        "BridgeName" name: Text<'a>,
        "BridgeNumChannels" channels: u32,
    }
}

event! { 'a
    /// A bridge was made.
    BridgeCreate { ; "" bridge: BridgeRef<'a>, }
    /// A bridge is gone.
    BridgeDestroy { ; "" bridge: BridgeRef<'a>, }
    /// A channel entered a bridge.
    BridgeEnter {
        /// The channel that leaves in its favour.
        "SwapUniqueid" swap_uniqueid: UniqueId<'a>,
        ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>,
    }
    /// A channel left a bridge.
    BridgeLeave { ; "" bridge: BridgeRef<'a>, "" channel: ChannelRef<'a>, }
    /// The channels of one bridge moved to another.
    BridgeMerge { ; "To" to: BridgeRef<'a>, "From" from: BridgeRef<'a>, }
    /// One bridge of a `BridgeList`.
    BridgeListItem { ; "" bridge: BridgeRef<'a>, }
    /// One channel of a `BridgeInfo`.
    BridgeInfoChannel { ; "" channel: ChannelRef<'a>, }
    /// The end of a `BridgeInfo`.
    BridgeInfoComplete {
        "EventList" event_list: Text<'a>,
        "ListItems" items: u32,
        ; "" bridge: BridgeRef<'a>,
    }
}
