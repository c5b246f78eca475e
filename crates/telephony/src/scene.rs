//! One call's row, derived from the facts: the state of the call, of its legs, and its two sides.

use std::collections::{BTreeMap, BTreeSet};

use ami::ChannelState;

use crate::company::{Company, Person};
use crate::engage::{is_party_of_number, party_of_number};
use crate::live::arena::Arena;
use crate::live::call::LiveCall;
use crate::live::channel::{Channel, ChannelSlot, Far};
use crate::{Call, CallState, Conference, Direction, Extension, Key, LegRole, LegState, Timestamp};

/// One call with everything its row is derived from.
pub(crate) struct Scene<'a> {
    pub(crate) live: &'a mut LiveCall,
    pub(crate) row: &'a mut Call,
    pub(crate) company: &'a Company,
    pub(crate) channels: &'a Arena<Channel>,
    pub(crate) conferences: &'a BTreeMap<String, Conference>,
    pub(crate) extensions: &'a mut BTreeMap<String, Extension>,
    pub(crate) dirty: &'a mut BTreeSet<Key>,
    pub(crate) at: Timestamp,
    /// The call's row is another one now.
    pub(crate) changed: bool,
}

impl Scene<'_> {
    /// Derives everything; each step may rest on those before it.
    pub(crate) fn settle(&mut self) {
        self.settle_legs();
        self.settle_parties();
        self.settle_state();
        self.settle_direction();
        self.settle_engagements();
    }

    fn channel(&self, slot: Option<ChannelSlot>) -> Option<&Channel> {
        self.channels.get(slot?)
    }

    fn settle_legs(&mut self) {
        let channels = self.channels;
        let here = || {
            self.live
                .channels
                .iter()
                .filter_map(|slot| Some((*slot, channels.get(*slot)?)))
        };
        // When somebody hangs up, the bridge empties an instant before the channels end.
        let ending = here().any(|(_, channel)| channel.hung_up.is_some());
        for (slot, channel) in here() {
            let Some(leg) = self.row.legs.iter_mut().find(|leg| *leg.id.0 == *channel.uid) else {
                continue;
            };
            let person = self.company.person(slot);
            let state = match channel.state {
                _ if person.is_some_and(|person| person.holds_here || (person.holds && !person.talks)) => {
                    LegState::Holding
                }
                _ if person.is_some_and(|person| person.talks || person.in_room) => LegState::Talking,
                ChannelState::Up if ending && leg.state == LegState::Talking => LegState::Talking,
                ChannelState::Up => LegState::Up,
                ChannelState::Ringing => LegState::Ringing,
                ChannelState::Down
                | ChannelState::Reserved
                | ChannelState::OffHook
                | ChannelState::Dialing
                | ChannelState::Ring
                | ChannelState::Busy
                | ChannelState::DialingOffHook
                | ChannelState::PreRing
                | ChannelState::Unknown(_) => LegState::Dialling,
            };
            if leg.state != state {
                leg.state = state;
                leg.since = self.at;
                self.changed = true;
            }
            if leg.answered != channel.answered || leg.role != channel.role || leg.party != channel.party {
                leg.answered = channel.answered;
                leg.role = channel.role;
                leg.party.clone_from(&channel.party);
                self.changed = true;
            }
        }
    }

    /// Caller and callee are two sides. Who is transferred keeps its side, who takes a transferrer's place
    /// takes its side; a party that is merely held keeps its place while others consult.
    fn settle_parties(&mut self) {
        let company = self.company;
        let (mut caller, mut callee) = (self.live.caller, self.live.callee);
        let is_here = |slot: Option<ChannelSlot>| slot.and_then(|slot| company.person(slot));
        let callee_stays = is_here(callee).is_some_and(|callee| callee.talks || callee.held);
        if let Some(person) = is_here(caller) {
            if !callee_stays && let Some(other) = company.others(person).next_back() {
                callee = Some(other.slot);
            }
        } else if self.live.caller_left
            && let Some(person) = company.people.iter().find(|person| person.talks)
            && let Some(other) = company.others(person).next_back()
        {
            (caller, callee) = match is_here(callee).filter(|callee| callee.talks) {
                Some(callee) if callee.slot == other.slot || callee.far != Far::Trunk => {
                    (Some(person.slot), Some(other.slot))
                }
                Some(callee) => (Some(other.slot), Some(callee.slot)),
                None => (Some(person.slot), Some(other.slot)),
            };
        }
        self.live.caller_left &= caller.is_none();
        self.live.caller = caller;
        self.live.callee = callee;
        self.name_sides();
    }

    /// Writes the two sides into the row, where they differ.
    fn name_sides(&mut self) {
        let party = |slot: Option<ChannelSlot>| {
            slot.and_then(|slot| self.channels.get(slot))
                .map(|found| &found.party)
        };
        if let Some(caller) = party(self.live.caller).filter(|party| **party != self.row.caller) {
            self.row.caller.clone_from(caller);
            self.changed = true;
        }
        match party(self.live.callee) {
            Some(callee) if *callee != self.row.callee => {
                self.row.callee.clone_from(callee);
                self.changed = true;
            }
            Some(_) => {}
            None => {
                let undecided = self.row.answered.is_none() && !self.row.dialled.is_empty();
                if undecided && !is_party_of_number(self.extensions, &self.row.callee, &self.row.dialled) {
                    self.row.callee = party_of_number(self.extensions, &self.row.dialled, None);
                    self.changed = true;
                }
            }
        }
    }

    fn settle_state(&mut self) {
        let talks = self.company.people.iter().any(|person| person.talks);
        let state = self.derive_state(talks);
        let together = talks || self.is_company_in_room();
        let row = &mut *self.row;
        if together && row.answered.is_none() {
            row.answered = Some(self.at);
            self.changed = true;
        }
        if row.state != state {
            if state == CallState::OnHold {
                row.held_since = Some(self.at);
            } else if let Some(since) = row.held_since.take() {
                row.held_ms += self.at.since_ms(since);
            }
            row.state = state;
            row.state_since = self.at;
            self.changed = true;
        }
        if talks {
            self.live.transferring = false;
        }
    }

    fn derive_state(&self, talks: bool) -> CallState {
        let (row, company) = (&*self.row, self.company);
        if row.parked_in.is_some() {
            return CallState::Parked;
        }
        if row.conference.is_some() {
            return CallState::Conference;
        }
        if company.people.iter().any(|person| person.held && person.up) {
            return CallState::OnHold;
        }
        if talks {
            return CallState::Talking;
        }
        let caller = self.channel(self.live.caller);
        if caller.is_some_and(|caller| caller.hung_up.is_some()) {
            // On its way out: nothing new to say.
            return row.state.clone();
        }
        let waits = row
            .queue
            .as_ref()
            .is_some_and(|visit| visit.position > 0 || visit.connected.is_some());
        if waits && row.answered.is_none() {
            return CallState::Waiting;
        }
        let called = |person: &&Person| person.role == LegRole::Callee;
        if company.people.iter().filter(called).any(|person| person.ringing) {
            return CallState::Ringing;
        }
        if company.dialling
            || self.live.transferring
            || company.people.iter().filter(called).any(|person| !person.up)
        {
            return CallState::Dialling;
        }
        let first = self
            .live
            .caller
            .or(company.people.first().map(|person| person.slot));
        let first = self.channel(first);
        if let Some(app) = first
            .filter(|channel| channel.is_up())
            .and_then(|channel| channel.app.as_deref())
        {
            return CallState::Service(Some(app.to_owned()));
        }
        if row.answered.is_some() {
            // Between two bridges, or hanging up: nothing new to say yet.
            return match &row.state {
                CallState::Parked | CallState::Conference | CallState::OnHold => CallState::Talking,
                state => state.clone(),
            };
        }
        match first {
            Some(channel) if channel.is_up() && !self.live.originated => CallState::Service(None),
            Some(_) | None => match &row.state {
                CallState::Service(_) => row.state.clone(),
                CallState::Dialling
                | CallState::Ringing
                | CallState::Waiting
                | CallState::Talking
                | CallState::OnHold
                | CallState::Parked
                | CallState::Conference => CallState::Dialling,
            },
        }
    }

    fn is_company_in_room(&self) -> bool {
        let room = self.row.conference.as_ref();
        room.and_then(|room| self.conferences.get(room))
            .is_some_and(|room| room.participants.len() > 1)
    }

    /// Inbound when the caller came over a trunk, else outbound when somebody is called over one. A call that
    /// once crossed the border does not become internal again.
    fn settle_direction(&mut self) {
        let row = &mut *self.row;
        if row.direction != Direction::Internal {
            return;
        }
        let over_trunk = |role| row.legs.iter().any(|leg| leg.role == role && leg.trunk.is_some());
        let direction = if over_trunk(LegRole::Caller) {
            Direction::Inbound
        } else if over_trunk(LegRole::Callee) {
            Direction::Outbound
        } else {
            return;
        };
        row.direction = direction;
        self.changed = true;
    }
}
