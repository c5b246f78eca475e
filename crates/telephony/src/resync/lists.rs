//! Items of lists, and the events that end them.

use ami::event::endpoint::{EndpointList, OutboundRegistrationDetail};
use ami::event::list::{CoreShowChannel, ListComplete};
use ami::event::queue::{MemberRef, QueueEntry, QueueMember, QueueParams};
use ami::{Event, Message};

use super::List;
use crate::live::bridge::BridgeKind;
use crate::live::channel::ChannelSlot;
use crate::live::directory::{MAX_CONTACTS, Owner, Registered};
use crate::observe::service::service;
use crate::switchboard::bounded;
use crate::{Counted, DeviceState, Key, LegRole, Queue, Switchboard, Timestamp};

impl Switchboard {
    pub(crate) fn dispatch_list(&mut self, message: &Message, event: &Event<'_>, at: Timestamp) {
        match event {
            Event::CoreShowChannel(item) => self.on_list_channel(item, at),
            Event::BridgeListItem(item) if item.bridge.channels.is_some_and(|channels| channels > 0) => {
                self.bridge(&item.bridge);
            }
            Event::QueueParams(item) => self.on_list_queue(item, at),
            Event::QueueMember(item) => self.on_list_member(item, at),
            Event::QueueEntry(item) => self.on_list_entry(item, at),
            Event::EndpointList(item) => self.on_list_endpoint(item, at),
            Event::OutboundRegistrationDetail(item) => self.on_list_registration(item, at),
            Event::ConfbridgeListRooms(item) => {
                if let Some(room) = item.conference.as_ref().map(|room| room.as_str())
                    && let Some(row) = self.board.conferences.get_mut(room)
                    && let Some(locked) = item.locked.filter(|locked| *locked != row.locked)
                {
                    row.locked = locked;
                    self.mark(Key::Conference(room.to_owned()));
                }
            }
            Event::ConfbridgeList(item) => {
                if let (Some(room), Some(slot)) = (&item.conference, self.known(&item.channel)) {
                    self.change_participant(room.as_str(), slot, |person| {
                        person.muted = item.muted.unwrap_or(person.muted);
                        person.admin = item.admin.unwrap_or(person.admin);
                    });
                }
            }
            Event::CoreShowChannelsComplete(end) => self.on_list_end(List::Channels, end, at),
            Event::BridgeListComplete(end) => self.on_list_end(List::Bridges, end, at),
            Event::QueueStatusComplete(end) => self.on_list_end(List::Queues, end, at),
            Event::ParkedCallsComplete(end) => self.on_list_end(List::Parked, end, at),
            Event::ConfbridgeListRoomsComplete(end) => self.on_list_end(List::Rooms, end, at),
            Event::EndpointListComplete(end) => self.on_list_end(List::Endpoints, end, at),
            Event::OutboundRegistrationDetailComplete(end) => self.on_list_end(List::Registrations, end, at),
            Event::DeviceStateListComplete(end) => self.on_list_end(List::Devices, end, at),
            Event::ExtensionStateListComplete(end) => self.on_list_end(List::Hints, end, at),
            Event::Other(_) => self.on_list_mailbox(message, at),
            _ => {}
        }
    }

    fn on_list_end(&mut self, list: List, end: &ListComplete<'_>, at: Timestamp) {
        // A list given up half way says nothing about what it did not come to.
        if !self.resync.complete(list) || !end.is_complete() {
            return;
        }
        match list {
            List::Channels => self.sweep_channels(at),
            List::Queues => self.sweep_queues(at),
            List::Parked => self.sweep_parked(),
            List::Hints => self.sweep_extensions(),
            List::Endpoints => {
                self.sweep_extensions();
                self.sweep_trunks();
            }
            List::Registrations | List::Devices | List::Mailboxes | List::Bridges | List::Rooms => {}
        }
    }

