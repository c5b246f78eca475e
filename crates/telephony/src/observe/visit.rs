//! Visits of queues, told by what happens to the caller's channel. A visit lives with that channel.

use ami::AgentCompleteReason;
use ami::event::queue::{AgentCalled, AgentComplete, AgentRef, AgentRingNoAnswer};

use crate::live::call::CallSlot;
use crate::live::channel::ChannelSlot;
use crate::switchboard::bounded;
use crate::visit::{MAX_RINGS, Ring, RingEnd, Talk, TalkEnd};
use crate::{EndedBy, Left, Switchboard, Timestamp, Visit};

/// Visits that wait for a word on who ended the talk.
const MAX_UNENDED: usize = 256;
/// It comes within this, or not at all.
const LATE_MS: u64 = 5_000;

impl Switchboard {
    /// The caller waits from now on; `joined` is before `at` where that was missed.
    pub(super) fn begin_visit(
        &mut self,
        slot: ChannelSlot,
        queue: &str,
        position: u32,
        joined: Timestamp,
        at: Timestamp,
    ) {
        self.close_visit(slot, at, EndedBy::Pbx);
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        channel.visits += 1;
        let Some(call) = self.calls.get(channel.call) else {
            return;
        };
        channel.visit = Some(Box::new(Visit {
            queue: queue.to_owned(),
            channel: channel.uid.to_string(),
            serial: channel.visits,
            call: call.id.clone(),
            number: channel.party.number.clone(),
            name: channel.party.name.clone(),
            joined,
            position,
            rings: Vec::new(),
            more_rings: 0,
            left: None,
            talk: None,
            partial: joined < at || self.resync.is_pending(crate::List::Queues),
        }));
        self.give_out(slot);
    }

    /// Gives the visit out as it is now.
    fn give_out(&mut self, slot: ChannelSlot) {
        let visit = self.channels.get(slot).and_then(|channel| channel.visit.as_ref());
        if let Some(visit) = visit {
            self.visits.push((**visit).clone());
        }
    }

    /// The visit that is, or was the last.
    fn last_visit_mut(&mut self, slot: ChannelSlot) -> Option<&mut Visit> {
        self.channels.get_mut(slot)?.visit.as_deref_mut()
    }

    /// Something happens to a visit that is not over.
    fn visit_mut(&mut self, slot: ChannelSlot) -> Option<&mut Visit> {
        self.last_visit_mut(slot).filter(|visit| !visit.is_over())
    }

    /// They wait no longer. A reason that is known better later replaces this one.
    pub(crate) fn visit_left(&mut self, slot: ChannelSlot, at: Timestamp, how: Left) {
        let Some(visit) = self.visit_mut(slot).filter(|visit| visit.left.is_none()) else {
            return;
        };
        visit.left = Some((at, how));
        let ring = match how {
            Left::Answered => RingEnd::TakenElsewhere,
            Left::Unexplained => RingEnd::Unexplained,
            _ => RingEnd::CallerLeft,
        };
        end_rings(visit, at, ring);
        self.give_out(slot);
    }

    /// The variable says why they left, right after they did, or why they never got in.
    pub(super) fn visit_status(&mut self, slot: ChannelSlot, how: Left, at: Timestamp) {
        let turned_away = matches!(how, Left::Full | Left::NoAgentsAtFirst);
        let over = |visit: &Visit| visit.left.is_some_and(|(_, how)| how != Left::Unexplained);
        let channel = self.channels.get(slot);
        if let Some(channel) = channel
            && turned_away
            && channel.visit.as_deref().is_none_or(over)
            && let Some(queue) = channel.enters.clone()
        {
            self.begin_visit(slot, &queue, 0, at, at);
        }
        let Some(visit) = self.last_visit_mut(slot) else {
            return;
        };
        match visit.left {
            None => self.visit_left(slot, at, how),
            Some((left, Left::Unexplained | Left::Key)) => {
                visit.left = Some((left, how));
                for ring in &mut visit.rings {
                    if let Some((_, end @ RingEnd::Unexplained)) = &mut ring.ended {
                        *end = RingEnd::CallerLeft;
                    }
                }
                self.give_out(slot);
            }
            Some(_) => {}
        }
    }

    /// They are out of the queue, and neither gave up nor timed out: to an agent who has answered, else by a key.
    pub(super) fn visit_leaving(&mut self, slot: ChannelSlot, at: Timestamp) {
        let Some(visit) = self.channels.get(slot).and_then(|channel| channel.visit.as_ref()) else {
            return;
        };
        let answered = visit.rings.iter().any(|ring| {
            let phone = self
                .by_uid
                .get(&*ring.channel)
                .and_then(|phone| self.channels.get(*phone));
            ring.ended.is_none() && phone.is_some_and(|phone| phone.is_up())
        });
        if !answered {
            self.visit_left(slot, at, Left::Key);
        }
    }

