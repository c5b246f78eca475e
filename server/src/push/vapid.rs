//! How Starboard shows a push service who it is (VAPID, RFC 8292): a key pair made once, and a short-lived token signed with it.

use anyhow::{Context, Result, anyhow};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

/// How long a token is good; a day is the most there may be.
const GOOD_S: u64 = 12 * 3600;

/// The key pair.
pub(super) struct Vapid {
    key: SigningKey,
    public: String,
    contact: Option<String>,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Vapid")
    }
}

/// A new secret key.
pub(super) fn fresh() -> SecretKey {
    loop {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        // nearly every number is one
        if let Ok(key) = SecretKey::from_slice(&bytes) {
            return key;
        }
    }
}

/// A new secret key as it is kept.
pub(super) fn fresh_text() -> SecretString {
    SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(fresh().to_bytes()))
}

impl Vapid {
    /// Reads a key; `contact` is where the people of a push service find those of this server.
    pub(super) fn read(text: &SecretString, contact: Option<String>) -> Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text.expose_secret())
            .context("the key for web push is not base64url")?;
        let key = SecretKey::from_slice(&bytes).map_err(|_| anyhow!("the key for web push is none"))?;
        Ok(Self {
            public: BASE64_URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_bytes()),
            key: SigningKey::from(key),
            contact,
        })
    }

    /// The public half, as browsers want it to subscribe.
    pub(super) fn public(&self) -> &str {
        &self.public
    }

    /// What goes into `Authorization` for a message to this endpoint.
    pub(super) fn authorization(&self, endpoint: &Url, now_s: u64) -> String {
        let mut claims = json!({ "aud": endpoint.origin().ascii_serialization(), "exp": now_s + GOOD_S });
        if let Some(contact) = &self.contact {
            claims["sub"] = json!(contact);
        }
        let head = json!({ "typ": "JWT", "alg": "ES256" });
        let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let said = format!("{}.{}", part(&head), part(&claims));
        let signature: Signature = self.key.sign(said.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!("vapid t={said}.{signature}, k={}", self.public)
    }
}
