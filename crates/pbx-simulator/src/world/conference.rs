//! The conference room.

use crate::company::ROOM;
use crate::wire::{Class, Text};

use super::bridge::Kind;
use super::{Doing, Key, Room, Seat, World};

impl World {
    /// `ConfBridge`: a channel enters the room.
    pub(crate) fn send_to_conference(&mut self, key: Key) {
        self.answer_channel(key);
        if let Some(channel) = self.channel_mut(key) {
            channel.priority = 2;
            channel.doing = Doing::Conference;
        }
        let data = format!("{ROOM},default_bridge,default_user");
        self.noise_application(key, "ConfBridge", &data);
        self.begin_record(key, ROOM, "ConfBridge", &data, "");
        let now_ms = self.now_ms;
        if let Some(record) = self.channel_mut(key).and_then(|channel| channel.record.as_mut()) {
            record.answer_ms = Some(now_ms);
        }
        let first = self.room.is_none();
        if first {
            let bridge = self.create_bridge(Kind::CONFERENCE);
            if let Some(found) = self.bridges.get(&bridge) {
                let text = Text::event("ConfbridgeStart", Class::CALL)
                    .with("Conference", ROOM)
                    .bridge("", found, 1);
                self.emit(text);
            }
            // The announcer's own two channels are never shown, only counted.
            self.next_uniqueid += 2;
            self.room = Some(Room {
                bridge,
                seats: Vec::new(),
                locked: false,
                recording: false,
            });
            self.tell_extension(ROOM, &format!("confbridge:{ROOM}"), 1);
            self.tell_device(&format!("confbridge:{ROOM}"), "INUSE");
        }
        let Some(room) = self.room.as_mut() else { return };
        room.seats.push(Seat {
            key,
            admin: false,
            muted: false,
            since_ms: now_ms,
        });
        let bridge = room.bridge;
        self.enter(bridge, key);
        self.say_seat("ConfbridgeJoin", key, |text| {
            text.with("Admin", "No").with("Muted", "No")
        });
        self.when_in_conference(key);
    }

    /// Says an event of the room about one channel.
    pub(crate) fn say_seat(&mut self, name: &str, key: Key, more: impl FnOnce(Text) -> Text) {
        let Some(room) = &self.room else { return };
        let (Some(bridge), Some(channel)) = (self.bridges.get(&room.bridge), self.channels.get(&key)) else {
            return;
        };
        let text = Text::event(name, Class::CALL)
            .with("Conference", ROOM)
            .bridge("", bridge, bridge.members.len())
            .channel("", channel);
        let text = more(text);
        self.emit(text);
    }

    /// Says an event of the room itself.
    pub(crate) fn say_room(&mut self, name: &str) {
        let Some(room) = &self.room else { return };
        if let Some(bridge) = self.bridges.get(&room.bridge) {
            let text = Text::event(name, Class::CALL).with("Conference", ROOM).bridge(
                "",
                bridge,
                bridge.members.len(),
            );
            self.emit(text);
        }
    }

    /// A channel leaves the room and goes on living.
    pub(crate) fn stand_up(&mut self, key: Key) {
        self.say_seat("ConfbridgeLeave", key, |text| text.with("Admin", "No"));
        self.leave(key);
        let Some(room) = self.room.as_mut() else { return };
        room.seats.retain(|seat| seat.key != key);
        if room.seats.is_empty() {
            let bridge = room.bridge;
            self.tell_device(&format!("confbridge:{ROOM}"), "NOT_INUSE");
            self.tell_extension(ROOM, &format!("confbridge:{ROOM}"), 0);
            self.say_room("ConfbridgeEnd");
            self.room = None;
            self.destroy_bridge(bridge);
        }
    }

    pub(crate) fn leave_conference(&mut self, key: Key, cause: u16) {
        self.stand_up(key);
        self.soft(key);
        self.bury(key, cause);
    }

    /// Mutes or unmutes. False when the channel is not in the room.
    pub(crate) fn mute(&mut self, key: Key, muted: bool) -> bool {
        let Some(seat) = self
            .room
            .as_mut()
            .and_then(|room| room.seats.iter_mut().find(|seat| seat.key == key))
        else {
            return false;
        };
        seat.muted = muted;
        let name = if muted {
            "ConfbridgeMute"
        } else {
            "ConfbridgeUnmute"
        };
        self.say_seat(name, key, |text| text.with("Admin", "No"));
        true
    }
}
