//! Lost callers of a time as one person may see them: rows of a page, and the figures over all of them.

use std::collections::BTreeSet;

use app::{
    access::QueueOn,
    model::{
        PbxId, UserId,
        lost::{Claim, Fate, LostPage, LostQuery, LostRow, MAX_ROWS, Wanted},
    },
};
use telephony::{Timestamp, lost::Loss};

use crate::{
    figures::Policies,
    store::{LostRecord, LostState, Place, TryRecord},
};

/// What of it somebody sees.
pub trait Sight {
    /// Whether those are seen whom this place lost.
    fn sees(&mut self, pbx: PbxId, place: &Place) -> bool;
    /// The name of an extension.
    fn name(&self, pbx: PbxId, extension: &str) -> String;
}

/// Reads rows one after the other.
pub struct Fold<'all, S> {
    query: &'all LostQuery,
    policies: &'all Policies,
    viewer: UserId,
    sight: S,
    current: Option<Person>,
    times_ms: Vec<u64>,
    page: LostPage,
}

/// One row with the tries of it that are seen and asked for.
struct Person {
    record: LostRecord,
    calls: BTreeSet<String>,
    queues: BTreeSet<String>,
    extensions: BTreeSet<String>,
    first: Option<Timestamp>,
    last: Option<(Timestamp, Loss)>,
    longest_ms: u64,
    /// Some of it is in the time that is asked for.
    within: bool,
    /// Some of it was short, and in that time.
    short: bool,
}

impl Person {
    fn new(record: &LostRecord) -> Self {
        Self {
            record: record.clone(),
            calls: BTreeSet::new(),
            queues: BTreeSet::new(),
            extensions: BTreeSet::new(),
            first: None,
            last: None,
            longest_ms: 0,
            within: false,
            short: false,
        }
    }

    fn add(&mut self, attempt: TryRecord, within: bool) {
        self.calls.insert(attempt.call);
        match attempt.place {
            Place::Queue(name) => self.queues.insert(name),
            Place::Extension(number) => self.extensions.insert(number),
        };
        self.first = Some(self.first.map_or(attempt.at, |first| first.min(attempt.at)));
        if self.last.is_none_or(|(last, _)| last <= attempt.at) {
            self.last = Some((attempt.at, attempt.how));
        }
        self.longest_ms = self.longest_ms.max(attempt.waited_ms);
        self.within |= within;
    }
}

impl<'all, S: Sight> Fold<'all, S> {
    /// Nothing is read yet.
    pub fn new(query: &'all LostQuery, policies: &'all Policies, viewer: UserId, sight: S) -> Self {
        Self {
            query,
            policies,
            viewer,
            sight,
            current: None,
            times_ms: Vec::new(),
            page: LostPage::default(),
        }
    }

    /// Hung up before the queue's limit.
    fn is_short(&self, attempt: &TryRecord) -> bool {
        let Place::Queue(name) = &attempt.place else {
            return false;
        };
        let queue: QueueOn = (attempt.pbx, name.clone());
        let joined = Timestamp(attempt.at.0.saturating_sub(attempt.waited_ms));
        let limit_ms = self.policies.at(&queue, joined).short_abandon_ms;
        attempt.how == Loss::Abandoned && attempt.waited_ms < limit_ms
    }

    fn is_asked_for(&mut self, attempt: &TryRecord) -> bool {
        let asked = match &attempt.place {
            _ if self.query.queues.is_empty() => true,
            Place::Queue(name) => self.query.queues.contains(&(attempt.pbx, name.clone())),
            Place::Extension(_) => false,
        };
        asked && self.sight.sees(attempt.pbx, &attempt.place)
    }

    fn is_within(&self, attempt: &TryRecord) -> bool {
        (self.query.from_ms..self.query.to_ms).contains(&attempt.at.0)
    }

