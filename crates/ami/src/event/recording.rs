//! Recording a call, and listening to one.

use super::channel::ChannelRef;
use super::event;
use crate::state::AudioDirection;

event! { 'a
    /// A recording began.
    MixMonitorStart { ; "" channel: ChannelRef<'a>, }
    /// A recording was stopped. One that ends with its call says nothing.
    MixMonitorStop { ; "" channel: ChannelRef<'a>, }
    /// A recording was paused or went on.
    MixMonitorMute {
        "Direction" direction: AudioDirection<'a>,
        "State" muted: bool,
        ; "" channel: ChannelRef<'a>,
    }
    /// Somebody listens to a channel.
    ChanSpyStart { ; "Spyer" spyer: ChannelRef<'a>, "Spyee" spyee: ChannelRef<'a>, }
    /// Somebody no longer listens.
    ChanSpyStop { ; "Spyer" spyer: ChannelRef<'a>, "Spyee" spyee: ChannelRef<'a>, }
}
