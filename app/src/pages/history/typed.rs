//! What somebody types to find calls: `from:+44 queue:sales missed last week longer:60`. Words that are known ask for what they
//! say, everything else is a part of the number or name of somebody on the call.

use telephony::{CallResult, Direction};

use crate::{
    model::history::{CallSearch, MAX_TEXT},
    words::moment,
};

/// What was made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Everything but the time.
    pub search: CallSearch,
    /// The first and the last day, since 1970.
    pub days: Option<(u64, u64)>,
    /// What was not understood, as it was typed.
    pub unknown: Vec<String>,
}

/// Every word with a value, and what it asks for.
pub const NAMED: [(&str, &str); 14] = [
    (
        "from:",
        "a part of the number or name of who called; +44 is where it begins",
    ),
    ("to:", "of who was called"),
    ("with:", "of either of them, as without any word"),
    ("ext:", "an extension that was on the call or rang"),
    ("user:", "a phone of this person; user:me is yours"),
    ("team:", "a phone of somebody in this team"),
    ("by:", "the extension that answered first"),
    (
        "queue:",
        "the queue they came through; queue:sales,support is either",
    ),
    ("trunk:", "the line to the outside"),
    ("longer:", "at least so long: 60, 90s, 5m or 1h"),
    ("shorter:", "less than that"),
    ("note:", "a part of what somebody noted"),
    ("tag:", "a tag, by its whole word"),
    ("disposition:", "what an agent says came of it"),
];

/// Every word that stands alone, and what it asks for.
const ALONE: [(&str, Plain); 25] = [
    ("answered", Plain::Result(CallResult::Answered)),
    ("missed", Plain::Result(CallResult::Missed)),
    ("busy", Plain::Result(CallResult::Busy)),
    ("failed", Plain::Result(CallResult::Failed)),
    ("abandoned", Plain::Result(CallResult::Abandoned)),
    ("voicemail", Plain::Result(CallResult::Voicemail)),
    ("service", Plain::Result(CallResult::Service)),
    ("interrupted", Plain::Result(CallResult::Interrupted)),
    ("in", Plain::Way(Direction::Inbound)),
    ("inbound", Plain::Way(Direction::Inbound)),
    ("incoming", Plain::Way(Direction::Inbound)),
    ("out", Plain::Way(Direction::Outbound)),
    ("outbound", Plain::Way(Direction::Outbound)),
    ("outgoing", Plain::Way(Direction::Outbound)),
    ("internal", Plain::Way(Direction::Internal)),
    ("inside", Plain::Way(Direction::Internal)),
    ("recorded", Plain::Recorded(true)),
    ("unrecorded", Plain::Recorded(false)),
    ("noted", Plain::Noted),
    ("today", Plain::Time(Span::Days(0, 0))),
    ("yesterday", Plain::Time(Span::Days(1, 1))),
    ("this week", Plain::Time(Span::Week(0))),
    ("last week", Plain::Time(Span::Week(1))),
    ("this month", Plain::Time(Span::Month(0))),
    ("last month", Plain::Time(Span::Month(1))),
];

#[derive(Clone, Copy, Debug)]
enum Plain {
    Result(CallResult),
    Way(Direction),
    Recorded(bool),
    Noted,
    Time(Span),
}

/// A time, seen from today.
#[derive(Clone, Copy, Debug)]
enum Span {
    /// From so many days ago to so many.
    Days(u64, u64),
    /// So many weeks ago, Monday to Sunday.
    Week(u64),
    /// So many months ago.
    Month(u64),
}

impl Span {
    fn days(self, today: u64) -> (u64, u64) {
        match self {
            Span::Days(first, last) => (today.saturating_sub(first), today.saturating_sub(last)),
            Span::Week(ago) => {
                // the first of all days was a Thursday
                let monday = today.saturating_sub((today + 3) % 7).saturating_sub(7 * ago);
                (monday, monday + 6)
            }
            Span::Month(ago) => {
                let (year, month, _) = moment::date_of(today);
                let months = (year * 12 + month - 1).saturating_sub(ago);
                let first =
                    |months: u64| moment::day_number(months / 12, months % 12 + 1, 1).unwrap_or(today);
                (first(months), first(months + 1).saturating_sub(1))
            }
        }
    }
}

