//! Who belongs to which call: birth and end of channels, union of calls.
//!
//! A channel joins the call its linked id stands for at birth; after that linked ids decide nothing, because
//! Asterisk rewrites them in mid-call. Calls become one when their channels are dialled by one another, are
//! halves of one Local channel, or meet in a bridge where people talk (conferences excepted).

use ami::{ChannelRef, ChannelState};

use crate::board::MAX_LEGS;
use crate::live::call::{CallSlot, LiveCall};
use crate::live::channel::{Channel, ChannelSlot, Far, device_of, local_half};
use crate::live::directory::Owner;
use crate::switchboard::{MAX_CHANNELS, bounded, fits};
use crate::{
    Call, CallId, CallState, Direction, Leg, LegId, LegRole, LegState, Moment, MomentKind, Party, Recording,
    Story, Switchboard, Timestamp,
};

/// Linked ids that may stand for one call; merged calls bring theirs along.
const MAX_LINKED: usize = 64;

/// How a channel came to our notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// We saw it born.
    Born,
    /// It was there already.
    Found,
}

impl Switchboard {
    /// The channel an event names, if it is known.
    pub(crate) fn known(&self, channel: &ChannelRef<'_>) -> Option<ChannelSlot> {
        self.by_uid.get(channel.uniqueid.as_ref()?.as_str()).copied()
    }

    /// The channel an event names; one not known yet is taken in, one that ended is not brought back.
    pub(crate) fn seen(&mut self, channel: &ChannelRef<'_>, at: Timestamp) -> Option<ChannelSlot> {
        let uid = channel.uniqueid.as_ref()?.as_str();
        let slot = match self.by_uid.get(uid) {
            Some(slot) => *slot,
            None if self.recent.contains(uid) => return None,
            None => return self.birth(channel, at, Notice::Found),
        };
        let linked = channel.linkedid.as_ref().map(|linked| linked.as_str());
        if let (Some(found), Some(linked)) = (self.channels.get_mut(slot), linked)
            && *found.linked != *linked
            && fits(linked)
        {
            found.linked = linked.into();
            let call = found.call;
            self.link(linked, call);
        }
        Some(slot)
    }

    /// From now on `linked` stands for this call, unless it already stands for one.
    fn link(&mut self, linked: &str, call: CallSlot) {
        if !self.by_linked.contains_key(linked)
            && let Some(live) = self.calls.get_mut(call)
            && live.linked.len() < MAX_LINKED
        {
            live.linked.push(linked.into());
            self.by_linked.insert(linked.into(), call);
        }
    }

    /// Takes a channel in. `None` when it lacks a name, or there are too many.
    pub(crate) fn birth(
        &mut self,
        channel: &ChannelRef<'_>,
        at: Timestamp,
        notice: Notice,
    ) -> Option<ChannelSlot> {
        let (Some(uid), Some(name)) = (&channel.uniqueid, &channel.name) else {
            self.counters.incomplete_events += 1;
            return None;
        };
        if let Some(known) = self.by_uid.get(uid.as_str()) {
            return Some(*known);
        }
        let linked = channel
            .linkedid
            .as_ref()
            .map_or(uid.as_str(), |linked| linked.as_str());
        if self.channels.len() >= MAX_CHANNELS || ![uid.as_str(), name.as_str(), linked].into_iter().all(fits)
        {
            self.counters.over_bounds += 1;
            return None;
        }
        let owner = self.directory.owner(&self.settings, device_of(name.as_str()));
        let party = self.party_at_birth(&owner, channel);
        let call = self.call_of_birth(uid.as_str(), linked, at, notice);
        let state = channel.state.unwrap_or(ChannelState::Down);
        let far = owner.far();
        let live = self.calls.get_mut(call)?;
        let person = matches!(far, Far::Phone | Far::Trunk);
        let first = live.caller.is_none() && !live.caller_left;
        let starts_it = first && (notice == Notice::Born || uid.as_str() == linked);
        let role = match (person, starts_it) {
            (false, _) => LegRole::Internal,
            (true, true) => LegRole::Caller,
            (true, false) => LegRole::Callee,
        };
        let slot = self.channels.insert(Channel {
            trunk: match owner {
                Owner::Trunk(name) => Some(name),
                Owner::Extension(_) | Owner::Local | Owner::Nobody => None,
            },
            role,
            state,
            answered: (state == ChannelState::Up).then_some(at),
            ..Channel::new([uid.as_str(), name.as_str(), linked], call, far, party)
        });
        self.by_uid.insert(uid.as_str().into(), slot);
        live.channels.push(slot);
        live.tried |= role == LegRole::Callee;
        if role == LegRole::Caller {
            live.caller = Some(slot);
            live.originated = notice == Notice::Born && state != ChannelState::Ring;
            live.served |= state == ChannelState::Up;
        }
        self.first_words(call, slot, channel, role);
        self.add_leg(call, slot, at);
        self.count_trunk(slot, true, at);
        self.pair_local(slot, at);
        self.touch(call);
        Some(slot)
    }

