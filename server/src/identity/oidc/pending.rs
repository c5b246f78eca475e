//! What has to be known when a browser comes back: sealed, in a cookie of its own that lives for minutes. Nothing of it
//! is kept here, so strangers who begin sign-ins fill nothing.

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{clock::wall_ms, seal::Seal};

/// How long a sign-in may take at the provider, in milliseconds (10 min).
pub(super) const LIFE_MS: u64 = 10 * 60 * 1000;
/// What it is sealed for.
const PLACE: &str = "cookie.oidc";
/// The longest cookie that is opened, in bytes.
const MAX_BYTES: usize = 4 << 10;

/// A sign-in under way at a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Which provider, by its place in the settings.
    pub provider: usize,
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves that the code was asked for by us (PKCE).
    pub verifier: String,
    /// Where to go in the end.
    pub next: String,
    /// Over then.
    pub until_ms: u64,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Pending").field(&self.provider).finish()
    }
}

impl Pending {
    /// One that begins now.
    pub fn new(provider: usize, state: String, nonce: String, verifier: String, next: String) -> Self {
        Self {
            provider,
            state,
            nonce,
            verifier,
            next,
            until_ms: wall_ms() + LIFE_MS,
        }
    }
}

/// As it goes into the cookie.
pub fn sealed(seal: &Seal, pending: &Pending) -> Result<String> {
    let text = SecretString::from(serde_json::to_string(pending)?);
    Ok(URL_SAFE_NO_PAD.encode(seal.seal(PLACE, 0, &text)?))
}

/// What a cookie holds, while it counts.
pub fn open(seal: &Seal, cookie: &str) -> Result<Pending> {
    ensure!(cookie.len() <= MAX_BYTES, "it is too long");
    let bytes = URL_SAFE_NO_PAD
        .decode(cookie)
        .context("it is no cookie of ours")?;
    let text = seal.unseal(PLACE, 0, &bytes)?;
    let pending: Pending = serde_json::from_str(text.expose_secret()).context("it is of another version")?;
    ensure!(pending.until_ms > wall_ms(), "it is over");
    Ok(pending)
}
