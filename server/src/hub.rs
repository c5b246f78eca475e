//! Every board, one sequence, and the frames browsers get. One short lock; no socket, no database.

pub mod lane;
pub mod message;
mod notes;
mod slot;
mod snapshot;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::{
    access::{About, about},
    live::protocol::{LinkStatus, LiveChange, PULSE_S, PbxRow},
    model::PbxId,
};
use telephony::{Board, Change, Key, Output, Settings, Switchboard, Timestamp};
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    clock::Clock,
    records::{Records, What},
};
use lane::{Entry, Lane};
use slot::Slot;
use snapshot::Shared;

/// The first change after a quiet time goes out at once; the following ones together, so often: with few
/// pages about as often as a screen draws, with more of them less, so that the work stays the same.
const SHORTEST_TICK: Duration = Duration::from_millis(10);
const LONGEST_TICK: Duration = Duration::from_millis(50);
const TICK_PER_PAGE: Duration = Duration::from_micros(100);
/// What pages that nobody looks at get.
const SLOW_TICK: Duration = Duration::from_secs(1);
/// Names what is on a board; the PBX itself comes before its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Name {
    Pbx,
    Row(Key),
    Note(String),
}

/// Names a row of any board.
type RowKey = (PbxId, Name);
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
                slot.record(records, &self.output.changes, &self.output.ended, now);
                slot.record_ended(records, &self.output.ended);
            }
        }
        let mut changes = std::mem::take(&mut self.output.changes);
        for change in changes.drain(..) {
            self.publish((pbx, Name::Row(change.key())), LiveChange::Row { pbx, change });
        }
        self.output.changes = changes;
        // gaps are for the call log
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

    /// Waits until what the boards showed is kept, so that figures have in them what whoever asks has seen.
    pub async fn kept(&self) {
        if let Some(records) = &self.records {
            records.settled().await;
        }
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
        inner.pbxs.insert(pbx, Slot::new(row, settings));
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
