//! Writes what has to be kept: visits, what agents do, gaps. What the database does not take for now waits here, newest
//! state first, as long as there is room; what was open when the program ended is settled once the PBX is seen again.

mod calls;
mod waiting;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use app::{live::protocol::LinkStatus, model::PbxId};
use telephony::{Left, LegState, Visit, cdr::Told, visit::TalkEnd};
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    hub::Hub,
    jobs::wrap_up::{TalkOver, Tell},
    lost::Lost,
    records::{Incoming, What},
    store::{OpenVisit, Recording, Result, Siblings, Store, StoreError, ToldBy},
};
use waiting::{Step, VisitKey, Waiting, key};

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

/// The task that writes.
#[derive(Debug)]
pub struct Recorder {
    store: Store,
    hub: Arc<Hub>,
    incoming: Incoming,
    /// How many came in.
    taken: u64,
    waiting: Waiting,
    /// Where each visit that is told of is kept.
    kept: HashMap<VisitKey, i64>,
    /// Visits that were open when this program, or its board, began anew.
    inherited: BTreeMap<PbxId, Vec<OpenVisit>>,
    /// The same of calls.
    calls: calls::Inherited,
    /// Hears of talks that ended.
    talks: Tell,
    /// Hears of callers who were lost or reached.
    lost: Lost,
    /// Channel events are kept.
    keeps_events: bool,
}

impl Recorder {
    /// Nothing is written yet.
    pub fn new(store: Store, hub: Arc<Hub>, incoming: Incoming, talks: Tell, lost: Lost) -> Self {
        Self {
            store,
            hub,
            incoming,
            taken: 0,
            waiting: Waiting::default(),
            kept: HashMap::new(),
            inherited: BTreeMap::new(),
            calls: calls::Inherited::default(),
            talks,
            lost,
            keeps_events: true,
        }
    }

    /// Whether channel events are kept, too.
    pub fn keeping_events(self, keeps_events: bool) -> Self {
        Self { keeps_events, ..self }
    }

    /// Ends what was open when the program ended, at the last moment at which it was seen.
    pub async fn begin(&mut self) -> Result<()> {
        self.store.end_what_was_open().await?;
        for visit in self.store.open_visits(None).await? {
            self.inherited.entry(visit.pbx).or_default().push(visit);
        }
        self.calls.load(&self.store, None).await
    }

