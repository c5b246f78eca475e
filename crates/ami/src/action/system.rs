//! The session itself, and the PBX as a whole.

use super::actions;
use crate::value::Value;

actions! {
    /// Logs in with the password itself.
    Login = "Login", Single {
        required "Username" username: Value,
        required "Secret" secret: Value,
        /// `on`, `off`, or a list of classes.
        optional "Events" events: Value,
    }
    /// Logs in with the answer to a challenge.
    LoginWithKey = "Login", Single {
        required "Username" username: Value,
        required "Key" key: Value,
        optional "Events" events: Value,
        ; "AuthType" = "MD5",
    }
    /// Asks for a challenge.
    Challenge = "Challenge", Single {
        ; "AuthType" = "MD5",
    }
    /// Ends the session.
    Logoff = "Logoff", Single {}
    /// Asks for a sign of life.
    Ping = "Ping", Single {}
    /// Chooses the classes of events to get.
    Events = "Events", Single { required "EventMask" mask: Value, }
    /// Adds an event filter to this session. Needs the `system` class.
    Filter = "Filter", Single {
        required "Filter" filter: Value,
        /// `action(exclude),name(VarSet)`, for instance; without it the filter is an old-style pattern.
        optional "MatchCriteria" criteria: Value,
        ; "Operation" = "Add",
    }
    /// Asks when Asterisk started and how many calls it has.
    CoreStatus = "CoreStatus", Single {}
    /// Asks for versions and the system name.
    CoreSettings = "CoreSettings", Single {}
    /// Asks which actions this account may use: the response has one header for each.
    ListCommands = "ListCommands", Single {}
    /// Runs a command of the command line; what it prints is in `Output` headers.
    Command = "Command", Single { required "Command" command: Value, }
    /// Reloads a module, or everything. The answer is `Success` even when nothing was loaded: read back.
    Reload = "Reload", Single { optional "Module" module: Value, }
    /// Announces something to everybody who listens.
    UserEvent = "UserEvent", Single { required "UserEvent" name: Value, }
}
