//! Brings a call's row in line with the facts: who hears whom, and from that the state of the call, of its
//! legs and of the extensions on it.
//!
//! State is always derived, never stepped: the same facts give the same row whichever way they became known,
//! so a description of the world after a gap heals a row as well as the missed events would have.

use ami::ChannelState;

use crate::board::MAX_MOMENTS;
use crate::company::{Company, Person};
use crate::live::call::CallSlot;
use crate::live::channel::{ChannelSlot, Far};
use crate::{Call, CallState, Direction, LegRole, LegState, Moment, MomentKind, Switchboard, Timestamp};

impl Switchboard {
    /// See the file's first line.
    pub(crate) fn settle(&mut self, call: CallSlot, at: Timestamp) {
        if !self.enter_stage(call, at) {
            return;
        }
        let company = self.company(call);
        self.settle_legs(call, &company, at);
        self.settle_parties(call, &company);
        self.settle_state(call, &company, at);
        self.settle_direction(call);
        self.settle_engagements(call, &company, at);
    }

    /// Puts the row on the board as soon as a person is on the call. Says whether it is there.
    fn enter_stage(&mut self, call: CallSlot, at: Timestamp) -> bool {
        let Some(live) = self.calls.get_mut(call) else {
            return false;
        };
        live.proof = live.proof.max(at);
        let people = live
            .channels
            .iter()
            .filter_map(|slot| Some((*slot, self.channels.get(*slot)?)));
        if live.caller.is_none() && !live.caller_left {
            // Found, not seen born: the oldest is taken for the caller until one turns out to be.
            let oldest = people
                .filter(|(_, channel)| channel.takes_part())
                .min_by_key(|(_, channel)| age(&channel.uid));
            if let Some((slot, _)) = oldest {
                live.caller = Some(slot);
                self.make_caller(call, slot);
            }
        }
        let Some(live) = self.calls.get_mut(call) else {
            return false;
        };
        if live.on_board {
            return true;
        }
        if live.caller.is_none() && !live.caller_left {
            return false;
        }
        let Some(row) = self.wings.remove(&live.id) else {
            return false;
        };
        live.on_board = true;
        self.counters.calls += 1;
        let first = if row.discovered {
            self.counters.discovered += 1;
            MomentKind::Discovered
        } else {
            MomentKind::Started {
                caller: row.caller.clone(),
                dialled: row.dialled.clone(),
            }
        };
        let mut row = row;
        row.story.insert(
            0,
            Moment {
                at: row.started,
                what: first,
            },
        );
        self.dirty_calls.push(call);
        self.board.calls.insert(row.id.clone(), row);
        true
    }

    /// `slot` is the party that started the call.
    pub(crate) fn make_caller(&mut self, call: CallSlot, slot: ChannelSlot) {
        let Some(live) = self.calls.get_mut(call) else {
            return;
        };
        let before = live.caller.replace(slot).filter(|before| *before != slot);
        if live.callee == Some(slot) {
            live.callee = None;
        }
        for (slot, role) in before
            .map(|slot| (slot, LegRole::Callee))
            .into_iter()
            .chain([(slot, LegRole::Caller)])
        {
            let Some(channel) = self.channels.get_mut(slot) else {
                continue;
            };
            channel.role = role;
            let (uid, party) = (channel.uid.clone(), channel.party.clone());
            let Some(row) = self.row_mut(call) else { continue };
            if role == LegRole::Caller {
                row.caller = party;
            }
            if let Some(leg) = row.legs.iter_mut().find(|leg| *leg.id.0 == *uid) {
                leg.role = role;
            }
        }
    }

