//! One PBX in the hub: its board, the notes on it, and what is kept of both.

use std::collections::{BTreeMap, HashMap};

use app::live::protocol::{LinkStatus, PbxRow};
use telephony::{
    Agents, Call, CallId, Change, EndedCall, FinishedCall, Key, Row, Settings, Switchboard, Timestamp,
    lost::{Contact, Missed, Path},
};

use crate::records::{Over, Records, What};

/// One PBX.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) row: PbxRow,
    pub(super) switchboard: Switchboard,
    /// What each note says, packed.
    pub(super) notes: BTreeMap<String, String>,
    /// What agents do, while the board is true.
    agents: Option<Agents>,
    /// The target that the PBX has for each queue, as last told.
    targets: HashMap<String, u32>,
    /// Calls that were told of: whether somebody talks in them, and how many legs they had.
    told: HashMap<CallId, (bool, usize)>,
}

impl Slot {
    /// A board with nothing on it.
    pub(super) fn new(row: PbxRow, settings: Settings) -> Self {
        Self {
            row,
            switchboard: Switchboard::new(settings),
            notes: BTreeMap::new(),
            agents: None,
            targets: HashMap::new(),
            told: HashMap::new(),
        }
    }

    /// Has it kept what changed on the board.
    pub(super) fn record(
        &mut self,
        records: &Records,
        changes: &[Change],
        ended: &[EndedCall],
        now: Timestamp,
    ) {
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
        for change in changes {
            match change {
                Change::Upsert(Row::Call(call)) => self.record_call(records, call),
                Change::Remove(Key::Call(id)) => {
                    let ended = || ended.iter().any(|ended| ended.call.id == *id);
                    if self.told.remove(id).is_some() && !ended() {
                        records.put(pbx, What::CallGone(id.clone()));
                    }
                }
                Change::Upsert(_) | Change::Remove(_) => {}
            }
        }
        let Some(agents) = &mut self.agents else { return };
        let mut told = Vec::new();
        agents.observe(self.switchboard.board(), changes, now, &mut told);
        for change in told {
            records.put(pbx, What::Agent(change));
        }
    }

    /// Has a call kept when it begins, and again when somebody comes to it or talks: by its legs it is known again.
    fn record_call(&mut self, records: &Records, call: &Call) {
        let now = (call.answered.is_some(), call.legs.len());
        let before = self.told.get(&call.id).copied();
        if before == Some(now) {
            return;
        }
        self.told.insert(call.id.clone(), now);
        records.put(self.row.id, What::CallUp(Box::new(call.clone())));
        if now.0 && before.is_none_or(|(talked, _)| !talked) {
            self.record_contact(records, call, None);
        }
    }

    /// Has it kept how calls ended, who was reached by them, and who was not.
    pub(super) fn record_ended(&self, records: &Records, ended: &[EndedCall]) {
        for ended in ended {
            self.record_contact(records, &ended.call, Some(ended.end.at));
            if let Some(missed) = Missed::of(ended) {
                records.put(self.row.id, What::Missed(Box::new(missed)));
            }
            let over = if ended.call.discovered {
                Over::Found(ended.clone())
            } else {
                Over::Whole(FinishedCall::of(ended))
            };
            records.put(self.row.id, What::CallOver(Box::new(over)));
        }
    }

    fn record_contact(&self, records: &Records, call: &Call, ended: Option<Timestamp>) {
        for contact in Contact::of(call, ended) {
            let serves = match (contact.path, &contact.extension) {
                (Path::Inside, Some(number)) => self.served_by(number),
                _ => Vec::new(),
            };
            records.put(self.row.id, What::Contact(Box::new(contact), serves));
        }
    }

    /// The queues that an extension serves.
    fn served_by(&self, number: &str) -> Vec<String> {
        let queues = self.switchboard.board().queues.values();
        let theirs = queues.filter(|queue| {
            let mut members = queue.members.iter();
            members.any(|member| member.extension.as_deref() == Some(number))
        });
        theirs.map(|queue| queue.name.clone()).collect()
    }

    /// Has it kept that the board is true from now on, or no more.
    pub(super) fn record_link(&mut self, records: &Records, now: Timestamp) {
        let pbx = self.row.id;
        let unseen = |at: &Timestamp, why: &str| What::Unseen(*at, why.to_owned());
        match &self.row.link {
            LinkStatus::Live if self.agents.is_none() => {
                records.put(pbx, What::Seen(now));
                self.agents = Some(Agents::default());
                let rows: Vec<Change> = self.switchboard.board().rows().map(Change::Upsert).collect();
                self.record(records, &rows, &[], now);
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
