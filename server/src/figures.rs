//! Figures of queues and agents over any time: visits, ring attempts and spans, folded into a row for each subject.

mod work;

use std::collections::{BTreeMap, HashMap};

use app::{
    access::QueueOn,
    model::{
        PbxId,
        figures::{Figures, FiguresQuery, FiguresRow, PolicyOf, Split, Subject, Work},
    },
};
use telephony::{
    Timestamp, Visit,
    figures::{Policy, Sums},
    visit::RingEnd,
};

use crate::store::{DEFAULT_SHORT_ABANDON_S, DEFAULT_TARGET_S, RingRecord, VisitRecord};

pub use work::WorkInput;

/// The policy of a queue that has none.
pub const DEFAULT: Policy = Policy {
    version: 0,
    target_ms: DEFAULT_TARGET_S as u64 * 1_000,
    short_abandon_ms: DEFAULT_SHORT_ABANDON_S as u64 * 1_000,
};

/// Which policy counts for a visit: that of the queue as it was when the caller joined.
#[derive(Clone, Debug, Default)]
pub struct Policies(HashMap<QueueOn, Vec<PolicyOf>>);

impl Policies {
    /// Of every version there is, the oldest of a queue first.
    pub fn new(all: Vec<PolicyOf>) -> Self {
        let mut policies: HashMap<QueueOn, Vec<PolicyOf>> = HashMap::new();
        for one in all {
            policies.entry(one.queue.clone()).or_default().push(one);
        }
        Self(policies)
    }

    /// The policy for somebody who joined at this moment.
    pub fn at(&self, queue: &QueueOn, joined: Timestamp) -> Policy {
        let versions = self.0.get(queue).map_or(&[][..], Vec::as_slice);
        let then = versions.iter().rev().find(|one| one.since <= joined);
        then.or(versions.first()).map_or(DEFAULT, |one| one.policy)
    }

    /// Those that were in force at some moment of a time.
    fn in_force(&self, queue: &QueueOn, from: Timestamp, to: Timestamp) -> Vec<PolicyOf> {
        let versions = self.0.get(queue).map_or(&[][..], Vec::as_slice);
        let first = versions.iter().rposition(|one| one.since <= from).unwrap_or(0);
        let there = versions.iter().skip(first);
        there.filter(|one| one.since < to).cloned().collect()
    }
}

/// What somebody may see: queues, and the agents whose figures they see.
pub trait Seeing {
    /// Whether the queue's visits are seen.
    fn queue(&mut self, queue: &QueueOn) -> bool;
    /// Whether an agent's figures are seen.
    fn agent(&mut self, pbx: PbxId, interface: &str) -> bool;
    /// The teams of a queue, by number, with their names.
    fn teams_of_queue(&self, queue: &QueueOn) -> Vec<(i64, String)>;
    /// The teams of an agent, likewise.
    fn teams_of_agent(&self, pbx: PbxId, interface: &str) -> Vec<(i64, String)>;
    /// The name of an agent.
    fn name(&self, pbx: PbxId, interface: &str) -> String;
}

/// Folds what there is into rows.
pub struct Fold<'all, S> {
    query: &'all FiguresQuery,
    policies: &'all Policies,
    seeing: S,
    rows: BTreeMap<Subject, FiguresRow>,
    whole: FiguresRow,
    queues: BTreeMap<QueueOn, bool>,
}

fn row(of: Subject, name: String) -> FiguresRow {
    FiguresRow {
        of,
        name,
        visits: Sums::default(),
        work: Work::default(),
        wrap_up_ms: 0,
    }
}

impl<'all, S: Seeing> Fold<'all, S> {
    /// Nothing is counted yet.
    pub fn new(query: &'all FiguresQuery, policies: &'all Policies, seeing: S) -> Self {
        let mut rows = BTreeMap::new();
        if query.by == Split::Interval {
            for edge in query.edges.iter().rev().skip(1) {
                let subject = Subject::Interval(*edge);
                rows.insert(subject.clone(), row(subject, String::new()));
            }
        }
        Self {
            query,
            policies,
            seeing,
            rows,
            whole: row(Subject::Whole, String::new()),
            queues: BTreeMap::new(),
        }
    }

    /// The time that is asked for.
    pub fn range(&self) -> (u64, u64) {
        let edges = &self.query.edges;
        (
            edges.first().copied().unwrap_or_default(),
            edges.last().copied().unwrap_or_default(),
        )
    }

    fn is_wanted(&mut self, queue: &QueueOn) -> bool {
        if let Some(known) = self.queues.get(queue) {
            return *known;
        }
        let asked = self.query.queues.is_empty() || self.query.queues.contains(queue);
        let wanted = asked && self.seeing.queue(queue);
        self.queues.insert(queue.clone(), wanted);
        wanted
    }

