//! Bytes of a log, piece by piece, into visits that are over; and where to read on after a restart so that none is missed.

use std::collections::VecDeque;

use telephony::{
    Timestamp,
    queue_log::{Counted, Logged, NEAR_MS, QueueLog, Step},
};

use super::file::{Chunk, Place};

/// Asterisk writes no longer lines.
const MAX_LINE: usize = 16 << 10;

/// Lines about agents that are kept for gaps. Of more the oldest are given up: what was before them is not known then.
const MAX_STEPS: usize = 100_000;
/// So long such a line is kept: a program that is killed has kept that it saw the PBX only seconds before.
const KEPT_MS: u64 = 60_000;

/// A visit that ends so much later than now is none.
const AHEAD_MS: u64 = 3_600_000;

/// A visit that is over and waits to be made use of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) logged: Logged,
    /// How often it was open here all the same.
    pub(crate) tries: u32,
}

impl Ended {
    fn at(&self) -> Timestamp {
        let visit = &self.logged.visit;
        let talk = visit.talk.as_ref().and_then(|talk| talk.ended);
        talk.map(|(at, _)| at)
            .or(visit.left.map(|(at, _)| at))
            .unwrap_or(visit.joined)
    }
}

/// What is read of one log. A mark counts bytes over all files that were read one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    model: QueueLog,
    waiting: VecDeque<Ended>,
    /// Where to read on.
    place: Option<Place>,
    /// Files that something is still needed of, each with the mark of its first byte.
    files: Vec<(u64, Place)>,
    next_mark: u64,
    /// A line whose end was not read yet.
    rest: Vec<u8>,
    too_long: bool,
    since: Option<Timestamp>,
    /// Lines about agents,
    steps: VecDeque<(u64, Step)>,
    /// none of which was given up since then.
    steps_since: Timestamp,
}

impl Reader {
    /// Reads on after `place`; since `since` nothing was missed.
    pub(crate) fn new(place: Option<Place>, since: Option<Timestamp>) -> Self {
        Self {
            next_mark: place.as_ref().map_or(0, |place| place.position),
            place,
            since,
            ..Self::default()
        }
    }

    pub(crate) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    pub(crate) fn last(&self) -> Timestamp {
        self.model.last()
    }

    pub(crate) fn counted(&self) -> Counted {
        self.model.counted()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes what was read.
    pub(crate) fn take(&mut self, chunk: Chunk) {
        if !chunk.follows {
            self.model = QueueLog::new();
            self.since = None;
            self.steps.clear();
        }
        let last = self.files.last();
        let same =
            last.is_some_and(|(_, file)| (file.device, file.inode) == (chunk.from.device, chunk.from.inode));
        if chunk.follows && same {
            if let Some((_, file)) = self.files.last_mut() {
                file.head.clone_from(&chunk.from.head);
            }
        } else {
            // what a file ends with and has no end is no line
            self.rest.clear();
            self.too_long = false;
            let base = self.next_mark.saturating_sub(chunk.from.position);
            self.files.push((base, chunk.from.clone()));
        }
        let mut ended = Vec::new();
        for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            let begins = self.next_mark - self.rest.len() as u64;
            self.next_mark += piece.len() as u64;
            if self.too_long || self.rest.len() + piece.len() > MAX_LINE {
                self.too_long = !piece.ends_with(b"\n");
                self.rest.clear();
                continue;
            }
            self.rest.extend_from_slice(piece);
            if self.rest.ends_with(b"\n") {
                self.rest.pop();
                let line = String::from_utf8_lossy(&self.rest);
                self.model.line(&line, begins, &mut ended);
                self.steps.extend(self.model.take_steps());
                self.rest.clear();
                if self.since.is_none() && self.model.last() > Timestamp(0) {
                    self.since = Some(self.model.last());
                }
            }
        }
        while self.steps.len() > MAX_STEPS
            && let Some((_, gone)) = self.steps.pop_front()
        {
            self.steps_since = Timestamp(gone.at.0 + NEAR_MS);
        }
        self.waiting
            .extend(ended.into_iter().map(|logged| Ended { logged, tries: 0 }));
        self.place = Some(Place {
            position: chunk.from.position + chunk.bytes.len() as u64,
            ..chunk.from
        });
    }

    /// Takes out visits that were over by then, at most so many.
    pub(crate) fn ready(&mut self, by: Timestamp, most: usize) -> Vec<Ended> {
        let mut ready = Vec::new();
        let mut later = VecDeque::new();
        while let Some(one) = self.waiting.pop_front() {
            if one.at().since_ms(by) > AHEAD_MS {
                // of a time that is not there yet: it would hold up everything behind it
                continue;
            }
            if ready.len() < most && one.at() <= by {
                ready.push(one);
            } else {
                later.push_back(one);
            }
        }
        self.waiting = later;
        ready
    }

    /// Those of which nothing came wait on.
    pub(crate) fn put_back(&mut self, visits: Vec<Ended>) {
        self.waiting.extend(visits);
    }

    /// From where on the log is still needed, if `open` are too.
    pub(crate) fn needed(&self, open: &[Ended]) -> Option<Place> {
        let mark = self.needed_mark(open);
        let of = self.files.iter().rev().find(|(base, _)| *base <= mark);
        of.map(|(base, file)| Place {
            position: mark - base,
            ..file.clone()
        })
    }

    fn needed_mark(&self, open: &[Ended]) -> u64 {
        let marks = self.waiting.iter().chain(open).map(|one| one.logged.mark);
        let next = self.next_mark - self.rest.len() as u64;
        let steps = self.steps.front().map(|(mark, _)| *mark);
        marks.chain(self.model.oldest()).chain(steps).fold(next, u64::min)
    }

    /// Lines about agents, in order; of gaps that began before the moment beside them they do not tell everything.
    pub(crate) fn steps(&self) -> (Vec<&Step>, Timestamp) {
        let steps = self.steps.iter().map(|(_, step)| step).collect();
        (steps, self.steps_since)
    }

    /// Forgets lines about agents that no gap needs: what is before `until` was seen, apart from gaps that begin at
    /// `open` and later.
    pub(crate) fn forget_steps(&mut self, until: Timestamp, open: Option<Timestamp>) {
        let kept = Timestamp(until.0.saturating_sub(KEPT_MS));
        let kept = open.map_or(kept, |open| open.min(kept));
        let kept = Timestamp(kept.0.saturating_sub(NEAR_MS));
        while self.steps.front().is_some_and(|(_, step)| step.at < kept) {
            self.steps.pop_front();
        }
    }

    /// Forgets files of which nothing is needed any more.
    pub(crate) fn tidy(&mut self) {
        let mark = self.needed_mark(&[]);
        if let Some(first) = self.files.iter().rposition(|(base, _)| *base <= mark) {
            self.files.drain(..first);
        }
    }

    /// Until when every visit that began is made use of, if nothing later than `until` was read and `open` are not.
    pub(crate) fn told_until(&self, until: Timestamp, open: &[Ended]) -> Timestamp {
        let waiting = self.waiting.iter().chain(open);
        let joined = waiting.map(|one| one.logged.visit.joined);
        joined.chain(self.model.first_open()).fold(until, Timestamp::min)
    }
}
