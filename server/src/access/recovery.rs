//! Recovery codes: ten, each good once, for somebody who has neither passkey nor app at hand.

use rand::Rng;
use zeroize::Zeroizing;

/// Codes of a set.
pub const CODES: usize = 10;
/// Bytes of a set's salt.
pub const SALT_BYTES: usize = 16;
/// Letters of a code: 50 random bits.
const LETTERS: usize = 10;
/// 32 letters that are not taken for each other: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// New codes, as [`typed`] gives them.
pub fn new_codes() -> Vec<Zeroizing<String>> {
    (0..CODES).map(|_| new_code()).collect()
}

fn new_code() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; LETTERS]);
    rand::rng().fill_bytes(&mut bytes[..]);
    let letters = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    Zeroizing::new(letters.collect())
}

/// A set's salt.
pub fn new_salt() -> Vec<u8> {
    let mut salt = vec![0; SALT_BYTES];
    rand::rng().fill_bytes(&mut salt);
    salt
}

/// A code as it is shown: two groups of five.
pub fn shown(code: &str) -> String {
    let (first, second) = code.split_at_checked(LETTERS / 2).unwrap_or((code, ""));
    format!("{first}-{second}")
}

/// What was typed, as it is hashed, where it can be a code at all.
pub fn typed(text: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(LETTERS));
    for letter in text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
    {
        let letter = match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            letter => letter,
        };
        let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || code.len() == LETTERS {
            return None;
        }
        code.push(letter);
    }
    (code.len() == LETTERS).then_some(code)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = new_code();
        let shown = shown(&code);
        assert_eq!(shown.len(), 11);
        for text in [
            shown.clone(),
            shown.to_uppercase(),
            shown.replace('-', " "),
            format!(" {shown}\n"),
            shown.replace('0', "o").replace('1', "L"),
        ] {
            assert_eq!(typed(&text).unwrap(), code, "{text}");
        }
        for text in [
            "",
            "12345",
            "123456",
            "12345-6789",
            "12345-67890-1",
            "1234u-67890",
        ] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn ten_codes_are_ten_different_ones() {
        let mut codes = new_codes();
        codes.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        codes.dedup();
        assert_eq!(codes.len(), CODES);
    }
}
