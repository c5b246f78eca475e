//! The way in: what the pages of sign-in, of one's own security and of confirming it show and ask.

use serde::{Deserialize, Serialize};

/// How far a sign-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// In.
    In,
    /// A second factor is asked for.
    Second,
    /// A second factor has to be set up first.
    SetUp,
}

/// What a passkey is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyQuestion {
    /// Goes back with the answer.
    pub name: String,
    /// The browser's options, JSON.
    pub options: String,
}

/// What it answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyAnswer {
    /// The question's name.
    pub name: String,
    /// The browser's credential, JSON.
    pub credential: String,
}

/// Where passkeys work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasskeyPlace {
    /// At this address alone.
    At(String),
    /// Nowhere, and what to do about it.
    Nowhere(String),
}

/// What can be shown by somebody of whom more than the password is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Where passkeys work; None for somebody who has none.
    pub passkeys: Option<PasskeyPlace>,
    /// They have an authenticator app.
    pub app: bool,
    /// They have recovery codes left.
    pub recovery: bool,
}

/// How a person stands with the policy about second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// None is asked for.
    Free,
    /// One is asked for from then on; so many days are left.
    Grace {
        /// Days, the present one included.
        days: u32,
    },
    /// One has to be set up before anything else.
    Due,
}

/// One's own security.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// The server's clock when this was true, Unix milliseconds.
    pub now_ms: u64,
    /// Whether a second factor is asked for by the policy.
    pub required: bool,
    /// How one stands with it.
    pub standing: Standing,
    /// Where passkeys work.
    pub place: PasskeyPlace,
    /// One's passkeys.
    pub passkeys: Vec<Passkey>,
    /// One's authenticator app, and since when.
    pub app_since_ms: Option<u64>,
    /// Recovery codes that are left.
    pub recovery_left: u32,
    /// Recovery codes that were made and not put away yet.
    pub codes_to_keep: bool,
    /// Where one is signed in.
    pub sessions: Vec<SignedIn>,
}

impl Security {
    /// Whether there is anything beside the password.
    pub fn has_factor(&self) -> bool {
        self.app_since_ms.is_some() || !self.passkeys.is_empty()
    }
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Id.
    pub id: i64,
    /// How its owner calls it.
    pub name: String,
    /// Made at.
    pub created_ms: u64,
    /// Last used at.
    pub used_ms: Option<u64>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Names it among one's own.
    pub id: String,
    /// Browser and system, in words.
    pub device: String,
    /// From where.
    pub address: String,
    /// Signed in at.
    pub since_ms: u64,
    /// Last seen at.
    pub seen_ms: u64,
    /// It is the one that asks.
    pub here: bool,
}

/// An authenticator app that is being set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppOffer {
    /// The secret in groups, to be typed.
    pub secret: String,
    /// The address that apps read.
    pub url: String,
    /// The address as a picture: the path of an SVG.
    pub picture: String,
    /// Its dots a side.
    pub dots: i32,
}

/// What somebody who sets a factor up has before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingUp {
    /// Where passkeys work.
    pub place: PasskeyPlace,
    /// The authenticator app, once begun.
    pub app: Option<AppOffer>,
}

/// Something to be said above every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What.
    pub text: String,
    /// Where it leads, and the word for it.
    pub link: Option<(String, String)>,
}
