//! Questions about what there is.

use super::actions;
use crate::value::Value;

actions! {
    /// Lists channels.
    CoreShowChannels = "CoreShowChannels", List {}
    /// Lists the channels connected to one.
    CoreShowChannelMap = "CoreShowChannelMap", List { required "Channel" channel: Value, }
    /// Describes channels, with chosen variables.
    Status = "Status", List {
        optional "Channel" channel: Value,
        /// Comma-separated names.
        optional "Variables" variables: Value,
        optional "AllVariables" all_variables: bool,
    }
    /// Lists bridges.
    BridgeList = "BridgeList", List { optional "BridgeType" kind: Value, }
    /// Lists the channels of a bridge.
    BridgeInfo = "BridgeInfo", List { required "BridgeUniqueid" bridge: Value, }
    /// Lists parked calls.
    ParkedCalls = "ParkedCalls", List { optional "ParkingLot" lot: Value, }
    /// Lists parking lots.
    Parkinglots = "Parkinglots", List {}
    /// Lists devices and their states.
    DeviceStateList = "DeviceStateList", List {}
    /// Lists hints and their states.
    ExtensionStateList = "ExtensionStateList", List {}
    /// Lists presence providers and their states.
    PresenceStateList = "PresenceStateList", List {}
    /// Asks for one hint; the answer is in the response.
    ExtensionState = "ExtensionState", Single {
        required "Exten" exten: Value,
        required "Context" context: Value,
    }
    /// Lists PJSIP endpoints.
    PjsipShowEndpoints = "PJSIPShowEndpoints", List {}
    /// Lists PJSIP contacts. Needs the `system` class.
    PjsipShowContacts = "PJSIPShowContacts", List {}
    /// Lists PJSIP addresses of record.
    PjsipShowAors = "PJSIPShowAors", List {}
    /// Lists outbound registrations. The answer carries passwords in `AuthDetail` events.
    PjsipShowRegistrationsOutbound = "PJSIPShowRegistrationsOutbound", List {}
    /// Counts the messages of a mailbox; the answer is in the response.
    MailboxCount = "MailboxCount", Single { required "Mailbox" mailbox: Value, }
    /// Reads a key of Asterisk's database.
    DbGet = "DBGet", List {
        required "Family" family: Value,
        required "Key" key: Value,
    }
    /// Reads a tree of Asterisk's database.
    DbGetTree = "DBGetTree", List {
        optional "Family" family: Value,
        optional "Key" key: Value,
    }
    /// Writes a key of Asterisk's database. Needs the `system` class.
    DbPut = "DBPut", Single {
        required "Family" family: Value,
        required "Key" key: Value,
        required "Val" value: Value,
    }
    /// Removes a key of Asterisk's database. Needs the `system` class.
    DbDel = "DBDel", Single {
        required "Family" family: Value,
        required "Key" key: Value,
    }
}