    fn on_list_channel(&mut self, item: &CoreShowChannel<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&item.channel, at) else {
            return;
        };
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        self.resync.channels.remove(&*channel.uid);
        let (call, starts_call) = (
            channel.call,
            channel.uid == channel.linked && channel.takes_part(),
        );
        let found_in = self.row(call).is_some_and(|row| row.discovered);
        let app = item.application.as_deref().and_then(service);
        if app == Some("ChanSpy")
            && let Some(channel) = self.channels.get_mut(slot)
        {
            channel.role = LegRole::Supervisor;
        }
        if starts_call && found_in && app != Some("ChanSpy") {
            self.make_caller(call, slot);
        }
        if let Some(state) = item.channel.state
            && self
                .channels
                .get(slot)
                .is_some_and(|channel| channel.state != state)
        {
            self.set_state(slot, state, at);
        }
        if let Some(app) = app {
            self.set_service(slot, app, at);
        } else if let Some(channel) = self.channels.get_mut(slot) {
            channel.app = None;
        }
        let started = item.duration.as_deref().and_then(seconds);
        if let Some(started) = started.filter(|_| found_in).map(|s| at.before_s(s))
            && let Some(row) = self.row_mut(call)
            && started < row.started
        {
            row.started = started;
        }
        self.place_in_bridge(slot, item, at);
        self.touch(call);
    }

    fn place_in_bridge(&mut self, slot: ChannelSlot, item: &CoreShowChannel<'_>, at: Timestamp) {
        let Some(id) = item.bridge.clone() else {
            self.leave_bridge(slot);
            self.leave_room(slot, at);
            return;
        };
        let place = ami::BridgeRef {
            id: Some(id),
            ..ami::BridgeRef::default()
        };
        let Some(bridge) = self.bridge(&place) else { return };
        if item.application.as_deref() == Some("ConfBridge")
            && let Some(there) = self.bridges.get_mut(bridge)
        {
            there.kind = BridgeKind::Conference;
            if there.room.is_none() {
                there.room = item
                    .data
                    .as_deref()
                    .and_then(|data| data.split(',').next())
                    .map(|room| bounded(room).into());
            }
        }
        self.enter_bridge(slot, bridge, at);
        let there = self
            .bridges
            .get(bridge)
            .filter(|there| there.kind == BridgeKind::Conference);
        match there.and_then(|there| there.room.clone()) {
            Some(room) => self.join_room(slot, &room, at),
            None => self.leave_room(slot, at),
        }
    }

    fn on_list_queue(&mut self, item: &QueueParams<'_>, at: Timestamp) {
        let key = item
            .queue
            .as_ref()
            .map(|name| Key::Queue(name.as_str().to_owned()));
        let is_known = key.as_ref().is_some_and(|key| !self.dirty.contains(key))
            && item
                .queue
                .as_ref()
                .is_some_and(|name| self.board.queues.contains_key(name.as_str()));
        let Some(row) = self.queue_mut(item.queue.as_ref()) else {
            return;
        };
        let told = |row: &Queue| {
            (
                row.strategy.clone(),
                row.completed,
                row.abandoned,
                row.service_level_s,
            )
        };
        let before = told(row);
        let count = |value: Option<u64>| value.map(|value| u32::try_from(value).unwrap_or(u32::MAX));
        row.strategy = item.strategy.as_deref().map(bounded).unwrap_or_default();
        row.completed = count(item.completed).unwrap_or(row.completed);
        row.abandoned = count(item.abandoned).unwrap_or(row.abandoned);
        row.service_level_s = count(item.service_level_s).unwrap_or(row.service_level_s);
        let same = told(row) == before;
        let name = row.name.clone();
        // a list tells again what is known: then there is nothing to give out
        if let Some(key) = key.filter(|_| is_known && same) {
            self.dirty.remove(&key);
        }
        let whole = |value: Option<u64>| count(value).unwrap_or(0);
        let before = self.counted.get(&name);
        let mut now = Counted {
            at,
            completed: whole(item.completed),
            abandoned: whole(item.abandoned),
            target_s: whole(item.service_level_s),
            hold_s: whole(item.hold_s),
            talk_s: whole(item.talk_s),
            of_completed: tenths(item.service_level_percent),
            with_abandoned: tenths(item.service_level_percent2),
            reset: before.and_then(|before| before.reset),
        };
        if before.is_some_and(|before| now.completed < before.completed || now.abandoned < before.abandoned) {
            now.reset = Some(at);
        }
        self.counted.insert(name.clone(), now);
        self.resync.queues.remove(&name);
    }

    fn on_list_member(&mut self, item: &QueueMember<'_>, at: Timestamp) {
        let member = MemberRef {
            queue: item.queue.clone(),
            name: item.name.clone(),
            interface: item.interface.clone(),
            state_interface: item.state_interface.clone(),
            membership: item.membership.clone(),
            penalty: item.penalty,
            calls_taken: item.calls_taken,
            last_call_s: item.last_call_s,
            last_pause_s: item.last_pause_s,
            status: item.status,
            paused: item.paused,
            paused_reason: item.paused_reason.clone(),
            ..MemberRef::default()
        };
        if let (Some(queue), Some(interface)) = (&item.queue, &item.interface) {
            self.resync
                .members
                .remove(&(queue.as_str().to_owned(), interface.as_str().to_owned()));
        }
        self.on_member(&member, at);
    }

    fn on_list_entry(&mut self, item: &QueueEntry<'_>, at: Timestamp) {
        let (Some(queue), Some(slot)) = (&item.queue, self.seen(&item.channel, at)) else {
            return;
        };
        if let Some(uid) = &item.channel.uniqueid {
            self.resync.waiting.remove(uid.as_str());
        }
        let joined = at.before_s(item.wait_s.unwrap_or(0));
        self.join_queue(slot, queue, item.position.unwrap_or(1).max(1), joined, at);
        let call = self.channels.get(slot).map(|channel| channel.call);
        let id = call
            .and_then(|call| self.calls.get(call))
            .map(|live| live.id.clone());
        if let Some(row) = self.board.queues.get_mut(queue.as_str())
            && let Some(waiting) = row
                .waiting
                .iter_mut()
                .find(|waiting| Some(&waiting.call) == id.as_ref())
            && waiting.priority != item.priority
        {
            waiting.priority = item.priority;
            self.mark(Key::Queue(queue.as_str().to_owned()));
        }
    }

    fn on_list_endpoint(&mut self, item: &EndpointList<'_>, at: Timestamp) {
        let Some(name) = item.name.as_ref().map(|name| name.as_str()) else {
            return;
        };
        let device = format!("PJSIP/{name}");
        if item.outbound_auths.is_some() && item.auths.is_none() {
            self.becomes_trunk(&device);
        }
        let state = item.state.map_or(DeviceState::Unknown, DeviceState::from);
        match self.directory.owner(&self.settings, &device) {
            Owner::Extension(number) => {
                self.resync.extensions.remove(&number);
                if self.extension_mut(&number, &device).is_none() {
                    return;
                }
                let answers = state != DeviceState::Unavailable;
                let contacts = item.contacts.as_deref().unwrap_or_default().split(',');
                let contacts = contacts.filter_map(|contact| contact.split_once('/'));
                let contacts = contacts
                    .take(MAX_CONTACTS)
                    .map(|(_, uri)| (bounded(uri), answers))
                    .collect();
                self.directory.contacts.insert(number.clone(), contacts);
                self.settle_registration(&number, at);
            }
            Owner::Trunk(name) => {
                self.resync.trunks.remove(&name);
                if !self.board.trunks.contains_key(&name) {
                    self.trunk_mut(&name, &device, at);
                }
            }
            Owner::Local | Owner::Nobody => {}
        }
        self.set_device_state(&device, state, at);
    }

    /// An endpoint taken for an extension by its number turns out to be a trunk.
    fn becomes_trunk(&mut self, device: &str) {
        if let Some(number) = self.directory.learn_trunk(&self.settings, device)
            && self
                .board
                .extensions
                .get(&number)
                .is_some_and(|row| row.engagements.is_empty())
        {
            self.board.extensions.remove(&number);
            self.mark(Key::Extension(number));
        }
    }

    fn on_list_registration(&mut self, item: &OutboundRegistrationDetail<'_>, at: Timestamp) {
        let endpoint = item.endpoint.as_ref().map(|name| name.as_str());
        let Some(trunk) = endpoint.or(item.name.as_deref()).map(bounded) else {
            return;
        };
        if let Some(endpoint) = endpoint {
            self.becomes_trunk(&format!("PJSIP/{endpoint}"));
        }
        self.resync.trunks.remove(&trunk);
        self.directory.learn_registration(Registered {
            trunk: trunk.clone(),
            client_uri: bounded(item.client_uri.as_deref().unwrap_or_default()),
            server_uri: bounded(item.server_uri.as_deref().unwrap_or_default()),
        });
        if let Some(status) = &item.status {
            let registration = crate::observe::endpoint::registration_of(status);
            self.set_trunk_registration(&trunk, registration, at);
        }
    }

    /// A mailbox tells the name of its owner, before the first call of that phone does.
    fn on_list_mailbox(&mut self, message: &Message, at: Timestamp) {
        if message.event_name() == Some("VoicemailUserEntryComplete") {
            self.resync.complete(List::Mailboxes);
            return;
        }
        let Some(number) = message.get("VoiceMailbox") else {
            return;
        };
        if let Some(new) = message
            .get("NewMessageCount")
            .and_then(|count| count.parse().ok())
        {
            self.set_voicemail(&number, new, at);
        }
        let Some(name) = message
            .get("Fullname")
            .filter(|name| !name.is_empty() && *name != "(null)")
        else {
            return;
        };
        let Some(row) = self.board.extensions.get_mut(&*number) else {
            return;
        };
        if row.name.is_none() {
            row.name = Some(bounded(&name));
            self.mark(Key::Extension(number.into_owned()));
        }
    }
}

/// Seconds of `HH:MM:SS`.
fn seconds(duration: &str) -> Option<u64> {
    duration.split(':').try_fold(0u64, |sum, part| {
        sum.checked_mul(60)?.checked_add(part.parse().ok()?)
    })
}

/// Per cent in tenths.
fn tenths(percent: Option<f64>) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 1000"
    )]
    let tenths = (percent.unwrap_or(0.0) * 10.0).round().clamp(0.0, 1_000.0) as u32;
    tenths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_full() {
        assert_eq!(seconds("01:02:03"), Some(3_723));
        assert_eq!(seconds("x"), None);
    }
}
