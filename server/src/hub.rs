//! Every board, one sequence, and the frames browsers get. One short lock; no socket, no database.

pub mod lane;
pub mod message;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::{
    access::{About, about},
    live::note::{self, Note},
    live::protocol::{LinkStatus, LiveChange, LiveSnapshot, PULSE_S, PbxRow, PbxSnapshot},
    model::PbxId,
};
use telephony::{Agents, Board, Change, Key, Output, Row, Settings, Switchboard, Timestamp};
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    access::Sight,
    clock::Clock,
    records::{Records, What},
};
use lane::{Entry, Lane};
use message::{Format, Message};

/// The first change after a quiet time goes out at once; the following ones together, so often: with few
/// pages about as often as a screen draws, with more of them less, so that the work stays the same.
const SHORTEST_TICK: Duration = Duration::from_millis(10);
const LONGEST_TICK: Duration = Duration::from_millis(50);
const TICK_PER_PAGE: Duration = Duration::from_micros(100);
/// What pages that nobody looks at get.
const SLOW_TICK: Duration = Duration::from_secs(1);
/// A snapshot frame is shared by everyone who asks within so many milliseconds.
const SNAPSHOT_SHARED_MS: u64 = 50;
/// Notes on one board.
const MAX_NOTES: usize = 20_000;

/// Names what is on a board; the PBX itself comes before its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Name {
    Pbx,
    Row(Key),
    Note(String),
}

/// Names a row of any board.
type RowKey = (PbxId, Name);
/// What a note of a board is about.
type NotesAbout = HashMap<(PbxId, String), Arc<About>>;
/// The last state of each row that changed.
type Pending = BTreeMap<RowKey, Entry>;

/// The hub.
#[derive(Debug)]
pub struct Hub {
    build: String,
    clock: Clock,
    inner: Mutex<Inner>,
    wake: Notify,
    fast: Lane,
    slow: Lane,
    records: Option<Records>,
}

#[derive(Debug, Default)]
struct Inner {
    pbxs: BTreeMap<PbxId, Slot>,
    sequence: u64,
    fast: Pending,
    slow: Pending,
    /// What each row is about.
    about: HashMap<RowKey, Arc<About>>,
    snapshot: Option<Shared>,
    output: Output,
    /// Where supervision is for supervisors alone to see.
    private: Arc<BTreeSet<PbxId>>,
}

/// A snapshot for everyone who asks about now.
#[derive(Clone, Debug)]
struct Shared {
    made: Timestamp,
    whole: Arc<LiveSnapshot>,
    notes: Arc<NotesAbout>,
    private: Arc<BTreeSet<PbxId>>,
    messages: Vec<(Format, Message)>,
}

#[derive(Debug)]
struct Slot {
    row: PbxRow,
    switchboard: Switchboard,
    /// What each note says, packed.
    notes: BTreeMap<String, String>,
    /// What agents do, while the board is true.
    agents: Option<Agents>,
    /// The target that the PBX has for each queue, as last told.
    targets: HashMap<String, u32>,
}

impl Slot {
    /// Has it kept what changed on the board.
    fn record(&mut self, records: &Records, changes: &[Change], now: Timestamp) {
        let pbx = self.row.id;
        for change in changes {
            if let Change::Upsert(Row::Queue(queue)) = change
                && queue.service_level_s > 0
                && self.targets.get(&queue.name) != Some(&queue.service_level_s)
            {
                self.targets.insert(queue.name.clone(), queue.service_level_s);
                records.put(pbx, What::Target(queue.name.clone(), queue.service_level_s));
            }
        }
        let Some(agents) = &mut self.agents else { return };
        let mut told = Vec::new();
        agents.observe(self.switchboard.board(), changes, now, &mut told);
        for change in told {
            records.put(pbx, What::Agent(change));
        }
    }

