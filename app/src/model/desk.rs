//! What an agent's desk shows.

use serde::{Deserialize, Serialize};
use telephony::Timestamp;

use super::{
    figures::KeptVisit,
    queues::{PauseReason, QueueRules},
};
use crate::live::note::Note;

/// The work after a call, while it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrapUp {
    /// The agent's interface.
    pub interface: String,
    /// The extension behind it.
    pub extension: Option<String>,
    /// The queue that the caller came through.
    pub queue: String,
    /// The visit.
    pub visit: i64,
    /// The caller's number.
    pub number: String,
    /// The caller's name.
    pub name: Option<String>,
    /// Since when
    pub since: Timestamp,
    /// until when.
    pub due: Timestamp,
}

impl Note for WrapUp {
    const KIND: &'static str = "wrap";

    fn id(&self) -> String {
        self.interface.clone()
    }
}

/// What a desk is made of, beside the live board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Why one can pause.
    pub reasons: Vec<PauseReason>,
    /// The rules of one's queues.
    pub rules: Vec<QueueRules>,
    /// The calls one took from queues lately, the latest first.
    pub taken: Vec<KeptVisit>,
}