    /// What the caller's first channel says about the call as a whole.
    fn first_words(&mut self, call: CallSlot, slot: ChannelSlot, channel: &ChannelRef<'_>, role: LegRole) {
        let Some(found) = self.channels.get(slot) else {
            return;
        };
        if role != LegRole::Caller {
            return;
        }
        let party = found.party.clone();
        let uid = &*found.uid.clone();
        let exten = channel
            .exten
            .as_ref()
            .map(|exten| exten.as_str())
            .filter(|exten| is_dialled(exten));
        let dialled = match exten {
            Some(exten) => bounded(exten),
            None if self.expected.iter().any(|(id, _)| id == uid) => self.take_expected(uid),
            // An originated channel runs at `s`; one found later has moved on in the dialplan.
            None if self.calls.get(call).is_some_and(|live| live.originated) => String::new(),
            None => channel
                .connected_number
                .as_deref()
                .map(bounded)
                .unwrap_or_default(),
        };
        if let Some(row) = self.row_mut(call) {
            row.caller = party;
            if row.dialled.is_empty() {
                row.dialled = dialled;
            }
        }
    }

    fn take_expected(&mut self, uid: &str) -> String {
        let at = self.expected.iter().position(|(id, _)| id == uid);
        at.and_then(|at| self.expected.remove(at))
            .map(|(_, number)| number)
            .unwrap_or_default()
    }

    /// The call a new channel belongs to.
    fn call_of_birth(&mut self, uid: &str, linked: &str, at: Timestamp, notice: Notice) -> CallSlot {
        if let Some(call) = self.by_linked.get(linked) {
            return *call;
        }
        if let Some(first) = self.by_uid.get(linked).and_then(|slot| self.channels.get(*slot)) {
            return first.call;
        }
        let id = CallId(uid.to_owned());
        let slot = self.calls.insert(LiveCall::new(id.clone(), at));
        self.link(linked, slot);
        self.wings.insert(
            id.clone(),
            Call {
                id,
                direction: Direction::Internal,
                caller: Party::default(),
                callee: Party::default(),
                dialled: String::new(),
                state: CallState::Dialling,
                state_since: at,
                started: at,
                answered: None,
                held_ms: 0,
                held_since: None,
                queue: None,
                parked_in: None,
                conference: None,
                recording: Recording::Off,
                legs: Vec::new(),
                story: Story::default(),
                discovered: notice == Notice::Found,
            },
        );
        slot
    }

    fn add_leg(&mut self, call: CallSlot, slot: ChannelSlot, at: Timestamp) {
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        let leg = Leg {
            id: LegId(channel.uid.to_string()),
            channel: channel.name.to_string(),
            party: channel.party.clone(),
            role: channel.role,
            state: LegState::Dialling,
            since: at,
            answered: channel.answered,
            trunk: channel.trunk.clone(),
        };
        self.push_leg(call, leg);
    }