    /// Writes until `stop` is dropped and everything before it is written.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = Instant::now();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                taken = self.incoming.recv_many(&mut batch, BATCH) => {
                    self.taken += batch.len() as u64;
                    for (pbx, what) in batch.drain(..) {
                        self.waiting.put(pbx, what);
                    }
                    if taken == 0 {
                        break;
                    }
                    tokio::time::sleep_until(next).await;
                    let written = self.drain().await;
                    next = Instant::now() + if written { PACE } else { RETRY };
                }
                _ = heartbeat.tick() => self.seen().await,
                _ = &mut stop => break,
            }
        }
        self.finish().await;
    }

    /// The last words of a program that ends in order: nothing is seen from now on.
    async fn finish(&mut self) {
        let now = self.hub.clock().now();
        for pbx in self.live() {
            let why = "Starboard was not running.".to_owned();
            if let Some(records) = self.hub.records() {
                records.put(pbx, What::Unseen(now, why));
            }
        }
        self.drain().await;
    }

    /// Takes everything that came and writes it.
    async fn drain(&mut self) -> bool {
        let there = self.take_in();
        let written = self.write(&there).await;
        if written && let Some(records) = self.hub.records() {
            records.written(self.taken);
        }
        written
    }

    /// Takes everything that came, with the boards as they were before: whoever is on none of them has either ended in what
    /// came, or ended while nothing was seen.
    fn take_in(&mut self) -> There {
        let there = self.there();
        self.receive();
        if self.waiting.seen().all(|pbx| there.contains_key(&pbx)) {
            return there;
        }
        // a board that became true since it was looked at
        let there = self.there();
        self.receive();
        there
    }

    fn receive(&mut self) {
        while let Ok((pbx, what)) = self.incoming.try_recv() {
            self.taken += 1;
            self.waiting.put(pbx, what);
        }
    }

    /// PBXs whose boards are true.
    fn live(&self) -> Vec<PbxId> {
        let mut live = Vec::new();
        self.hub.each(|row, _| {
            if row.link == LinkStatus::Live {
                live.push(row.id);
            }
        });
        live
    }

    /// Keeps that PBXs are seen: until then everything is written that was told.
    async fn seen(&mut self) {
        let (live, now) = (self.live(), self.hub.clock().now());
        if !self.drain().await {
            return;
        }
        if let Err(error) = self.store.saw(&live, now).await {
            tracing::warn!(%error, "it could not be kept that PBXs are seen");
        }
    }

    /// Writes what waits, and ends what ended unseen. False: the database did not take it, and it waits on.
    async fn write(&mut self, there: &There) -> bool {
        let lost = self.hub.records().map_or(0, crate::records::Records::take_lost);
        self.waiting.lost += lost;
        let steps = self.waiting.take();
        if steps.is_empty() && !self.is_gone(there) {
            return true;
        }
        match self.try_write(&steps, there).await {
            Ok(()) => {
                if self.waiting.lost > 0 {
                    let lost = std::mem::take(&mut self.waiting.lost);
                    tracing::error!(lost, "records were lost while the database took none");
                }
                true
            }
            Err(StoreError::Unavailable(why)) => {
                tracing::warn!(why, waiting = steps.len(), "records wait for the database");
                self.waiting.put_back(steps);
                false
            }
            Err(error) => {
                // written one by one what can be: one that is refused must not hold up the others
                tracing::error!(%error, "a batch of records was refused");
                for step in steps {
                    if let Err(error) = self.try_write(std::slice::from_ref(&step), &There::new()).await {
                        tracing::error!(%error, "a record was refused");
                    }
                }
                if let Err(error) = self.try_write(&[], there).await {
                    tracing::error!(%error, "what ended unseen could not be ended");
                }
                true
            }
        }
    }

    async fn try_write(&mut self, steps: &[(PbxId, Step)], there: &There) -> Result<()> {
        let mut recording = self.store.record().await?;
        let mut kept = Vec::new();
        let mut removed = Vec::new();
        let mut over = Vec::new();
        let mut calls = calls::Batch::default();
        let mut records: BTreeMap<PbxId, Vec<Told>> = BTreeMap::new();
        let mut events = Vec::new();
        for (pbx, step) in steps {
            match step {
                Step::Nothing => {}
                Step::Visit(visit) => {
                    let key = key(*pbx, visit);
                    let known = self.kept.get(&key).copied();
                    let id = recording.visit(*pbx, known, visit).await?;
                    over.extend(talk_over(*pbx, id, visit));
                    kept.push((key, id));
                }
                Step::Other(what) => {
                    calls.take(*pbx, what, &self.calls);
                    if let What::Event(event) = what {
                        events.push((*pbx, &**event));
                    }
                    if let What::Record(told) = what {
                        records.entry(*pbx).or_default().push((**told).clone());
                    }
                    if matches!(what, What::Removed(_)) {
                        removed.push(*pbx);
                    }
                    note(&mut recording, *pbx, what).await?;
                }
            }
        }
        // in the transaction that says that the PBX is seen again: killed before it, nobody takes them for being there until then
        let told: HashSet<i64> = kept.iter().map(|(_, id)| *id).collect();
        let gone = self.gone_visits(there, &told);
        recording
            .end_visits(&gone, Left::Unexplained, TalkEnd::Unexplained)
            .await?;
        calls.close(&self.calls, there);
        calls.write(&mut recording).await?;
        for (pbx, told) in &records {
            let mut siblings = Siblings::anew();
            recording
                .records(*pbx, told, ToldBy::Manager, &mut siblings)
                .await?;
            let names = told.iter().filter_map(|told| told.row.group());
            recording.put_right(*pbx, names).await?;
        }
        if self.keeps_events && !events.is_empty() {
            recording.channel_events(&events).await?;
        }
        for (pbx, name) in calls.closed() {
            recording.put_right(pbx, [name].into_iter()).await?;
        }
        let touched = recording.take_touched();
        recording.commit().await?;
        self.calls.forget(&calls);
        self.lost.told(touched);
        for talk in over {
            if self.talks.try_send(talk).is_err() {
                tracing::warn!("a wrap-up was left out: too many talks ended at once");
            }
        }
        self.remember(kept, &gone);
        for pbx in removed {
            self.kept.retain(|(of, ..), _| *of != pbx);
            let open = self.store.open_visits(Some(pbx)).await?;
            self.inherited.insert(pbx, open);
            self.calls.load(&self.store, Some(pbx)).await?;
        }
        Ok(())
    }

    /// Where visits are kept that were told of; they and those that were ended are nobody's to end any more.
    fn remember(&mut self, kept: Vec<(VisitKey, i64)>, gone: &[OpenVisit]) {
        const MAX_KEPT: usize = 50_000;
        if self.kept.len() > MAX_KEPT {
            // found in the database again when they are needed
            self.kept.clear();
        }
        for (key, id) in kept {
            if let Some(inherited) = self.inherited.get_mut(&key.0) {
                inherited.retain(|open| open.id != id);
            }
            self.kept.insert(key, id);
        }
        for gone in gone {
            if let Some(inherited) = self.inherited.get_mut(&gone.pbx) {
                inherited.retain(|open| open.id != gone.id);
            }
        }
    }

    /// Inherited visits whose caller is on the PBX no more. Those who are still there are told of again, or end with what
    /// the PBX says then; so do those who are told of now.
    fn gone_visits(&self, there: &There, told: &HashSet<i64>) -> Vec<OpenVisit> {
        let of = there
            .iter()
            .filter_map(|(pbx, there)| Some((self.inherited.get(pbx)?, there)));
        let gone = of.flat_map(|(open, there)| {
            open.iter()
                .filter(|open| !there.contains(&open.channel) && !told.contains(&open.id))
        });
        gone.cloned().collect()
    }

    fn is_gone(&self, there: &There) -> bool {
        !self.gone_visits(there, &HashSet::new()).is_empty() || self.calls.is_gone(there)
    }

    /// The boards that are true, with their channels where something is left that may be on them.
    fn there(&self) -> There {
        let left = |open: &Vec<OpenVisit>| !open.is_empty();
        let mut there = There::new();
        self.hub.each(|row, board| {
            if row.link != LinkStatus::Live {
                return;
            }
            let channels = there.entry(row.id).or_default();
            if !self.inherited.get(&row.id).is_some_and(left) && self.calls.is_empty(row.id) {
                return;
            }
            let legs = board.calls.values().flat_map(|call| &call.legs);
            let alive = legs.filter(|leg| !matches!(leg.state, LegState::Ended(_)));
            channels.extend(alive.map(|leg| leg.id.0.clone()));
        });
        there
    }
}

