//! Visits told by Asterisk's own log of its queues (`queue_log`): what happened while nobody listened to its events.
//!
//! The log has whole seconds, and names agents as their queue does. It says nothing of callers who were turned away,
//! because they never were in the queue, and nothing of phones that rang while another one was answered.

mod agents;
mod heal;
mod line;

use std::collections::{BTreeMap, HashMap};

pub use agents::{Did, During, Filled, Seen, Step, apart_from, fill};
pub use heal::{Difference, Healing, NEAR_MS, heal};
pub use line::{Entry, Line};

use crate::switchboard::bounded;
use crate::visit::{MAX_RINGS, Ring, RingEnd, Talk, TalkEnd};
use crate::{CallId, Left, Timestamp, Visit};

/// Visits that are under way at once; of more the oldest is given up.
pub const MAX_OPEN: usize = 20_000;
/// Who is said to be in a queue for longer than this has left it unnoticed.
const LONGEST_MS: u64 = 24 * 3_600 * 1_000;

/// A visit as the log tells it, once it is over. Interfaces in it are the log's names of agents. It is partial where the
/// log does not say how it began or how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The visit.
    pub visit: Visit,
    /// Where its first line stands, as the reader counts.
    pub mark: u64,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines that were understood,
    pub lines: u64,
    /// those that were not: cut, damaged, or no line of this log,
    pub damaged: u64,
    /// and visits that were given up.
    pub given_up: u64,
}

/// The queue, and the unique id of the caller's channel.
type Key = (String, String);

#[derive(Clone, Debug)]
struct Open {
    visit: Visit,
    mark: u64,
}

/// Makes visits out of lines, in the order in which they stand in the log.
#[derive(Clone, Debug, Default)]
pub struct QueueLog {
    open: HashMap<Key, Open>,
    /// The same, in the order of their first lines.
    order: BTreeMap<u64, Key>,
    last: Timestamp,
    counted: Counted,
    /// Lines about agents that nobody took yet, each with where it stands.
    steps: Vec<(u64, Step)>,
}

impl QueueLog {
    /// Nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one line, without its end; `mark` is where it stands. Visits that are over now go to `out`.
    pub fn line(&mut self, text: &str, mark: u64, out: &mut Vec<Logged>) {
        let Some(line) = Line::parse(text) else {
            self.counted.damaged += u64::from(!text.trim().is_empty());
            return;
        };
        self.counted.lines += 1;
        if matches!(line.entry, Entry::Started) {
            self.stopped(out);
        }
        self.last = self.last.max(line.at);
        self.enter(&line, mark, out);
    }

    /// Takes the lines about agents that were read, each with where it stands.
    pub fn take_steps(&mut self) -> Vec<(u64, Step)> {
        std::mem::take(&mut self.steps)
    }

    /// Where the oldest line stands that is still needed.
    pub fn oldest(&self) -> Option<u64> {
        self.order.keys().next().copied()
    }

    /// When the first of those who are still there came.
    pub fn first_open(&self) -> Option<Timestamp> {
        self.open.values().map(|open| open.visit.joined).min()
    }

    /// The time of the last line.
    pub fn last(&self) -> Timestamp {
        self.last
    }

    /// What was read so far.
    pub fn counted(&self) -> Counted {
        self.counted
    }

    /// The PBX began anew: whatever was open ended before, nobody knows when exactly.
    fn stopped(&mut self, out: &mut Vec<Logged>) {
        let at = self.last;
        self.order.clear();
        let mut all: Vec<Open> = self.open.drain().map(|(_, open)| open).collect();
        all.sort_by_key(|open| open.mark);
        for mut open in all {
            open.visit.partial = true;
            match &mut open.visit.talk {
                Some(talk) => talk.ended = Some((at.max(talk.began), TalkEnd::Unexplained)),
                None => open.visit.left = Some((at.max(open.visit.joined), Left::PbxStopped)),
            }
            out.push(open.told());
        }
    }

