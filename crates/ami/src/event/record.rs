//! Call detail records. Rows are not calls: group them by linked id and order them by sequence.

use super::{Text, event};
use crate::id::{ChannelName, ContextName, ExtensionName, LinkedId, UniqueId};
use crate::state::Disposition;

event! { 'a
    /// A call detail record. Times are local to the PBX and carry no offset.
    Cdr {
        "AccountCode" account: Text<'a>,
        "Source" source: Text<'a>,
        "Destination" destination: ExtensionName<'a>,
        "DestinationContext" context: ContextName<'a>,
        "CallerID" caller_id: Text<'a>,
        "Channel" channel: ChannelName<'a>,
        "DestinationChannel" dest_channel: ChannelName<'a>,
        "LastApplication" application: Text<'a>,
        "LastData" data: Text<'a>,
        "StartTime" start: Text<'a>,
        "AnswerTime" answer: Text<'a>,
        "EndTime" end: Text<'a>,
        "Duration" duration_s: u64,
        "BillableSeconds" billable_s: u64,
        "Disposition" disposition: Disposition<'a>,
        "AMAFlags" ama_flags: Text<'a>,
        "UniqueID" uniqueid: UniqueId<'a>,
        "UserField" user_field: Text<'a>,
        /// Only with the mapping in `cdr_manager.conf`.
        "LinkedID" linkedid: LinkedId<'a>,
        "PeerAccount" peer_account: Text<'a>,
        /// Only with the mapping in `cdr_manager.conf`.
        "Sequence" sequence: u64,
    }
}
