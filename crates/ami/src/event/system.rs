//! The PBX itself: started, stopping, reloaded.

use super::{Text, event};

event! { 'a
    /// Asterisk is up. A connection made during start-up is logged in before this comes.
    FullyBooted {
        "Status" status: Text<'a>,
        /// Seconds since start.
        "Uptime" uptime_s: u64,
        /// Seconds since the last reload.
        "LastReload" last_reload_s: u64,
    }
    /// Asterisk stops. A crash says nothing.
    Shutdown {
        /// `Cleanly` or `Uncleanly`.
        "Shutdown" shutdown: Text<'a>,
        "Restart" restart: bool,
    }
    /// A module was reloaded, or was not: see the status.
    Reload {
        "Module" module: Text<'a>,
        "Status" status: u32,
    }
}