    /// The interval that a moment is in.
    fn interval(&self, at_ms: u64) -> Option<u64> {
        let edges = &self.query.edges;
        let after = edges.partition_point(|edge| *edge <= at_ms);
        (after > 0 && after < edges.len()).then(|| edges[after - 1])
    }

    fn of(&mut self, subject: Subject, name: impl FnOnce() -> String) -> &mut FiguresRow {
        self.rows
            .entry(subject.clone())
            .or_insert_with(|| row(subject, name()))
    }

    /// The rows in which something about a queue counts, beside the whole; agents are counted by who they are.
    fn of_queue(&mut self, queue: &QueueOn, at_ms: u64) -> Vec<Subject> {
        match self.query.by {
            Split::Queue => {
                let subject = Subject::Queue(queue.0, queue.1.clone());
                self.of(subject.clone(), || queue.1.clone());
                vec![subject]
            }
            Split::Interval => self.interval(at_ms).map(Subject::Interval).into_iter().collect(),
            Split::Team => {
                let teams = self.seeing.teams_of_queue(queue);
                let of = |(id, name): (i64, String)| {
                    let subject = Subject::Team(id);
                    self.of(subject.clone(), || name);
                    subject
                };
                teams.into_iter().map(of).collect()
            }
            Split::Agent => Vec::new(),
        }
    }

    fn of_agent(&mut self, pbx: PbxId, interface: &str) -> Option<Subject> {
        if self.query.by != Split::Agent || !self.seeing.agent(pbx, interface) {
            return None;
        }
        let subject = Subject::Agent(pbx, interface.to_owned());
        let name = self.seeing.name(pbx, interface);
        self.of(subject.clone(), || name);
        Some(subject)
    }

    fn in_range(&self, at: Timestamp) -> bool {
        let (from, to) = self.range();
        (from..to).contains(&at.0)
    }

    /// Counts a visit: by when the caller joined, its talk by when it ended.
    pub fn visit(&mut self, record: &VisitRecord) {
        let visit: &Visit = &record.visit;
        let queue = (record.pbx, visit.queue.clone());
        if !self.is_wanted(&queue) {
            return;
        }
        let agent = visit.talk.as_ref().map(|talk| talk.interface.clone());
        let agent = agent.and_then(|interface| self.of_agent(record.pbx, &interface));
        if self.in_range(visit.joined) {
            let policy = self.policies.at(&queue, visit.joined);
            let over = visit.left.is_some();
            let add = |row: &mut FiguresRow| {
                row.visits.add_visit(visit, &policy);
                row.visits.from_log += u64::from(record.from_log && over);
                row.visits.partial += u64::from(record.doubted && !visit.partial && over);
            };
            add(&mut self.whole);
            let subjects = self.of_queue(&queue, visit.joined.0);
            for subject in subjects.into_iter().chain(agent.clone()) {
                if let Some(row) = self.rows.get_mut(&subject) {
                    add(row);
                }
            }
        }
        let ended = visit.talk.as_ref().and_then(|talk| talk.ended);
        let Some((ended, _)) = ended.filter(|(at, _)| self.in_range(*at)) else {
            return;
        };
        let subjects = self.of_queue(&queue, ended.0);
        let rows = subjects.into_iter().chain(agent);
        let add = |row: &mut FiguresRow| {
            row.visits.add_talk(visit);
            row.wrap_up_ms += record.wrap_up_ms;
        };
        add(&mut self.whole);
        for subject in rows {
            if let Some(row) = self.rows.get_mut(&subject) {
                add(row);
            }
        }
    }

    /// Counts a ring attempt, by when the caller had joined.
    pub fn ring(&mut self, ring: &RingRecord) {
        let queue = (ring.pbx, ring.queue.clone());
        if !self.is_wanted(&queue) {
            return;
        }
        let missed = u64::from(ring.how == RingEnd::NotAnswered);
        let add = |row: &mut FiguresRow| {
            row.visits.rings += 1;
            row.visits.rings_not_answered += missed;
        };
        add(&mut self.whole);
        let agent = self.of_agent(ring.pbx, &ring.interface);
        for subject in self.of_queue(&queue, ring.joined_ms).into_iter().chain(agent) {
            if let Some(row) = self.rows.get_mut(&subject) {
                add(row);
            }
        }
    }

    /// The answer; gaps and what Asterisk counts are added by who knows them.
    pub fn done(self, as_of: Timestamp) -> Figures {
        let (from, to) = self.range();
        let wanted = self.queues.iter().filter(|(_, wanted)| **wanted);
        let policies =
            wanted.flat_map(|(queue, _)| self.policies.in_force(queue, Timestamp(from), Timestamp(to)));
        Figures {
            as_of,
            policies: policies.collect(),
            rows: self.rows.into_values().collect(),
            whole: self.whole,
            gaps: Vec::new(),
            counted: Vec::new(),
        }
    }
}
