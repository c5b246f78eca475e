//! Who ended a talk, where the queue says so while or after the caller's channel goes.

use ami::event::queue::AgentComplete;

use crate::live::call::CallSlot;
use crate::live::channel::{Channel, ChannelSlot};
use crate::visit::{Talk, TalkEnd};
use crate::{Switchboard, Timestamp, Visit};

impl Switchboard {
    /// An agent's phone is gone, and their caller talks on with somebody else: somebody took over, or the phone handed
    /// the caller on in a way that the queue does not see. What follows is not the agent's talk.
    pub(crate) fn end_talk_without_agent(&mut self, call: CallSlot, gone: &Channel, at: Timestamp) {
        let agent = gone.party.extension.as_deref().filter(|_| gone.takes_part());
        let (Some(agent), Some(live)) = (agent, self.calls.get(call)) else {
            return;
        };
        let theirs = |talk: &Talk| talk.ended.is_none() && talk.extension.as_deref() == Some(agent);
        let talks_to_agent = |slot: &ChannelSlot| {
            let visit = self
                .channels
                .get(*slot)
                .and_then(|channel| channel.visit.as_deref());
            visit.and_then(|visit| visit.talk.as_ref()).is_some_and(theirs)
        };
        let Some(caller) = live.channels.iter().copied().find(talks_to_agent) else {
            return;
        };
        let mut company = std::mem::take(&mut self.company);
        self.gather(call, &mut company);
        let talks = company.person(caller).is_some_and(|person| person.talks);
        let is_agent = |slot: ChannelSlot| {
            let channel = self.channels.get(slot);
            channel.is_some_and(|channel| channel.party.extension.as_deref() == Some(agent))
        };
        let stays = company.people.iter().any(|person| is_agent(person.slot));
        self.company = company;
        if talks && !stays {
            self.end_talk(caller, at, TalkEnd::Transfer);
        }
    }

    /// The queue says who ended a talk while, or after, the caller's channel goes: Asterisk does the two side by side, and
    /// leaves the channel out where it is gone already.
    pub(super) fn explain_end(&mut self, event: &AgentComplete<'_>, by: TalkEnd, at: Timestamp) {
        let channel = event.channel.uniqueid.as_ref().map(|uid| uid.as_str());
        let queue = event.agent.queue.as_ref().map(|queue| queue.as_str());
        let agent = event.agent.interface.as_ref().map(|interface| interface.as_str());
        let same = |visit: &Visit| {
            let talk = visit.talk.as_ref().map(|talk| &*talk.interface);
            let caller = channel.is_none_or(|channel| *visit.channel == *channel);
            caller && talk == agent && Some(&*visit.queue) == queue
        };
        let here = self.channels.iter().find(|(_, channel)| {
            let visit = channel.visit.as_deref();
            visit.is_some_and(|visit| same(visit) && !visit.is_over())
        });
        if let Some((slot, _)) = here.filter(|_| channel.is_none()) {
            self.end_talk(slot, at, by);
            return;
        }
        let Some(mut visit) = self
            .unended
            .iter()
            .rposition(same)
            .and_then(|place| self.unended.remove(place))
        else {
            return;
        };
        if let Some((_, end)) = visit.talk.as_mut().and_then(|talk| talk.ended.as_mut()) {
            *end = by;
            self.visits.push(visit);
        }
    }
}
