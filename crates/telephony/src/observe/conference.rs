//! Conferences: a room is a row while somebody is in it; everybody's call stays a row of its own.

use ami::event::conference::{ConfbridgeJoin, ConfbridgeLeave};
use ami::{ChannelRef, ConferenceName};

use crate::live::channel::ChannelSlot;
use crate::switchboard::{MAX_IN_ROW, MAX_ROWS, bounded};
use crate::{Conference, Key, LegId, MomentKind, Participant, Switchboard, Timestamp};

impl Switchboard {
    pub(super) fn on_conference_join(&mut self, event: &ConfbridgeJoin<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let Some(room) = &event.conference else {
            self.counters.incomplete_events += 1;
            return;
        };
        if let Some(bridge) = self.bridge(&event.bridge) {
            self.enter_bridge(slot, bridge, at);
        }
        self.join_room(slot, room.as_str(), at);
        self.change_participant(room.as_str(), slot, |person| {
            person.muted = event.muted.unwrap_or(false);
            person.admin = event.admin.unwrap_or(false);
        });
    }

    /// Puts a channel into a room, making its row when it is the first.
    pub(crate) fn join_room(&mut self, slot: ChannelSlot, room: &str, at: Timestamp) {
        let name = bounded(room);
        if self
            .channels
            .get(slot)
            .is_none_or(|channel| channel.room.as_deref() == Some(name.as_str()))
        {
            return;
        }
        self.leave_room(slot, at);
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        channel.room = Some(name.as_str().into());
        let (call, party, leg) = (
            channel.call,
            channel.party.clone(),
            LegId(channel.uid.to_string()),
        );
        let Some(row) = self.row_mut(call) else { return };
        row.conference = Some(name.clone());
        let id = row.id.clone();
        self.tell(
            call,
            at,
            MomentKind::ConferenceJoined {
                room: name.clone(),
                party: party.clone(),
            },
        );
        self.touch(call);
        if !self.board.conferences.contains_key(&name) {
            if self.board.conferences.len() >= MAX_ROWS {
                self.counters.over_bounds += 1;
                return;
            }
            let row = Conference {
                room: name.clone(),
                participants: Vec::new(),
                locked: false,
                recording: false,
                since: at,
            };
            self.board.conferences.insert(name.clone(), row);
        }
        let Some(conference) = self.board.conferences.get_mut(&name) else {
            return;
        };
        if conference.participants.len() >= MAX_IN_ROW {
            self.counters.over_bounds += 1;
        } else {
            conference.participants.push(Participant {
                leg,
                call: id,
                party,
                muted: false,
                admin: false,
                since: at,
            });
        }
        self.mark(Key::Conference(name.clone()));
        self.touch_room(&name);
    }

    /// The others' calls look different when somebody comes or goes.
    fn touch_room(&mut self, room: &str) {
        let Some(conference) = self.board.conferences.get(room) else {
            return;
        };
        let legs: Vec<String> = conference
            .participants
            .iter()
            .map(|person| person.leg.0.clone())
            .collect();
        for leg in legs {
            let slot = self.by_uid.get(leg.as_str()).copied();
            if let Some(call) = slot
                .and_then(|slot| self.channels.get(slot))
                .map(|channel| channel.call)
            {
                self.touch(call);
            }
        }
    }

    pub(super) fn on_conference_leave(&mut self, event: &ConfbridgeLeave<'_>, at: Timestamp) {
        if let Some(slot) = self.known(&event.channel) {
            self.leave_room(slot, at);
        }
    }

    /// Takes a channel out of its room; an empty room is no row.
    pub(crate) fn leave_room(&mut self, slot: ChannelSlot, at: Timestamp) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        let Some(room) = channel.room.take() else { return };
        let (call, party, uid) = (channel.call, channel.party.clone(), channel.uid.clone());
        let name = bounded(&room);
        if let Some(row) = self.row_mut(call) {
            row.conference = None;
        }
        self.tell(
            call,
            at,
            MomentKind::ConferenceLeft {
                room: name.clone(),
                party,
            },
        );
        self.touch(call);
        if let Some(conference) = self.board.conferences.get_mut(&name) {
            conference.participants.retain(|person| *person.leg.0 != *uid);
            if conference.participants.is_empty() {
                self.board.conferences.remove(&name);
            }
            self.mark(Key::Conference(name));
        }
    }

    pub(super) fn on_conference_end(&mut self, room: &Option<ConferenceName<'_>>, at: Timestamp) {
        let Some(room) = room else { return };
        self.close_room(room.as_str(), at);
    }

    pub(crate) fn close_room(&mut self, room: &str, at: Timestamp) {
        let Some(conference) = self.board.conferences.get(room) else {
            return;
        };
        let legs: Vec<String> = conference
            .participants
            .iter()
            .map(|person| person.leg.0.clone())
            .collect();
        for leg in legs {
            if let Some(slot) = self.by_uid.get(leg.as_str()).copied() {
                self.leave_room(slot, at);
            }
        }
        if self.board.conferences.remove(room).is_some() {
            self.mark(Key::Conference(room.to_owned()));
        }
    }

    pub(crate) fn change_participant(
        &mut self,
        room: &str,
        slot: ChannelSlot,
        change: impl FnOnce(&mut Participant),
    ) {
        let Some(uid) = self.channels.get(slot).map(|channel| channel.uid.clone()) else {
            return;
        };
        let Some(conference) = self.board.conferences.get_mut(room) else {
            return;
        };
        let Some(person) = conference
            .participants
            .iter_mut()
            .find(|person| *person.leg.0 == *uid)
        else {
            return;
        };
        let before = (person.muted, person.admin);
        change(person);
        if before != (person.muted, person.admin) {
            self.mark(Key::Conference(room.to_owned()));
        }
    }

    pub(super) fn on_conference_mute(
        &mut self,
        room: &Option<ConferenceName<'_>>,
        channel: &ChannelRef<'_>,
        muted: bool,
    ) {
        if let (Some(room), Some(slot)) = (room, self.known(channel)) {
            self.change_participant(room.as_str(), slot, |person| person.muted = muted);
        }
    }

    pub(super) fn on_conference_recording(&mut self, room: &Option<ConferenceName<'_>>, recording: bool) {
        let Some(conference) = room
            .as_ref()
            .and_then(|room| self.board.conferences.get_mut(room.as_str()))
        else {
            return;
        };
        if conference.recording != recording {
            conference.recording = recording;
            let room = conference.room.clone();
            self.mark(Key::Conference(room));
        }
    }
}
