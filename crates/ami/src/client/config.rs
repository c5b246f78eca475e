//! What a client needs to know about a PBX.

use crate::decoder::Limits;
use crate::secret::Secret;
use crate::session::SessionConfig;

/// Asterisk's port for plain connections.
pub const DEFAULT_PORT: u16 = 5038;
/// Time a connection has to be made, name and TLS included.
pub const CONNECT_TIMEOUT_MS: u64 = 5_000;

/// How to reach and enter a PBX. Its `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Name or address.
    pub host: String,
    /// Port; see [`DEFAULT_PORT`].
    pub port: u16,
    /// Whether to encrypt.
    pub tls: Tls,
    /// The account.
    pub username: String,
    /// Its password.
    pub secret: Secret,
    /// Whether to log in by MD5 challenge instead of sending the password.
    pub challenge: bool,
    /// Whether to get events. A client for commands only has no use for them.
    pub events: bool,
}

/// Encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// None.
    Off,
    /// TLS with a certificate that must be trusted.
    Verify {
        /// The name the certificate must have, when it is not the host.
        server_name: Option<String>,
        /// Certificates (PEM) to trust besides those of the system.
        extra_ca_pem: Option<String>,
    },
}

impl ClientConfig {
    /// A plain connection to the default port, with events.
    pub fn new(host: impl Into<String>, username: impl Into<String>, secret: Secret) -> Self {
        ClientConfig {
            host: host.into(),
            port: DEFAULT_PORT,
            tls: Tls::Off,
            username: username.into(),
            secret,
            challenge: false,
            events: true,
        }
    }

    pub(crate) fn session(&self, action_prefix: &str) -> SessionConfig {
        SessionConfig {
            username: self.username.clone(),
            secret: self.secret.clone(),
            challenge: self.challenge,
            events: self.events,
            action_prefix: action_prefix.to_owned(),
            limits: Limits::default(),
        }
    }
}
