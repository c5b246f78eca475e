//! How somebody was lost and what became of them, in words.

use telephony::lost::{Loss, Path};

use crate::{
    model::lost::{Fate, LostFigures, LostRow},
    pages::figures::worked::{UNKNOWN, percent},
    words::{clock, duration, isolated, shortened, visible::NAME_CHARS},
};

/// How a try was lost.
pub fn loss(how: Loss) -> &'static str {
    match how {
        Loss::Abandoned => "hung up while waiting",
        Loss::TimedOut => "waited too long",
        Loss::Key => "left by a key",
        Loss::Full => "the queue was full",
        Loss::NoAgents => "nobody served the queue",
        Loss::Cut => "the PBX stopped",
        Loss::Unseen => "not seen how it ended",
        Loss::Missed => "nobody answered",
        Loss::Busy => "busy",
        Loss::Unreachable => "the phone could not be reached",
        Loss::Voicemail => "voicemail answered",
    }
}

/// Who it is: the name, else the number.
pub fn who(row: &LostRow) -> String {
    let name = row.name.as_ref().filter(|name| !name.trim().is_empty());
    isolated(shortened(name.unwrap_or(&row.number), NAME_CHARS))
}

/// Where they tried.
pub fn places(row: &LostRow) -> String {
    let names = row.queues.iter().chain(&row.extensions);
    let names: Vec<String> = names.map(|name| isolated(shortened(name, NAME_CHARS))).collect();
    names.join(", ")
}

/// How often.
pub fn calls(count: u32) -> String {
    match count {
        1 => "1 call".to_owned(),
        count => format!("{count} calls"),
    }
}

/// The hue and shape of what became of them, and the words.
pub fn fate(row: &LostRow) -> (&'static str, String) {
    match &row.fate {
        Fate::Open(_) if row.on_line => ("ringing", "On the line now".to_owned()),
        Fate::Open(Some(claim)) if claim.mine => match &claim.from {
            Some(from) => (
                "talking",
                format!("Yours, from {}", isolated(shortened(from, NAME_CHARS))),
            ),
            None => ("talking", "Yours".to_owned()),
        },
        Fate::Open(Some(claim)) => {
            let by = isolated(shortened(&claim.by, NAME_CHARS));
            ("dialling", format!("{by} is on it"))
        }
        Fate::Open(None) if row.called_back => ("waiting", "Keeps the place, is called".to_owned()),
        Fate::Open(None) => ("waiting", "To return".to_owned()),
        Fate::Reached { path, queue, by, .. } => {
            let by = by.as_ref().map(|by| isolated(shortened(by, NAME_CHARS)));
            let by = by.map_or_else(String::new, |by| format!(" by {by}"));
            let way = match (path, queue) {
                (Path::Queue, Some(queue)) => {
                    format!(", called again in {}", isolated(shortened(queue, NAME_CHARS)))
                }
                (Path::Queue | Path::In | Path::Inside, _) => ", called again".to_owned(),
                (Path::Out, _) => String::new(),
            };
            ("ended", format!("Reached{by}{way}"))
        }
        Fate::GivenUp { by, reason, .. } => {
            let (by, reason) = (shortened(by, NAME_CHARS), shortened(reason, 80));
            (
                "ended",
                format!("Given up by {}: {}", isolated(by), isolated(reason)),
            )
        }
    }
}

/// How long it took until they were reached.
pub fn took(row: &LostRow) -> Option<String> {
    match &row.fate {
        Fate::Reached { at, .. } => Some(format!("after {}", duration::age(at.since_ms(row.first)))),
        Fate::Open(_) | Fate::GivenUp { .. } => None,
    }
}

/// The recovered rate, and how it comes about.
pub fn rate(figures: &LostFigures) -> (String, String) {
    let rate = percent(figures.reached, figures.people);
    let worked = format!("{} ÷ {} = {rate}", figures.reached, figures.people);
    (rate, worked)
}

/// The time to recovery, and how it comes about.
pub fn time(figures: &LostFigures) -> (String, String) {
    let (Some(median_ms), Some((one, other))) = (figures.median_ms(), figures.middle) else {
        return (UNKNOWN.into(), "Nobody was reached.".to_owned());
    };
    let median = clock(median_ms);
    let range = format!(
        "from {} to {}",
        clock(figures.shortest_ms),
        clock(figures.longest_ms)
    );
    let count = figures.reached;
    let worked = if count == 1 {
        format!("the only time = {median}")
    } else if count % 2 == 1 {
        format!("the {} of {count} times, {range} = {median}", nth(count / 2 + 1))
    } else {
        let (first, second) = (nth(count / 2), nth(count / 2 + 1));
        format!(
            "halfway between the {first} and the {second} of {count} times, {range}: ({} + {}) ÷ 2 = {median}",
            clock(one),
            clock(other)
        )
    };
    (median, worked)
}

fn nth(count: u64) -> String {
    let ending = match (count % 10, count % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{count}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(reached: u64, middle: Option<(u64, u64)>) -> LostFigures {
        LostFigures {
            people: 20,
            reached,
            middle,
            shortest_ms: 1_000,
            longest_ms: 600_000,
            ..LostFigures::default()
        }
    }

    #[test]
    fn what_nobody_knows_is_a_dash_and_what_is_known_shows_its_numbers() {
        assert_eq!(rate(&LostFigures::default()).0, UNKNOWN);
        assert_eq!(time(&figures(0, None)).0, UNKNOWN);
        assert_eq!(rate(&figures(5, None)), ("25 %".into(), "5 ÷ 20 = 25 %".into()));
        let (median, worked) = time(&figures(3, Some((65_000, 65_000))));
        assert_eq!(median, "1:05");
        assert_eq!(worked, "the 2nd of 3 times, from 0:01 to 10:00 = 1:05");
        let (median, worked) = time(&figures(2, Some((60_000, 120_000))));
        assert_eq!(median, "1:30");
        assert!(worked.contains("1st and the 2nd of 2 times"), "{worked}");
        assert!(worked.ends_with("(1:00 + 2:00) ÷ 2 = 1:30"), "{worked}");
    }

    #[test]
    fn ordinals_are_those_that_people_write() {
        let cases = [
            (1, "1st"),
            (2, "2nd"),
            (3, "3rd"),
            (4, "4th"),
            (11, "11th"),
            (12, "12th"),
            (21, "21st"),
            (113, "113th"),
        ];
        for (count, word) in cases {
            assert_eq!(nth(count), word);
        }
    }
}