/// The pieces of a text: parted by blanks, but for what stands between quotation marks.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut quoted = false;
    for one in text.chars().take(MAX_TEXT * 8) {
        match one {
            '"' => quoted = !quoted,
            one if one.is_whitespace() && !quoted => {
                if !piece.is_empty() {
                    pieces.push(std::mem::take(&mut piece));
                }
            }
            one => piece.push(one),
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// `60`, `90s`, `5m`, `1h`, in seconds.
fn seconds(text: &str) -> Option<u32> {
    let (number, unit) = match text.char_indices().next_back()? {
        (at, 's') => (&text[..at], 1),
        (at, 'm') => (&text[..at], 60),
        (at, 'h') => (&text[..at], 3_600),
        _ => (text, 1),
    };
    number.parse::<u32>().ok()?.checked_mul(unit)
}

/// `2026-11-26`, or `2026-11-01..2026-11-20`.
fn dates(text: &str) -> Option<(u64, u64)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (moment::read_date(from)?, moment::read_date(to)?);
    Some((from.min(to), from.max(to)))
}

fn fit(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

impl Typed {
    /// Reads what was typed on a day since 1970.
    pub fn read(text: &str, today: u64) -> Self {
        let mut typed = Self::default();
        let pieces = pieces(text);
        let mut words = Vec::new();
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            let lower = crate::lower(piece);
            let next = pieces.get(at + 1).map(|next| crate::lower(next));
            let third = pieces.get(at + 2).map(String::as_str);
            let taken = typed.take(&lower, next.as_deref(), third, today);
            if taken == 0 && !typed.named(piece) {
                words.push(piece.as_str());
            }
            at += taken.max(1);
        }
        if !words.is_empty() {
            let words = words.join(" ");
            if typed.search.anyone.is_empty() {
                typed.search.anyone = fit(&words);
            } else {
                typed.unknown.push(words);
            }
        }
        typed
    }

    /// Takes a word that stands alone, or two or three that belong together; how many pieces that were.
    fn take(&mut self, word: &str, next: Option<&str>, third: Option<&str>, today: u64) -> usize {
        let known = |wanted: &str| {
            ALONE
                .iter()
                .find(|(word, _)| *word == wanted)
                .map(|(_, plain)| *plain)
        };
        let two = next.map(|next| format!("{word} {next}"));
        if let Some(plain) = two.as_deref().and_then(known) {
            self.plain(plain, today);
            return 2;
        }
        // last 30 days
        if let ("last", Some(count), Some("days" | "day")) = (word, next, third)
            && let Some(count) = count
                .parse::<u64>()
                .ok()
                .filter(|count| (1..=3_660).contains(count))
        {
            self.days = Some(Span::Days(count - 1, 0).days(today));
            return 3;
        }
        if let Some(plain) = known(word) {
            self.plain(plain, today);
            return 1;
        }
        if let Some(days) = dates(word) {
            self.days = Some(days);
            return 1;
        }
        0
    }

    fn plain(&mut self, plain: Plain, today: u64) {
        match plain {
            Plain::Result(result) if self.search.results.contains(&result) => {}
            Plain::Result(result) => self.search.results.push(result),
            Plain::Way(way) => self.search.direction = Some(way),
            Plain::Recorded(recorded) => self.search.recorded = Some(recorded),
            Plain::Noted => self.search.noted = true,
            Plain::Time(span) => self.days = Some(span.days(today)),
        }
    }

    /// Takes a word with a value; false where it is none.
    fn named(&mut self, piece: &str) -> bool {
        let Some((name, value)) = piece.split_once(':') else {
            return false;
        };
        let search = &mut self.search;
        let name = crate::lower(name);
        let place = match name.as_str() {
            "from" => &mut search.caller,
            "to" => &mut search.callee,
            "with" => &mut search.anyone,
            "ext" | "extension" => &mut search.extension,
            "user" => &mut search.user,
            "team" => &mut search.team,
            "by" => &mut search.answered_by,
            "queue" => &mut search.queue,
            "trunk" => &mut search.trunk,
            "note" => &mut search.note,
            "tag" => &mut search.tag,
            "disposition" => &mut search.disposition,
            "longer" | "shorter" => {
                let place = if name == "longer" {
                    &mut search.longer_s
                } else {
                    &mut search.shorter_s
                };
                match seconds(value) {
                    Some(seconds) => *place = Some(seconds),
                    None => self.unknown.push(piece.to_owned()),
                }
                return true;
            }
            _ => return false,
        };
        if value.is_empty() {
            self.unknown.push(piece.to_owned());
        } else {
            *place = fit(value);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use telephony::{CallResult, Direction};

    use super::Typed;
    use crate::{model::history::CallSearch, words::moment};

    fn day(date: &str) -> u64 {
        moment::read_date(date).unwrap_or_default()
    }

    /// Thursday, 26 November 2026.
    fn read(text: &str) -> Typed {
        Typed::read(text, day("2026-11-26"))
    }

    #[test]
    fn a_sentence_asks_for_all_that_it_says() {
        let typed = read("from:+44 to:101 queue:sales missed last week longer:60");
        let search = CallSearch {
            caller: "+44".into(),
            callee: "101".into(),
            queue: "sales".into(),
            results: vec![CallResult::Missed],
            longer_s: Some(60),
            ..CallSearch::default()
        };
        assert_eq!(typed.search, search);
        assert_eq!(typed.days, Some((day("2026-11-16"), day("2026-11-22"))));
        assert!(typed.unknown.is_empty());
    }

    #[test]
    fn everything_else_is_somebody() {
        assert_eq!(read("  ann   anders ").search.anyone, "ann anders");
        assert_eq!(read("0301234").search.anyone, "0301234");
        assert_eq!(read("from:\"Ann Anders\" busy").search.caller, "Ann Anders");
        // an address has a colon, too
        assert_eq!(read("sip:ann").search.anyone, "sip:ann");
        assert_eq!(
            read("Missed BUSY In recorded").search,
            CallSearch {
                results: vec![CallResult::Missed, CallResult::Busy],
                direction: Some(Direction::Inbound),
                recorded: Some(true),
                ..CallSearch::default()
            }
        );
    }

    #[test]
    fn times_are_told_from_today() {
        for (text, from, to) in [
            ("today", "2026-11-26", "2026-11-26"),
            ("yesterday", "2026-11-25", "2026-11-25"),
            ("this week", "2026-11-23", "2026-11-29"),
            ("last month", "2026-10-01", "2026-10-31"),
            ("last 7 days", "2026-11-20", "2026-11-26"),
            ("2026-02-28", "2026-02-28", "2026-02-28"),
            ("2026-03-01..2026-02-01", "2026-02-01", "2026-03-01"),
        ] {
            assert_eq!(read(text).days, Some((day(from), day(to))), "{text}");
            assert_eq!(read(text).search, CallSearch::default(), "{text}");
        }
        assert_eq!(
            Typed::read("last month", day("2026-01-15")).days,
            Some((day("2025-12-01"), day("2025-12-31")))
        );
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert_eq!(read("longer:soon queue:").unknown, ["longer:soon", "queue:"]);
        assert_eq!(read("with:ann bob").unknown, ["bob"]);
        assert_eq!(read("longer:5m shorter:1h").search.longer_s, Some(300));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read(text in ".*", today in 0u64..100_000) {
            let typed = Typed::read(&text, today);
            prop_assert!(typed.search.anyone.chars().count() <= 80);
        }
    }
}
