//! Who takes part in a call of somebody else: seen by whoever may listen to that call.

use serde::{Deserialize, Serialize};
use telephony::{CallId, LegId, Supervision, Timestamp};

use super::note::Note;
use crate::model::UserId;

/// A supervisor's phone that is on its way to a call, or hears it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervising {
    /// The supervisor's leg.
    pub own: LegId,
    /// The call that is heard.
    pub call: CallId,
    /// The leg in it that was chosen.
    pub leg: LegId,
    /// The extension there.
    pub agent: String,
    /// The supervisor's extension.
    pub by: String,
    /// The supervisor.
    pub user: UserId,
    /// Their name.
    pub who: String,
    /// How they take part.
    pub how: Supervision,
    /// Since when.
    pub since: Timestamp,
    /// Whether their phone has answered.
    pub heard: bool,
}

impl Note for Supervising {
    const KIND: &'static str = "supervising";

    fn id(&self) -> String {
        self.own.0.clone()
    }
}
