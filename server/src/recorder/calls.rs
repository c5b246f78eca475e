//! What is kept of calls: those that are up so that none is forgotten, those that are over once and whole, and those under
//! which the program or the link ended, which are closed when the PBX is seen again or go on with the beginning that is known.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use app::model::PbxId;
use telephony::{Call, EndedCall, FinishedCall, Leg, LegRole, Marks, finished::is_supervision, lost::Missed};

use super::There;
use crate::{
    records::{Over, What},
    store::{OpenCall, Recording, Result, Store},
};

/// Calls written at once.
const AT_ONCE: usize = 1_000;

/// Calls that were up when the program, or the board, began anew.
#[derive(Debug, Default)]
pub(super) struct Inherited(BTreeMap<PbxId, Vec<OpenCall>>);

/// What one transaction writes of calls.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    up: Vec<(PbxId, Cow<'a, Call>)>,
    over: Vec<(PbxId, FinishedCall)>,
    /// Calls that are none of their own.
    gone: Vec<(PbxId, String)>,
    /// Callers of calls that ended unseen.
    missed: Vec<(PbxId, Missed)>,
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
            What::CallUp(call) => {
                // with its beginning, which is kept already
                let call = match inherited.parts(pbx, call).next() {
                    None => Cow::Borrowed(&**call),
                    Some(open) => Cow::Owned((**call).clone().begun_as(open.call.clone(), open.seen)),
                };
                self.up.push((pbx, call));
            }
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

    /// Closes those that are on the PBX no more, and of which nothing is told here, at the last moment at which it was seen
    /// before.
    pub(super) fn close(&mut self, inherited: &Inherited, there: &There) {
        let told = self.over.iter().map(|(pbx, call)| (*pbx, call.id.0.clone()));
        let told: HashSet<(PbxId, String)> = told.chain(self.gone.iter().cloned()).collect();
        for open in inherited.gone(there) {
            if told.contains(&(open.pbx, open.call.id.0.clone())) {
                continue;
            }
            let ended = EndedCall::unseen(open.call.clone(), open.seen);
            self.missed
                .extend(Missed::of(&ended).map(|missed| (open.pbx, missed)));
            self.over.push((open.pbx, FinishedCall::of(&ended)));
        }
    }

    /// Names of calls that nobody saw end: Asterisk may have told of them before.
    pub(super) fn closed(&self) -> impl Iterator<Item = (PbxId, &str)> {
        let closed = self.over.iter();
        let closed = closed.filter(|(_, call)| call.marks.has(Marks::LOST_TRACK));
        closed.map(|(pbx, call)| (*pbx, call.linked.as_str()))
    }

    pub(super) async fn write(&self, recording: &mut Recording) -> Result<()> {
        for (pbx, missed) in &self.missed {
            recording.missed(*pbx, missed).await?;
        }
        for some in self.up.chunks(AT_ONCE) {
            let some: Vec<(PbxId, &Call)> = some.iter().map(|(pbx, call)| (*pbx, &**call)).collect();
            recording.open_calls(&some).await?;
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

    /// PBXs of which something is left.
    pub(super) fn left(&self) -> impl Iterator<Item = PbxId> {
        let left = self.0.iter().filter(|(_, open)| !open.is_empty());
        left.map(|(pbx, _)| *pbx)
    }

    /// Those that are on boards that are true no more.
    fn gone<'a>(&'a self, there: &'a There) -> impl Iterator<Item = &'a OpenCall> {
        let of = there
            .iter()
            .filter_map(|(pbx, there)| Some((self.0.get(pbx)?, there)));
        of.flat_map(|(open, there)| {
            open.iter()
                .filter(|open| !own_legs(&open.call).any(|leg| there.contains(&leg.id.0)))
        })
    }

    pub(super) fn is_gone(&self, there: &There) -> bool {
        self.gone(there).next().is_some()
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
}
