//! A parked call: a caller in a numbered space.

use serde::{Deserialize, Serialize};

use crate::{CallId, Timestamp, call::Party};

/// One occupied parking space as a row of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct ParkedCall {
    /// Parking lot and space make its id.
    pub lot: String,
    /// The space, dialled to take the call.
    pub space: String,
    /// The call.
    pub call: CallId,
    /// Who waits there.
    pub caller: Party,
    /// Who parked it.
    pub parked_by: Option<Party>,
    /// Since when.
    pub since: Timestamp,
    /// When it goes back.
    pub until: Option<Timestamp>,
}
