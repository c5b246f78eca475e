//! What a password must be: long, and not one that is tried first. No rules about which characters.

use app::FieldError;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Characters a password must and may have.
pub const MIN_CHARS: usize = 12;
/// The most characters.
pub const MAX_CHARS: usize = 256;
/// What people try first here; everybody's favourites are in [`BREACHED`].
const COMMON: &str = include_str!("common-passwords.txt");
/// The first 32 bits of the SHA-256 of each of 44,000 passwords of twelve characters and more that stood in breaches,
/// big-endian and in order; `breached.txt` beside it says where they come from. One in 100,000 others is refused too.
const BREACHED: &[u8] = include_bytes!("breached.bin");
/// Names that say nothing about the one who chose them.
const OWN_NAMES: [&str; 2] = ["starboard", "asterisk"];
/// Characters that have to be left when names are taken out.
const MIN_BESIDE_NAMES: usize = 6;

/// A password as it is hashed: in Unicode's form NFC, so that it is the same from every keyboard.
pub fn normalised(password: &str) -> String {
    password.nfc().collect()
}

/// What is wrong with a new password, in a sentence.
pub fn problem(password: &str, username: &str) -> Option<FieldError> {
    let password = normalised(password);
    let chars = password.chars().count();
    let problem = if chars < MIN_CHARS {
        format!("Use at least {MIN_CHARS} characters. A few words in a row are easy to remember.")
    } else if chars > MAX_CHARS {
        format!("Use at most {MAX_CHARS} characters.")
    } else if is_common(&password) {
        "Many people use this password, so it is tried first. Choose another.".to_owned()
    } else if is_a_name(&password, username) {
        "This is little more than the user name or the name of the product. Choose another.".to_owned()
    } else {
        return None;
    };
    Some(FieldError {
        field: "password".into(),
        problem,
    })
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    // "aaaaaaaaaaaa", "121212121212"
    if distinct.len() <= 2 {
        return true;
    }
    // "password1234!" is "password1234"
    let bare = lower.trim_matches(|letter: char| !letter.is_alphanumeric());
    [lower.as_str(), bare]
        .into_iter()
        .any(|tried| COMMON.lines().any(|common| common == tried) || is_breached(tried))
}

fn is_breached(lower: &str) -> bool {
    let digest = Sha256::digest(lower.as_bytes());
    let (known, _) = BREACHED.as_chunks::<4>();
    digest
        .first_chunk::<4>()
        .is_some_and(|prefix| known.binary_search(prefix).is_ok())
}

fn is_a_name(password: &str, username: &str) -> bool {
    let lower = password.to_lowercase();
    let mut rest = lower.clone();
    for name in OWN_NAMES.into_iter().chain([username]) {
        if name.chars().count() > 2 {
            rest = rest.replace(name, "");
        }
    }
    rest.len() < lower.len() && rest.chars().count() < MIN_BESIDE_NAMES
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn short_long_and_common_passwords_are_refused() {
        assert!(problem("short", "ada").is_some());
        assert!(problem(&"x1yz".repeat(65), "ada").is_some());
        for common in [
            "Password1234",
            "password1234!",
            "aaaaaaaaaaaaaa",
            "1qaz2wsx3edc",
            "QwertyQwerty",
            "sonyericsson",
            "leavemealone",
        ] {
            assert!(problem(common, "ada").is_some(), "{common}");
        }
        for good in [
            "correct staple horse",
            "zwölf zeichen",
            &"long sentence ".repeat(18),
        ] {
            assert_eq!(problem(good, "ada"), None, "{good}");
        }
    }

    #[test]
    fn a_password_is_more_than_ones_own_name_or_the_products() {
        for (password, username) in [
            ("administrator1", "administrator"),
            ("starboard-2026", "ada"),
            ("Asterisk!Asterisk", "ada"),
            ("grace.starboard1", "grace"),
        ] {
            assert!(problem(password, username).is_some(), "{password}");
        }
        assert_eq!(problem("a starboard cabin for two", "ada"), None);
        assert_eq!(problem("an adage of adamant", "ad"), None);
    }

    #[test]
    fn characters_are_counted_and_not_bytes_nor_accents() {
        let eleven = "e\u{301}".repeat(11);
        assert!(problem(&eleven, "x").is_some());
        assert_eq!(problem("ééàüöäßñçøåé", "x"), None);
    }

    #[test]
    fn the_list_of_breached_passwords_is_whole_and_in_order() {
        let (known, rest) = BREACHED.as_chunks::<4>();
        assert!(rest.is_empty() && known.len() > 40_000, "{}", known.len());
        assert!(known.is_sorted());
    }
}
