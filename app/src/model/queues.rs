//! What is set up of queues: targets, wrap-up, what is said of a call, and why agents pause.

use serde::{Deserialize, Serialize};

use crate::access::QueueOn;

/// Longest target and wrap-up, in seconds.
pub const MAX_SECONDS: u32 = 3_600;
/// Words for what became of a call, at most.
pub const MAX_DISPOSITIONS: usize = 50;
/// Pause reasons at most, retired ones included.
pub const MAX_REASONS: usize = 50;
/// Characters of a reason or a disposition.
pub const MAX_WORD_CHARS: usize = 40;
/// Characters of a note on a call.
pub const MAX_NOTE_CHARS: usize = 2_000;

/// The rules of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRules {
    /// The queue.
    pub queue: QueueOn,
    /// The version of how it is counted.
    pub version: u32,
    /// An answer within so many seconds is in time.
    pub target_s: u32,
    /// Who hangs up sooner has not waited.
    pub short_abandon_s: u32,
    /// Seconds for the work after a call; 0 for none.
    pub wrap_up_s: u32,
    /// What agents can say of a call.
    pub dispositions: Vec<String>,
}

/// The hue of a pause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Colour {
    /// As pauses are.
    #[default]
    Ochre,
    /// Blue.
    Blue,
    /// Green.
    Green,
    /// Violet.
    Violet,
    /// Red.
    Red,
    /// Grey.
    Grey,
}

impl Colour {
    /// Every one.
    pub const EVERY: [Colour; 6] = [
        Colour::Ochre,
        Colour::Blue,
        Colour::Green,
        Colour::Violet,
        Colour::Red,
        Colour::Grey,
    ];

    /// The word in forms, styles and the database.
    pub fn slug(self) -> &'static str {
        match self {
            Colour::Ochre => "ochre",
            Colour::Blue => "blue",
            Colour::Green => "green",
            Colour::Violet => "violet",
            Colour::Red => "red",
            Colour::Grey => "grey",
        }
    }

    /// The colour of a word.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|colour| colour.slug() == slug)
    }
}

/// Why agents pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseReason {
    /// Its number; None for a new one.
    pub id: Option<i64>,
    /// The word, which the PBX is told too.
    pub name: String,
    /// Its hue.
    pub colour: Colour,
    /// Whether the time is paid.
    pub paid: bool,
    /// Longer than so many seconds is too long.
    pub most_s: Option<u32>,
    /// Not offered any more; what was counted with it stays.
    pub retired: bool,
}

/// Everything that is set up, as far as somebody sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSetUp {
    /// The queues.
    pub queues: Vec<QueueRules>,
    /// The reasons.
    pub reasons: Vec<PauseReason>,
}
