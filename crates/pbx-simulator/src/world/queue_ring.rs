//! How a queue rings its agents.

use crate::wire::Class;

use super::channel::Served;
use super::{By, ChannelState, Device, Doing, Key, Task, World};

/// Milliseconds between two tries.
const RETRY_MS: u64 = 1000;

impl World {
    /// Looks for agents for the callers who wait, first come first served.
    pub(crate) fn queue_try(&mut self, at: usize) {
        let Some(live) = self.queues.get(at) else { return };
        let callers: Vec<Key> = live.waiting.iter().map(|waiter| waiter.key).collect();
        for caller in callers {
            let Some(channel) = self.channels.get(&caller) else {
                continue;
            };
            let Doing::Queueing { legs, .. } = &channel.doing else {
                continue;
            };
            if !legs.is_empty() {
                continue;
            }
            let agents = self.agents_for(at);
            if agents.is_empty() {
                break;
            }
            for agent in agents {
                self.queue_ring(caller, at, agent);
            }
        }
    }

    /// The free members to ring now: all of the lowest penalty, or the next one in turn.
    fn agents_for(&mut self, at: usize) -> Vec<usize> {
        let Some(live) = self.queues.get(at) else {
            return Vec::new();
        };
        let free: Vec<(usize, u32)> = live
            .members
            .iter()
            .enumerate()
            .filter(|(_, member)| {
                member.paused.is_none()
                    && matches!(member.device, Some(Device::Phone(_)))
                    && self.member_device(member) == "NOT_INUSE"
                    && !self.has_channel(member.device)
            })
            .map(|(index, member)| (index, member.penalty))
            .collect();
        let Some(lowest) = free.iter().map(|(_, penalty)| *penalty).min() else {
            return Vec::new();
        };
        let mut chosen: Vec<usize> = free
            .iter()
            .filter(|(_, penalty)| *penalty == lowest)
            .map(|(index, _)| *index)
            .collect();
        if self
            .company
            .queues
            .get(at)
            .is_some_and(|plan| plan.strategy != "ringall")
        {
            let last = live.last_rung;
            let next = chosen
                .iter()
                .copied()
                .find(|index| *index > last)
                .or_else(|| chosen.first().copied());
            chosen = next.into_iter().collect();
            if let (Some(index), Some(live)) = (next, self.queues.get_mut(at)) {
                live.last_rung = index;
            }
        }
        chosen
    }

    fn has_channel(&self, device: Option<Device>) -> bool {
        self.channels
            .values()
            .any(|channel| Some(channel.device) == device)
    }

    fn queue_ring(&mut self, caller: Key, at: usize, member: usize) {
        let Some(found) = self
            .queues
            .get(at)
            .and_then(|live| live.members.get(member))
            .cloned()
        else {
            return;
        };
        let Some(device) = found.device else { return };
        let Some(leg) = self.add_channel(device, None, Some(caller)) else {
            return;
        };
        let identity = self.caller_of(caller);
        let exten = self
            .channels
            .get(&caller)
            .map_or_else(String::new, |channel| channel.exten.clone());
        if let Some(channel) = self.channel_mut(leg) {
            channel.outgoing = true;
            channel.doing = Doing::QueueRung { by: caller };
        }
        self.say("Newchannel", leg);
        // Asterisk says this one later, as the leg was before it knew its caller.
        let begins = self.pair_text("DialBegin", Class::CALL, Some(caller), leg);
        if let Some(channel) = self.channel_mut(leg) {
            channel.exten = exten;
            channel.connected = identity;
            channel.application = ("AppQueue".to_owned(), "(Outgoing Line)".to_owned());
        }
        if let Some(channel) = self.channel_mut(caller)
            && let Doing::Queueing { legs, .. } = &mut channel.doing
        {
            legs.push(leg);
        }
        let name = self.queue_name(at);
        self.noise_queue_line(leg);
        self.say_pair("AgentCalled", Class::AGENT, Some(caller), leg, |text| {
            text.with("Queue", name)
                .with("Interface", &found.interface)
                .with("MemberName", &found.name)
        });
        if let Some(text) = begins {
            self.emit(text.with("DialString", &found.interface));
        }
        self.after(4, Task::Ring(leg));
        let ring_ms = self.human_ms(self.company.queues.get(at).map_or(15, |plan| plan.ring_s) * 1000);
        self.after(ring_ms, Task::QueueRingTimeout(leg));
    }

    fn noise_queue_line(&mut self, leg: Key) {
        self.noise_application(leg, "AppQueue", "(Outgoing Line)");
    }

    /// The caller and queue a leg rings for, and the member behind it.
    pub(crate) fn queue_of(&self, leg: Key) -> Option<(Key, usize, String)> {
        let channel = self.channels.get(&leg)?;
        let Doing::QueueRung { by } = channel.doing else {
            return None;
        };
        let Doing::Queueing { queue, .. } = self.channels.get(&by)?.doing else {
            return None;
        };
        Some((by, queue, self.interface(channel.device)))
    }

    pub(crate) fn queue_ring_timeout(&mut self, leg: Key) {
        let Some((caller, at, interface)) = self.queue_of(leg) else {
            return;
        };
        let rang_ms = self
            .channels
            .get(&leg)
            .map_or(0, |channel| self.now_ms.saturating_sub(channel.born_ms));
        let name = self.queue_name(at);
        let member = self
            .member_mut(at, &interface)
            .map_or_else(String::new, |member| member.name.clone());
        self.say_pair("AgentRingNoAnswer", Class::AGENT, Some(caller), leg, |text| {
            text.with("Queue", name)
                .with("Interface", &interface)
                .with("MemberName", member)
                .with("RingTime", rang_ms)
        });
        for status in ["NOANSWER", "CANCEL"] {
            self.say_pair("DialEnd", Class::CALL, Some(caller), leg, |text| {
                text.with("DialStatus", status)
            });
        }
        self.bury(leg, 0);
        self.queue_leg_lost(caller, leg);
    }

