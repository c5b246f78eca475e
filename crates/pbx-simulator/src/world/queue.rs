//! Queues: callers, members, and what `app_queue` counts.

use crate::company::{Company, QueuePlan};
use crate::wire::{Class, Text};

use super::device::member_status;
use super::{Device, Doing, Key, Task, World};

/// One member of a queue.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) interface: String,
    pub(crate) device: Option<Device>,
    pub(crate) dynamic: bool,
    pub(crate) penalty: u32,
    pub(crate) calls_taken: u32,
    pub(crate) last_call_s: u64,
    pub(crate) last_pause_s: u64,
    pub(crate) login_s: u64,
    pub(crate) in_call: bool,
    /// The reason while paused, which may be empty.
    pub(crate) paused: Option<String>,
    pub(crate) ring_in_use: bool,
}

/// A queue as it is now.
#[derive(Clone, Debug)]
pub(crate) struct QueueLive {
    pub(crate) waiting: Vec<Waiter>,
    pub(crate) members: Vec<Member>,
    pub(crate) completed: u32,
    pub(crate) abandoned: u32,
    /// The member that was rung last, for round-robin strategies.
    pub(crate) last_rung: usize,
}

/// A caller who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiter {
    pub(crate) key: Key,
    pub(crate) joined_ms: u64,
    pub(crate) priority: i32,
}

impl QueueLive {
    pub(crate) fn new(plan: &QueuePlan, company: &Company, now_ms: u64) -> Self {
        let members = plan.members.iter().filter_map(|(number, penalty)| {
            let at = company.person(number)?;
            let name = company.people.get(at)?.name.to_owned();
            let mut member = Member::new(&format!("PJSIP/{number}"), &name, Some(Device::Phone(at)), now_ms);
            member.penalty = *penalty;
            member.dynamic = false;
            Some(member)
        });
        QueueLive {
            waiting: Vec::new(),
            members: members.collect(),
            completed: 0,
            abandoned: 0,
            last_rung: 0,
        }
    }

    /// Where somebody of this priority stands in line: behind those who have it too.
    pub(crate) fn place_of(&self, priority: i32) -> usize {
        let before = |waiter: &&Waiter| waiter.priority >= priority;
        self.waiting.iter().take_while(before).count()
    }

    /// What a restart leaves: members and pauses, no callers, no counters.
    pub(crate) fn reset(&mut self) {
        self.waiting.clear();
        self.completed = 0;
        self.abandoned = 0;
        for member in &mut self.members {
            member.calls_taken = 0;
            member.last_call_s = 0;
            member.in_call = false;
        }
    }
}

impl Member {
    pub(crate) fn new(interface: &str, name: &str, device: Option<Device>, now_ms: u64) -> Self {
        Member {
            name: name.to_owned(),
            interface: interface.to_owned(),
            device,
            dynamic: true,
            penalty: 0,
            calls_taken: 0,
            last_call_s: 0,
            last_pause_s: 0,
            login_s: now_ms / 1000,
            in_call: false,
            paused: None,
            ring_in_use: false,
        }
    }
}

