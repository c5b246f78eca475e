//! Reports that are sent by mail again and again.

use serde::{Deserialize, Serialize};

/// Mailings of one person.
pub const MAX_MAILINGS: u32 = 20;
/// Addresses of one mailing.
pub const MAX_RECIPIENTS: usize = 10;

/// How often, and about what time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Every {
    /// Each day, about the one before.
    #[default]
    Day,
    /// Each Monday, about the week before.
    Week,
    /// Each first of a month, about the month before.
    Month,
}

impl Every {
    /// All of them: the word in forms, and what people read.
    pub const ALL: [(Every, &'static str, &'static str); 3] = [
        (Every::Day, "day", "Every day, about the day before"),
        (Every::Week, "week", "Every Monday, about the week before"),
        (
            Every::Month,
            "month",
            "Every first of the month, about the month before",
        ),
    ];

    /// The word.
    pub fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(every, ..)| *every == self);
        known.map_or("", |(_, word, _)| word)
    }

    /// The one with this word.
    pub fn of(word: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known, _)| *known == word);
        known.map(|(every, ..)| *every)
    }

    /// What people read.
    pub fn told(self) -> &'static str {
        let known = Self::ALL.iter().find(|(every, ..)| *every == self);
        known.map_or("", |(.., told)| told)
    }
}

/// What a mailing is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailingForm {
    /// The report's own address.
    pub address: String,
    /// `day`, `week` or `month`.
    pub every: String,
    /// When on that day, as `07:00`.
    pub at: String,
    /// In which zone, by its IANA name.
    pub zone: String,
    /// `pdf`, `xlsx` or `csv`.
    pub format: String,
    /// Mail addresses, with commas or spaces between them.
    pub to: String,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// Its number.
    pub id: i64,
    /// The report's own address.
    pub address: String,
    /// How often.
    pub every: Every,
    /// When on that day, in minutes after midnight,
    pub at_minute: u16,
    /// in which zone, by its IANA name.
    pub zone: String,
    /// How the file's name ends.
    pub format: String,
    /// To whom.
    pub to: Vec<String>,
    /// When the next one is due, Unix milliseconds.
    pub due_ms: u64,
    /// When it is tried next: later, where it failed.
    pub try_ms: u64,
    /// How often it failed.
    pub tries: u32,
    /// When the last one was sent.
    pub sent_ms: Option<u64>,
    /// Why the last one was not; empty where it was.
    pub trouble: String,
}

/// Those of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailings {
    /// The parts behind the @ that may be written to; none where no mail server is set up.
    pub domains: Vec<String>,
    /// In the order in which they were made.
    pub all: Vec<Mailing>,
}
