//! Where the connection stands, in words a person can be told.

use crate::session::CloseReason;

/// The state of the link to a PBX. Times are on the client's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// Making a connection.
    Connecting {
        /// 1 for the first since the link was last up.
        attempt: u32,
    },
    /// Connected, not yet in.
    LoggingIn,
    /// Logged in. Asterisk may still be starting: `FullyBooted` comes as an event then.
    Up {
        /// The manager interface's version.
        version: String,
    },
    /// The account was refused; tried again once a minute.
    CredentialsRefused {
        /// What Asterisk said.
        message: String,
        /// Time until the next attempt.
        retry_in_ms: u64,
    },
    /// No connection.
    Down {
        /// Why.
        reason: DownReason,
        /// When the link was last up, or first tried.
        since_ms: u64,
        /// Time until the next attempt.
        retry_in_ms: u64,
    },
    /// Stopped for good.
    Stopped,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownReason {
    /// The name has no address.
    #[error("the host name cannot be resolved: {message}")]
    Dns {
        /// What the resolver said.
        message: String,
    },
    /// Nobody listens on that port.
    #[error("the connection was refused")]
    Refused,
    /// No connection in [`CONNECT_TIMEOUT_MS`](super::CONNECT_TIMEOUT_MS).
    #[error("the connection could not be made in time")]
    ConnectTimeout,
    /// The network says no.
    #[error("the host cannot be reached: {message}")]
    Unreachable {
        /// What the system said.
        message: String,
    },
    /// The certificate is not trusted, or is for another name.
    #[error("the certificate is not trusted: {message}")]
    TlsUntrusted {
        /// What is wrong with it.
        message: String,
    },
    /// TLS failed otherwise; the port may not speak TLS at all.
    #[error("TLS failed: {message}")]
    TlsFailed {
        /// What went wrong.
        message: String,
    },
    /// The session ended.
    #[error(transparent)]
    Session(#[from] CloseReason),
    /// Reading or writing failed.
    #[error("the connection failed: {message}")]
    Broken {
        /// What the system said.
        message: String,
    },
    /// The consumer was too slow and the queue ran full.
    #[error("messages came faster than they were consumed")]
    Overrun,
    /// Somebody asked for a new connection.
    #[error("reconnecting on request")]
    Requested,
}
