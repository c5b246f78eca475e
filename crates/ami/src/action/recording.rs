//! Recording calls.

use super::actions;
use crate::value::{Direction, Value};

actions! {
    /// Records a channel. Needs the `system` class.
    MixMonitor = "MixMonitor", Single {
        required "Channel" channel: Value,
        optional "File" file: Value,
        optional "Options" options: Value,
    }
    /// Pauses a recording, or goes on with it.
    MixMonitorMute = "MixMonitorMute", Single {
        required "Channel" channel: Value,
        required "Direction" direction: Direction,
        /// 1 is muted, 0 is not.
        required "State" state: u32,
        optional "MixMonitorID" id: Value,
    }
    /// Stops a recording.
    StopMixMonitor = "StopMixMonitor", Single {
        required "Channel" channel: Value,
        optional "MixMonitorID" id: Value,
    }
}
