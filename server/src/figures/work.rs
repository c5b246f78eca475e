//! How agents spent their time, cut to what is asked for.

use std::collections::{BTreeMap, HashMap};

use app::model::{
    PbxId,
    figures::{GapOf, Split, Subject, Work},
};
use telephony::Doing;

use super::{Fold, Seeing};
use crate::store::{SessionInQueue, SpanRecord};

/// Everything that says how agents spent their time.
#[derive(Clone, Debug, Default)]
pub struct WorkInput {
    /// What they did.
    pub spans: Vec<SpanRecord>,
    /// In which queues they were.
    pub sessions: Vec<SessionInQueue>,
    /// Whether a pause with this reason is paid.
    pub paid: HashMap<String, bool>,
    /// When nothing was seen.
    pub gaps: Vec<GapOf>,
}

/// A time.
type Span = (u64, u64);

fn overlap(one: Span, other: Span) -> u64 {
    one.1.min(other.1).saturating_sub(one.0.max(other.0))
}

fn add(work: &mut Work, doing: &Doing, ms: u64, paid: &HashMap<String, bool>) {
    match doing {
        Doing::Available => work.available_ms += ms,
        Doing::Ringing => work.ringing_ms += ms,
        Doing::Talking => work.talking_ms += ms,
        Doing::OnHold => work.on_hold_ms += ms,
        Doing::WrapUp => work.wrap_up_ms += ms,
        Doing::Unreachable => work.unreachable_ms += ms,
        Doing::Paused(reason) => {
            let paid = paid.get(reason).copied().unwrap_or(false);
            let known = work
                .paused
                .iter_mut()
                .find(|(known, is, _)| known == reason && *is == paid);
            match known {
                Some((_, _, sum)) => *sum += ms,
                None => work.paused.push((reason.clone(), paid, ms)),
            }
        }
    }
}

impl<S: Seeing> Fold<'_, S> {
    /// Counts how agents spent their time; `now_ms` is where what goes on ends.
    pub fn work(&mut self, input: &WorkInput, now_ms: u64) {
        let (from, to) = self.range();
        let end = to.min(now_ms.max(from));
        let mut sessions: HashMap<(PbxId, &str), Vec<&SessionInQueue>> = HashMap::new();
        for session in &input.sessions {
            let of = sessions
                .entry((session.pbx, session.interface.as_str()))
                .or_default();
            of.push(session);
        }
        for span in &input.spans {
            let time = (span.since_ms.max(from), span.until_ms.unwrap_or(end).min(end));
            if time.0 >= time.1 {
                continue;
            }
            let sessions = sessions
                .get(&(span.pbx, span.interface.as_str()))
                .map_or(&[][..], Vec::as_slice);
            let of = (span.pbx, span.interface.as_str());
            self.time(of, time, (sessions, end), |work, ms| {
                add(work, &span.doing, ms, &input.paid);
            });
        }
        // also where it is not known what they did
        for (of, sessions) in &sessions {
            self.time(*of, (from, end), (sessions, end), |work, ms| {
                work.logged_in_ms += ms
            });
        }
        for gap in &input.gaps {
            self.gap((gap.from.0, gap.to.0.min(end)));
        }
    }

    /// Counts as much of an agent's time as they were in a queue that is asked for; `end` is where sessions end that go on.
    fn time(
        &mut self,
        (pbx, interface): (PbxId, &str),
        time: Span,
        (sessions, end): (&[&SessionInQueue], u64),
        add: impl Fn(&mut Work, u64),
    ) {
        let wanted: Vec<&SessionInQueue> = sessions
            .iter()
            .copied()
            .filter(|session| self.is_wanted(&(session.pbx, session.queue.clone())))
            .collect();
        let of = |session: &SessionInQueue| (session.since_ms, session.until_ms.unwrap_or(end));
        let in_wanted = |within| union(wanted.iter().map(|session| of(session)), within);
        if !self.seeing.agent(pbx, interface) {
            return;
        }
        let ms = in_wanted(time);
        if ms == 0 {
            return;
        }
        add(&mut self.whole.work, ms);
        match self.query.by {
            Split::Agent => {
                if let Some(subject) = self.of_agent(pbx, interface)
                    && let Some(row) = self.rows.get_mut(&subject)
                {
                    add(&mut row.work, ms);
                }
            }
            Split::Queue => {
                let mut queues: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
                for session in &wanted {
                    queues.entry(&session.queue).or_default().push(of(session));
                }
                for (queue, times) in queues {
                    let ms = union(times.into_iter(), time);
                    let subject = Subject::Queue(pbx, queue.to_owned());
                    if ms > 0 {
                        let row = self.of(subject, || queue.to_owned());
                        add(&mut row.work, ms);
                    }
                }
            }
            Split::Team => {
                for (id, name) in self.seeing.teams_of_agent(pbx, interface) {
                    let row = self.of(Subject::Team(id), || name);
                    add(&mut row.work, ms);
                }
            }
            Split::Interval => {
                for edge in 1..self.query.edges.len() {
                    let interval = (self.query.edges[edge - 1], self.query.edges[edge]);
                    let inside = (time.0.max(interval.0), time.1.min(interval.1));
                    if inside.0 >= inside.1 {
                        continue;
                    }
                    let ms = in_wanted(inside);
                    if let Some(row) = self.rows.get_mut(&Subject::Interval(interval.0)) {
                        add(&mut row.work, ms);
                    }
                }
            }
        }
    }

    fn gap(&mut self, gap: Span) {
        let range = self.range();
        self.whole.work.unknown_ms += overlap(gap, range);
        let edges = &self.query.edges;
        let ends: HashMap<u64, u64> = edges.iter().copied().zip(edges.iter().copied().skip(1)).collect();
        for (subject, row) in &mut self.rows {
            row.work.unknown_ms += match subject {
                Subject::Interval(begin) => {
                    overlap(gap, (*begin, ends.get(begin).copied().unwrap_or(*begin)))
                }
                Subject::Whole | Subject::Queue(..) | Subject::Agent(..) | Subject::Team(_) => {
                    overlap(gap, range)
                }
            };
        }
    }
}

/// How much of a time is covered by these times together, where they overlap counted once.
fn union(times: impl Iterator<Item = Span>, within: Span) -> u64 {
    let mut times: Vec<Span> = times
        .map(|time| (time.0.max(within.0), time.1.min(within.1)))
        .filter(|time| time.0 < time.1)
        .collect();
    times.sort_unstable();
    let (mut sum, mut reached) = (0, within.0);
    for (from, to) in times {
        let from = from.max(reached);
        if to > from {
            sum += to - from;
            reached = to;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::union;

    #[test]
    fn time_in_two_queues_at_once_counts_once() {
        let times = [(0, 10), (5, 15), (20, 30), (40, 50)];
        assert_eq!(union(times.into_iter(), (2, 45)), 13 + 10 + 5);
        assert_eq!(union([].into_iter(), (0, 100)), 0);
    }
}
