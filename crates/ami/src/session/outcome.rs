//! What an action came to. Not knowing is an outcome of its own: such an action is never sent again.

use crate::action::EncodeError;
use crate::message::Message;

/// What an action came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Asterisk accepted it; the response may say more.
    Success(Message),
    /// Asterisk refused it; nothing happened.
    Refused {
        /// What Asterisk said.
        message: String,
    },
    /// The items of a list, without the events that begin and end it.
    List {
        /// In the order they came.
        items: Vec<Message>,
        /// Whether Asterisk said that this is all.
        complete: bool,
    },
    /// It was sent, and nobody knows whether it was carried out.
    Unknown(UnknownReason),
    /// It was not sent.
    NotSent(NotSent),
}

/// Why an outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum UnknownReason {
    /// No answer came in time.
    #[error("no answer came in time")]
    Deadline,
    /// The connection ended first.
    #[error("the connection was lost before the answer came")]
    LinkLost,
    /// The list was longer than we keep.
    #[error("the answer was too long")]
    TooLong,
}

/// Why an action was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// There is no session to send it on.
    #[error("not connected")]
    LinkDown,
    /// Too many actions wait for their answers.
    #[error("too many actions wait for their answers")]
    TooManyInFlight,
    /// Asterisk would refuse to read it.
    #[error(transparent)]
    Encode(EncodeError),
}
