//! Text from the wire: bytes that are usually UTF-8, sometimes not, and may hold anything a caller typed.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

/// One header value before it becomes text. Bytes that are not UTF-8 (Asterisk passes Latin-1 caller names
/// through untouched) become U+FFFD each, so damage stays visible instead of vanishing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// The whole frame was valid UTF-8.
    Text(&'a str),
    /// Some byte of the frame is not UTF-8: decide value by value.
    Bytes(&'a [u8]),
}

impl<'a> Raw<'a> {
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Raw::Text(text) => text.as_bytes(),
            Raw::Bytes(bytes) => bytes,
        }
    }

    #[inline]
    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Raw::Text(text) => Cow::Borrowed(text),
            Raw::Bytes(bytes) => String::from_utf8_lossy(bytes),
        }
    }

    /// The text, unless Asterisk means "nothing" by it: empty, `<unknown>` or `(null)`.
    #[inline]
    pub(crate) fn known(self) -> Option<Cow<'a, str>> {
        match self.bytes() {
            b"" | b"<unknown>" | b"(null)" => None,
            _ => Some(self.text()),
        }
    }

    /// The value as text when it is valid UTF-8; numbers and codes always are.
    pub(crate) fn strict(self) -> Option<&'a str> {
        match self {
            Raw::Text(text) => Some(text),
            Raw::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        }
    }
}

/// A typed field made from a header value; `None` is "not said", never "malformed and guessed".
pub(crate) trait FromText<'a>: Sized {
    fn from_text(raw: Raw<'a>) -> Option<Self>;
}

impl<'a> FromText<'a> for Cow<'a, str> {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        raw.known()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl<'a> FromText<'a> for $number {
            fn from_text(raw: Raw<'a>) -> Option<Self> {
                raw.strict()?.trim().parse().ok()
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, i32, i64, f64);

impl<'a> FromText<'a> for bool {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        let text = raw.strict()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if text == "1" || is("yes") || is("true") || is("on") {
            Some(true)
        } else if text == "0" || is("no") || is("false") || is("off") {
            Some(false)
        } else {
            None
        }
    }
}

/// Shows text from the wire with everything that could steer a terminal or reorder a line made visible:
/// C0 and C1 controls, DEL, bidirectional overrides and zero-width characters appear as `\u{..}`.
///
/// ```
/// assert_eq!(ami::visible("Bob\u{1b}[2J\u{202e}").to_string(), "Bob\\u{1b}[2J\\u{202e}");
/// ```
pub fn visible(text: &str) -> Visible<'_> {
    Visible(text)
}

/// See [`visible`].
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a>(&'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_hidden(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_none_and_damage_is_visible() {
        assert_eq!(Raw::Text("<unknown>").known(), None);
        assert_eq!(Raw::Text("").known(), None);
        assert_eq!(Raw::Bytes(b"M\xfcller").known().as_deref(), Some("M\u{fffd}ller"));
    }

    #[test]
    fn booleans_in_every_spelling_asterisk_uses() {
        for (text, value) in [
            ("Yes", Some(true)),
            ("0", Some(false)),
            ("On", Some(true)),
            ("maybe", None),
        ] {
            assert_eq!(bool::from_text(Raw::Text(text)), value, "{text}");
        }
    }
}