    /// Has it kept that the board is true from now on, or no more.
    fn record_link(&mut self, records: &Records, now: Timestamp) {
        let pbx = self.row.id;
        let unseen = |at: &Timestamp, why: &str| What::Unseen(*at, why.to_owned());
        match &self.row.link {
            LinkStatus::Live if self.agents.is_none() => {
                records.put(pbx, What::Seen(now));
                self.agents = Some(Agents::default());
                let rows: Vec<Change> = self.switchboard.board().rows().map(Change::Upsert).collect();
                self.record(records, &rows, now);
            }
            LinkStatus::Live | LinkStatus::Connecting | LinkStatus::CatchingUp => {}
            LinkStatus::Down { reason, since } if self.agents.take().is_some() => {
                records.put(pbx, unseen(since, reason));
            }
            LinkStatus::CredentialsRefused { since } if self.agents.take().is_some() => {
                records.put(pbx, unseen(since, "The PBX refused the user name or secret."));
            }
            LinkStatus::Disabled if self.agents.take().is_some() => {
                records.put(pbx, unseen(&now, "The connection was switched off."));
            }
            LinkStatus::Down { .. } | LinkStatus::CredentialsRefused { .. } | LinkStatus::Disabled => {}
        }
    }
}

impl Inner {
    fn publish(&mut self, key: RowKey, change: LiveChange) {
        self.publish_about(key, change, None);
    }

    fn publish_about(&mut self, key: RowKey, change: LiveChange, note: Option<Arc<About>>) {
        self.sequence += 1;
        let before = match &change {
            LiveChange::Row {
                change: Change::Upsert(row),
                ..
            } => {
                let now = about(row);
                match self.about.get_mut(&key) {
                    Some(before) if **before == now => Some(before.clone()),
                    Some(before) => Some(std::mem::replace(before, Arc::new(now))),
                    None => {
                        self.about.insert(key.clone(), Arc::new(now));
                        None
                    }
                }
            }
            LiveChange::Row {
                change: Change::Remove(_),
                ..
            } => self.about.remove(&key),
            LiveChange::Note { .. } => match &note {
                Some(now) => self.about.insert(key.clone(), now.clone()),
                None => self.about.remove(&key),
            },
            LiveChange::Pbx(_) | LiveChange::PbxRemoved(_) => None,
        };
        let private = self.private.contains(&key.0);
        let told = (change, note, private);
        put(&mut self.slow, key.clone(), told.clone(), before.clone());
        put(&mut self.fast, key, told, before);
    }

    fn publish_rows(&mut self, pbx: PbxId, records: Option<&Records>, now: Timestamp) {
        if let Some(records) = records {
            for visit in self.output.visits.drain(..) {
                records.put(pbx, What::Visit(Box::new(visit)));
            }
            if let Some(slot) = self.pbxs.get_mut(&pbx) {
                slot.record(records, &self.output.changes, now);
            }
        }
        let mut changes = std::mem::take(&mut self.output.changes);
        for change in changes.drain(..) {
            self.publish((pbx, Name::Row(change.key())), LiveChange::Row { pbx, change });
        }
        self.output.changes = changes;
        // ended calls and gaps are for the call log
        self.output.clear();
    }
}

impl Hub {
    /// A hub without any PBX.
    pub fn new(build: String, clock: Clock) -> Self {
        Self {
            build,
            clock,
            inner: Mutex::default(),
            wake: Notify::new(),
            fast: Lane::default(),
            slow: Lane::default(),
            records: None,
        }
    }

    /// The same, which has it kept what is seen.
    pub fn keeping(self, records: Records) -> Self {
        Self {
            records: Some(records),
            ..self
        }
    }

    /// Where it has it kept.
    pub fn records(&self) -> Option<&Records> {
        self.records.as_ref()
    }

