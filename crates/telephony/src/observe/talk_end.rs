//! Who ended a talk, where the queue says so while or after the caller's channel goes.

use ami::event::queue::AgentComplete;

use crate::visit::TalkEnd;
use crate::{Switchboard, Timestamp, Visit};

impl Switchboard {
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