    fn enter(&mut self, line: &Line<'_>, mark: u64, out: &mut Vec<Logged>) {
        let at = line.at;
        let key = (bounded(line.queue), bounded(line.call));
        match line.entry {
            Entry::Entered { number, position } => {
                self.give_up(&key, out);
                self.make_room(at, out);
                let visit = begun(&key, bounded(number), position, at, false);
                self.order.insert(mark, key.clone());
                self.open.insert(key, Open { visit, mark });
            }
            Entry::Connected {
                waited_s,
                channel,
                rang_s,
            } => {
                self.make_room(at, out);
                let open = self.at_hand(&key, at.before_s(waited_s), mark);
                let interface = bounded(line.agent);
                ring(
                    &mut open.visit,
                    Ring {
                        interface: interface.clone(),
                        extension: None,
                        channel: bounded(channel),
                        began: at.before_s(rang_s),
                        ended: Some((at, RingEnd::Answered)),
                    },
                );
                open.visit.left = Some((at.max(open.visit.joined), Left::Answered));
                open.visit.talk = Some(Talk {
                    interface,
                    extension: None,
                    began: at.max(open.visit.joined),
                    ended: None,
                    held_ms: 0,
                });
            }
            Entry::Talked {
                waited_s,
                talked_s,
                by,
            } => {
                let began = at.before_s(talked_s);
                let open = self.at_hand(&key, began.before_s(waited_s), mark);
                let began = began.max(open.visit.joined);
                let talk = open.visit.talk.get_or_insert_with(|| Talk {
                    interface: bounded(line.agent),
                    extension: None,
                    began,
                    ended: None,
                    held_ms: 0,
                });
                talk.ended = Some((at.max(talk.began), by));
                let left = (talk.began, Left::Answered);
                open.visit.left.get_or_insert(left);
                self.over(&key, out);
            }
            Entry::Left { waited_s, how } => {
                let open = self.at_hand(&key, at.before_s(waited_s), mark);
                open.visit.left = Some((at.max(open.visit.joined), how));
                // an agent who had hung up before the caller was put through
                open.visit.talk = None;
                self.over(&key, out);
            }
            Entry::Rang { rang_ms, how } => {
                let Some(open) = self.open.get_mut(&key) else {
                    return;
                };
                let joined = open.visit.joined;
                let began = Timestamp(at.0.saturating_sub(rang_ms));
                ring(
                    &mut open.visit,
                    Ring {
                        interface: bounded(line.agent),
                        extension: None,
                        channel: String::new(),
                        began: began.max(joined),
                        ended: Some((at.max(joined), how)),
                    },
                );
            }
            Entry::Started => self.step(line, mark, Did::Started),
            Entry::Came { paused } => self.step(line, mark, Did::Came { paused }),
            Entry::Went => self.step(line, mark, Did::Went),
            Entry::Paused { reason } => self.step(line, mark, Did::Paused(bounded(reason))),
            Entry::Unpaused => self.step(line, mark, Did::Unpaused),
            Entry::Other => {}
        }
    }

    fn step(&mut self, line: &Line<'_>, mark: u64, what: Did) {
        let step = Step {
            at: line.at,
            queue: bounded(line.queue),
            agent: bounded(line.agent),
            what,
        };
        self.steps.push((mark, step));
    }

    /// The visit that a line is of; one that was not seen to begin began then, as far as this line tells.
    fn at_hand(&mut self, key: &Key, joined: Timestamp, mark: u64) -> &mut Open {
        let order = &mut self.order;
        self.open.entry(key.clone()).or_insert_with(|| {
            order.insert(mark, key.clone());
            let visit = begun(key, String::new(), 0, joined, true);
            Open { visit, mark }
        })
    }

    fn take(&mut self, key: &Key) -> Option<Open> {
        let open = self.open.remove(key)?;
        self.order.remove(&open.mark);
        Some(open)
    }

    fn over(&mut self, key: &Key, out: &mut Vec<Logged>) {
        out.extend(self.take(key).map(Open::told));
    }

    /// Nothing says how it ended.
    fn give_up(&mut self, key: &Key, out: &mut Vec<Logged>) {
        let Some(mut open) = self.take(key) else { return };
        self.counted.given_up += 1;
        let at = self.last.max(open.visit.joined);
        open.visit.partial = true;
        match &mut open.visit.talk {
            Some(talk) => talk.ended = Some((at.max(talk.began), TalkEnd::Unexplained)),
            None => open.visit.left = Some((at, Left::Unexplained)),
        }
        out.push(open.told());
    }

    fn make_room(&mut self, now: Timestamp, out: &mut Vec<Logged>) {
        let Some(oldest) = self.order.values().next() else {
            return;
        };
        let joined = self.open.get(oldest).map_or(now, |open| open.visit.joined);
        if self.open.len() >= MAX_OPEN || now.since_ms(joined) > LONGEST_MS {
            let oldest = oldest.clone();
            self.give_up(&oldest, out);
        }
    }
}

impl Open {
    fn told(self) -> Logged {
        Logged {
            visit: self.visit,
            mark: self.mark,
        }
    }
}

fn begun((queue, channel): &Key, number: String, position: u32, joined: Timestamp, partial: bool) -> Visit {
    Visit {
        queue: queue.clone(),
        channel: channel.clone(),
        serial: 1,
        call: CallId(channel.clone()),
        number,
        name: None,
        joined,
        position,
        rings: Vec::new(),
        more_rings: 0,
        left: None,
        talk: None,
        partial,
    }
}

fn ring(visit: &mut Visit, ring: Ring) {
    if visit.rings.len() < MAX_RINGS {
        visit.rings.push(ring);
    } else {
        visit.more_rings = visit.more_rings.saturating_add(1);
    }
}
