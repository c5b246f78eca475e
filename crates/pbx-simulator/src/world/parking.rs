//! The parking lot.

use crate::company::PARKING_S;
use crate::wire::{Class, Text};

use super::bridge::Kind;
use super::{By, Device, Doing, Key, Parked, Task, World};

/// Milliseconds between answering the taker and joining the two.
const TAKE_MS: u64 = 500;
/// Milliseconds until the phone that parked a call is let go, once the call is taken.
const RELEASE_MS: u64 = 520;

impl World {
    /// The headers of a parking event.
    pub(crate) fn parking_text(&self, text: Text, space: u16, taker: Option<Key>) -> Option<Text> {
        let parked = self.parking.get(&space)?;
        let mut text = text.channel("Parkee", self.channels.get(&parked.parkee)?);
        if let Some(taker) = taker.and_then(|key| self.channels.get(&key)) {
            text = text.channel("Retriever", taker);
        }
        let text = text
            .with("ParkerDialString", &parked.parker_dial)
            .with("Parkinglot", "default")
            .with("ParkingSpace", space)
            .with(
                "ParkingTimeout",
                parked.until_ms.saturating_sub(self.now_ms) / 1000,
            )
            .with(
                "ParkingDuration",
                self.now_ms.saturating_sub(parked.since_ms) / 1000,
            );
        Some(text)
    }

    fn say_parking(&mut self, name: &str, space: u16, taker: Option<Key>) {
        if let Some(text) = self.parking_text(Text::event(name, Class::CALL), space, taker) {
            self.emit(text);
        }
    }

    fn tell_space(&mut self, space: u16, taken: bool) {
        self.tell_device(
            &format!("park:{space}@parkedcalls"),
            if taken { "INUSE" } else { "NOT_INUSE" },
        );
        self.tell_extension(
            &space.to_string(),
            &format!("park:{space}@parkedcalls"),
            u8::from(taken),
        );
    }

    /// Puts a channel into a free space. `None` when it is in no bridge or all spaces are taken.
    pub(crate) fn park(&mut self, parkee: Key, parker: Option<Key>, timeout_ms: Option<u64>) -> Option<u16> {
        let space = self.free_space()?;
        let channel = self.channels.get(&parkee)?;
        if matches!(channel.doing, Doing::Parked(_)) {
            return None;
        }
        let parker = parker.or_else(|| self.peer(parkee)).filter(|key| *key != parkee);
        let dial_for = parker.and_then(|key| self.channels.get(&key)).unwrap_or(channel);
        let parker_dial = self.interface(dial_for.device);
        let wait_ms = timeout_ms.unwrap_or_else(|| self.human_ms(PARKING_S * 1000));
        self.agent_completes(parkee, parker, false);
        for key in std::iter::once(parkee).chain(parker) {
            self.forget_hold(key);
        }
        let lot = match self.parking_bridge {
            Some(bridge) => bridge,
            None => {
                let bridge = self.create_bridge(Kind::PARKING);
                self.parking_bridge = Some(bridge);
                bridge
            }
        };
        let since_ms = self.now_ms;
        self.parking.insert(
            space,
            Parked {
                parkee,
                parker,
                parker_dial,
                since_ms,
                until_ms: since_ms + wait_ms,
            },
        );
        self.say_parking("ParkedCall", space, None);
        let left = self.leave(parkee);
        let old = left
            .and_then(|id| self.bridges.get(&id))
            .is_some_and(|bridge| bridge.members.is_empty());
        if let (true, Some(id)) = (old, left) {
            self.destroy_bridge(id);
        }
        if let Some(channel) = self.channel_mut(parkee) {
            channel.doing = Doing::Parked(space);
            channel.outgoing = false;
        }
        self.enter(lot, parkee);
        self.tell_space(space, true);
        self.music(parkee, true);
        self.close_record(parkee);
        self.begin_record(
            parkee,
            &space.to_string(),
            "Park",
            &format!("default:{space}"),
            "",
        );
        self.after(wait_ms, Task::ParkTimeout(space, parkee));
        self.when_parked(parkee, parker, space);
        Some(space)
    }

    /// Ends a hold on either side without a word: the bridge it was in is gone.
    pub(crate) fn forget_hold(&mut self, key: Key) {
        let Some(channel) = self.channel_mut(key) else {
            return;
        };
        let device = channel.device;
        channel.holding = false;
        if std::mem::replace(&mut channel.held, false) {
            self.music(key, false);
        }
        self.touch(device);
    }