    /// The clock all boards share.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // every change under the lock is whole rows: a panic elsewhere leaves nothing half done
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a PBX, or puts it anew with an empty board.
    pub fn add(&self, row: PbxRow, settings: Settings) {
        let mut inner = self.lock();
        let pbx = row.id;
        if inner.pbxs.contains_key(&pbx) {
            self.record_removed(&inner, pbx);
            remove(&mut inner, pbx);
            // in a frame of its own: coalesced with the new row it would leave the old board's rows behind
            self.flush_fast(&mut inner);
            self.flush_slow(&mut inner);
        }
        inner.publish((pbx, Name::Pbx), LiveChange::Pbx(row.clone()));
        inner.pbxs.insert(
            pbx,
            Slot {
                row,
                switchboard: Switchboard::new(settings),
                notes: BTreeMap::new(),
                agents: None,
                targets: HashMap::new(),
            },
        );
        drop(inner);
        self.wake.notify_one();
    }

    /// What is open there is not followed any more.
    fn record_removed(&self, inner: &Inner, pbx: PbxId) {
        if let (Some(records), true) = (&self.records, inner.pbxs.contains_key(&pbx)) {
            records.put(pbx, What::Removed(self.clock.now()));
        }
    }

    /// Removes a PBX and everything on its board.
    pub fn remove(&self, pbx: PbxId) {
        let mut inner = self.lock();
        self.record_removed(&inner, pbx);
        remove(&mut inner, pbx);
        drop(inner);
        self.wake.notify_one();
    }

    /// Changes the row of a PBX: its name, its link, what it does not show.
    pub fn set_row(&self, pbx: PbxId, change: impl FnOnce(&mut PbxRow)) {
        let mut inner = self.lock();
        let Some(slot) = inner.pbxs.get_mut(&pbx) else {
            return;
        };
        let before = slot.row.clone();
        change(&mut slot.row);
        let row = slot.row.clone();
        if row != before {
            if let Some(records) = &self.records {
                slot.record_link(records, self.clock.now());
            }
            inner.publish((pbx, Name::Pbx), LiveChange::Pbx(row));
            drop(inner);
            self.wake.notify_one();
        }
    }

    /// Adds a note to a board, or changes it; equal ones wake nobody. What it is about, and by which ability, says who
    /// sees it.
    pub fn put_note<N: Note>(&self, pbx: PbxId, note: &N, about: About) {
        let (name, says) = (note.name(), note::says(note));
        let mut inner = self.lock();
        let inner = &mut *inner;
        let Some(slot) = inner.pbxs.get_mut(&pbx) else {
            return;
        };
        let full = slot.notes.len() >= MAX_NOTES && !slot.notes.contains_key(&name);
        if full {
            tracing::warn!(pbx = pbx.0, "too many notes on a board");
            return;
        }
        let key = (pbx, Name::Note(name.clone()));
        let same_about = inner.about.get(&key).is_some_and(|known| **known == about);
        if slot.notes.get(&name) == Some(&says) && same_about {
            return;
        }
        slot.notes.insert(name.clone(), says.clone());
        let says = Some(says);
        inner.publish_about(key, LiveChange::Note { pbx, name, says }, Some(Arc::new(about)));
        self.wake.notify_one();
    }

