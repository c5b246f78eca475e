//! What is kept of calls: those that are up so that none is forgotten, those that are over once and whole, and those under
//! which the program or the link ended, which are closed when the PBX is seen again or go on with the beginning that is known.

use std::collections::{BTreeMap, HashSet};

use app::model::PbxId;
use telephony::{Call, EndedCall, FinishedCall, Leg, LegRole, finished::is_supervision, lost::Missed};

use crate::{
    records::{Over, What},
    store::{OpenCall, Recording, Result, Store, Touched},
};

/// Calls written at once.
const AT_ONCE: usize = 1_000;

/// Calls that were up when the program, or the board, began anew.
#[derive(Debug, Default)]
pub(super) struct Inherited(BTreeMap<PbxId, Vec<OpenCall>>);

/// What one transaction writes of calls.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    up: Vec<(PbxId, &'a Call)>,
    over: Vec<(PbxId, FinishedCall)>,
    /// Calls that are none of their own.
    gone: Vec<(PbxId, String)>,
}

/// The legs that are a call's own: who listens to it has a call, too, and is shown on this one.
fn own_legs(call: &Call) -> impl Iterator<Item = &Leg> {
    let listens = is_supervision(call);
    let legs = call.legs.iter();
    legs.filter(move |leg| listens || leg.role != LegRole::Supervisor)
}

/// Whether a call that was up is a part of this one.
fn is_part(open: &Call, call: &Call) -> bool {
    open.id == call.id || own_legs(open).any(|leg| own_legs(call).any(|one| one.id == leg.id))
}

impl<'a> Batch<'a> {
    pub(super) fn take(&mut self, pbx: PbxId, what: &'a What, inherited: &Inherited) {
        match what {
            // its beginning is kept already
            What::CallUp(call) if inherited.parts(pbx, call).next().is_some() => {}
            What::CallUp(call) => self.up.push((pbx, call)),
            What::CallGone(id) => self.gone.push((pbx, id.0.clone())),
            What::CallOver(over) => match &**over {
                Over::Whole(call) => self.over.push((pbx, call.clone())),
                Over::Found(ended) => {
                    let mut parts = inherited.parts(pbx, &ended.call);
                    let whole = match parts.next() {
                        None => ended.clone(),
                        Some(open) => {
                            self.gone.push((pbx, ended.call.id.0.clone()));
                            ended.clone().begun_as(open.call.clone(), open.seen)
                        }
                    };
                    self.gone.extend(parts.map(|open| (pbx, open.call.id.0.clone())));
                    self.over.push((pbx, FinishedCall::of(&whole)));
                }
            },
            _ => {}
        }
    }

    pub(super) async fn write(&self, recording: &mut Recording) -> Result<()> {
        for some in self.up.chunks(AT_ONCE) {
            recording.open_calls(some).await?;
        }
        for some in self.over.chunks(AT_ONCE) {
            recording.calls(some).await?;
        }
        recording
            .forget_open(self.gone.iter().map(|(pbx, id)| (*pbx, id.as_str())))
            .await
    }
}

impl Inherited {
    /// Takes over what was left, of one PBX or of all.
    pub(super) async fn load(&mut self, store: &Store, pbx: Option<PbxId>) -> Result<()> {
        let open = store.calls_left_open(pbx).await?;
        match pbx {
            Some(pbx) => drop(self.0.remove(&pbx)),
            None => self.0.clear(),
        }
        for call in open {
            self.0.entry(call.pbx).or_default().push(call);
        }
        Ok(())
    }

    pub(super) fn is_empty(&self, pbx: PbxId) -> bool {
        self.0.get(&pbx).is_none_or(Vec::is_empty)
    }

    fn parts<'a>(&'a self, pbx: PbxId, call: &'a Call) -> impl Iterator<Item = &'a OpenCall> {
        let open = self.0.get(&pbx).into_iter().flatten();
        open.filter(|open| is_part(&open.call, call))
    }

    /// What was written is nobody's to close any more.
    pub(super) fn forget(&mut self, written: &Batch<'_>) {
        let over = written.over.iter().map(|(pbx, call)| (*pbx, call.id.0.as_str()));
        let gone = written.gone.iter().map(|(pbx, id)| (*pbx, id.as_str()));
        let done: HashSet<(PbxId, &str)> = over.chain(gone).collect();
        for (pbx, open) in &mut self.0 {
            open.retain(|open| !done.contains(&(*pbx, open.call.id.0.as_str())));
        }
    }

    /// Closes those that are on the PBX no more, at the last moment at which it was seen before. Lost callers of whom that
    /// tells.
    pub(super) async fn settle(
        &mut self,
        store: &Store,
        pbx: PbxId,
        there: &HashSet<String>,
    ) -> Result<Touched> {
        let Some(open) = self.0.get_mut(&pbx).filter(|open| !open.is_empty()) else {
            return Ok(Touched::default());
        };
        let is_there = |open: &OpenCall| own_legs(&open.call).any(|leg| there.contains(&leg.id.0));
        let gone: Vec<&OpenCall> = open.iter().filter(|open| !is_there(open)).collect();
        if gone.is_empty() {
            return Ok(Touched::default());
        }
        let mut recording = store.record().await?;
        let mut over = Vec::new();
        for open in gone {
            let ended = EndedCall::unseen(open.call.clone(), open.seen);
            if let Some(missed) = Missed::of(&ended) {
                recording.missed(pbx, &missed).await?;
            }
            over.push((pbx, FinishedCall::of(&ended)));
        }
        for some in over.chunks(AT_ONCE) {
            recording.calls(some).await?;
        }
        let touched = recording.take_touched();
        recording.commit().await?;
        open.retain(is_there);
        Ok(touched)
    }
}