    /// A phone dials a parking space.
    pub(crate) fn send_to_space(&mut self, key: Key, space: u16) {
        if let Some(channel) = self.channel_mut(key) {
            channel.go_to("from-internal", &space.to_string(), 1);
        }
        self.noise_application(key, "ParkedCall", &format!("default,{space}"));
        self.set_state(key, super::ChannelState::Up);
        let now_ms = self.now_ms;
        self.begin_record(
            key,
            &space.to_string(),
            "ParkedCall",
            &format!("default,{space}"),
            "",
        );
        if let Some(record) = self.channel_mut(key).and_then(|channel| channel.record.as_mut()) {
            record.answer_ms = Some(now_ms);
        }
        if self.parking.contains_key(&space) {
            self.after(TAKE_MS, Task::TakeParked(key, space));
        } else {
            self.soft(key);
            self.hang_up(key, 16, By::Pbx);
        }
    }

    pub(crate) fn take_parked(&mut self, taker: Key, space: u16) {
        if !self.channels.contains_key(&taker) {
            return;
        }
        let Some(parked) = self.parking.get(&space).cloned() else {
            return self.hang_up(taker, 16, By::Pbx);
        };
        let bridge = self.create_bridge(Kind::BASIC);
        self.music(parked.parkee, false);
        self.leave(parked.parkee);
        self.enter(bridge, parked.parkee);
        self.say_parking("UnParkedCall", space, Some(taker));
        self.enter(bridge, taker);
        self.parking.remove(&space);
        self.tell_space(space, false);
        let linkedid = self
            .channels
            .get(&parked.parkee)
            .map(|channel| channel.linkedid.clone());
        if let Some(channel) = self.channel_mut(taker)
            && let Some(linkedid) = linkedid
        {
            channel.linkedid = linkedid;
        }
        if let Some(channel) = self.channel_mut(parked.parkee) {
            channel.doing = Doing::Nothing;
        }
        let (one, other) = (self.caller_of(taker), self.caller_of(parked.parkee));
        self.set_connected(parked.parkee, one);
        self.set_connected(taker, other);
        self.noise_bridged(taker, parked.parkee);
        if let Some(parker) = parked.parker {
            self.after(RELEASE_MS, Task::ReleaseParker(parker));
        }
        self.when_talking(taker, parked.parkee);
    }

    /// The phone that parked a call and still listens is let go.
    pub(crate) fn release_parker(&mut self, key: Key) {
        let alone = self
            .channels
            .get(&key)
            .and_then(|channel| channel.bridge)
            .and_then(|id| self.bridges.get(&id))
            .is_some_and(|bridge| bridge.members.len() == 1);
        if alone {
            self.hang_up(key, 16, By::Pbx);
        }
    }

    /// The caller in the space hangs up.
    pub(crate) fn give_up_parking(&mut self, key: Key, space: u16, cause: u16) {
        self.say_parking("ParkedCallGiveUp", space, None);
        self.music(key, false);
        self.leave(key);
        let parked = self.parking.remove(&space);
        self.tell_space(space, false);
        self.soft(key);
        self.bury(key, cause);
        if let Some(parker) = parked.and_then(|parked| parked.parker) {
            self.release_parker(parker);
        }
    }

    /// Nobody took it: back to the phone that parked it.
    pub(crate) fn park_timeout(&mut self, space: u16, key: Key) {
        let Some(parked) = self.parking.get(&space).cloned() else {
            return;
        };
        if parked.parkee != key {
            return;
        }
        self.say_parking("ParkedCallTimeOut", space, None);
        self.music(key, false);
        self.leave(key);
        self.parking.remove(&space);
        self.tell_space(space, false);
        if let Some(parker) = parked.parker {
            self.release_parker(parker);
        }
        let number = parked.parker_dial.trim_start_matches("PJSIP/").to_owned();
        let Some(at) = self.company.person(&number) else {
            if let Some(channel) = self.channel_mut(key) {
                channel.doing = Doing::Nothing;
            }
            return self.hang_up(key, 16, By::Pbx);
        };
        if let Some(channel) = self.channel_mut(key) {
            channel.doing = Doing::Nothing;
            channel.go_to("park-dial", &format!("PJSIP_{number}"), 1);
        }
        self.noise_application(key, "Dial", &format!("PJSIP/{number},30"));
        self.dial(key, Device::Phone(at), &number);
    }
}
