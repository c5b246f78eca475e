//! Writes what has to be kept: visits, what agents do, gaps. What the database does not take for now waits here and on the disk, newest
//! state first, as long as there is room; what was open when the program ended is settled once the PBX is seen again.

mod calls;
mod spool;
mod waiting;
mod writer;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::PathBuf,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use app::{live::protocol::LinkStatus, model::PbxId};
use telephony::LegState;
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    hub::Hub,
    jobs::wrap_up::Tell,
    lost::Lost,
    records::{Incoming, What},
    store::{Result, Spooled, Store},
};
use spool::{Line, Spool};
use waiting::{Step, Waiting};
use writer::Writer;

/// The channels on boards that are true. Of a PBX on which nothing was left open nobody asks for them.
type There = BTreeMap<PbxId, HashSet<String>>;

/// Records taken at once.
const BATCH: usize = 4_096;
/// Between two transactions: the first record is written at once, those that follow together.
const PACE: Duration = Duration::from_millis(150);
/// How often it is written that a PBX is seen: after a crash the gap begins at most so much too early.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The database takes none: the wait before the next try.
const RETRY: Duration = Duration::from_secs(1);
/// A transaction that takes longer than this may be waiting for a database that takes nothing: until it is through, what is to
/// be kept goes to the disk as well, this often.
const SLOW: Duration = Duration::from_millis(300);

/// The task that writes.
#[derive(Debug)]
pub struct Recorder {
    hub: Arc<Hub>,
    intake: Intake,
    writer: Writer,
}

/// What came in.
#[derive(Debug)]
struct Intake {
    incoming: Incoming,
    /// How many came.
    taken: u64,
    waiting: Waiting,
    spool: Spool,
}

impl Intake {
    fn put(&mut self, pbx: PbxId, what: What) {
        self.taken += 1;
        self.spool.tell(pbx, &what);
        self.waiting.put(pbx, what);
    }

    fn receive(&mut self) {
        while let Ok((pbx, what)) = self.incoming.try_recv() {
            self.put(pbx, what);
        }
    }

    /// Takes everything that came, with the boards as they were before: whoever is on none of them has either ended in what
    /// came, or ended while nothing was seen.
    fn take_in(&mut self, hub: &Hub, left: &BTreeSet<PbxId>) -> There {
        let there = there(hub, left);
        self.receive();
        if self.waiting.seen().all(|pbx| there.contains_key(&pbx)) {
            return there;
        }
        // a board that became true since it was looked at
        let there = self::there(hub, left);
        self.receive();
        there
    }
}

impl Recorder {
    /// Nothing is written yet.
    pub fn new(store: Store, hub: Arc<Hub>, incoming: Incoming, talks: Tell, lost: Lost) -> Self {
        Self {
            hub,
            intake: Intake {
                incoming,
                taken: 0,
                waiting: Waiting::default(),
                spool: Spool::default(),
            },
            writer: Writer::new(store, talks, lost),
        }
    }

    /// Whether channel events are kept, too.
    pub fn keeping_events(mut self, keeps_events: bool) -> Self {
        self.writer.keeps_events = keeps_events;
        self
    }

    /// What the database does not take is kept in this file until it does.
    pub fn spooling(mut self, file: PathBuf) -> Self {
        self.intake.spool = Spool::at(file);
        self
    }

    /// Writes what the database had not taken, and ends what was open when the program ended, at the last moment at which it was
    /// seen.
    pub async fn begin(&mut self) -> Result<()> {
        let store = self.writer.store.clone();
        self.take_up(&store).await?;
        self.intake.spool.reserve();
        store.end_what_was_open().await?;
        self.writer.inherit().await
    }

    /// Writes what a program left on the disk that was killed.
    async fn take_up(&mut self, store: &Store) -> Result<()> {
        let found = self.intake.spool.found().context("the spool cannot be read")?;
        let Some(found) = found else { return Ok(()) };
        let there = store.spooled().await?.filter(|there| there.name == found.name);
        let written = there.map_or(0, |there| usize::try_from(there.lines).unwrap_or(usize::MAX));
        let all = Spooled {
            name: found.name,
            lines: i64::try_from(found.lines.len()).unwrap_or(i64::MAX),
        };
        let (mut seen, mut damaged) = (None, 0_u64);
        let (mut waiting, mut there) = (Waiting::default(), There::new());
        for line in found.lines.into_iter().skip(written) {
            match line {
                Some(Line::Record(pbx, what)) => waiting.put(pbx, what),
                Some(Line::Seen(pbxs, at)) => seen = Some((pbxs, at)),
                Some(Line::There(boards)) => there.extend(boards),
                None => damaged += 1,
            }
        }
        let steps = waiting.take();
        tracing::warn!(
            records = steps.len(),
            damaged,
            "records are written that the database did not take before the program ended"
        );
        self.writer.inherit().await?;
        let all = Mutex::new(Some(all));
        self.writer.write(&steps, &there, &all).await?;
        if let Some((pbxs, at)) = seen {
            store.saw(&pbxs, at).await?;
        }
        Ok(())
    }