    pub(super) fn on_agent_called(&mut self, event: &AgentCalled<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let (interface, extension) = self.agent_of(&event.agent);
        let channel = event.dest.uniqueid.as_ref().map(|uid| bounded(uid.as_str()));
        let Some(visit) = self.visit_mut(slot).filter(|visit| visit.left.is_none()) else {
            return;
        };
        if visit.rings.len() >= MAX_RINGS {
            visit.more_rings = visit.more_rings.saturating_add(1);
            return;
        }
        visit.rings.push(Ring {
            interface,
            extension,
            channel: channel.unwrap_or_default(),
            began: at,
            ended: None,
        });
    }

    pub(super) fn on_agent_ring_no_answer(&mut self, event: &AgentRingNoAnswer<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let (interface, _) = self.agent_of(&event.agent);
        let Some(visit) = self.visit_mut(slot) else { return };
        let mut open = visit.rings.iter_mut().filter(|ring| ring.ended.is_none());
        if let Some(ring) = open.find(|ring| ring.interface == interface) {
            ring.ended = Some((at, RingEnd::NotAnswered));
        }
    }

    /// An agent has the caller. `waited_s` is the PBX's own figure.
    pub(super) fn visit_connected(
        &mut self,
        slot: ChannelSlot,
        agent: &AgentRef<'_>,
        waited_s: Option<u64>,
        at: Timestamp,
    ) {
        let (interface, extension) = self.agent_of(agent);
        let waits = self
            .channels
            .get(slot)
            .is_some_and(|channel| channel.visit.is_some());
        if !waits && let Some(queue) = &agent.queue {
            let joined = at.before_s(waited_s.unwrap_or(0));
            self.begin_visit(slot, &bounded(queue.as_str()), 1, joined, at);
        }
        let held_ms = self.held_ms(slot, at);
        let Some(visit) = self.last_visit_mut(slot) else {
            return;
        };
        if visit.talk.is_some() {
            return;
        }
        let mut open = visit.rings.iter_mut().rev();
        if let Some(ring) = open.find(|ring| ring.interface == interface) {
            ring.ended = Some((at, RingEnd::Answered));
        }
        end_rings(visit, at, RingEnd::TakenElsewhere);
        visit.left = Some((at, Left::Answered));
        visit.talk = Some(Talk {
            interface,
            extension,
            began: at,
            ended: None,
            // what was held before, until the end
            held_ms,
        });
        self.give_out(slot);
    }

    /// Somebody has the caller to whom they were given.
    pub(crate) fn visit_given(&mut self, slot: ChannelSlot, interface: &str, extension: &str, at: Timestamp) {
        let held_ms = self.held_ms(slot, at);
        let Some(visit) = self.visit_mut(slot).filter(|visit| visit.left.is_none()) else {
            return;
        };
        end_rings(visit, at, RingEnd::TakenElsewhere);
        visit.left = Some((at, Left::Answered));
        visit.talk = Some(Talk {
            interface: interface.to_owned(),
            extension: Some(extension.to_owned()),
            began: at,
            ended: None,
            held_ms,
        });
        self.give_out(slot);
    }

    pub(super) fn visit_completed(&mut self, event: &AgentComplete<'_>, at: Timestamp) {
        let by = match &event.reason {
            Some(AgentCompleteReason::Caller) => TalkEnd::Caller,
            Some(AgentCompleteReason::Agent) => TalkEnd::Agent,
            Some(AgentCompleteReason::Transfer) => TalkEnd::Transfer,
            Some(_) | None => TalkEnd::Unexplained,
        };
        let Some(slot) = self.seen(&event.channel, at) else {
            self.explain_end(event, by, at);
            return;
        };
        let known = self
            .channels
            .get(slot)
            .is_some_and(|channel| channel.visit.is_some());
        if !known {
            self.begin_talk_found(slot, event, at);
        }
        self.end_talk(slot, at, by);
    }

    /// A talk that was under way before anything was seen ends: the PBX tells how long it was.
    fn begin_talk_found(&mut self, slot: ChannelSlot, event: &AgentComplete<'_>, at: Timestamp) {
        let Some(queue) = &event.agent.queue else { return };
        let began = at.before_s(event.talk_s.unwrap_or(0));
        let joined = began.before_s(event.hold_s.unwrap_or(0));
        let (interface, extension) = self.agent_of(&event.agent);
        self.begin_visit(slot, &bounded(queue.as_str()), 1, joined, at);
        if let Some(visit) = self.last_visit_mut(slot) {
            visit.partial = true;
            visit.left = Some((began, Left::Answered));
            visit.talk = Some(Talk {
                interface,
                extension,
                began,
                ended: None,
                held_ms: 0,
            });
        }
    }

