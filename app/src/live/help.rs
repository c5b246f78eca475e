//! Somebody who asks for help: seen by whoever may listen to their calls, and by themselves.

use serde::{Deserialize, Serialize};
use telephony::{CallId, Timestamp};

use super::note::Note;
use crate::model::UserId;

/// Characters of what somebody says with it.
pub const MAX_WORDS_CHARS: usize = 120;

/// An open request for help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpRequest {
    /// Names it.
    pub id: i64,
    /// Who asks.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their extension.
    pub extension: String,
    /// The call it is about: it ends with that.
    pub call: Option<CallId>,
    /// What they said with it; may be empty.
    pub words: String,
    /// Since when.
    pub asked: Timestamp,
    /// Who is on it.
    pub taken: Option<(UserId, String)>,
}

impl Note for HelpRequest {
    const KIND: &'static str = "help";

    fn id(&self) -> String {
        self.id.to_string()
    }
}

/// One's own request, as the one who asks sees it. Named by the extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnHelp(pub HelpRequest);

impl Note for OwnHelp {
    const KIND: &'static str = "own-help";

    fn id(&self) -> String {
        self.0.extension.clone()
    }
}
