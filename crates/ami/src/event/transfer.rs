//! Transfers and pickups.

use super::bridge::BridgeRef;
use super::channel::ChannelRef;
use super::{Text, event};
use crate::id::{BridgeId, ContextName, ExtensionName};
use crate::state::TransferResult;

event! { 'a
    /// A call was sent on without asking.
    BlindTransfer {
        "Result" result: TransferResult<'a>,
        /// Whether somebody outside the bridge asked for it (a REFER, an AMI action).
        "IsExternal" is_external: bool,
        "Context" context: ContextName<'a>,
        "Extension" exten: ExtensionName<'a>,
        ; "Transferer" transferer: ChannelRef<'a>, "Transferee" transferee: ChannelRef<'a>, "" bridge: BridgeRef<'a>,
    }
    /// A call was handed over after a consultation.
    AttendedTransfer {
        "Result" result: TransferResult<'a>,
        "IsExternal" is_external: bool,
        /// `Bridge`, `App`, `Link`, `Threeway` or `Fail`.
        "DestType" dest_type: Text<'a>,
        "DestBridgeUniqueid" dest_bridge: BridgeId<'a>,
        "DestApp" dest_app: Text<'a>,
        ;
        "OrigTransferer" orig_transferer: ChannelRef<'a>,
        "Orig" orig_bridge: BridgeRef<'a>,
        "SecondTransferer" second_transferer: ChannelRef<'a>,
        "Second" second_bridge: BridgeRef<'a>,
        "Transferee" transferee: ChannelRef<'a>,
        "TransferTarget" target: ChannelRef<'a>,
        "LocalOne" local_one: ChannelRef<'a>,
        "LocalTwo" local_two: ChannelRef<'a>,
    }
    /// A ringing call was answered by another phone.
    Pickup { ; "Target" target: ChannelRef<'a>, "" channel: ChannelRef<'a>, }
}
