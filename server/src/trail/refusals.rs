//! Refusals without a flood: the same one within a minute is counted and not written again, and what comes in too many
//! shapes is counted as one.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use app::audit::{Action, Fact, Outcome};

use super::Who;
use crate::store::NewLine;

/// How long repetitions are counted before they are written.
const WINDOW_MS: u64 = 60 * 1000;
/// Different refusals of one person, or one address of strangers, that are written in such a time; more are one.
const MOST_OF_ONE: usize = 30;
/// Different refusals that are kept apart at all.
const MOST: usize = 1_000;

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Refusal {
    pub(super) who: Who,
    pub(super) address: String,
    pub(super) action: Action,
    pub(super) object: String,
}

impl Refusal {
    /// As a row.
    pub(super) fn line(self, at_ms: u64, facts: &[Fact]) -> NewLine {
        NewLine {
            at_ms,
            act_id: None,
            who: self.who,
            address: self.address,
            action: self.action,
            object: self.object,
            detail: super::detail::json(facts),
            outcome: Outcome::Refused,
        }
    }

    /// The same one, told less finely.
    fn coarser(mut self) -> Self {
        self.action = Action::Request;
        self.object = "different things".into();
        self
    }

    fn is_of(&self, other: &Self) -> bool {
        self.who == other.who && (self.who.id.is_some() || self.address == other.address)
    }
}

#[derive(Debug)]
struct Counted {
    since_ms: u64,
    again: u64,
    why: String,
}

/// How often something was refused again.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) refusal: Refusal,
    counted: Counted,
}

impl Sum {
    pub(super) fn facts(&self) -> [Fact; 3] {
        [
            Fact::told("times", self.counted.again.to_string()),
            Fact::told("since", app::words::moment::machine(self.counted.since_ms)),
            Fact::told("why", &*self.counted.why),
        ]
    }
}

/// What was refused in the last minute.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    counted: Mutex<HashMap<Refusal, Counted>>,
}

impl Refusals {
    /// Gives back what is to be written now; None where it was only counted.
    pub(super) fn note(&self, refusal: Refusal, why: &str, now_ms: u64) -> Option<Refusal> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = if counted.contains_key(&refusal) {
            refusal
        } else if counted.len() >= MOST {
            Refusal {
                who: Who::default(),
                address: "many addresses".into(),
                ..refusal.coarser()
            }
        } else if counted.keys().filter(|other| other.is_of(&refusal)).count() >= MOST_OF_ONE {
            refusal.coarser()
        } else {
            refusal
        };
        if let Some(before) = counted.get_mut(&refusal) {
            before.again += 1;
            return None;
        }
        let first = Counted {
            since_ms: now_ms,
            again: 0,
            why: why.to_owned(),
        };
        counted.insert(refusal.clone(), first);
        Some(refusal)
    }

    /// Takes out whose minute is over, or all; gives those that were repeated.
    pub(super) fn over(&self, now_ms: u64, all: bool) -> Vec<Sum> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let over =
            counted.extract_if(|_, counted| all || now_ms.saturating_sub(counted.since_ms) >= WINDOW_MS);
        let sums = over.map(|(refusal, counted)| Sum { refusal, counted });
        sums.filter(|sum| sum.counted.again > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(user: i64, object: &str) -> Refusal {
        Refusal {
            who: Who::user(user, "eve"),
            address: "192.0.2.1".into(),
            action: Action::HangUp,
            object: object.into(),
        }
    }

    #[test]
    fn what_is_repeated_within_a_minute_is_two_rows_however_often() {
        let refusals = Refusals::default();
        assert!(refusals.note(refusal(1, "call 1"), "no", 0).is_some());
        for _ in 0..500 {
            assert_eq!(refusals.note(refusal(1, "call 1"), "no", 59_000), None);
        }
        assert!(refusals.over(59_999, false).is_empty());
        let sums = refusals.over(60_000, false);
        assert_eq!(sums.len(), 1);
        assert!(
            sums.iter()
                .all(|sum| sum.facts()[0] == Fact::told("times", "500"))
        );
        // and then it is news again
        assert!(refusals.note(refusal(1, "call 1"), "no", 60_000).is_some());
        assert!(refusals.over(u64::MAX, false).is_empty(), "once is no repetition");
    }

    #[test]
    fn many_shapes_of_one_person_are_bounded_and_so_are_many_people() {
        let refusals = Refusals::default();
        let of_one = (0..500).filter_map(|call| refusals.note(refusal(1, &format!("call {call}")), "no", 0));
        assert_eq!(of_one.count(), MOST_OF_ONE + 1);
        let of_all = (0..5_000).filter_map(|user| refusals.note(refusal(user, "call"), "no", 0));
        assert!(of_all.count() <= MOST + 1);
        let sums = refusals.over(0, true);
        let refused: u64 = sums.iter().map(|sum| sum.counted.again).sum();
        assert!(refused > 4_000, "none is lost: {refused}");
    }
}
