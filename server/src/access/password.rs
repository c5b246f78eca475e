//! Passwords: Argon2id away from the async threads, a few at a time; a policy without composition rules.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use app::FieldError;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Memory for one hash, in KiB (19 MiB), passes and lanes: OWASP's Argon2id setting.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes under way at once: bounds memory and leaves the other core alone.
const AT_ONCE: usize = 2;
/// Characters a password must and may have.
pub const MIN_CHARS: usize = 12;
/// The most characters.
pub const MAX_CHARS: usize = 256;
/// Passwords of twelve characters and more that everybody tries, one a line.
const COMMON: &str = include_str!("common-passwords.txt");

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Checked in place of an unknown user's, so that both take the same time.
    decoy: Arc<str>,
}

impl Passwords {
    /// Makes the decoy.
    pub fn new() -> Result<Self> {
        let decoy = hash_now(b"nobody has this password")?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: decoy.into(),
        })
    }

    /// Hashes a password into PHC form.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let _turn = self.turns.acquire().await?;
        let password = Zeroizing::new(password.as_bytes().to_vec());
        tokio::task::spawn_blocking(move || hash_now(&password)).await?
    }

    /// Whether the password fits; without a hash the work is the same and the answer no.
    pub async fn fits(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let _turn = self.turns.acquire().await?;
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let fits = tokio::task::spawn_blocking(move || {
            let hash =
                PasswordHash::new(&hash).map_err(|error| anyhow!("a stored hash is unreadable: {error}"))?;
            anyhow::Ok(Argon2::default().verify_password(&password, &hash).is_ok())
        })
        .await??;
        Ok(fits && known)
    }
}

fn hash_now(password: &[u8]) -> Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| anyhow!("{error}"))?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: argon2::password_hash::phc::PasswordHash = argon
        .hash_password(password)
        .map_err(|error| anyhow!("{error}"))?;
    Ok(hash.to_string())
}

/// What is wrong with a new password, in a sentence.
pub fn problem(password: &str, username: &str) -> Option<FieldError> {
    let chars = password.chars().count();
    let problem = if chars < MIN_CHARS {
        format!("Use at least {MIN_CHARS} characters. A few words in a row are easy to remember.")
    } else if chars > MAX_CHARS {
        format!("Use at most {MAX_CHARS} characters.")
    } else if is_common(password, username) {
        "Many people use this password, so it is tried first. Choose another.".to_owned()
    } else {
        return None;
    };
    Some(FieldError {
        field: "password".into(),
        problem,
    })
}

fn is_common(password: &str, username: &str) -> bool {
    let lower = password.to_lowercase();
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    // "aaaaaaaaaaaa", "121212121212"
    let monotonous = distinct.len() <= 2;
    let own_name = !username.is_empty() && lower.replace(username, "").chars().count() < 4;
    monotonous || own_name || COMMON.lines().any(|common| common == lower)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn short_long_and_common_passwords_are_refused() {
        assert!(problem("short", "ada").is_some());
        assert!(problem(&"x1yz".repeat(65), "ada").is_some());
        assert!(problem("Password1234", "ada").is_some());
        assert!(problem("aaaaaaaaaaaaaa", "ada").is_some());
        assert!(problem("administrator1", "administrator").is_some());
        assert_eq!(problem("correct staple horse", "ada"), None);
        assert_eq!(problem("zwölf zeichen", "ada"), None);
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_only() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct staple horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.fits("correct staple horse", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("correct staple hors", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("nobody has this password", None).await.unwrap());
    }
}
