//! Describing the world again: after every login and each minute the PBX is asked for lists of everything,
//! and what the lists no longer hold is swept.
//!
//! Mark and sweep, never clear and refill: a row that is still there does not flicker. Each list sweeps its
//! own kind when it is complete. A list that was refused or did not end sweeps nothing; what it would have
//! told stays as it was last known. What began while the lists were under way is not swept.

mod lists;

use std::collections::BTreeSet;

use ami::Action;
use ami::action::{conference, list, queue};
use serde::{Deserialize, Serialize};

use crate::live::bridge::BridgeKind;
use crate::{EndedBy, Gap, Key, Left, MomentKind, Output, Switchboard, Timestamp};

/// A PBX that said that it stops has closed the link by then.
const STOPPING_MS: u64 = 15_000;

/// One list to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum List {
    /// `ExtensionStateList`: numbers and their phones. Needs the right to read `call` or `reporting`.
    Hints,
    /// `PJSIPShowEndpoints`: phones, trunks, registrations. Needs `system`.
    Endpoints,
    /// `PJSIPShowRegistrationsOutbound`: trunks that register. Needs `system` or `reporting`. The answer
    /// carries passwords in events of another kind, which are not read.
    Registrations,
    /// `DeviceStateList`: device states, do-not-disturb. Needs `call` or `reporting`.
    Devices,
    /// `VoicemailUsersList`: names and new messages. Needs `call` or `reporting`.
    Mailboxes,
    /// `BridgeList`: what kind each bridge is. Needs `system` or `reporting`.
    Bridges,
    /// `CoreShowChannels`: every channel. Needs `system` or `reporting`.
    Channels,
    /// `QueueStatus`: queues, members, callers. Needs no right.
    Queues,
    /// `ParkedCalls`. Needs no right.
    Parked,
    /// `ConfbridgeListRooms`: which rooms are locked. Needs `reporting` or `call`. Refused when there is no room.
    Rooms,
}

impl List {
    /// All lists, in the order they have to be asked for: names before channels, channels before what
    /// refers to them.
    pub const ALL: [List; 10] = [
        List::Hints,
        List::Endpoints,
        List::Registrations,
        List::Devices,
        List::Mailboxes,
        List::Bridges,
        List::Channels,
        List::Queues,
        List::Parked,
        List::Rooms,
    ];

    /// The action that asks for it.
    pub fn action(self) -> Action {
        match self {
            List::Hints => list::ExtensionStateList {}.into(),
            List::Endpoints => list::PjsipShowEndpoints {}.into(),
            List::Registrations => list::PjsipShowRegistrationsOutbound {}.into(),
            List::Devices => list::DeviceStateList {}.into(),
            List::Mailboxes => Action::new("VoicemailUsersList", ami::Answer::List),
            List::Bridges => list::BridgeList { kind: None }.into(),
            List::Channels => list::CoreShowChannels {}.into(),
            List::Queues => queue::QueueStatus {
                queue: None,
                member: None,
            }
            .into(),
            List::Parked => list::ParkedCalls { lot: None }.into(),
            List::Rooms => conference::ConfbridgeListRooms {}.into(),
        }
    }
}

/// What was there when the lists were asked for and has not been named by one yet.
#[derive(Debug, Default)]
pub(crate) struct Resync {
    pending: BTreeSet<List>,
    channels: BTreeSet<String>,
    queues: BTreeSet<String>,
    members: BTreeSet<(String, String)>,
    waiting: BTreeSet<String>,
    parked: BTreeSet<(String, String)>,
    extensions: BTreeSet<String>,
    trunks: BTreeSet<String>,
    /// Since when nothing could be seen, for the calls that were up then.
    crossed: Option<Timestamp>,
}

impl Resync {
    /// Whether a list is asked for and not complete yet.
    pub(crate) fn is_pending(&self, list: List) -> bool {
        self.pending.contains(&list)
    }

    /// Whether the list may sweep now. It may once.
    fn complete(&mut self, list: List) -> bool {
        self.pending.remove(&list)
    }

    pub(crate) fn forget_channel(&mut self, uid: &str) {
        if !self.channels.is_empty() {
            self.channels.remove(uid);
        }
        if !self.waiting.is_empty() {
            self.waiting.remove(uid);
        }
    }