    /// A leg of a waiting caller is gone; the queue tries again later.
    pub(crate) fn queue_leg_lost(&mut self, caller: Key, leg: Key) {
        if let Some(channel) = self.channel_mut(caller)
            && let Doing::Queueing { queue, legs } = &mut channel.doing
        {
            legs.retain(|other| *other != leg);
            let at = *queue;
            self.after(RETRY_MS, Task::QueueTry(at));
        }
    }

    /// Connects somebody to a caller who waits. The queue counts that as given up and says nothing, as Asterisk does.
    pub(crate) fn take_out_of_line(&mut self, leg: Key, caller: Key) {
        let doing = self.channels.get(&caller).map(|channel| channel.doing.clone());
        let Some(Doing::Queueing { queue, .. }) = doing else {
            return self.hang_up(leg, 16, By::Pbx);
        };
        self.cancel_legs(caller, None, 0);
        if let Some(live) = self.queues.get_mut(queue) {
            live.waiting.retain(|waiter| waiter.key != caller);
            live.abandoned += 1;
        }
        self.queues_touched = true;
        self.music(caller, false);
        self.join(leg, caller);
        self.when_talking(caller, leg);
        self.after(1, Task::QueueTry(queue));
    }

    pub(crate) fn queue_answered(&mut self, leg: Key, caller: Key) {
        if let Some((_, at, interface)) = self.queue_of(leg) {
            self.agent_answered(leg, caller, at, interface);
        }
    }

    /// An agent, or somebody who answers for one, takes the caller.
    pub(crate) fn agent_answered(&mut self, leg: Key, caller: Key, at: usize, interface: String) {
        let now_ms = self.now_ms;
        let rang_ms = self
            .channels
            .get(&leg)
            .map_or(0, |channel| now_ms.saturating_sub(channel.born_ms));
        self.set_state(leg, ChannelState::Up);
        self.say_pair("DialEnd", Class::CALL, Some(caller), leg, |text| {
            text.with("DialStatus", "ANSWER")
        });
        self.cancel_legs(caller, Some(leg), 26);
        let party = self.caller_of(leg);
        self.set_connected(caller, party);
        self.music(caller, false);
        let joined_ms = self
            .queues
            .get(at)
            .and_then(|live| live.waiting.iter().find(|waiter| waiter.key == caller))
            .map_or(now_ms, |waiter| waiter.joined_ms);
        self.queue_leave(caller, at);
        let hold_s = now_ms.saturating_sub(joined_ms) / 1000;
        let name = self.queue_name(at);
        let member = self.member_mut(at, &interface).map(|member| {
            member.in_call = true;
            member.name.clone()
        });
        self.say_pair("AgentConnect", Class::AGENT, Some(caller), leg, |text| {
            text.with("Queue", name)
                .with("Interface", &interface)
                .with("MemberName", member.unwrap_or_default())
                .with("HoldTime", hold_s)
                .with("RingTime", rang_ms / 1000)
        });
        let peer = self
            .channels
            .get(&leg)
            .map_or_else(String::new, |channel| channel.name.clone());
        if let Some(channel) = self.channel_mut(caller) {
            channel.served = Some(Served {
                queue: at,
                interface,
                hold_s,
                connected_ms: now_ms,
            });
            if let Some(record) = channel.record.as_mut() {
                record.peer = peer;
            }
        }
        self.join(leg, caller);
        self.when_talking(caller, leg);
    }

    /// Says `AgentComplete` when a call an agent took ends, and counts it.
    pub(crate) fn agent_completes(&mut self, first: Key, peer: Option<Key>, by_phone: bool) {
        let both = [Some(first), peer];
        let caller = both.into_iter().flatten().find(|key| {
            self.channels
                .get(key)
                .is_some_and(|channel| channel.served.is_some())
        });
        let Some(caller) = caller else { return };
        let Some(served) = self.channel_mut(caller).and_then(|channel| channel.served.take()) else {
            return;
        };
        let now_ms = self.now_ms;
        let agent = if caller == first { peer } else { Some(first) };
        let reason = match (by_phone, caller == first) {
            (true, true) => "caller",
            (true, false) => "agent",
            (false, _) => "transfer",
        };
        if let Some(live) = self.queues.get_mut(served.queue) {
            live.completed += 1;
        }
        let member = self.member_mut(served.queue, &served.interface).map(|member| {
            member.calls_taken += 1;
            member.last_call_s = now_ms / 1000;
            member.in_call = false;
            member.name.clone()
        });
        let name = self.queue_name(served.queue);
        if let Some(agent) = agent {
            self.say_pair("AgentComplete", Class::AGENT, Some(caller), agent, |text| {
                text.with("Queue", name)
                    .with("Interface", &served.interface)
                    .with("MemberName", member.unwrap_or_default())
                    .with("HoldTime", served.hold_s)
                    .with("TalkTime", now_ms.saturating_sub(served.connected_ms) / 1000)
                    .with("Reason", reason)
            });
        }
        let queue = served.queue;
        let rest_ms = self.human_ms(2000);
        self.after(rest_ms, Task::QueueTry(queue));
    }
}
