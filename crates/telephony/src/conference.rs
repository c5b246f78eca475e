//! A conference: a ConfBridge room with people in it.

use serde::{Deserialize, Serialize};

use crate::{CallId, LegId, Timestamp, call::Party};

/// One person in a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Participant {
    /// The leg.
    pub leg: LegId,
    /// The call.
    pub call: CallId,
    /// Who.
    pub party: Party,
    /// Cannot be heard.
    pub muted: bool,
    /// May run the room.
    pub admin: bool,
    /// Since when.
    pub since: Timestamp,
}

/// One room as a row of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Conference {
    /// The room's name, its id.
    pub room: String,
    /// Who is in it, in order of joining.
    pub participants: Vec<Participant>,
    /// Nobody else may enter.
    pub locked: bool,
    /// Being recorded.
    pub recording: bool,
    /// Since when the room is open.
    pub since: Timestamp,
}
