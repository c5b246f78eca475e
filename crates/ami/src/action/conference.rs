//! ConfBridge conferences.

use super::actions;
use crate::value::Value;

actions! {
    /// Lists conferences. An error says that there is none.
    ConfbridgeListRooms = "ConfbridgeListRooms", List {}
    /// Lists the participants of a conference.
    ConfbridgeList = "ConfbridgeList", List { required "Conference" conference: Value, }
    /// Throws a participant out.
    ConfbridgeKick = "ConfbridgeKick", Single {
        required "Conference" conference: Value,
        required "Channel" channel: Value,
    }
    /// Mutes a participant.
    ConfbridgeMute = "ConfbridgeMute", Single {
        required "Conference" conference: Value,
        required "Channel" channel: Value,
    }
    /// Lets a participant speak again.
    ConfbridgeUnmute = "ConfbridgeUnmute", Single {
        required "Conference" conference: Value,
        required "Channel" channel: Value,
    }
    /// Lets nobody else in.
    ConfbridgeLock = "ConfbridgeLock", Single { required "Conference" conference: Value, }
    /// Lets others in again.
    ConfbridgeUnlock = "ConfbridgeUnlock", Single { required "Conference" conference: Value, }
    /// Starts to record a conference.
    ConfbridgeStartRecord = "ConfbridgeStartRecord", Single {
        required "Conference" conference: Value,
        optional "RecordFile" file: Value,
    }
    /// Stops recording a conference.
    ConfbridgeStopRecord = "ConfbridgeStopRecord", Single { required "Conference" conference: Value, }
}
