//! Devices, hints, presence and waiting messages.

use super::{Text, event};
use crate::id::{ContextName, DeviceName, ExtensionName, MailboxName};
use crate::state::{DeviceState, ExtensionState, PresenceState};

event! { 'a
    /// A device changed its state, or one device of a `DeviceStateList`.
    DeviceStateChange { "Device" device: DeviceName<'a>, "State" state: DeviceState, }
    /// A hint changed its state, or one hint of an `ExtensionStateList`.
    ExtensionStatus {
        "Exten" exten: ExtensionName<'a>,
        "Context" context: ContextName<'a>,
        "Hint" hint: Text<'a>,
        "Status" status: ExtensionState,
        "StatusText" status_text: Text<'a>,
    }
    /// A presence provider's state changed, or one of a `PresenceStateList`.
    PresenceStateChange {
        "Presentity" presentity: Text<'a>,
        "Status" status: PresenceState<'a>,
        "Subtype" subtype: Text<'a>,
        "Message" message: Text<'a>,
    }
    /// A hint's presence changed.
    PresenceStatus {
        "Exten" exten: ExtensionName<'a>,
        "Context" context: ContextName<'a>,
        "Hint" hint: Text<'a>,
        "Status" status: PresenceState<'a>,
        "Subtype" subtype: Text<'a>,
        "Message" message: Text<'a>,
    }
    /// A mailbox's counts.
    MessageWaiting {
        "Mailbox" mailbox: MailboxName<'a>,
        "Waiting" waiting: bool,
        "New" new: u32,
        "Old" old: u32,
    }
}
