//! What a session needs to know before its first byte.

use crate::decoder::Limits;
use crate::secret::Secret;

/// What a session needs to know.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// The account.
    pub username: String,
    /// Its password.
    pub secret: Secret,
    /// Whether to log in by MD5 challenge instead of sending the password.
    pub challenge: bool,
    /// Whether to get events at all. A session for commands only has no use for them.
    pub events: bool,
    /// Starts every `ActionID`. Other clients see it in events our actions cause, so it should be unique.
    pub action_prefix: String,
    /// Bounds of what is read.
    pub limits: Limits,
}

impl SessionConfig {
    /// For a session that never logs in.
    pub(super) fn of_nobody(limits: Limits) -> Self {
        SessionConfig {
            username: String::new(),
            secret: Secret::new(""),
            challenge: false,
            events: true,
            action_prefix: "watching-".to_owned(),
            limits,
        }
    }
}
