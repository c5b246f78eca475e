//! From a decision to the one action it comes to.

use ami::Action;
use ami::action::call::Originate;
use ami::action::list::DbGetTree;

use super::{Attempt, FAMILY};
use crate::lower::{number, plain, value};
use crate::{Refusal, Switchboard};

/// The dialplan's context that brings who was called back to the head of their queue; the queue's name is the extension.
pub const CONTEXT: &str = "starboard-callback";
/// The dialplan's context that calls the customer; the number is the extension.
pub const DIAL_CONTEXT: &str = "starboard-callback-dial";
/// How long the customer's phone rings, in milliseconds.
const RING_MS: u64 = 40_000;
/// Letters of a queue's name that can stand in a dialplan.
const QUEUE_LETTERS: &str = "_-.";

impl Switchboard {
    /// Calls a customer once, for a queue. Nothing in it comes from a client: the contexts are fixed, the queue is one of
    /// the board, the number holds digits, and the channel's id can be used once.
    ///
    /// # Errors
    /// With the reason a person is told.
    pub fn callback_order(
        &self,
        queue: &str,
        attempt: Attempt,
        to: &str,
        name: Option<&str>,
    ) -> Result<Action, Refusal> {
        let plain_name = |letter: char| letter.is_ascii_alphanumeric() || QUEUE_LETTERS.contains(letter);
        if !self.board().queues.contains_key(queue) || !queue.chars().all(plain_name) {
            return Err(Refusal::ByPbx(format!("queue {queue} cannot be called back to")));
        }
        let to = number("to", to)?;
        let shown = format!("{} <{}>", plain(name.unwrap_or_default()), to.as_str());
        Ok(Originate {
            channel: value("to", &format!("Local/{}@{DIAL_CONTEXT}/n", to.as_str()))?,
            channel_id: value("attempt", &attempt.channel())?,
            other_channel_id: Some(value("attempt", &attempt.other_channel())?),
            context: Some(value("context", CONTEXT)?),
            exten: Some(value("queue", queue)?),
            priority: Some(1),
            application: None,
            data: None,
            timeout_ms: Some(RING_MS),
            caller_id: Some(value("to", shown.trim_start())?),
            account: None,
            early_media: None,
            variables: Vec::new(),
        }
        .into())
    }

    /// Ends the call of an attempt; None when it is not up.
    pub fn callback_hang_up(&self, attempt: Attempt) -> Option<Action> {
        self.hang_up(self.callback_channel(attempt)?).ok()
    }

    /// Asks for the wishes that the dialplan left while nobody listened.
    pub fn left_wishes() -> Option<Action> {
        let family = Some(value("family", FAMILY).ok()?);
        Some(DbGetTree { family, key: None }.into())
    }
}