    /// Adds a leg; the oldest one that ended unanswered makes room.
    pub(crate) fn push_leg(&mut self, call: CallSlot, leg: Leg) {
        let Some(row) = self.row_mut(call) else { return };
        let mut left_out = 0;
        if row.legs.len() >= MAX_LEGS {
            left_out = 1;
            let ended = |leg: &Leg| matches!(leg.state, LegState::Ended(_));
            let spare = row
                .legs
                .iter()
                .position(|leg| ended(leg) && leg.answered.is_none());
            match spare.or_else(|| row.legs.iter().skip(1).position(ended).map(|at| at + 1)) {
                Some(spare) => drop(row.legs.remove(spare)),
                None => left_out = u32::MAX,
            }
        }
        if left_out != u32::MAX {
            row.legs.push(leg);
        }
        if left_out > 0 {
            self.counters.over_bounds += 1;
            if let Some(live) = self.calls.get_mut(call) {
                live.legs_left_out += 1;
            }
        }
    }

    fn pair_local(&mut self, slot: ChannelSlot, at: Timestamp) {
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        let Some((base, half)) = (channel.far == Far::Local)
            .then(|| local_half(&channel.name))
            .flatten()
        else {
            return;
        };
        let base: Box<str> = base.into();
        if half == 1 && !self.local_halves.contains_key(&base) {
            let second = format!("{base};2");
            self.local_halves.insert(base, slot);
            // Found in a list, the second half may have come first.
            if let Some(other) = self.find_named(&second) {
                self.join_halves(slot, other, at);
            }
        } else if half == 2
            && let Some(first) = self.local_halves.get(&base).copied()
        {
            self.join_halves(first, slot, at);
        }
    }

    fn find_named(&self, name: &str) -> Option<ChannelSlot> {
        let call_mates = self.channels.iter();
        call_mates
            .filter(|(_, channel)| *channel.name == *name)
            .map(|(slot, _)| slot)
            .next()
    }

    /// Two channels are halves of one Local channel.
    pub(crate) fn join_halves(&mut self, one: ChannelSlot, two: ChannelSlot, at: Timestamp) {
        if let Some(channel) = self.channels.get_mut(one) {
            channel.half = Some(two);
        }
        if let Some(channel) = self.channels.get_mut(two) {
            channel.half = Some(one);
        }
        self.unite(one, two, at);
    }

    /// Adds a moment to the call's story.
    pub(crate) fn tell(&mut self, call: CallSlot, at: Timestamp, what: MomentKind) {
        if let Some(row) = self.row_mut(call) {
            row.story.push(&Moment { at, what });
        }
    }
}

/// Whether an extension of the dialplan is something a person dialled: not one of its standard ones, nor where it
/// goes on after a dial (`s-NOANSWER`, as `Goto(s-${DIALSTATUS},1)` makes it).
pub(crate) fn is_dialled(exten: &str) -> bool {
    let after_dial = exten.rsplit_once('-').is_some_and(|(_, status)| {
        matches!(
            status,
            "ANSWER"
                | "BUSY"
                | "NOANSWER"
                | "CANCEL"
                | "CONGESTION"
                | "CHANUNAVAIL"
                | "DONTCALL"
                | "TORTURE"
                | "INVALIDARGS"
        )
    });
    !after_dial
        && !matches!(
            exten,
            "" | "s" | "h" | "i" | "t" | "T" | "e" | "o" | "a" | "failed"
        )
}

#[cfg(test)]
mod tests {
    use super::is_dialled;

    #[test]
    fn where_a_dialplan_goes_on_by_itself_was_dialled_by_nobody() {
        for exten in ["s", "h", "s-NOANSWER", "after-BUSY", "d-CHANUNAVAIL", ""] {
            assert!(!is_dialled(exten), "{exten}");
        }
        for exten in ["1001", "*97", "+390405550100", "sales", "room-7", "anna-lee"] {
            assert!(is_dialled(exten), "{exten}");
        }
    }
}