impl World {
    pub(crate) fn queue_name(&self, at: usize) -> &'static str {
        self.company.queues.get(at).map_or("", |plan| plan.name)
    }

    pub(crate) fn queue_named(&self, name: &str) -> Option<usize> {
        self.company.queues.iter().position(|plan| plan.name == name)
    }

    pub(crate) fn member_device(&self, member: &Member) -> &'static str {
        member
            .device
            .map_or("INVALID", |device| self.device_state(device))
    }

    /// The headers every event about a member has.
    pub(crate) fn member_text(&self, text: Text, queue: usize, member: &Member, as_item: bool) -> Text {
        let text = text.with("Queue", self.queue_name(queue));
        let text = if as_item {
            text.with("Name", &member.name)
                .with("Location", &member.interface)
        } else {
            text.with("MemberName", &member.name)
                .with("Interface", &member.interface)
        };
        let text = text
            .with("StateInterface", &member.interface)
            .with("Membership", if member.dynamic { "dynamic" } else { "static" })
            .with("Penalty", member.penalty)
            .with("CallsTaken", member.calls_taken)
            .with("LastCall", member.last_call_s)
            .with("LastPause", member.last_pause_s)
            .with("LoginTime", member.login_s)
            .with("InCall", u8::from(member.in_call))
            .with("Status", member_status(self.member_device(member)))
            .with("Paused", u8::from(member.paused.is_some()))
            .with("PausedReason", member.paused.as_deref().unwrap_or_default());
        let text = if as_item {
            text
        } else {
            text.with("Ringinuse", u8::from(member.ring_in_use))
        };
        text.with("Wrapuptime", 0)
    }

    /// Says an event about one member, where it is one.
    pub(crate) fn say_member(&mut self, name: &str, queue: usize, interface: &str) {
        let found = self
            .queues
            .get(queue)
            .and_then(|live| live.members.iter().find(|member| member.interface == interface));
        if let Some(member) = found {
            let text = self.member_text(Text::event(name, Class::AGENT), queue, member, false);
            self.emit(text);
        }
    }

    pub(crate) fn member_mut(&mut self, queue: usize, interface: &str) -> Option<&mut Member> {
        let live = self.queues.get_mut(queue)?;
        live.members
            .iter_mut()
            .find(|member| member.interface == interface)
    }

    /// `Queue`: the caller begins to wait.
    pub(crate) fn send_to_queue(&mut self, key: Key, at: usize) {
        let Some(plan) = self.company.queues.get(at).cloned() else {
            return;
        };
        self.answer_channel(key);
        if let Some(channel) = self.channel_mut(key) {
            channel.priority = 2;
        }
        self.noise_application(key, "Set", &format!("__QUEUENUM={}", plan.number));
        if let Some(channel) = self.channel_mut(key) {
            channel.priority = 3;
            channel.doing = Doing::Queueing {
                queue: at,
                legs: Vec::new(),
            };
        }
        let data = format!("{},tT,,,{}", plan.name, plan.patience_s);
        self.noise_application(key, "Queue", &data);
        self.begin_record(key, plan.number, "Queue", &data, "");
        let joined_ms = self.now_ms;
        if let Some(record) = self.channel_mut(key).and_then(|channel| channel.record.as_mut()) {
            record.answer_ms = Some(joined_ms);
        }
        let Some(live) = self.queues.get_mut(at) else {
            return;
        };
        let waiter = Waiter {
            key,
            joined_ms,
            priority: 0,
        };
        let index = live.place_of(0);
        live.waiting.insert(index, waiter);
        self.queues_touched = true;
        let count = live.waiting.len();
        self.say_with("QueueCallerJoin", Class::AGENT, key, |text| {
            text.with("Queue", plan.name)
                .with("Position", index + 1)
                .with("Count", count)
        });
        self.music(key, true);
        self.after(1, Task::QueueTry(at));
        let patience_ms = self.human_ms(plan.patience_s * 1000);
        self.after(patience_ms, Task::QueueTimeout(key));
        self.when_queueing(key);
    }

    /// Takes a caller out of the queue's line and says so. Position from 1.
    pub(crate) fn queue_leave(&mut self, key: Key, at: usize) {
        let name = self.queue_name(at);
        let Some(live) = self.queues.get_mut(at) else {
            return;
        };
        let Some(index) = live.waiting.iter().position(|waiter| waiter.key == key) else {
            return;
        };
        live.waiting.remove(index);
        self.queues_touched = true;
        let count = live.waiting.len();
        self.say_with("QueueCallerLeave", Class::AGENT, key, |text| {
            text.with("Queue", name)
                .with("Position", index + 1)
                .with("Count", count)
        });
    }

    /// The caller goes without having talked: hung up, or the queue gave them back with a status.
    pub(crate) fn abandon_queue(&mut self, key: Key, at: usize, status: Option<&str>) {
        let ended = status.is_none();
        if ended {
            self.music(key, false);
        }
        self.cancel_legs(key, None, 0);
        let name = self.queue_name(at);
        let now_ms = self.now_ms;
        let Some(live) = self.queues.get_mut(at) else {
            return;
        };
        let Some(index) = live.waiting.iter().position(|waiter| waiter.key == key) else {
            return;
        };
        let hold_s = live
            .waiting
            .get(index)
            .map_or(0, |waiter| now_ms.saturating_sub(waiter.joined_ms) / 1000);
        live.abandoned += 1;
        if ended {
            self.noise_variable(key, "ABANDONED", "TRUE");
        }
        self.say_with("QueueCallerAbandon", Class::AGENT, key, |text| {
            text.with("Queue", name)
                .with("Position", index + 1)
                .with("OriginalPosition", index + 1)
                .with("HoldTime", hold_s)
        });
        if !ended {
            self.music(key, false);
        }
        self.queue_leave(key, at);
        if let Some(status) = status {
            self.noise_variable(key, "QUEUESTATUS", status);
        }
        if let Some(channel) = self.channel_mut(key) {
            channel.doing = Doing::Nothing;
            channel.priority = if ended { 3 } else { 4 };
        }
        self.soft(key);
        self.bury(key, if ended { 0 } else { 16 });
        self.after(1, Task::QueueTry(at));
    }

    pub(crate) fn queue_timeout(&mut self, key: Key) {
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        let Doing::Queueing { queue, .. } = channel.doing else {
            return;
        };
        self.abandon_queue(key, queue, Some("TIMEOUT"));
    }

    /// `QueueWithdrawCaller`. False when the channel does not wait there.
    pub(crate) fn withdraw(&mut self, key: Key, at: usize) -> bool {
        let waits = self
            .queues
            .get(at)
            .is_some_and(|live| live.waiting.iter().any(|waiter| waiter.key == key));
        if waits {
            self.abandon_queue(key, at, Some("WITHDRAW"));
        }
        waits
    }

    /// Pauses or unpauses a member in one queue. False when it is not a member there.
    pub(crate) fn set_paused(&mut self, queue: usize, interface: &str, reason: Option<&str>) -> bool {
        let now_s = self.now_ms / 1000;
        let Some(member) = self.member_mut(queue, interface) else {
            return false;
        };
        member.paused = reason.map(str::to_owned);
        if reason.is_some() {
            member.last_pause_s = now_s;
        }
        self.queues_touched = true;
        let name = self.queue_name(queue);
        let state = if reason.is_some() { "INUSE" } else { "NOT_INUSE" };
        self.tell_device(&format!("Queue:{name}_pause_{interface}"), state);
        self.say_member("QueueMemberPause", queue, interface);
        if reason.is_none() {
            self.after(1, Task::QueueTry(queue));
        }
        true
    }

    pub(crate) fn add_member(&mut self, queue: usize, member: Member) {
        let interface = member.interface.clone();
        let paused = member.paused.is_some();
        let Some(live) = self.queues.get_mut(queue) else {
            return;
        };
        live.members.push(member);
        self.queues_touched = true;
        let name = self.queue_name(queue);
        let state = if paused { "INUSE" } else { "NOT_INUSE" };
        self.tell_device(&format!("Queue:{name}_pause_{interface}"), state);
        self.say_member("QueueMemberAdded", queue, &interface);
        self.after(1, Task::QueueTry(queue));
    }

    pub(crate) fn remove_member(&mut self, queue: usize, interface: &str) {
        self.say_member("QueueMemberRemoved", queue, interface);
        if let Some(live) = self.queues.get_mut(queue) {
            live.members.retain(|member| member.interface != interface);
            self.queues_touched = true;
        }
    }
}
