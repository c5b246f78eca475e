//! Where a session stands, and why one ended.

use crate::value::ValueError;

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Connected, nothing read yet.
    AwaitingBanner,
    /// Asked for a challenge.
    AwaitingChallenge,
    /// Sent the credentials.
    AwaitingLogin,
    /// Logged in.
    Up,
    /// Over: the connection is to be closed, or is.
    Closed(CloseReason),
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The first line is not that of a manager interface.
    #[error("the other end does not speak AMI")]
    NotAmi {
        /// The start of what it said instead.
        greeting: String,
    },
    /// The account was refused.
    #[error("the credentials were refused: {message}")]
    CredentialsRefused {
        /// What Asterisk said.
        message: String,
    },
    /// Account name or password cannot be sent.
    #[error("the credentials cannot be sent: {0}")]
    CredentialsUnusable(#[from] ValueError),
    /// Nothing was said after the connection was made.
    #[error("no greeting came")]
    NoGreeting,
    /// The login was not answered.
    #[error("the login was not answered")]
    LoginTimeout,
    /// Nothing came for [`SILENCE_LIMIT_MS`](super::SILENCE_LIMIT_MS), not even answers to pings.
    #[error("the connection is half-open")]
    HalfOpen,
    /// More unusable bytes than [`Limits::garbage_bytes`](crate::Limits::garbage_bytes).
    #[error("too much garbage")]
    Garbage,
    /// Asterisk announced that it stops.
    #[error("Asterisk was shut down")]
    Shutdown {
        /// Whether it comes back by itself.
        restart: bool,
    },
    /// The connection was closed before the login was answered: an address not allowed, too many connections,
    /// or an Asterisk that is still starting.
    #[error("the connection was closed before the login")]
    TurnedAway,
    /// The connection was closed in the middle of a frame: Asterisk drops readers that are too slow so.
    #[error("the connection was cut inside a message")]
    CutMidFrame,
    /// The connection was closed between frames.
    #[error("the connection was closed by the other end")]
    ClosedByPeer,
    /// We logged off.
    #[error("logged off")]
    Logoff,
}
