//! One transaction after the other: everything that is told of every PBX, and what ended unseen.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Mutex,
};

use app::model::PbxId;
use telephony::{Left, Visit, cdr::Told, visit::TalkEnd};

use super::{
    There, calls,
    waiting::{Step, VisitKey, key},
};
use crate::{
    jobs::wrap_up::{TalkOver, Tell},
    lost::Lost,
    records::What,
    store::{OpenVisit, Recording, Result, Siblings, Spooled, Store, StoreError, ToldBy},
};

/// Who writes.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Store,
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
    pub(super) keeps_events: bool,
}

impl Writer {
    pub(super) fn new(store: Store, talks: Tell, lost: Lost) -> Self {
        Self {
            store,
            kept: HashMap::new(),
            inherited: BTreeMap::new(),
            calls: calls::Inherited::default(),
            talks,
            lost,
            keeps_events: true,
        }
    }

    /// Takes over what was left open.
    pub(super) async fn inherit(&mut self) -> Result<()> {
        self.inherited.clear();
        for visit in self.store.open_visits(None).await? {
            self.inherited.entry(visit.pbx).or_default().push(visit);
        }
        self.calls.load(&self.store, None).await
    }

    /// PBXs on which something was left open that may be there still.
    pub(super) fn left(&self) -> BTreeSet<PbxId> {
        let visits = self.inherited.iter().filter(|(_, open)| !open.is_empty());
        visits.map(|(pbx, _)| *pbx).chain(self.calls.left()).collect()
    }

    /// Writes all of it, or, where something in it is refused for good, what can be. What is in the database then of what is on the
    /// disk, `spooled` says, which may change until the last moment.
    pub(super) async fn write(
        &mut self,
        steps: &[(PbxId, Step)],
        there: &There,
        spooled: &Mutex<Option<Spooled>>,
    ) -> Result<()> {
        let error = match self.try_write(steps, there, spooled).await {
            Err(error) if !matches!(error, StoreError::Unavailable(_)) => error,
            done => return done,
        };
        // written one by one what can be: one that is refused must not hold up the others
        tracing::error!(%error, "a batch of records was refused");
        for step in steps {
            let (nobody, nothing) = (There::new(), Mutex::default());
            let one = self.try_write(std::slice::from_ref(step), &nobody, &nothing);
            match one.await {
                Ok(()) => {}
                // all of it comes again
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => tracing::error!(%error, "a record was refused"),
            }
        }
        if let Err(error) = self.try_write(&[], there, spooled).await {
            tracing::error!(%error, "what ended unseen could not be ended");
        }
        Ok(())
    }

    async fn try_write(
        &mut self,
        steps: &[(PbxId, Step)],
        there: &There,
        spooled: &Mutex<Option<Spooled>>,
    ) -> Result<()> {
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
        let spooled = spooled.lock().ok().and_then(|spooled| *spooled);
        if let Some(spooled) = spooled {
            recording.spooled(spooled).await?;
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

    pub(super) fn is_gone(&self, there: &There) -> bool {
        !self.gone_visits(there, &HashSet::new()).is_empty() || self.calls.is_gone(there)
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
