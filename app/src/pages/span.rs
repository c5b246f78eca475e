//! Days and queues, as they stand in an address.

use crate::{
    access::QueueOn,
    model::PbxId,
    words::{address::part, moment},
};

/// Queues that one address can name.
const MAX_QUEUES: usize = 100;

/// Which days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Time {
    /// This day.
    #[default]
    Today,
    /// The day before.
    Yesterday,
    /// Seven days, this one included.
    Week,
    /// Thirty days, this one included.
    Month,
    /// From one day to another, both included.
    Between(u64, u64),
}

impl Time {
    /// The choices, by the word in the address.
    pub const CHOICES: [(&'static str, &'static str); 5] = [
        ("today", "Today"),
        ("yesterday", "Yesterday"),
        ("7", "Last 7 days"),
        ("30", "Last 30 days"),
        ("range", "From … to …"),
    ];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Time::Today => "today",
            Time::Yesterday => "yesterday",
            Time::Week => "7",
            Time::Month => "30",
            Time::Between(..) => "range",
        }
    }

    fn read(word: &str, from: Option<u64>, to: Option<u64>, usual: Self) -> Self {
        match (word, from.or(to), to.or(from)) {
            ("today", ..) => Time::Today,
            ("yesterday", ..) => Time::Yesterday,
            ("7", ..) => Time::Week,
            ("30", ..) => Time::Month,
            ("range", Some(from), Some(to)) => Time::Between(from.min(to), from.max(to)),
            _ => usual,
        }
    }

    /// What a word stands for, given the days that were shown before.
    pub fn of_word(word: &str, from: u64, to: u64) -> Self {
        Self::read(word, Some(from), Some(to), Time::Today)
    }

    /// The first and the last day, given this one.
    pub fn days(self, today: u64) -> (u64, u64) {
        match self {
            Time::Today => (today, today),
            Time::Yesterday => (today.saturating_sub(1), today.saturating_sub(1)),
            Time::Week => (today.saturating_sub(6), today),
            Time::Month => (today.saturating_sub(29), today),
            Time::Between(from, to) => (from, to),
        }
    }
}

/// A queue as forms and addresses name it: the PBX's number, a slash, its name.
pub fn queue(text: &str) -> Option<QueueOn> {
    let (pbx, name) = text.split_once('/')?;
    Some((PbxId(pbx.parse().ok()?), name.to_owned()))
}

/// Which days and queues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Which days.
    pub time: Time,
    /// Only these queues; none for all.
    pub queues: Vec<QueueOn>,
}

impl Span {
    /// Reads an address; what cannot be read is as if it were not there, and a time that is not there is the `usual` one.
    pub fn read(parameter: impl Fn(&str) -> Vec<String>, usual: Time) -> Self {
        let one = |name: &str| parameter(name).into_iter().next().unwrap_or_default();
        let date = |name: &str| moment::read_date(&one(name));
        let queues = parameter("queue").into_iter().take(MAX_QUEUES);
        Self {
            time: Time::read(&one("time"), date("from"), date("to"), usual),
            queues: queues.filter_map(|text| queue(&text)).collect(),
        }
    }

    /// What of it stands in an address.
    pub fn pairs(&self, usual: Time) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.time != usual {
            pairs.push(("time", self.time.word().into()));
        }
        if let Time::Between(from, to) = self.time {
            pairs.push(("from", moment::date(from)));
            pairs.push(("to", moment::date(to)));
        }
        for (pbx, name) in &self.queues {
            pairs.push(("queue", format!("{}/{name}", pbx.0)));
        }
        pairs
    }
}

/// What stands behind the question mark.
pub fn search(pairs: &[(&str, String)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", part(value)));
    pairs.collect::<Vec<_>>().join("&")
}