    /// Writes until `stop` is dropped and everything before it is written.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = Instant::now();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                taken = self.intake.incoming.recv_many(&mut batch, BATCH) => {
                    for (pbx, what) in batch.drain(..) {
                        self.intake.put(pbx, what);
                    }
                    if taken == 0 {
                        break;
                    }
                }
                // what the database did not take, or came while it took something else
                () = tokio::time::sleep_until(next), if self.intake.waiting.is_something() => {}
                _ = heartbeat.tick() => {
                    self.seen().await;
                    continue;
                }
                _ = &mut stop => break,
            }
            tokio::time::sleep_until(next).await;
            let written = self.drain().await;
            next = Instant::now() + if written { PACE } else { RETRY };
        }
        self.finish().await;
    }

    /// The last words of a program that ends in order: nothing is seen from now on.
    async fn finish(&mut self) {
        let now = self.hub.clock().now();
        for pbx in live(&self.hub) {
            let why = "Starboard was not running.".to_owned();
            if let Some(records) = self.hub.records() {
                records.put(pbx, What::Unseen(now, why));
            }
        }
        self.drain().await;
    }

    /// Takes everything that came and writes it.
    async fn drain(&mut self) -> bool {
        let left = self.writer.left();
        let there = self.intake.take_in(&self.hub, &left);
        let taken = self.intake.taken;
        let written = self.write(&there, &left).await;
        if written && let Some(records) = self.hub.records() {
            records.written(taken);
        }
        written
    }

    /// Keeps that PBXs are seen: until then everything is written that was told.
    async fn seen(&mut self) {
        let (live, now) = (live(&self.hub), self.hub.clock().now());
        if !self.drain().await {
            return;
        }
        if let Err(error) = self.writer.store.saw(&live, now).await {
            tracing::warn!(%error, "it could not be kept that PBXs are seen");
        }
    }

    /// Writes what waits, and ends what ended unseen. False: the database did not take it, and it waits on.
    async fn write(&mut self, there: &There, left: &BTreeSet<PbxId>) -> bool {
        let lost = self.hub.records().map_or(0, crate::records::Records::take_lost);
        self.intake.waiting.lost += lost;
        let steps = self.intake.waiting.take();
        if steps.is_empty() && !self.writer.is_gone(there) {
            self.intake.spool.clear().await;
            return true;
        }
        let (intake, hub) = (&mut self.intake, &self.hub);
        let covered = Mutex::new(intake.spool.told());
        let batch = Batch {
            steps: &steps,
            there,
            left,
        };
        let written = {
            let mut writing = pin!(self.writer.write(&steps, there, &covered));
            loop {
                tokio::select! {
                    biased;
                    written = &mut writing => break written,
                    () = tokio::time::sleep(SLOW) => spool(intake, hub, &batch, &covered).await,
                }
            }
        };
        match written {
            Ok(()) => {
                // what came meanwhile is written the next time
                if intake.spool.told() == covered.lock().ok().and_then(|covered| *covered) {
                    intake.spool.clear().await;
                }
                let lost = std::mem::take(&mut intake.waiting.lost);
                if lost > 0 {
                    tracing::error!(lost, "records were lost while the database took none");
                }
                true
            }
            Err(error) => {
                spool(intake, hub, &batch, &covered).await;
                tracing::warn!(%error, waiting = steps.len(), "records wait for the database");
                intake.waiting.put_back(steps);
                false
            }
        }
    }
}

/// What one transaction is to write.
#[derive(Clone, Copy)]
struct Batch<'a> {
    steps: &'a [(PbxId, Step)],
    there: &'a There,
    /// PBXs on which something was left open.
    left: &'a BTreeSet<PbxId>,
}

/// The boards that are true, with their channels where something is left that may be on them.
fn there(hub: &Hub, left: &BTreeSet<PbxId>) -> There {
    let mut there = There::new();
    hub.each(|row, board| {
        if row.link != LinkStatus::Live {
            return;
        }
        let channels = there.entry(row.id).or_default();
        if !left.contains(&row.id) {
            return;
        }
        let legs = board.calls.values().flat_map(|call| &call.legs);
        let alive = legs.filter(|leg| !matches!(leg.state, LegState::Ended(_)));
        channels.extend(alive.map(|leg| leg.id.0.clone()));
    });
    there
}

/// PBXs whose boards are true.
fn live(hub: &Hub) -> Vec<PbxId> {
    let mut live = Vec::new();
    hub.each(|row, _| {
        if row.link == LinkStatus::Live {
            live.push(row.id);
        }
    });
    live
}

/// Puts on the disk what the database has not taken yet, and what came since; with the boards, for whoever writes it closes what is on
/// them no more.
async fn spool(intake: &mut Intake, hub: &Hub, batch: &Batch<'_>, covered: &Mutex<Option<Spooled>>) {
    if !intake.spool.is_filling() {
        intake.spool.begin();
        for (pbx, step) in batch.steps {
            match step {
                Step::Nothing => {}
                Step::Visit(visit) => intake.spool.tell(*pbx, &What::Visit(visit.clone())),
                Step::Other(what) => intake.spool.tell(*pbx, what),
            }
        }
        intake.spool.tell_there(batch.there, batch.left);
        if let Ok(mut covered) = covered.lock() {
            *covered = intake.spool.told();
        }
    }
    let there = intake.take_in(hub, batch.left);
    intake.spool.tell_there(&there, batch.left);
    intake.spool.tell_seen(&live(hub), hub.clock().now());
    intake.spool.flush().await;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
