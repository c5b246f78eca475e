//! What pages and server say to each other about queues.

use serde::{Deserialize, Serialize};
use telephony::QueueCommand;

use super::PbxId;

/// A command about a queue with the id that makes a double click one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRequest {
    /// Made by the client, once for a click: 8 to 64 of `A-Z a-z 0-9 -`.
    pub request_id: String,
    /// On which PBX.
    pub pbx: PbxId,
    /// What.
    pub command: QueueCommand,
}
