//! Settings of PBX connections.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::values::Port;

/// One PBX connection from the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PbxConfig {
    /// Name shown; the connection of this name is made or changed.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// AMI port; 5038, or 5039 with TLS, when not given.
    pub port: Option<Port>,
    /// Whether to use TLS.
    #[serde(default)]
    pub tls: TlsConfig,
    /// AMI user name.
    pub username: String,
    /// AMI secret.
    pub secret: Option<SecretString>,
    /// A file that holds the AMI secret.
    pub secret_file: Option<PathBuf>,
    /// The dialplan context for click-to-call and transfers.
    #[serde(default = "default_context")]
    pub context: String,
    /// Where its log of queues can be read on this host.
    pub queue_log: Option<PathBuf>,
    /// The folder of its recordings on this host.
    pub recordings: Option<PathBuf>,
}

/// Whether a configured connection uses TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsConfig {
    /// Plain TCP.
    #[default]
    Off,
    /// TLS with a checked certificate.
    Verify,
}

fn default_context() -> String {
    "from-internal".into()
}