    pub(crate) fn saw_parked(&mut self, key: &(String, String)) {
        if !self.parked.is_empty() {
            self.parked.remove(key);
        }
    }

    pub(crate) fn saw_extension(&mut self, number: &str) {
        if !self.extensions.is_empty() {
            self.extensions.remove(number);
        }
    }
}

impl Switchboard {
    /// The link to the PBX is cut. Every row stays: it is the last that is known. Calls were alive until now,
    /// for their end would have been told.
    pub fn link_lost(&mut self, now: Timestamp, out: &mut Output) {
        let at = self.clock.at(now, None);
        if let Some(stopped) = self.stopping.take()
            && at.since_ms(stopped) < STOPPING_MS
        {
            self.pbx_stopped(stopped);
        }
        self.events_missed(now, out);
    }

    /// Some events were not seen, while the link stands: every row stays, and nothing that is swept by lists is final
    /// before [`begin_resync`](Self::begin_resync).
    pub fn events_missed(&mut self, now: Timestamp, out: &mut Output) {
        let at = self.clock.at(now, None);
        self.cut.get_or_insert(at);
        self.watch.blink();
        self.resync = Resync::default();
        self.prove_life(at);
        self.settle_touched(at);
        self.flush(out);
    }

    pub(crate) fn prove_life(&mut self, at: Timestamp) {
        let slots: Vec<_> = self.calls.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            if let Some(live) = self.calls.get_mut(slot) {
                live.proof = live.proof.max(at);
            }
        }
    }

    /// Begins to describe the world again: send these actions, in this order. Their items come in through
    /// [`observe`](Self::observe); tell of those that are refused or time out with
    /// [`list_refused`](Self::list_refused). After a cut the gap is given out here.
    pub fn begin_resync(&mut self, now: Timestamp, out: &mut Output) -> Vec<(List, Action)> {
        let at = self.clock.at(now, None);
        let crossed = self.cut.take();
        if let Some(from) = crossed {
            self.gaps.push(Gap {
                from,
                to: at,
                restarted: false,
            });
            self.visits_crossed_a_gap(from);
        }
        let board = &self.board;
        let member = |queue: &crate::Queue| {
            let name = queue.name.clone();
            queue
                .members
                .iter()
                .map(move |member| (name.clone(), member.interface.clone()))
                .collect::<Vec<_>>()
        };
        self.resync = Resync {
            pending: List::ALL.into_iter().collect(),
            channels: self.by_uid.keys().map(|uid| uid.to_string()).collect(),
            queues: board.queues.keys().cloned().collect(),
            members: board.queues.values().flat_map(member).collect(),
            waiting: self
                .channels
                .iter()
                .filter(|(_, channel)| channel.queued.is_some())
                .map(|(_, channel)| channel.uid.to_string())
                .collect(),
            parked: board.parked.keys().cloned().collect(),
            extensions: board.extensions.keys().cloned().collect(),
            trunks: board.trunks.keys().cloned().collect(),
            crossed: crossed.or(self.resync.crossed),
        };
        self.settle_touched(at);
        self.flush(out);
        List::ALL.into_iter().map(|list| (list, list.action())).collect()
    }

    /// A list was refused or did not come to its end: nothing of its kind is swept.
    pub fn list_refused(&mut self, list: List, now: Timestamp, out: &mut Output) {
        self.resync.pending.remove(&list);
        let at = self.clock.at(now, None);
        self.settle_touched(at);
        self.flush(out);
    }

    /// Whether lists are still awaited.
    pub fn is_resyncing(&self) -> bool {
        !self.resync.pending.is_empty()
    }

    fn sweep_channels(&mut self, at: Timestamp) {
        let gone = std::mem::take(&mut self.resync.channels);
        for uid in gone {
            if let Some(slot) = self.by_uid.get(uid.as_str()).copied() {
                self.remove_channel(slot, 0, at, EndedBy::LostTrack);
            }
        }
        self.prove_life(at);
        let empty: Vec<_> = self
            .bridges
            .iter()
            .filter(|(_, bridge)| bridge.members.is_empty())
            .map(|(slot, _)| slot)
            .collect();
        empty.into_iter().for_each(|slot| self.forget_bridge(slot));
        self.recount_dials();
        self.infer_holds();
        self.touched = self.calls.iter().map(|(slot, _)| slot).collect();
        let Some(from) = self.resync.crossed.take() else {
            return;
        };
        self.sweep_offers();
        let crossed: Vec<_> = self.calls.iter().map(|(slot, _)| slot).collect();
        for slot in crossed {
            if self.row(slot).is_some_and(|row| row.started <= from) {
                self.tell(slot, at, MomentKind::GapCrossed { from });
            }
        }
    }

    /// A dial whose end was missed is over when the phone is answered or gone.
    fn recount_dials(&mut self) {
        let slots: Vec<_> = self.channels.iter().map(|(slot, _)| slot).collect();
        for slot in &slots {
            if let Some(channel) = self.channels.get_mut(*slot) {
                channel.dials = 0;
                if channel.is_up() {
                    channel.dialled_by = None;
                }
            }
        }
        for slot in slots {
            let by = self.channels.get(slot).and_then(|channel| channel.dialled_by);
            if let Some(by) = by.and_then(|by| self.channels.get_mut(by)) {
                by.dials += 1;
            }
        }
    }

    /// No list tells who holds whom. Who is alone in a bridge while another of the call is in company
    /// elsewhere is being held for a consultation.
    fn infer_holds(&mut self) {
        let mut holds = Vec::new();
        for (_, live) in self.calls.iter() {
            let people = live.channels.iter().filter_map(|slot| {
                let channel = self.channels.get(*slot).filter(|channel| channel.takes_part())?;
                let bridge = self
                    .bridges
                    .get(channel.bridge?)
                    .filter(|bridge| bridge.kind == BridgeKind::Talk)?;
                Some((*slot, bridge.serial, bridge.members.len()))
            });
            let people: Vec<_> = people.collect();
            let alone = people.iter().find(|(_, _, members)| *members == 1);
            let busy = people.iter().find(|(_, _, members)| *members > 1);
            if let (Some((_, held_in, _)), Some((holder, _, _))) = (alone, busy) {
                holds.push((*holder, *held_in));
            }
        }
        for (holder, held_in) in holds {
            if let Some(channel) = self.channels.get_mut(holder) {
                channel.holding.get_or_insert(held_in);
            }
        }
    }

    fn sweep_queues(&mut self, at: Timestamp) {
        let members = std::mem::take(&mut self.resync.members);
        for (queue, interface) in members {
            if let Some(row) = self.board.queues.get_mut(&queue) {
                row.members.retain(|member| member.interface != interface);
                self.dirty.insert(Key::Queue(queue));
            }
        }
        for uid in std::mem::take(&mut self.resync.waiting) {
            if let Some(slot) = self.by_uid.get(uid.as_str()).copied() {
                self.visit_left(slot, at, Left::Unexplained);
                self.leave_queue(slot);
            }
        }
        for name in std::mem::take(&mut self.resync.queues) {
            if self.board.queues.remove(&name).is_some() {
                self.dirty.insert(Key::Queue(name));
            }
        }
    }

    fn sweep_parked(&mut self) {
        let gone = std::mem::take(&mut self.resync.parked);
        let slots: Vec<_> = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.parked.as_ref().is_some_and(|key| gone.contains(key)))
            .map(|(slot, _)| slot)
            .collect();
        for slot in slots {
            self.leave_parking(slot);
        }
        for key in gone {
            if self.board.parked.remove(&key).is_some() {
                self.dirty.insert(Key::Parked(key.0, key.1));
            }
        }
    }

    /// Extensions of PJSIP phones that neither hints nor endpoints name any more.
    fn sweep_extensions(&mut self) {
        if self.resync.pending.contains(&List::Hints) || self.resync.pending.contains(&List::Endpoints) {
            return;
        }
        for number in std::mem::take(&mut self.resync.extensions) {
            let idle = self
                .board
                .extensions
                .get(&number)
                .is_some_and(|row| row.engagements.is_empty() && row.device.starts_with("PJSIP/"));
            if idle && self.board.extensions.remove(&number).is_some() {
                self.dirty.insert(Key::Extension(number));
            }
        }
    }

    fn sweep_trunks(&mut self) {
        for name in std::mem::take(&mut self.resync.trunks) {
            let idle = self
                .board
                .trunks
                .get(&name)
                .is_some_and(|row| row.channels == 0 && row.device.starts_with("PJSIP/"));
            if idle && self.board.trunks.remove(&name).is_some() {
                self.dirty.insert(Key::Trunk(name));
            }
        }
    }
}
