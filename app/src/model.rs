//! What pages and server functions exchange, one type per concept.

pub mod sign_in;

use serde::{Deserialize, Serialize};
use telephony::Command;

use crate::access::Rights;

pub mod alarms;
pub mod callback;
pub mod desk;
pub mod erase;
pub mod export;
pub mod figures;
pub mod health;
pub mod history;
pub mod keeping;
pub mod line;
pub mod lost;
pub mod mailing;
pub mod people;
pub mod push;
pub mod queues;
pub mod recording;
pub mod records;
pub mod report;
pub mod single_sign_on;
pub mod token;
pub mod wallboard;

/// A PBX connection's id in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PbxId(pub i64);

/// A user's id in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

/// The extension that belongs to a user: click-to-call rings it first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct OwnExtension {
    /// On which PBX.
    pub pbx: PbxId,
    /// Its number.
    pub number: String,
}

/// The person who looks at the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Viewer {
    /// Id.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// The name of their role.
    pub role: String,
    /// What they may see and do.
    pub rights: Rights,
    /// Who really looks, where somebody sees what this person sees; nothing can be done then.
    pub seen_by: Option<String>,
}

impl Viewer {
    /// The extension that rings first when they call somebody.
    pub fn own_extension(&self) -> Option<&OwnExtension> {
        self.rights.own.first()
    }
}

/// The first administrator, from the set-up page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// The one-time token from the link.
    pub token: String,
    /// Sign-in name: 1 to 64 of `a-z 0-9 . _ -`.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// 12 to 256 characters.
    pub password: String,
}

/// Sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Sign-in name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// How the AMI connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TlsMode {
    /// Not (loopback or a trusted wire only).
    #[default]
    Off,
    /// TLS, the certificate checked against the system's authorities and `ca_pem` where given.
    Verify,
}

/// A PBX connection as shown; the secret never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PbxConnection {
    /// Id.
    pub id: PbxId,
    /// Name shown.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port, usually 5038 (5039 with TLS).
    pub port: u16,
    /// Protection.
    pub tls: TlsMode,
    /// An extra authority to trust, PEM; empty for none.
    pub ca_pem: String,
    /// AMI user name.
    pub username: String,
    /// The dialplan context that click-to-call and transfers use.
    pub context: String,
    /// Whether Starboard connects.
    pub enabled: bool,
    /// Whether those who are supervised do not see it.
    pub supervision_private: bool,
    /// Where its log of queues is on this host; empty where none is read.
    pub queue_log: String,
    /// The folder of its recordings on this host; empty where none are read.
    pub recordings: String,
}

/// A PBX connection as typed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PbxForm {
    /// Which one; None makes a new one.
    pub id: Option<PbxId>,
    /// Name shown.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port as typed.
    pub port: String,
    /// Protection.
    pub tls: TlsMode,
    /// Extra authority, PEM.
    pub ca_pem: String,
    /// AMI user name.
    pub username: String,
    /// AMI secret; empty keeps the stored one.
    pub secret: String,
    /// Dialplan context.
    pub context: String,
    /// Whether Starboard connects.
    pub enabled: bool,
    /// Whether those who are supervised do not see it.
    pub supervision_private: bool,
    /// Where its log of queues is on this host; empty where none is read.
    pub queue_log: String,
    /// The folder of its recordings on this host; empty where none are read.
    pub recordings: String,
}

/// How one step of a connection test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepState {
    /// Good.
    Passed,
    /// Works, with something to know.
    Warning,
    /// Not good.
    Failed,
    /// Not reached.
    Skipped,
}

/// One step of a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestStep {
    /// What was tried ("Reach the host", "Sign in", "See calls").
    pub name: String,
    /// How it went.
    pub state: StepState,
    /// In a sentence, with the next step to take where it failed.
    pub detail: String,
}

/// A person's own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileForm {
    /// Name shown.
    pub display_name: String,
    /// PBX of the own extension.
    pub pbx: Option<PbxId>,
    /// Own extension; empty for none.
    pub extension: String,
}

/// A command with the id that makes a double click one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRequest {
    /// Made by the client, once for a click: 8 to 64 of `A-Z a-z 0-9 -`.
    pub request_id: String,
    /// On which PBX.
    pub pbx: PbxId,
    /// What.
    pub command: Command,
}
