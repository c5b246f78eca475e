//! Names of people in the headers that describe a channel.
//!
//! Asterisk writes `CallerIDName` and `ConnectedLineName` there with the escapes of C (`O\'Brien`), which it does
//! nowhere else: queue members and mailboxes carry the same names bare. Seen on Asterisk 22; `ast_escape_c` in its
//! `main/utils.c` is the rule.

use std::borrow::Cow;
use std::ops::Deref;

use crate::text::{FromText, Raw};

/// A name, read. Escaped controls stay escapes: nothing a caller types becomes a line end here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name<'a>(Cow<'a, str>);

impl Deref for Name<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(name: &'a str) -> Self {
        Name(name.into())
    }
}

impl<'a> FromText<'a> for Name<'a> {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        raw.known().map(|text| Name(unescaped(text)))
    }
}

fn is_escaped_as_itself(letter: char) -> bool {
    matches!(letter, '\\' | '\'' | '"' | '?')
}

fn unescaped(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let itself = letters.next_if(|next| letter == '\\' && is_escaped_as_itself(*next));
        out.push(itself.unwrap_or(letter));
    }
    Cow::Owned(out)
}

/// A name as Asterisk would write it behind `CallerIDName`.
pub fn escaped(name: &str) -> Cow<'_, str> {
    if !name.contains(is_escaped_as_itself) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if is_escaped_as_itself(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_apostrophe_comes_without_its_backslash_and_a_line_end_stays_an_escape() {
        for (wire, name) in [
            (r"Finn O\'Brien", "Finn O'Brien"),
            (r"a\\b", r"a\b"),
            (r"two\nlines", r"two\nlines"),
            (r"who\?", "who?"),
            ("\\", "\\"),
        ] {
            let read = Name::from_text(Raw::Text(wire));
            assert_eq!(read.as_deref(), Some(name), "{wire}");
        }
        assert_eq!(Name::from_text(Raw::Text("<unknown>")), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(name in any::<String>()) {
            prop_assert_eq!(&*unescaped(escaped(&name)), &*name);
        }
    }
}
