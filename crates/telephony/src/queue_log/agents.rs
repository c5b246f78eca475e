//! What agents did while nobody looked, as the log has it: in which queues they were, and when they were paused in all of
//! them. What they did besides, and whether their telephone could be reached, is not in the log.

use std::collections::{BTreeMap, BTreeSet};

use super::NEAR_MS;
use crate::agent::WRAP_UP;
use crate::{Doing, Timestamp};

/// A line about somebody who serves a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, in whole seconds.
    pub at: Timestamp,
    /// The queue.
    pub queue: String,
    /// Who, by the log's name for them.
    pub agent: String,
    /// What happened.
    pub what: Did,
}

/// What happened to somebody who serves a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// They serve it from now on; paused, or not.
    Came {
        /// Whether they are paused.
        paused: bool,
    },
    /// They serve it no more.
    Went,
    /// They are paused there, with this reason.
    Paused(String),
    /// They are not.
    Unpaused,
    /// Asterisk began anew: who serves what from then on is not in the log.
    Started,
}

/// What was seen of an agent at one end of a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The queues that they served.
    pub queues: BTreeSet<String>,
    /// What they did.
    pub doing: Option<Doing>,
}

/// Something that was so from a moment until another.
pub type During = (String, Timestamp, Timestamp);

/// What the log proves of an agent in a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// In which queues they were,
    pub sessions: Vec<During>,
    /// and when they were paused in all of them, with what reason; the work after calls is not among it.
    pub pauses: Vec<During>,
    /// Whether they were paused is known at every moment.
    pub whole: bool,
}

/// What an agent did in a gap; `steps` are their lines, and those that are of everybody, in the order of the log. None where
/// what was seen afterwards does not follow from what was seen before: something is not in the log.
pub fn fill(gap: (Timestamp, Timestamp), before: &Seen, after: &Seen, steps: &[&Step]) -> Option<Filled> {
    let (from, to) = gap;
    let near = |step: &&Step| step.at.0 + NEAR_MS >= from.0 && step.at.0 <= to.0 + NEAR_MS;
    let steps: Vec<&Step> = steps.iter().copied().filter(near).collect();
    if steps.iter().any(|step| step.what == Did::Started) {
        return None;
    }
    // which of the last ones were before the end of the gap is not sure: the log has whole seconds
    let sure = steps.partition_point(|step| step.at.0 + NEAR_MS <= to.0);
    let likely = steps.partition_point(|step| step.at <= to);
    let mut ends: Vec<usize> = (sure..=steps.len()).collect();
    ends.sort_by_key(|end| end.abs_diff(likely));
    ends.into_iter().find_map(|end| {
        let mut course = Course::begin(gap, before, after, &steps[..end]);
        steps[..end].iter().for_each(|step| course.take(step));
        course.agrees(after).then(|| course.end())
    })
}

/// What of a time is none of these.
pub fn apart_from(
    time: (Timestamp, Timestamp),
    others: &[(Timestamp, Timestamp)],
) -> Vec<(Timestamp, Timestamp)> {
    let mut others = others.to_vec();
    others.sort_unstable();
    let (mut from, to) = time;
    let mut left = Vec::new();
    for (begin, end) in others {
        if begin >= to {
            break;
        }
        if begin > from {
            left.push((from, begin));
        }
        from = from.max(end);
    }
    if from < to {
        left.push((from, to));
    }
    left
}

/// Whether somebody is paused in every queue that they serve.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pause {
    Unknown,
    No,
    /// For this reason.
    Yes(String),
    /// For a reason that is not known.
    Somehow,
}

impl Pause {
    /// As it was seen: on a call it does not show.
    fn of(doing: Option<&Doing>) -> Self {
        match doing {
            Some(Doing::Paused(reason)) => Pause::Yes(reason.clone()),
            Some(Doing::WrapUp) => Pause::Yes(WRAP_UP.to_owned()),
            Some(Doing::Available | Doing::Unreachable) => Pause::No,
            Some(Doing::Ringing | Doing::Talking | Doing::OnHold) | None => Pause::Unknown,
        }
    }
}

/// One queue that they serve.
#[derive(Debug)]
struct Place {
    since: Timestamp,
    pause: Pause,
    /// Counts up with every line: the reason of the latest pause is the one that shows. 0 is from before the gap.
    order: usize,
}

/// Goes through a gap line by line.
#[derive(Debug)]
struct Course {
    gap: (Timestamp, Timestamp),
    places: BTreeMap<String, Place>,
    /// As long as no line says anything else.
    at_first: Option<Pause>,
    /// The queues that they served before.
    before: usize,
    /// Lines so far.
    lines: usize,
    /// How it is now, and since when.
    now: (Pause, Timestamp),
    filled: Filled,
}

