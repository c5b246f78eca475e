//! The actions that wait for their answers.

use std::collections::VecDeque;

use super::{ACTION_DEADLINE_MS, ActionId, MAX_LIST_BYTES, MAX_LIST_ITEMS, Outcome, UnknownReason};
use crate::action::Answer;
use crate::message::Message;

/// In the order they were sent. Few at a time, so finding one is a walk.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    id: ActionId,
    answer: Answer,
    /// Sent by the session itself (login, ping).
    internal: bool,
    deadline_ms: u64,
    list: Option<List>,
}

/// A list whose response came.
#[derive(Debug, Default)]
struct List {
    items: Vec<Message>,
    bytes: usize,
}

/// What a response did.
pub(super) struct Answered {
    pub(super) internal: bool,
    /// `None` while a list goes on.
    pub(super) outcome: Option<Outcome>,
}

impl InFlight {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn insert(&mut self, id: ActionId, answer: Answer, internal: bool, now_ms: u64) {
        let deadline_ms = now_ms + ACTION_DEADLINE_MS;
        self.waiting.push_back(Waiting {
            id,
            answer,
            internal,
            deadline_ms,
            list: None,
        });
    }

    /// Whether any list goes on; when not, no event needs its `ActionID` looked up.
    pub(super) fn awaits_items(&self) -> bool {
        self.waiting.iter().any(|waiting| waiting.list.is_some())
    }

    pub(super) fn oldest_unanswered(&self) -> Option<ActionId> {
        self.waiting
            .iter()
            .find(|waiting| waiting.list.is_none())
            .map(|waiting| waiting.id)
    }

    pub(super) fn deadline_ms(&self) -> Option<u64> {
        self.waiting.iter().map(|waiting| waiting.deadline_ms).min()
    }

    fn position(&self, id: ActionId) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.id == id)
    }

    pub(super) fn response(&mut self, id: ActionId, message: &Message, now_ms: u64) -> Option<Answered> {
        let at = self.position(id)?;
        let waiting = self
            .waiting
            .get_mut(at)
            .filter(|waiting| waiting.list.is_none())?;
        let internal = waiting.internal;
        if waiting.answer == Answer::List && message.is_success() {
            waiting.list = Some(List::default());
            waiting.deadline_ms = now_ms + ACTION_DEADLINE_MS;
            return Some(Answered {
                internal,
                outcome: None,
            });
        }
        self.waiting.remove(at);
        let outcome = if message.is_success() {
            Outcome::Success(message.clone())
        } else {
            Outcome::Refused {
                message: refusal(message),
            }
        };
        Some(Answered {
            internal,
            outcome: Some(outcome),
        })
    }

    /// An event that names this action; the outcome when it was the last of its list.
    pub(super) fn item(&mut self, id: ActionId, message: &Message, now_ms: u64) -> Option<Outcome> {
        let at = self.position(id)?;
        let waiting = self.waiting.get_mut(at)?;
        let list = waiting.list.as_mut()?;
        if let Some(end) = message.get("EventList") {
            let complete = end.eq_ignore_ascii_case("Complete");
            let items = std::mem::take(&mut list.items);
            self.waiting.remove(at);
            return Some(Outcome::List { items, complete });
        }
        waiting.deadline_ms = now_ms + ACTION_DEADLINE_MS;
        list.bytes += message.size_bytes();
        if list.items.len() >= MAX_LIST_ITEMS || list.bytes > MAX_LIST_BYTES {
            self.waiting.remove(at);
            return Some(Outcome::Unknown(UnknownReason::TooLong));
        }
        list.items.push(message.clone());
        None
    }

    /// Takes out what waited too long. A list that was never completed keeps what came of it.
    pub(super) fn expire(&mut self, now_ms: u64) -> Vec<(ActionId, Outcome)> {
        let mut over = Vec::new();
        self.waiting.retain_mut(|waiting| {
            if now_ms < waiting.deadline_ms {
                return true;
            }
            let outcome = match waiting.list.take() {
                Some(list) => Outcome::List {
                    items: list.items,
                    complete: false,
                },
                None => Outcome::Unknown(UnknownReason::Deadline),
            };
            if !waiting.internal {
                over.push((waiting.id, outcome));
            }
            false
        });
        over
    }

    /// Takes out everything; the actions that were not the session's own.
    pub(super) fn abandon(&mut self) -> Vec<ActionId> {
        self.waiting
            .drain(..)
            .filter(|waiting| !waiting.internal)
            .map(|waiting| waiting.id)
            .collect()
    }
}

/// What Asterisk said about a refusal; a command that failed says it in its output.
fn refusal(message: &Message) -> String {
    match message.output().next() {
        Some(line) => line.into_owned(),
        None => message.text().into_owned(),
    }
}