    fn settle_legs(&mut self, call: CallSlot, company: &Company, at: Timestamp) {
        let Some(live) = self.calls.get(call) else { return };
        let Some(row) = self.board.calls.get_mut(&live.id) else {
            return;
        };
        let mut changed = false;
        // When somebody hangs up, the bridge empties an instant before the channels end.
        let ending = live
            .channels
            .iter()
            .filter_map(|slot| self.channels.get(*slot))
            .any(|channel| channel.hung_up.is_some());
        for slot in &live.channels {
            let Some(channel) = self.channels.get(*slot) else {
                continue;
            };
            let Some(leg) = row.legs.iter_mut().find(|leg| *leg.id.0 == *channel.uid) else {
                continue;
            };
            let person = company.person(*slot);
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
                leg.since = at;
                changed = true;
            }
            if leg.answered != channel.answered || leg.role != channel.role || leg.party != channel.party {
                leg.answered = channel.answered;
                leg.role = channel.role;
                leg.party.clone_from(&channel.party);
                changed = true;
            }
        }
        if changed {
            self.dirty_calls.push(call);
        }
    }

    /// Caller and callee are two sides. Who is transferred keeps its side, who takes a transferrer's place
    /// takes its side; a party that is merely held keeps its place while others consult.
    fn settle_parties(&mut self, call: CallSlot, company: &Company) {
        let Some(live) = self.calls.get(call) else { return };
        let (mut caller, mut callee) = (live.caller, live.callee);
        let is_here = |slot: Option<ChannelSlot>| slot.and_then(|slot| company.person(slot));
        let callee_stays = is_here(callee).is_some_and(|callee| callee.talks || callee.held);
        if let Some(person) = is_here(caller) {
            if !callee_stays && let Some(other) = company.others(person).next_back() {
                callee = Some(other.slot);
            }
        } else if live.caller_left
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
        if let Some(live) = self.calls.get_mut(call) {
            live.caller_left &= caller.is_none();
            live.caller = caller;
            live.callee = callee;
        }
        self.name_sides(call, caller, callee);
    }

    /// Writes the two sides into the row, where they differ.
    fn name_sides(&mut self, call: CallSlot, caller: Option<ChannelSlot>, callee: Option<ChannelSlot>) {
        let Some(live) = self.calls.get(call) else { return };
        let Some(row) = self.board.calls.get(&live.id) else {
            return;
        };
        let called = callee
            .and_then(|slot| self.channels.get(slot))
            .map(|found| &found.party);
        let undecided = called.is_none() && row.answered.is_none() && !row.dialled.is_empty();
        let dialled = undecided.then(|| self.party_of_number(&row.dialled, None));
        let called = called
            .or(dialled.as_ref())
            .filter(|party| **party != row.callee)
            .cloned();
        let calls = caller
            .and_then(|slot| self.channels.get(slot))
            .map(|found| &found.party);
        let calls = calls.filter(|party| **party != row.caller).cloned();
        if called.is_none() && calls.is_none() {
            return;
        }
        let Some(row) = self.board.calls.get_mut(&live.id) else {
            return;
        };
        row.callee = called.unwrap_or_else(|| std::mem::take(&mut row.callee));
        row.caller = calls.unwrap_or_else(|| std::mem::take(&mut row.caller));
        self.dirty_calls.push(call);
    }

    fn settle_state(&mut self, call: CallSlot, company: &Company, at: Timestamp) {
        let Some(live) = self.calls.get(call) else { return };
        let Some(row) = self.board.calls.get(&live.id) else {
            return;
        };
        let talks = company.people.iter().any(|person| person.talks);
        let held = company.people.iter().any(|person| person.held && person.up);
        let state = self.derive_state(call, row, company, talks, held);
        let together = talks || self.is_company_in_room(row);
        let Some(row) = self.board.calls.get_mut(&live.id) else {
            return;
        };
        let mut changed = false;
        if together && row.answered.is_none() {
            row.answered = Some(at);
            changed = true;
        }
        if row.state != state {
            if state == CallState::OnHold {
                row.held_since = Some(at);
            } else if let Some(since) = row.held_since.take() {
                row.held_ms += at.since_ms(since);
            }
            row.state = state;
            row.state_since = at;
            changed = true;
        }
        if changed {
            self.dirty_calls.push(call);
        }
        if talks && let Some(live) = self.calls.get_mut(call) {
            live.transferring = false;
        }
    }

    fn derive_state(
        &self,
        call: CallSlot,
        row: &Call,
        company: &Company,
        talks: bool,
        held: bool,
    ) -> CallState {
        if row.parked_in.is_some() {
            return CallState::Parked;
        }
        if row.conference.is_some() {
            return CallState::Conference;
        }
        if held {
            return CallState::OnHold;
        }
        if talks {
            return CallState::Talking;
        }
        let Some(live) = self.calls.get(call) else {
            return row.state.clone();
        };
        if live
            .caller
            .and_then(|slot| self.channels.get(slot))
            .is_some_and(|caller| caller.hung_up.is_some())
        {
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
            || live.transferring
            || company.people.iter().filter(called).any(|person| !person.up)
        {
            return CallState::Dialling;
        }
        let first = live.caller.or(company.people.first().map(|person| person.slot));
        let first = first.and_then(|slot| self.channels.get(slot));
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
            Some(channel) if channel.is_up() && !live.originated => CallState::Service(None),
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

    fn is_company_in_room(&self, row: &Call) -> bool {
        let room = row
            .conference
            .as_ref()
            .and_then(|room| self.board.conferences.get(room));
        room.is_some_and(|room| room.participants.len() > 1)
    }

    /// Inbound when the caller came over a trunk, else outbound when somebody is called over one. A call that
    /// once crossed the border does not become internal again.
    fn settle_direction(&mut self, call: CallSlot) {
        let Some(live) = self.calls.get(call) else { return };
        let Some(row) = self.board.calls.get_mut(&live.id) else {
            return;
        };
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
        self.dirty_calls.push(call);
    }
}

/// Orders unique ids by age: the counter after the last dot, longer being later.
fn age(uid: &str) -> (usize, &str) {
    (uid.len(), uid)
}

/// Keeps a story within [`MAX_MOMENTS`]: the oldest after the first give way.
pub(crate) fn bound_story(story: &mut Vec<Moment>) {
    while story.len() > MAX_MOMENTS {
        story.remove(1);
    }
}