impl Course {
    fn begin(gap: (Timestamp, Timestamp), before: &Seen, after: &Seen, steps: &[&Step]) -> Self {
        let seen = Pause::of(before.doing.as_ref());
        let later = Pause::of(after.doing.as_ref());
        // with no line between it was all the time as it is afterwards
        let at_first = match (&seen, steps.is_empty()) {
            (Pause::Unknown, true) => later.clone(),
            _ => seen.clone(),
        };
        let only = before.queues.len() == 1;
        let silent = |queue: &String| !steps.iter().any(|step| step.queue == *queue);
        // the reason that shows afterwards is that of the latest pause: of one with a line, where there is one
        let reason_of_line = after.queues.iter().any(|queue| !silent(queue));
        let place = |queue: &String| {
            let silent = silent(queue);
            let pause = match (&seen, &later) {
                (Pause::Yes(_), _) => seen.clone(),
                (Pause::No, _) if only => Pause::No,
                (_, Pause::Yes(_)) if silent && after.queues.contains(queue) => {
                    if reason_of_line {
                        Pause::Somehow
                    } else {
                        later.clone()
                    }
                }
                (_, Pause::No) if silent && after.queues.len() == 1 && after.queues.contains(queue) => {
                    Pause::No
                }
                _ => Pause::Unknown,
            };
            let since = gap.0;
            let place = Place {
                since,
                pause,
                order: 0,
            };
            (queue.clone(), place)
        };
        let mut course = Self {
            gap,
            places: before.queues.iter().map(place).collect(),
            at_first: Some(at_first),
            before: before.queues.len(),
            lines: 0,
            now: (Pause::Unknown, gap.0),
            filled: Filled {
                whole: true,
                ..Filled::default()
            },
        };
        course.now.0 = course.pause();
        course
    }

    fn pause(&self) -> Pause {
        if self.places.is_empty() {
            return Pause::No;
        }
        if let Some(at_first) = self.at_first.as_ref().filter(|pause| **pause != Pause::Unknown) {
            return at_first.clone();
        }
        let is = |wanted: fn(&Pause) -> bool| self.places.values().any(|place| wanted(&place.pause));
        if is(|pause| *pause == Pause::No) {
            return Pause::No;
        }
        if is(|pause| *pause == Pause::Unknown) {
            return Pause::Unknown;
        }
        let Some(latest) = self.places.values().max_by_key(|place| place.order) else {
            return Pause::No;
        };
        // of those from before it is known only which was the latest: it may be gone
        let from_before = self.places.values().filter(|place| place.order == 0).count();
        if latest.order == 0 && from_before < self.before {
            return Pause::Unknown;
        }
        match &latest.pause {
            Pause::Somehow => Pause::Unknown,
            pause => pause.clone(),
        }
    }

    fn take(&mut self, step: &Step) {
        let at = step.at.max(self.gap.0).min(self.gap.1);
        self.lines += 1;
        let order = self.lines;
        let place = self.places.get_mut(&step.queue);
        match (&step.what, place) {
            (Did::Came { paused }, place) => {
                let pause = if *paused {
                    Pause::Yes(String::new())
                } else {
                    Pause::No
                };
                // who is there already came just before the gap, and was seen to
                let since = place.map_or(at, |place| place.since);
                self.places
                    .insert(step.queue.clone(), Place { since, pause, order });
            }
            (Did::Went, Some(_)) => {
                if let Some(place) = self.places.remove(&step.queue)
                    && place.since < at
                {
                    self.filled.sessions.push((step.queue.clone(), place.since, at));
                }
            }
            (Did::Paused(reason), Some(place)) => {
                place.pause = Pause::Yes(reason.clone());
                place.order = order;
            }
            (Did::Unpaused, Some(place)) => {
                place.pause = Pause::No;
                place.order = order;
            }
            (Did::Went | Did::Paused(_) | Did::Unpaused, None) | (Did::Started, _) => {}
        }
        self.at_first = None;
        let pause = self.pause();
        if pause != self.now.0 {
            let (was, since) = std::mem::replace(&mut self.now, (pause, at));
            self.filled.add(was, since, at);
        }
    }

    fn agrees(&self, after: &Seen) -> bool {
        let seen = Pause::of(after.doing.as_ref());
        let same = self.now.0 == seen || self.now.0 == Pause::Unknown || seen == Pause::Unknown;
        self.places.keys().eq(&after.queues) && same
    }

    fn end(mut self) -> Filled {
        let to = self.gap.1;
        self.filled.add(self.now.0, self.now.1, to);
        let there = self.places.into_iter().filter(|(_, place)| place.since < to);
        self.filled
            .sessions
            .extend(there.map(|(queue, place)| (queue, place.since, to)));
        self.filled
    }
}

impl Filled {
    fn add(&mut self, pause: Pause, from: Timestamp, to: Timestamp) {
        if from >= to {
            return;
        }
        match pause {
            Pause::Unknown | Pause::Somehow => self.whole = false,
            // it is kept with the calls that it follows
            Pause::Yes(reason) if reason == WRAP_UP => {}
            Pause::Yes(reason) => self.pauses.push((reason, from, to)),
            Pause::No => {}
        }
    }
}
