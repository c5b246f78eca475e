//! Callers who keep their place in a queue and hang up, as pages show and change them.

use serde::{Deserialize, Serialize};
use telephony::callback::{MAX_ATTEMPTS, MAX_PREFIXES, Request};

use crate::{access::QueueOn, live::note::Note};

/// Requests of one queue that a page is told of, the first places first.
pub const MAX_SHOWN: usize = 50;
/// Characters of a prefix.
pub const MAX_PREFIX_CHARS: usize = 16;
/// Pauses between two attempts, in minutes.
pub const PAUSE_MINUTES: std::ops::RangeInclusive<u32> = 1..=240;

/// How a queue calls back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackRules {
    /// The queue.
    pub queue: QueueOn,
    /// Whether it does.
    pub on: bool,
    /// Attempts before a request is given up.
    pub attempts: u8,
    /// Minutes between two attempts.
    pub pause_min: u32,
    /// What numbers begin with that may be called.
    pub prefixes: Vec<String>,
}

impl CallbackRules {
    /// What is wrong with them: the field, and a sentence.
    pub fn problem(&self) -> Option<(&'static str, String)> {
        if !(1..=MAX_ATTEMPTS).contains(&self.attempts) {
            return Some(("attempts", format!("1 to {MAX_ATTEMPTS} attempts.")));
        }
        if !PAUSE_MINUTES.contains(&self.pause_min) {
            let (least, most) = (PAUSE_MINUTES.start(), PAUSE_MINUTES.end());
            return Some(("pause_min", format!("{least} to {most} minutes.")));
        }
        let is_prefix = |prefix: &String| {
            let mut digits = prefix.bytes();
            (1..=MAX_PREFIX_CHARS).contains(&prefix.len())
                && digits.all(|byte| byte.is_ascii_digit() || byte == b'+')
        };
        if self.prefixes.len() > MAX_PREFIXES || !self.prefixes.iter().all(is_prefix) {
            let problem = format!(
                "At most {MAX_PREFIXES} beginnings of numbers: digits and +, {MAX_PREFIX_CHARS} at most each."
            );
            return Some(("prefixes", problem));
        }
        if self.on && self.prefixes.is_empty() {
            let problem = "Say which numbers may be called: without a beginning, none is.";
            return Some(("prefixes", problem.to_owned()));
        }
        None
    }
}

/// What a person can do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallbackVerb {
    /// The next free agent is for them.
    CallNext,
    /// No more attempts.
    GiveUp,
    /// They need no call any more.
    Cancel,
}

impl CallbackVerb {
    /// Every one.
    pub const EVERY: [CallbackVerb; 3] = [CallbackVerb::CallNext, CallbackVerb::GiveUp, CallbackVerb::Cancel];

    /// The word in forms.
    pub fn slug(self) -> &'static str {
        match self {
            CallbackVerb::CallNext => "call_next",
            CallbackVerb::GiveUp => "give_up",
            CallbackVerb::Cancel => "cancel",
        }
    }

    /// The verb of a word.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|verb| verb.slug() == slug)
    }
}

/// The callbacks of one queue, on its board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCallbacks {
    /// The queue.
    pub queue: String,
    /// Whether it calls back.
    pub on: bool,
    /// Open requests in the order of their places, at most [`MAX_SHOWN`].
    pub requests: Vec<Request>,
    /// How many there are besides.
    pub more: u32,
}

impl Note for QueueCallbacks {
    const KIND: &'static str = "callbacks";

    fn id(&self) -> String {
        self.queue.clone()
    }
}
