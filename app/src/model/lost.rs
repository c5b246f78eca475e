//! Callers who were not reached, as pages show them and ask for them.

use serde::{Deserialize, Serialize};
use telephony::{
    Timestamp,
    lost::{Loss, Path},
};

use super::PbxId;
use crate::{access::QueueOn, live::note::Note};

/// Rows of one page.
pub const MAX_ROWS: usize = 100;
/// Characters of why somebody is given up.
pub const MAX_REASON_CHARS: usize = 200;
/// How often a page says that whoever claimed something is still there.
pub const BEAT_MS: u64 = 25_000;

/// Which of them are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wanted {
    /// Who has to be called.
    #[default]
    Open,
    /// Of them, whom the viewer is on.
    Mine,
    /// Of them, whom nobody is on.
    Free,
    /// Who was reached.
    Reached,
    /// Who was given up.
    GivenUp,
    /// Everybody.
    All,
}

impl Wanted {
    /// Every one.
    pub const EVERY: [Wanted; 6] = [
        Wanted::Open,
        Wanted::Mine,
        Wanted::Free,
        Wanted::Reached,
        Wanted::GivenUp,
        Wanted::All,
    ];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Wanted::Open => "open",
            Wanted::Mine => "mine",
            Wanted::Free => "free",
            Wanted::Reached => "reached",
            Wanted::GivenUp => "given-up",
            Wanted::All => "all",
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Wanted::Open => "To return",
            Wanted::Mine => "Mine",
            Wanted::Free => "Nobody is on",
            Wanted::Reached => "Reached",
            Wanted::GivenUp => "Given up",
            Wanted::All => "All",
        }
    }

    /// What a word in the address stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|one| one.word() == word)
    }
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LostQuery {
    /// Who tried from here on, Unix milliseconds,
    pub from_ms: u64,
    /// and before this.
    pub to_ms: u64,
    /// Only in these queues; none for every queue and extension that is seen.
    pub queues: Vec<QueueOn>,
    /// Which of them.
    pub wanted: Wanted,
    /// With those who hung up at once.
    pub short: bool,
    /// Below this row: the next page.
    pub before: Option<i64>,
    /// So many at most.
    pub limit: usize,
}

/// Who is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Their name.
    pub by: String,
    /// It is the viewer.
    pub mine: bool,
    /// Since when.
    pub since: Timestamp,
    /// Who handed it to them.
    pub from: Option<String>,
}

/// What became of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// They have to be called.
    Open(Option<Claim>),
    /// They were reached.
    Reached {
        /// When.
        at: Timestamp,
        /// On which way.
        path: Path,
        /// Through which queue.
        queue: Option<String>,
        /// By whom: the name, else the number.
        by: Option<String>,
    },
    /// They are called no more.
    GivenUp {
        /// Since when.
        at: Timestamp,
        /// Who said so
        by: String,
        /// and why.
        reason: String,
    },
}

/// A person who was not reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostRow {
    /// The row.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// The number to call
    pub number: String,
    /// and the name.
    pub name: Option<String>,
    /// Calls that reached nobody.
    pub calls: u32,
    /// The first of them: since then they wait to be called.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// How that one ended.
    pub how: Loss,
    /// The queues they came to
    pub queues: Vec<String>,
    /// and the extensions they called.
    pub extensions: Vec<String>,
    /// The longest they waited, in milliseconds.
    pub longest_ms: u64,
    /// What became of them.
    pub fate: Fate,
    /// They call, or are called, at this moment.
    pub on_line: bool,
    /// They keep their place in a queue and are called by themselves.
    pub called_back: bool,
}

/// What came of everybody who was not reached in a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostFigures {
    /// People.
    pub people: u64,
    /// Of them, those who were reached afterwards,
    pub reached: u64,
    /// given up,
    pub given_up: u64,
    /// and still to be called.
    pub open: u64,
    /// From the first try until they were reached, the one in the middle; the two in the middle of an even number.
    pub middle: Option<(u64, u64)>,
    /// The shortest of these times,
    pub shortest_ms: u64,
    /// and the longest.
    pub longest_ms: u64,
    /// People who only hung up at once, and are not counted.
    pub short: u64,
    /// Calls without a number: nobody can be called.
    pub withheld: u64,
}

impl LostFigures {
    /// The time to recovery: half of those who were reached were reached within it.
    pub fn median_ms(&self) -> Option<u64> {
        self.middle.map(|(one, other)| one.midpoint(other))
    }
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostPage {
    /// The latest row first.
    pub rows: Vec<LostRow>,
    /// There are more.
    pub more: bool,
    /// Of everybody in the time, whichever are listed.
    pub figures: LostFigures,
    /// When it was made.
    pub as_of: Timestamp,
}

/// One try of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostTry {
    /// When it was lost,
    pub at: Timestamp,
    /// after how long,
    pub waited_ms: u64,
    /// and how.
    pub how: Loss,
    /// The queue or, where it was a call to one, the extension.
    pub place: String,
    /// Whether it is a queue.
    pub is_queue: bool,
}

/// One row, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostCaller {
    /// The row.
    pub row: LostRow,
    /// The tries that the viewer sees, the latest first, so many at most.
    pub tries: Vec<LostTry>,
    /// Who else could call them.
    pub colleagues: Vec<Colleague>,
}

/// Tries of one person that are listed.
pub const MAX_TRIES: usize = 50;

/// Somebody to whom a row can be handed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The user.
    pub id: i64,
    /// The name.
    pub name: String,
}

/// Says that something is new about those who were lost by a queue or an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostMark {
    /// The queue or extension.
    pub place: String,
    /// Another number each time.
    pub revision: u64,
}

impl Note for LostMark {
    const KIND: &'static str = "lost";

    fn id(&self) -> String {
        self.place.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_those_who_were_reached_were_reached_within_the_median() {
        let of = |middle| {
            LostFigures {
                middle,
                ..LostFigures::default()
            }
            .median_ms()
        };
        assert_eq!(of(None), None);
        assert_eq!(of(Some((7, 7))), Some(7));
        assert_eq!(of(Some((10, 21))), Some(15));
    }

    #[test]
    fn every_choice_has_a_word_of_its_own() {
        for wanted in Wanted::EVERY {
            assert_eq!(Wanted::of_word(wanted.word()), Some(wanted));
        }
    }
}