    /// Says whether supervision is for supervisors alone to see on this PBX; everybody is told anew what they see.
    pub fn set_private(&self, pbx: PbxId, private: bool) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if inner.private.contains(&pbx) == private {
            return;
        }
        let all = Arc::make_mut(&mut inner.private);
        if private {
            all.insert(pbx);
        } else {
            all.remove(&pbx);
        }
        // a snapshot that was made before shows too much
        inner.snapshot = None;
        let Some(slot) = inner.pbxs.get(&pbx) else { return };
        let shows = |row: &Row| matches!(row, Row::Call(_) | Row::Extension(_));
        let rows: Vec<Row> = slot.switchboard.board().rows().filter(shows).collect();
        for row in rows {
            let change = Change::Upsert(row);
            inner.publish((pbx, Name::Row(change.key())), LiveChange::Row { pbx, change });
        }
        self.wake.notify_one();
    }

    /// Where supervision is for supervisors alone to see.
    pub fn private(&self) -> Arc<BTreeSet<PbxId>> {
        self.lock().private.clone()
    }

    /// Takes a note away.
    pub fn remove_note<N: Note>(&self, pbx: PbxId, id: &str) {
        let name = note::name::<N>(id);
        let mut inner = self.lock();
        let inner = &mut *inner;
        let slot = inner.pbxs.get_mut(&pbx);
        if slot.is_none_or(|slot| slot.notes.remove(&name).is_none()) {
            return;
        }
        let change = LiveChange::Note {
            pbx,
            name: name.clone(),
            says: None,
        };
        inner.publish_about((pbx, Name::Note(name)), change, None);
        self.wake.notify_one();
    }

    /// Works on the switchboard of a PBX; what it puts out is published.
    pub fn observe<T>(&self, pbx: PbxId, work: impl FnOnce(&mut Switchboard, &mut Output) -> T) -> Option<T> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let slot = inner.pbxs.get_mut(&pbx)?;
        let result = work(&mut slot.switchboard, &mut inner.output);
        let before = inner.sequence;
        inner.publish_rows(pbx, self.records.as_ref(), self.clock.now());
        if inner.sequence != before {
            self.wake.notify_one();
        }
        Some(result)
    }

    /// Looks at the switchboard of a PBX and at how its link is.
    pub fn look<T>(&self, pbx: PbxId, look: impl FnOnce(&Switchboard, &LinkStatus) -> T) -> Option<T> {
        let inner = self.lock();
        inner
            .pbxs
            .get(&pbx)
            .map(|slot| look(&slot.switchboard, &slot.row.link))
    }

    /// Looks at every PBX with its board, in the order of their ids; as short as can be.
    pub fn each(&self, mut look: impl FnMut(&PbxRow, &Board)) {
        for slot in self.lock().pbxs.values() {
            look(&slot.row, slot.switchboard.board());
        }
    }

    /// The last change there was.
    pub fn sequence(&self) -> u64 {
        self.lock().sequence
    }

    /// Everything that somebody sees, now.
    pub fn snapshot(&self, sight: &Sight) -> LiveSnapshot {
        let (whole, notes, private) = {
            let inner = self.lock();
            (
                self.snapshot_of(&inner),
                notes_about(&inner),
                inner.private.clone(),
            )
        };
        match sight.snapshot(&whole, &private, |pbx, name| {
            notes.get(&(pbx, name.to_owned())).cloned()
        }) {
            Cow::Owned(seen) => seen,
            Cow::Borrowed(_) => whole,
        }
    }

    fn snapshot_of(&self, inner: &Inner) -> LiveSnapshot {
        let pbxs = inner.pbxs.values().map(|slot| PbxSnapshot {
            pbx: slot.row.clone(),
            board: slot.switchboard.board().clone(),
            notes: slot
                .notes
                .iter()
                .map(|(name, says)| (name.clone(), says.clone()))
                .collect(),
        });
        LiveSnapshot {
            build: self.build.clone(),
            now: self.clock.now(),
            sequence: inner.sequence,
            pbxs: pbxs.collect(),
        }
    }

    /// A snapshot as a message, and its sequence; the frames that follow join it.
    /// Never older than change `at_least`, which the page has.
    pub fn snapshot_message(&self, sight: &Sight, format: Format, at_least: u64) -> (u64, Message) {
        let mut inner = self.lock();
        let now = self.clock.now();
        let fresh = inner.snapshot.as_ref().is_some_and(|shared| {
            now.since_ms(shared.made) <= SNAPSHOT_SHARED_MS
                && shared.whole.sequence >= at_least
                && self.fast.reaches_back_to(shared.whole.sequence)
        });
        if !fresh {
            self.flush_fast(&mut inner);
            inner.snapshot = Some(Shared {
                made: now,
                whole: Arc::new(self.snapshot_of(&inner)),
                notes: Arc::new(notes_about(&inner)),
                private: inner.private.clone(),
                messages: Vec::new(),
            });
        }
        let Some(shared) = &mut inner.snapshot else {
            // it was made above
            return (0, Message::default());
        };
        let (whole, notes, private) = (shared.whole.clone(), shared.notes.clone(), shared.private.clone());
        if sight.is_whole() {
            let made = shared.messages.iter().find(|(of, _)| *of == format);
            if let Some((_, message)) = made {
                return (whole.sequence, message.clone());
            }
            let message = format.snapshot(&whole);
            shared.messages.push((format, message.clone()));
            return (whole.sequence, message);
        }
        // what one person sees of it is nobody else's: not under the lock
        drop(inner);
        let seen = sight.snapshot(&whole, &private, |pbx, name| {
            notes.get(&(pbx, name.to_owned())).cloned()
        });
        (whole.sequence, format.snapshot(&seen))
    }

    /// The lane a page follows: the slow one while nobody looks at it.
    pub fn lane(&self, hidden: bool) -> &Lane {
        if hidden { &self.slow } else { &self.fast }
    }

    fn flush_fast(&self, inner: &mut Inner) {
        let changes = std::mem::take(&mut inner.fast);
        self.fast.push(inner.sequence, changes.into_values());
    }

    fn flush_slow(&self, inner: &mut Inner) {
        let changes = std::mem::take(&mut inner.slow);
        self.slow.push(inner.sequence, changes.into_values());
    }

    /// Sends what changed, for ever: leading edge, then ticks.
    pub async fn run(&self) {
        let mut pulse = tokio::time::interval(Duration::from_secs(PULSE_S));
        let mut slow = tokio::time::interval(SLOW_TICK);
        slow.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = self.wake.notified() => {
                    tokio::time::sleep_until(next).await;
                    next = Instant::now() + tick(self.fast.followers());
                    let mut inner = self.lock();
                    self.flush_fast(&mut inner);
                }
                _ = slow.tick() => {
                    let mut inner = self.lock();
                    self.flush_slow(&mut inner);
                }
                _ = pulse.tick() => {
                    self.fast.pulse();
                    self.slow.pulse();
                }
            }
        }
    }
}

