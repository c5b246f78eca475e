//! What waits to be written: as long as there is room, in order, and of what changes only the last word.

use std::collections::HashMap;

use app::model::PbxId;
use telephony::{CallId, Visit};

use crate::records::What;

/// Records that wait here while the database takes none; visits count once however often they change.
const MAX_WAITING: usize = 200_000;

/// What names a visit to the one who tells of it.
pub(super) type VisitKey = (PbxId, String, String, u32);

/// What waits to be written, in order; of each visit only the last word.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) steps: Vec<(PbxId, Step)>,
    visits: HashMap<VisitKey, usize>,
    /// Calls that are up.
    up: HashMap<(PbxId, CallId), usize>,
    pub(super) lost: u64,
}

/// The call that a record is about, as long as it goes on or when it is over.
fn call_of(what: &What) -> Option<(&CallId, bool)> {
    match what {
        What::CallUp(call) => Some((&call.id, true)),
        What::CallOver(over) => Some((over.id(), false)),
        What::CallGone(id) => Some((id, false)),
        _ => None,
    }
}

/// One step of a transaction.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Visit(Box<Visit>),
    /// What a later word replaced.
    Nothing,
    Other(What),
}

impl Waiting {
    pub(super) fn put(&mut self, pbx: PbxId, what: What) {
        if self.steps.len() >= MAX_WAITING {
            self.lost += 1;
            return;
        }
        match what {
            What::Visit(visit) => {
                let key = key(pbx, &visit);
                let at = self.steps.len();
                if let Some(before) = self.visits.insert(key, at) {
                    self.steps[before].1 = Step::Nothing;
                }
                self.steps.push((pbx, Step::Visit(visit)));
            }
            what => {
                if let Some((id, up)) = call_of(&what) {
                    let key = (pbx, id.clone());
                    if let Some(before) = self.up.remove(&key) {
                        self.steps[before].1 = Step::Nothing;
                    }
                    if up {
                        self.up.insert(key, self.steps.len());
                    }
                }
                self.steps.push((pbx, Step::Other(what)));
            }
        }
    }

    /// Whether anything waits.
    pub(super) fn is_something(&self) -> bool {
        !self.steps.is_empty()
    }

    /// PBXs that are seen again in what waits.
    pub(super) fn seen(&self) -> impl Iterator<Item = PbxId> {
        let seen = self.steps.iter();
        let seen = seen.filter(|(_, step)| matches!(step, Step::Other(What::Seen(_))));
        seen.map(|(pbx, _)| *pbx)
    }

    pub(super) fn take(&mut self) -> Vec<(PbxId, Step)> {
        self.visits.clear();
        self.up.clear();
        std::mem::take(&mut self.steps)
    }

    /// Puts back what could not be written, before whatever came meanwhile.
    pub(super) fn put_back(&mut self, steps: Vec<(PbxId, Step)>) {
        let since = std::mem::take(&mut self.steps);
        self.visits.clear();
        self.up.clear();
        for (pbx, step) in steps.into_iter().chain(since) {
            match step {
                Step::Visit(visit) => self.put(pbx, What::Visit(visit)),
                Step::Other(what) => self.put(pbx, what),
                Step::Nothing => {}
            }
        }
    }
}

pub(super) fn key(pbx: PbxId, visit: &Visit) -> VisitKey {
    (pbx, visit.queue.clone(), visit.channel.clone(), visit.serial)
}
