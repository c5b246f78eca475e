//! The words and numbers in the database for what calls have in common, and for numbers and names that are looked for.

use telephony::{CallResult, Direction, HungUpBy, Party, lost::DIGITS};

/// Milliseconds that a call cannot be told apart from others by: ids count those of one millisecond in so many steps.
pub const IN_A_MS: i64 = 4_096;

/// Where classes of duration begin, in seconds. Whoever changes them makes a new migration for `call_kind`.
pub(super) const LENGTHS_S: [u64; 8] = [0, 10, 30, 60, 120, 300, 900, 3_600];

pub(super) const RESULTS: [(CallResult, &str); 8] = [
    (CallResult::Answered, "answered"),
    (CallResult::Missed, "missed"),
    (CallResult::Busy, "busy"),
    (CallResult::Failed, "failed"),
    (CallResult::Abandoned, "abandoned"),
    (CallResult::Voicemail, "voicemail"),
    (CallResult::Service, "service"),
    (CallResult::Interrupted, "interrupted"),
];

const DIRECTIONS: [(Direction, &str); 3] = [
    (Direction::Internal, "internal"),
    (Direction::Inbound, "inbound"),
    (Direction::Outbound, "outbound"),
];

const HUNG_UP: [(HungUpBy, &str); 4] = [
    (HungUpBy::Caller, "caller"),
    (HungUpBy::Callee, "callee"),
    (HungUpBy::Other, "other"),
    (HungUpBy::Nobody, "nobody"),
];

fn word<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(one, _)| one == value)
        .map_or("", |(_, word)| word)
}

fn value<T: Copy>(table: &[(T, &'static str)], word: &str, else_: T) -> T {
    table
        .iter()
        .find(|(_, one)| *one == word)
        .map_or(else_, |(value, _)| *value)
}

pub(super) fn result_word(result: CallResult) -> &'static str {
    word(&RESULTS, &result)
}

pub(super) fn result(word: &str) -> CallResult {
    value(&RESULTS, word, CallResult::Interrupted)
}

pub(super) fn direction_word(direction: Direction) -> &'static str {
    word(&DIRECTIONS, &direction)
}

pub(super) fn direction(word: &str) -> Direction {
    value(&DIRECTIONS, word, Direction::Internal)
}

pub(super) fn hung_up_word(by: HungUpBy) -> &'static str {
    word(&HUNG_UP, &by)
}

pub(super) fn hung_up(word: &str) -> HungUpBy {
    value(&HUNG_UP, word, HungUpBy::Nobody)
}

/// The class of a duration.
pub(super) fn length(duration_ms: u64) -> usize {
    LENGTHS_S
        .iter()
        .rposition(|from_s| duration_ms >= from_s * 1_000)
        .unwrap_or(0)
}

/// Text that the database reads to its end.
pub(in crate::store) fn whole(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

/// A number as it is looked for: digits, `*` and `#`, with a `+` in front where it says its country. Empty for an address.
fn digits(number: &str) -> String {
    let number = number.trim();
    if number.chars().any(char::is_alphabetic) {
        return String::new();
    }
    let dialled: String = number
        .chars()
        .filter(|one| one.is_ascii_digit() || matches!(one, '*' | '#'))
        .collect();
    match dialled.strip_prefix("00") {
        Some(rest) if !number.starts_with('+') && rest.len() > 6 => format!("+{rest}"),
        _ if number.starts_with('+') => format!("+{dialled}"),
        _ => dialled,
    }
}

/// How a party is found: by its digits, by its name or address.
pub(super) fn keys(party: &Party) -> (String, String) {
    let digits = digits(&party.number);
    let mut folded = party.name.as_deref().unwrap_or_default().to_lowercase();
    if digits.is_empty() && !party.number.is_empty() {
        folded.push('\n');
        folded.push_str(&party.number.to_lowercase());
    }
    (digits, folded)
}

/// What somebody looks for: a number, or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// In `digits`.
    Number(String),
    /// In `folded`.
    Name(String),
}

impl Wanted {
    /// None for nothing. A number that says its country, and is not whole, is the beginning of one; without that it may stand
    /// anywhere; of a whole one the last digits make out whose it is, whichever way it is written.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = &*whole(text.trim());
        if text.is_empty() {
            return None;
        }
        let is_number = text
            .chars()
            .any(|one| one.is_ascii_digit() || matches!(one, '*' | '#' | '+'))
            && !text.chars().any(char::is_alphabetic);
        if !is_number {
            return Some(Wanted::Name(text.to_lowercase()));
        }
        let typed: String = text
            .chars()
            .filter(|one| one.is_ascii_digit() || matches!(one, '*' | '#'))
            .collect();
        let (country, rest) = match typed.strip_prefix("00") {
            Some(rest) => (true, rest.to_owned()),
            None => (text.starts_with('+'), typed.clone()),
        };
        let bare = rest.trim_start_matches('0');
        let wanted = if bare.len() >= DIGITS {
            bare[bare.len() - DIGITS..].to_owned()
        } else if country {
            format!("+{rest}")
        } else if bare.len() >= 3 {
            bare.to_owned()
        } else {
            rest
        };
        Some(Wanted::Number(wanted))
    }

    /// The column it is in, and what has to be in it.
    pub(super) fn column(&self) -> (&'static str, &str) {
        match self {
            Wanted::Number(text) => ("digits", text),
            Wanted::Name(text) => ("folded", text),
        }
    }
}

#[cfg(test)]
mod tests {
    use telephony::Party;

    use super::{Wanted, keys, length};

    fn found(number: &str, wanted: &str) -> bool {
        let party = Party {
            number: number.into(),
            name: Some("Çelik Özgür".into()),
            extension: None,
        };
        let (digits, folded) = keys(&party);
        match Wanted::of(wanted).unwrap_or(Wanted::Name(String::new())) {
            Wanted::Number(text) => digits.contains(&text),
            Wanted::Name(text) => folded.contains(&text),
        }
    }

    #[test]
    fn a_number_is_found_whichever_way_it_is_written_or_typed() {
        for stored in ["0301234567", "+49 30 1234567", "004930/1234567"] {
            for typed in [
                "0301234567",
                "+49301234567",
                "0049 30 1234567",
                "1234567",
                "030 1234",
            ] {
                assert!(found(stored, typed), "{typed} in {stored}");
            }
            assert!(!found(stored, "0301234568"));
        }
        assert!(found("+441632960001", "+44") && !found("0301444567", "+44"));
        assert!(found("1001", "1001") && found("*78", "*78") && !found("78", "*78"));
    }

    #[test]
    fn a_name_or_an_address_is_found_in_any_case_by_any_part() {
        for typed in ["ÖZG", "çelik ö", "gür"] {
            assert!(found("1001", typed), "{typed}");
        }
        assert!(found("Ann.B@example.org", "ann.b") && !found("1001", "ann"));
        assert!(Wanted::of("  ").is_none());
    }

    #[test]
    fn durations_fall_into_their_classes() {
        assert_eq!(
            [0, 9_999, 10_000, 59_999, 60_000, u64::MAX].map(length),
            [0, 0, 1, 2, 3, 7]
        );
    }
}