    /// One try of a person; those of one person come one after the other.
    pub fn attempt(&mut self, record: &LostRecord, attempt: TryRecord) {
        if self
            .current
            .as_ref()
            .is_none_or(|person| person.record.id != record.id)
        {
            self.finish();
            self.current = Some(Person::new(record));
        }
        if !self.is_asked_for(&attempt) {
            return;
        }
        let (within, short) = (self.is_within(&attempt), self.is_short(&attempt));
        let Some(person) = &mut self.current else { return };
        if short && !self.query.short {
            person.short |= within;
            return;
        }
        person.add(attempt, within);
    }

    /// One try of somebody without a number.
    pub fn withheld(&mut self, attempt: &TryRecord) {
        if self.is_asked_for(attempt)
            && self.is_within(attempt)
            && (self.query.short || !self.is_short(attempt))
        {
            self.page.figures.withheld += 1;
        }
    }

    /// The person is whole.
    fn finish(&mut self) {
        let Some(person) = self.current.take() else { return };
        let (Some(first), Some((last, how)), true) = (person.first, person.last, person.within) else {
            self.page.figures.short += u64::from(person.short && person.first.is_none());
            return;
        };
        let figures = &mut self.page.figures;
        figures.people += 1;
        let mut mine = false;
        let mut free = false;
        match &person.record.state {
            LostState::Open(claim) => {
                figures.open += 1;
                mine = claim.as_ref().is_some_and(|claim| claim.user == self.viewer);
                free = claim.is_none();
            }
            LostState::Reached(at, ..) => {
                figures.reached += 1;
                self.times_ms.push(at.since_ms(first));
            }
            LostState::GivenUp(..) => figures.given_up += 1,
        }
        let is_open = matches!(person.record.state, LostState::Open(_));
        let wanted = match self.query.wanted {
            Wanted::All => true,
            Wanted::Open => is_open,
            Wanted::Mine => mine,
            Wanted::Free => free,
            Wanted::Reached => matches!(person.record.state, LostState::Reached(..)),
            Wanted::GivenUp => matches!(person.record.state, LostState::GivenUp(..)),
        };
        if !wanted || self.query.before.is_some_and(|before| person.record.id >= before) {
            return;
        }
        if self.page.rows.len() >= self.query.limit.clamp(1, MAX_ROWS) {
            self.page.more = true;
            return;
        }
        let fate = self.fate(person.record.pbx, person.record.state);
        self.page.rows.push(LostRow {
            id: person.record.id,
            pbx: person.record.pbx,
            number: person.record.number,
            name: person.record.name,
            calls: u32::try_from(person.calls.len()).unwrap_or(u32::MAX),
            first,
            last,
            how,
            queues: person.queues.into_iter().collect(),
            extensions: person.extensions.into_iter().collect(),
            longest_ms: person.longest_ms,
            fate,
            on_line: false,
            called_back: false,
        });
    }

    fn fate(&mut self, pbx: PbxId, state: LostState) -> Fate {
        match state {
            LostState::Open(claim) => Fate::Open(claim.map(|claim| Claim {
                mine: claim.user == self.viewer,
                by: claim.name,
                since: claim.since,
                from: claim.from,
            })),
            LostState::Reached(at, path, queue, extension) => Fate::Reached {
                at,
                path,
                // through a queue that they do not see
                queue: queue.filter(|name| self.sight.sees(pbx, &Place::Queue(name.clone()))),
                by: extension.map(|number| self.sight.name(pbx, &number)),
            },
            LostState::GivenUp(at, by, reason) => Fate::GivenUp { at, by, reason },
        }
    }

    /// Everything was read.
    pub fn done(mut self, as_of: Timestamp) -> LostPage {
        self.finish();
        self.times_ms.sort_unstable();
        let times = &self.times_ms;
        let figures = &mut self.page.figures;
        if let (Some(shortest), Some(longest)) = (times.first(), times.last()) {
            (figures.shortest_ms, figures.longest_ms) = (*shortest, *longest);
            figures.middle = Some((times[(times.len() - 1) / 2], times[times.len() / 2]));
        }
        self.page.as_of = as_of;
        self.page
    }
}