    pub(super) fn end_talk(&mut self, slot: ChannelSlot, at: Timestamp, by: TalkEnd) {
        let held_ms = self.held_ms(slot, at);
        let Some(talk) = self.visit_mut(slot).and_then(|visit| visit.talk.as_mut()) else {
            return;
        };
        talk.ended = Some((at, by));
        talk.held_ms = held_ms.saturating_sub(talk.held_ms);
        self.give_out(slot);
    }

    /// The channel goes, or comes back into a queue: what was open is over.
    pub(crate) fn close_visit(&mut self, slot: ChannelSlot, at: Timestamp, by: EndedBy) {
        let sees_variables = self.sees_variables;
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        let hung_up = channel.hung_up.is_some();
        let Some(visit) = channel.visit.as_deref_mut() else {
            return;
        };
        if by == EndedBy::LostTrack {
            visit.partial = true;
        }
        // no variable said why the queue let go: somebody else ended the call
        if let Some((_, how @ Left::Unexplained)) = &mut visit.left
            && sees_variables
            && !visit.partial
            && by == EndedBy::Pbx
        {
            *how = Left::Abandoned;
            for (_, end) in visit.rings.iter_mut().filter_map(|ring| ring.ended.as_mut()) {
                if *end == RingEnd::Unexplained {
                    *end = RingEnd::CallerLeft;
                }
            }
            self.give_out(slot);
        }
        let how = match by {
            EndedBy::Pbx if hung_up => Left::Abandoned,
            EndedBy::Pbx | EndedBy::LostTrack => Left::Unexplained,
            EndedBy::PbxStopped => Left::PbxStopped,
        };
        self.visit_left(slot, at, how);
        self.end_talk(slot, at, TalkEnd::Unexplained);
        let visit = self
            .channels
            .get_mut(slot)
            .and_then(|channel| channel.visit.take());
        let unended = visit.filter(|visit| by == EndedBy::Pbx && ends_unexplained(visit));
        if let Some(visit) = unended {
            if self.unended.len() >= MAX_UNENDED {
                self.unended.pop_front();
            }
            self.unended.push_back(*visit);
        }
    }

    /// The link was cut: what is open was not seen as a whole.
    pub(crate) fn visits_crossed_a_gap(&mut self, at: Timestamp) {
        // who ended the talk may have been on its way
        for mut visit in self.unended.drain(..) {
            let ended = visit.talk.as_ref().and_then(|talk| talk.ended);
            if !visit.partial && ended.is_some_and(|(ended, _)| at.since_ms(ended) < LATE_MS) {
                visit.partial = true;
                self.visits.push(visit);
            }
        }
        let slots: Vec<ChannelSlot> = self.channels.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            let visit = self.channels.get_mut(slot);
            let visit = visit.and_then(|channel| channel.visit.as_deref_mut());
            if let Some(visit) = visit
                && !visit.partial
                && (!visit.is_over() || matches!(visit.left, Some((_, Left::Unexplained))))
            {
                visit.partial = true;
                self.give_out(slot);
            }
        }
    }

    fn agent_of(&mut self, agent: &AgentRef<'_>) -> (String, Option<String>) {
        let interface = agent
            .interface
            .as_ref()
            .map(|interface| bounded(interface.as_str()));
        let interface = interface.unwrap_or_default();
        let extension = self.member_extension(&interface, "");
        (interface, extension)
    }

    /// For how long somebody on the caller's call was on hold so far.
    fn held_ms(&self, slot: ChannelSlot, at: Timestamp) -> u64 {
        let call: Option<CallSlot> = self.channels.get(slot).map(|channel| channel.call);
        let Some(row) = call.and_then(|call| self.row(call)) else {
            return 0;
        };
        row.held_ms + row.held_since.map_or(0, |since| at.since_ms(since))
    }
}

fn ends_unexplained(visit: &Visit) -> bool {
    let ended = visit.talk.as_ref().and_then(|talk| talk.ended);
    matches!(ended, Some((_, TalkEnd::Unexplained)))
}

fn end_rings(visit: &mut Visit, at: Timestamp, how: RingEnd) {
    for ring in visit.rings.iter_mut().filter(|ring| ring.ended.is_none()) {
        ring.ended = Some((at, how));
    }
}