fn notes_about(inner: &Inner) -> NotesAbout {
    let notes = inner.about.iter().filter_map(|((pbx, name), about)| match name {
        Name::Note(name) => Some(((*pbx, name.clone()), about.clone())),
        Name::Pbx | Name::Row(_) => None,
    });
    notes.collect()
}

fn put(
    pending: &mut Pending,
    key: RowKey,
    (change, now, private): (LiveChange, Option<Arc<About>>, bool),
    before: Option<Arc<About>>,
) {
    let entry = pending.entry(key).or_insert_with(|| Entry {
        change: change.clone(),
        before: Vec::new(),
        now: None,
        private,
    });
    entry.change = change;
    entry.now = now;
    entry.private = private;
    if let Some(before) = before
        && !entry.before.contains(&before)
    {
        entry.before.push(before);
    }
}

fn tick(pages: usize) -> Duration {
    let pages = u32::try_from(pages).unwrap_or(u32::MAX);
    TICK_PER_PAGE
        .saturating_mul(pages)
        .clamp(SHORTEST_TICK, LONGEST_TICK)
}

fn remove(inner: &mut Inner, pbx: PbxId) {
    if inner.pbxs.remove(&pbx).is_none() {
        return;
    }
    for pending in [&mut inner.fast, &mut inner.slow] {
        pending.retain(|(of, _), _| *of != pbx);
    }
    inner.about.retain(|(of, _), _| *of != pbx);
    inner.publish((pbx, Name::Pbx), LiveChange::PbxRemoved(pbx));
}

#[cfg(test)]
mod tests;
