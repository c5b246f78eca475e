//! Callers in queues.

use ami::QueueName;
use ami::event::queue::{AgentComplete, AgentConnect, QueueCallerAbandon, QueueCallerJoin, QueueCallerLeave};

use crate::live::call::CallSlot;
use crate::live::channel::ChannelSlot;
use crate::switchboard::{MAX_IN_ROW, MAX_ROWS, bounded, fits};
use crate::{CallId, Key, Left, MomentKind, Queue, QueueVisit, Switchboard, Timestamp, Waiting};

impl Switchboard {
    /// A queue's row, made when it is new; `None` when there are too many or it has no name.
    pub(crate) fn queue_mut(&mut self, name: Option<&QueueName<'_>>) -> Option<&mut Queue> {
        let Some(name) = name else {
            self.counters.incomplete_events += 1;
            return None;
        };
        let name = name.as_str();
        if !self.board.queues.contains_key(name) {
            if self.board.queues.len() >= MAX_ROWS || !fits(name) {
                self.counters.over_bounds += 1;
                return None;
            }
            let row = Queue {
                name: name.to_owned(),
                strategy: String::new(),
                waiting: Vec::new(),
                members: Vec::new(),
                completed: 0,
                abandoned: 0,
                service_level_s: 0,
            };
            self.board.queues.insert(name.to_owned(), row);
        }
        self.mark(Key::Queue(name.to_owned()));
        self.board.queues.get_mut(name)
    }

    pub(super) fn on_queue_join(&mut self, event: &QueueCallerJoin<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let Some(queue) = &event.queue else {
            self.counters.incomplete_events += 1;
            return;
        };
        let position = event.position.unwrap_or(1).max(1);
        self.join_queue(slot, queue, position, at, at);
    }

    /// Puts a caller into a queue at a position, in front of whoever had it.
    pub(crate) fn join_queue(
        &mut self,
        slot: ChannelSlot,
        queue: &QueueName<'_>,
        position: u32,
        joined: Timestamp,
        at: Timestamp,
    ) {
        let name = queue.as_str().to_owned();
        if !fits(&name) {
            self.counters.over_bounds += 1;
            return;
        }
        if self
            .channels
            .get(slot)
            .is_some_and(|channel| channel.queued.as_ref() == Some(&name))
        {
            self.move_in_queue(slot, &name, position);
            return;
        }
        self.leave_queue(slot);
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        channel.queued = Some(name.clone());
        channel.withdrawn = false;
        let name_of_visit = name.clone();
        channel.app = None;
        let (call, party) = (channel.call, channel.party.clone());
        if let Some(live) = self.calls.get_mut(call) {
            live.tried = true;
            live.left_queue = None;
        }
        let visit = QueueVisit {
            queue: name.clone(),
            joined,
            position,
            connected: None,
            agent: None,
        };
        let Some(row) = self.row_mut(call) else { return };
        row.queue = Some(visit);
        let id = row.id.clone();
        self.tell(
            call,
            at,
            MomentKind::QueueJoined {
                queue: name,
                position,
            },
        );
        self.touch(call);
        self.begin_visit(slot, &name_of_visit, position, joined, at);
        let waiting = Waiting {
            call: id,
            number: party.number,
            name: party.name,
            // Not a place yet: counting gives it one, and the call too.
            position: 0,
            priority: None,
            given_to: None,
            joined,
        };
        self.stand_in_line(queue, position, waiting);
    }

    fn stand_in_line(&mut self, queue: &QueueName<'_>, position: u32, waiting: Waiting) {
        let Some(row) = self.queue_mut(Some(queue)) else {
            return;
        };
        if row.waiting.len() >= MAX_IN_ROW {
            self.counters.over_bounds += 1;
            return;
        }
        let index = (position.max(1) as usize - 1).min(row.waiting.len());
        row.waiting.insert(index, waiting);
        self.renumber(queue.as_str());
    }

    fn move_in_queue(&mut self, slot: ChannelSlot, queue: &str, position: u32) {
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        let Some(id) = self.calls.get(call).map(|live| live.id.clone()) else {
            return;
        };
        let Some(row) = self.board.queues.get_mut(queue) else {
            return;
        };
        let Some(from) = row.waiting.iter().position(|waiting| waiting.call == id) else {
            return;
        };
        let to = (position.max(1) as usize - 1).min(row.waiting.len() - 1);
        if from != to {
            let waiting = row.waiting.remove(from);
            row.waiting.insert(to, waiting);
            self.renumber(queue);
        }
    }

    /// Positions are places in line: the row's order rules, the calls follow.
    fn renumber(&mut self, queue: &str) {
        let Some(row) = self.board.queues.get_mut(queue) else {
            return;
        };
        let mut moved: Vec<(CallId, u32)> = Vec::new();
        for (index, waiting) in row.waiting.iter_mut().enumerate() {
            let position = u32::try_from(index + 1).unwrap_or(u32::MAX);
            if waiting.position != position {
                waiting.position = position;
                moved.push((waiting.call.clone(), position));
            }
        }
        self.mark(Key::Queue(queue.to_owned()));
        for (id, position) in moved {
            if let Some(row) = self.board.calls.get_mut(&id)
                && let Some(visit) = &mut row.queue
                && visit.position != position
                && visit.queue == queue
            {
                visit.position = position;
                self.mark(Key::Call(id));
            }
        }
    }