fn talk_over(pbx: PbxId, id: i64, visit: &Visit) -> Option<TalkOver> {
    let talk = visit.talk.as_ref()?;
    let (at, _) = talk.ended?;
    Some(TalkOver {
        pbx,
        visit: id,
        queue: visit.queue.clone(),
        interface: talk.interface.clone(),
        extension: talk.extension.clone(),
        number: visit.number.clone(),
        name: visit.name.clone(),
        at,
    })
}

async fn note(recording: &mut Recording, pbx: PbxId, what: &What) -> Result<()> {
    match what {
        // written together
        What::Visit(_)
        | What::CallUp(_)
        | What::CallOver(_)
        | What::CallGone(_)
        | What::Record(_)
        | What::Event(_) => Ok(()),
        What::Contact(contact, serves) => recording.contact(pbx, contact, serves).await,
        What::Missed(missed) => recording.missed(pbx, missed).await,
        What::KeptPlace(kept) => recording.kept_place(pbx, kept).await,
        What::Agent(change) => recording.agent(pbx, change).await,
        What::Target(queue, target_s) => recording.target(pbx, queue, *target_s).await,
        What::Unseen(at, why) => recording.unseen(pbx, *at, why).await,
        What::Seen(at) => recording.seen(pbx, *at).await,
        What::Removed(at) => recording.unseen(pbx, *at, "The connection was changed.").await,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
