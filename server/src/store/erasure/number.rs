//! A telephone number that is erased: where it stands in a text, whichever way it is written.

use std::ops::Range;

use telephony::lost::{DIGITS, person_of};

/// The fewest digits of a number that can be erased: anything shorter stands in half of all texts.
const FEWEST_DIGITS: usize = 6;
/// Characters between two digits of one number.
const MOST_BETWEEN: usize = 2;
/// Digits of one group in front of a number: a country, an area.
const MOST_IN_FRONT: usize = 4;
/// Digits at the end that people tell numbers apart by.
const SHOWN: usize = 3;

/// A number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The digits at its end that make out whose it is.
    digits: Vec<char>,
}

fn between(one: char) -> bool {
    matches!(one, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}')
}

impl Number {
    /// None for what is no telephone number, or too short for one.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_number = text
            .chars()
            .all(|one| one.is_ascii_digit() || one == '+' || between(one));
        let person = person_of(text).filter(|_| is_number)?;
        (person.len() >= FEWEST_DIGITS).then(|| Self::of_person(&person))
    }

    /// The number of this end.
    pub fn of_person(person: &str) -> Self {
        Self {
            digits: person.chars().collect(),
        }
    }

    /// The end that makes out whose it is.
    pub fn person(&self) -> String {
        self.digits.iter().collect()
    }

    /// How people tell it apart, without it.
    pub fn hint(&self) -> String {
        let shown = self.digits.len().saturating_sub(SHOWN);
        let end: String = self.digits.iter().skip(shown).collect();
        format!("number …{end}")
    }

    /// Whether this is the number.
    pub fn is(&self, number: &str) -> bool {
        person_of(number).is_some_and(|person| person.chars().eq(self.digits.iter().copied()))
    }

    /// Whether it stands in a text.
    pub fn stands_in(&self, text: &str) -> bool {
        self.is(text) || !self.places(text, MOST_BETWEEN).is_empty()
    }

    /// Whether it stands in the name of a file, where digits beside each other with a dash between are different things.
    pub fn names(&self, file: &str) -> bool {
        !self.places(file, 0).is_empty()
    }

    /// A text with something else in its place; None where it does not stand there.
    pub fn cut(&self, text: &str, instead: &str) -> Option<String> {
        let places = self.places(text, MOST_BETWEEN);
        if places.is_empty() {
            return self.is(text).then(|| instead.to_owned());
        }
        let mut rest = text.to_owned();
        for place in places.into_iter().rev() {
            rest.replace_range(place, instead);
        }
        Some(rest)
    }

    /// Where it stands, in bytes.
    fn places(&self, text: &str, most_between: usize) -> Vec<Range<usize>> {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let Some(end) = self.ends(&chars, at, most_between) else {
                at += 1;
                continue;
            };
            let Some(begin) = self.begins(&chars, at, most_between) else {
                at += 1;
                continue;
            };
            let to = chars.get(end).map_or(text.len(), |(byte, _)| *byte);
            let from = chars.get(begin).map_or(text.len(), |(byte, _)| *byte);
            let from = from.max(places.last().map_or(0, |before| before.end));
            places.push(from..to);
            at = end;
        }
        places
    }

    /// The first character behind the digits, if they begin here. A longer number is another one, and what goes on behind a
    /// dot is the name of a channel.
    fn ends(&self, chars: &[(usize, char)], from: usize, most_between: usize) -> Option<usize> {
        let mut at = from;
        for (nth, digit) in self.digits.iter().enumerate() {
            let mut passed = 0;
            while nth > 0 && passed < most_between && chars.get(at).is_some_and(|(_, one)| between(*one)) {
                at += 1;
                passed += 1;
            }
            if chars.get(at).is_none_or(|(_, one)| one != digit) {
                return None;
            }
            at += 1;
        }
        let is_digit = |at: usize| chars.get(at).is_some_and(|(_, one)| one.is_ascii_digit());
        let of_channel = chars.get(at).is_some_and(|(_, one)| *one == '.') && is_digit(at + 1);
        (!is_digit(at) && !of_channel).then_some(at)
    }

    /// Where the number begins of which these are the last digits; None where a short one is the end of a longer one.
    fn begins(&self, chars: &[(usize, char)], digits: usize, most_between: usize) -> Option<usize> {
        let char_at = |at: usize| chars.get(at).map_or(' ', |(_, one)| *one);
        let mut begin = digits;
        while begin > 0 && char_at(begin - 1).is_ascii_digit() {
            begin -= 1;
        }
        if self.digits.len() < DIGITS {
            return (begin == digits).then_some(begin);
        }
        loop {
            if begin > 0 && char_at(begin - 1) == '+' {
                return Some(begin - 1);
            }
            let mut group_end = begin;
            while group_end > 0 && begin - group_end < most_between && between(char_at(group_end - 1)) {
                group_end -= 1;
            }
            let mut group = group_end;
            while group > 0 && char_at(group - 1).is_ascii_digit() {
                group -= 1;
            }
            let country = group > 0 && char_at(group - 1) == '+';
            let leads = group_end > group && group_end - group <= MOST_IN_FRONT;
            if group_end == begin || !leads || !(country || char_at(group) == '0') {
                return Some(begin);
            }
            begin = group;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::Number;

    fn cut(number: &str, text: &str) -> Option<String> {
        Number::of(number).unwrap().cut(text, "_")
    }

    #[test]
    fn a_number_is_found_whichever_way_it_is_written() {
        for number in ["0405550123", "+61405550123", "0061 405 550 123", "(0405) 550-123"] {
            for (text, rest) in [
                ("0405550123", "_"),
                ("+61405550123", "_"),
                ("+61 405 550 123", "_"),
                ("+61 (0) 405 550 123", "_"),
                ("0061405550123", "_"),
                ("call 0405-550-123 back", "call _ back"),
                ("\"Ann\" <0405550123>", "\"Ann\" <_>"),
                ("0405550123 or 0405550123", "_ or _"),
                ("PJSIP/0405550123@provider,30", "PJSIP/_@provider,30"),
                ("out-0405550123-1001-20261127.wav", "out-_-1001-20261127.wav"),
            ] {
                assert_eq!(cut(number, text).as_deref(), Some(rest), "{number} in {text}");
            }
        }
    }

    #[test]
    fn its_neighbours_are_left() {
        for text in [
            "0405550124",
            "04055501234",
            "405550124",
            "0405550999 then 0405550124",
            "exten-1001-1002-20261127-023000-1405550123.7.wav",
            "",
        ] {
            assert_eq!(cut("0405550123", text), None, "{text}");
        }
        assert_eq!(
            cut("0405550123", "0405550999 0405550123 0405550888").as_deref(),
            Some("0405550999 _ 0405550888")
        );
        // a short one is the end of many
        assert_eq!(cut("5550123", "0405550123"), None);
        assert_eq!(cut("5550123", "ring 555-0123").as_deref(), Some("ring _"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "12345",
            "ann",
            "0405550123@example.org",
            "1001 and 1002",
            "'; DROP TABLE call; --",
            "+",
        ] {
            assert_eq!(Number::of(text), None, "{text}");
        }
        assert_eq!(Number::of("0405550123").unwrap().hint(), "number …123");
    }

    proptest! {
        #[test]
        fn nothing_of_it_is_left_and_the_rest_is(before in "[a-z ,;é]{0,12}", number in "0[1-9][0-9]{8}", after in "[a-z,;é]{0,12}") {
            let one = Number::of(&number).unwrap();
            let text = format!("{before}{number}{after}");
            prop_assert_eq!(one.cut(&text, ""), Some(format!("{before}{after}")));
            prop_assert!(one.stands_in(&text) && one.names(&text));
        }

        #[test]
        fn whatever_the_text_is_it_is_cut_to_its_end(text in ".{0,60}", number in "[0-9]{6,12}") {
            let one = Number::of(&number).unwrap();
            if let Some(rest) = one.cut(&text, "") {
                prop_assert!(rest.len() < text.len());
            }
        }
    }
}