    /// The channel waits no longer; says in which queue it did.
    pub(crate) fn leave_queue(&mut self, slot: ChannelSlot) -> Option<String> {
        let channel = self.channels.get_mut(slot)?;
        let call = channel.call;
        let queue = channel.queued.take()?;
        let row = self.row_mut(call)?;
        let id = row.id.clone();
        if let Some(visit) = &mut row.queue {
            visit.position = 0;
        }
        if let Some(row) = self.board.queues.get_mut(&queue) {
            row.waiting.retain(|waiting| waiting.call != id);
            self.renumber(&queue);
        }
        self.touch(call);
        Some(queue)
    }

    pub(super) fn on_queue_abandon(&mut self, event: &QueueCallerAbandon<'_>, at: Timestamp) {
        if let Some(row) = self.queue_mut(event.queue.as_ref()) {
            row.abandoned = row.abandoned.saturating_add(1);
        }
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        // The same event comes for a timeout and for an empty queue; who gives up asks to hang up first.
        let (call, abandoned) = (channel.call, channel.hung_up.is_some());
        let how = match (abandoned, channel.withdrawn) {
            (true, _) => Left::Abandoned,
            (false, true) => Left::Withdrawn,
            // a timeout says why right afterwards
            (false, false) => Left::Unexplained,
        };
        self.visit_left(slot, at, how);
        let queue = self
            .leave_queue(slot)
            .or_else(|| event.queue.as_ref().map(|queue| bounded(queue.as_str())));
        if let Some(live) = self.calls.get_mut(call) {
            live.left_queue = None;
        }
        self.tell(
            call,
            at,
            MomentKind::QueueLeft {
                queue: queue.unwrap_or_default(),
                abandoned,
            },
        );
    }

    pub(super) fn on_queue_leave(&mut self, event: &QueueCallerLeave<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        self.visit_leaving(slot, at);
        if let Some(queue) = self.leave_queue(slot)
            && let Some(live) = self.calls.get_mut(call)
        {
            // To an agent, or by a key: the next event tells.
            live.left_queue = Some(queue);
        }
    }

    pub(super) fn on_agent_connect(&mut self, event: &AgentConnect<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let agent = event
            .agent
            .interface
            .as_ref()
            .map(|interface| bounded(interface.as_str()));
        let party = self.agent_party(agent.as_deref().unwrap_or_default(), event.agent.name.as_deref());
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        self.leave_queue(slot);
        self.visit_connected(slot, &event.agent, event.hold_s, at);
        if let Some(live) = self.calls.get_mut(call) {
            live.left_queue = None;
        }
        let queue = event
            .agent
            .queue
            .as_ref()
            .map(|queue| bounded(queue.as_str()))
            .unwrap_or_default();
        if let Some(row) = self.row_mut(call) {
            let visit = row.queue.get_or_insert_with(|| QueueVisit {
                queue: queue.clone(),
                joined: at.before_s(event.hold_s.unwrap_or(0)),
                position: 0,
                connected: None,
                agent: None,
            });
            visit.connected = Some(at);
            visit.agent = agent;
        }
        self.tell(call, at, MomentKind::QueueConnected { queue, agent: party });
        self.touch(call);
    }

    fn agent_party(&mut self, interface: &str, name: Option<&str>) -> crate::Party {
        match self.member_extension(interface, "") {
            Some(number) => self.party_of_extension(&number),
            None => crate::Party {
                number: bounded(interface),
                name: name.map(bounded),
                extension: None,
            },
        }
    }

    pub(super) fn on_agent_complete(&mut self, event: &AgentComplete<'_>, at: Timestamp) {
        self.visit_completed(event, at);
        if let Some(row) = self.queue_mut(event.agent.queue.as_ref()) {
            row.completed = row.completed.saturating_add(1);
        }
    }

    /// `QUEUESTATUS` is set when the queue gave the caller back to the dialplan.
    pub(super) fn on_queue_status(&mut self, slot: ChannelSlot, status: &str, at: Timestamp) {
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        if let Some(how) = Left::of_status(status) {
            self.visit_status(slot, how, at);
        }
        if status.is_empty() || status == "CONTINUE" {
            return;
        }
        self.leave_queue(slot);
        self.tell_left(call, at);
        let Some(row) = self.row_mut(call) else { return };
        row.story.edit(|moments| {
            let last = moments
                .iter_mut()
                .rev()
                .find_map(|moment| match &mut moment.what {
                    MomentKind::QueueLeft { abandoned, .. } => Some(abandoned),
                    _ => None,
                });
            if let Some(abandoned) = last {
                *abandoned = false;
            }
        });
        if matches!(status, "JOINEMPTY" | "JOINUNAVAIL" | "FULL")
            && let Some(live) = self.calls.get_mut(call)
        {
            live.tried = true;
        }
        self.touch(call);
    }

    /// Left a queue of its own will, by a key.
    fn tell_left(&mut self, call: CallSlot, at: Timestamp) {
        if let Some(queue) = self.calls.get_mut(call).and_then(|live| live.left_queue.take()) {
            self.tell(
                call,
                at,
                MomentKind::QueueLeft {
                    queue,
                    abandoned: false,
                },
            );
        }
    }
}
