//! Which events of a connection are Asterisk's own. Behind one that a caller cut short nothing is believed until a question
//! that nobody else can know is answered: Asterisk writes an event at once, so what was smuggled in is over by then.

use super::{ACTION_DEADLINE_MS, ActionId, Session, State};
use crate::action::system::Ping;
use crate::header;
use crate::kind::Kind;
use crate::message::Message;

/// How a connection's events begin, behind their name and their privilege. Asterisk sets it for all of them alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shape {
    /// `timestampevents=yes` in manager.conf.
    stamped: bool,
    /// `systemname` in asterisk.conf.
    system: Option<Box<[u8]>>,
}

/// What is believed.
#[derive(Debug, Default)]
pub(super) struct Trust {
    shape: Option<Shape>,
    /// The question, and when its answer has to be there.
    asked: Option<(ActionId, u64)>,
    dropped: u64,
}

impl Trust {
    /// Whether nothing is believed now.
    pub(super) fn is_gone(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether it went with this question.
    pub(super) fn waits_for(&self, id: ActionId) -> bool {
        self.asked.is_some_and(|(asked, _)| asked == id)
    }

    /// Whether the answer is not there in time.
    pub(super) fn is_overdue(&self, now_ms: u64) -> bool {
        self.asked.is_some_and(|(_, deadline_ms)| now_ms >= deadline_ms)
    }

    /// An event was not believed.
    pub(super) fn drop_one(&mut self) {
        self.dropped += 1;
    }

    /// Nothing is believed before the answer to this.
    pub(super) fn ask(&mut self, id: ActionId, now_ms: u64) {
        self.asked = Some((id, now_ms + ACTION_DEADLINE_MS));
    }

    /// The answer came: how many events were not believed until then.
    pub(super) fn answered(&mut self) -> u64 {
        // what the next event looks like holds from then on: it was changed, maybe
        self.shape = None;
        self.asked = None;
        std::mem::take(&mut self.dropped)
    }

    /// Whether an event begins as those before it.
    pub(super) fn knows(&mut self, message: &Message) -> bool {
        let mut lines = header::Lines::new(message.as_bytes()).skip(1).peekable();
        let mut next = |name: &[u8]| {
            let line = lines.next_if(|line| line.starts_with(name))?;
            line.get(name.len()..)
        };
        if next(b"Privilege: ").is_none() {
            return false;
        }
        // the one that greets has neither
        if message.kind() == Kind::FullyBooted {
            return true;
        }
        let stamped = next(b"Timestamp: ").is_some();
        let system = next(b"SystemName: ");
        match &self.shape {
            Some(shape) => shape.stamped == stamped && shape.system.as_deref() == system,
            None => {
                self.shape = Some(Shape {
                    stamped,
                    system: system.map(Box::from),
                });
                true
            }
        }
    }
}

impl Session {
    /// Whether Asterisk wrote this. What names an action of ours is its own: nobody else knows how those are called.
    pub(super) fn believes(&mut self, message: &Message, now_ms: u64) -> bool {
        let Some(trust) = &mut self.trust else { return true };
        let gone = trust.is_gone();
        if message.is_response() {
            return !gone || self.own_id(message).is_some();
        }
        let whole = !message.is_doubtful();
        if whole && ((!gone && trust.knows(message)) || self.own_id(message).is_some()) {
            return true;
        }
        if !gone && self.state == State::Up {
            let id = ActionId(self.next_id);
            self.internal(&Ping {}.into(), now_ms);
            if let Some(trust) = &mut self.trust {
                trust.ask(id, now_ms);
            }
        }
        if let Some(trust) = &mut self.trust {
            trust.drop_one();
        }
        false
    }
}
