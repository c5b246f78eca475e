//! Local channels: the two halves of one, and their removal once both sides are answered.

use super::channel::ChannelRef;
use super::{Text, event};
use crate::id::{ContextName, ExtensionName, UniqueId};

event! { 'a
    /// Two halves belong together.
    LocalBridge {
        "Context" context: ContextName<'a>,
        "Exten" exten: ExtensionName<'a>,
        "LocalOptimization" optimization: bool,
        ; "LocalOne" one: ChannelRef<'a>, "LocalTwo" two: ChannelRef<'a>,
    }
    /// The pair is being optimised away.
    LocalOptimizationBegin {
        "DestUniqueId" dest_uniqueid: UniqueId<'a>,
        "Id" id: u64,
        ; "LocalOne" one: ChannelRef<'a>, "LocalTwo" two: ChannelRef<'a>, "Source" source: ChannelRef<'a>,
    }
    /// The attempt to optimise the pair away ended.
    LocalOptimizationEnd {
        "Success" success: Text<'a>,
        "Id" id: u64,
        ; "LocalOne" one: ChannelRef<'a>, "LocalTwo" two: ChannelRef<'a>,
    }
}
