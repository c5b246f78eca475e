//! Passwords: wiped when dropped, never shown.

use std::fmt;

use md5::{Digest, Md5};
use zeroize::Zeroizing;

use crate::value::{Value, ValueError};

/// A password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a password over.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    pub(crate) fn value(&self) -> Result<Value, ValueError> {
        Value::new("secret", self.0.as_str())
    }

    /// The answer to a login challenge: the MD5 of challenge and password, in hexadecimal.
    pub fn answer(&self, challenge: &str) -> Value {
        let mut hash = Md5::new();
        hash.update(challenge.as_bytes());
        hash.update(self.0.as_bytes());
        let mut key = String::with_capacity(32);
        for byte in hash.finalize() {
            for nibble in [byte >> 4, byte & 15] {
                key.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        Value::trusted(key)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_md5_of_challenge_then_password() {
        // RFC 1321: MD5 of "abc".
        assert_eq!(
            Secret::new("bc").answer("a").as_str(),
            "900150983cd24fb0d6963f7d28e17f72"
        );
    }

    #[test]
    fn a_secret_shows_itself_to_nobody() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }
}
