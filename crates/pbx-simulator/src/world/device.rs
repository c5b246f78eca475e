//! Device and extension states: worked out from the channels, told when they differ from what was told.

use crate::company::{INTERNAL, ROOM};
use crate::wire::{Class, Text};

use super::{ChannelState, Device, LineLive, Phone, World};

/// What was last told about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) device: &'static str,
    pub(crate) extension: u8,
}

impl Default for Told {
    fn default() -> Self {
        Told {
            device: "UNKNOWN",
            extension: 0,
        }
    }
}

impl Default for Phone {
    fn default() -> Self {
        Phone {
            registered: true,
            dnd: false,
            new_messages: 0,
            old_messages: 0,
            told: Told::default(),
        }
    }
}

impl Default for LineLive {
    fn default() -> Self {
        LineLive {
            registration: "Registered",
            told: Told::default(),
        }
    }
}

/// `StatusText` of an extension status.
pub(crate) fn status_text(status: u8) -> &'static str {
    match status {
        0 => "Idle",
        1 => "InUse",
        2 => "Busy",
        4 => "Unavailable",
        8 => "Ringing",
        9 => "InUse&Ringing",
        16 => "Hold",
        17 => "InUse&Hold",
        _ => "Unknown",
    }
}

/// The number queues give a device state.
pub(crate) fn member_status(device: &str) -> u8 {
    match device {
        "NOT_INUSE" => 1,
        "INUSE" => 2,
        "BUSY" => 3,
        "INVALID" => 4,
        "UNAVAILABLE" => 5,
        "RINGING" => 6,
        "RINGINUSE" => 7,
        "ONHOLD" => 8,
        _ => 0,
    }
}

impl World {
    /// The state of a device now.
    pub(crate) fn device_state(&self, device: Device) -> &'static str {
        let (mut ringing, mut in_use, mut held, mut busy) = (false, false, false, false);
        for channel in self.channels.values().filter(|channel| channel.device == device) {
            match channel.state {
                ChannelState::Ringing => ringing = true,
                ChannelState::Up if channel.held => held = true,
                ChannelState::Up | ChannelState::Ring => in_use = true,
                ChannelState::Busy => busy = true,
                ChannelState::Down => {}
            }
        }
        let there = match device {
            Device::Phone(at) => self.phones.get(at).is_some_and(|phone| phone.registered),
            Device::Line(at) => self
                .lines
                .get(at)
                .is_some_and(|line| line.registration == "Registered"),
            Device::Local => true,
        };
        match (ringing, in_use, held, busy) {
            (true, false, false, _) => "RINGING",
            (true, _, _, _) => "RINGINUSE",
            (false, true, _, _) => "INUSE",
            (false, false, true, _) => "ONHOLD",
            (false, false, false, true) => "BUSY",
            (false, false, false, false) if there => "NOT_INUSE",
            (false, false, false, false) => "UNAVAILABLE",
        }
    }

    fn extension_state(&self, at: usize, device: &str) -> u8 {
        let dnd = self.phones.get(at).is_some_and(|phone| phone.dnd);
        match device {
            "RINGING" => 8,
            "RINGINUSE" => 9,
            _ if dnd => 2,
            "INUSE" => 1,
            "BUSY" => 2,
            "ONHOLD" => 16,
            "UNAVAILABLE" => 4,
            _ => 0,
        }
    }

    /// What the hint of a person watches.
    pub(crate) fn hint(&self, at: usize) -> String {
        let number = self
            .company
            .people
            .get(at)
            .map_or("", |person| person.number.as_str());
        format!("PJSIP/{number}&Custom:DND{number},CustomPresence:{number}")
    }

    pub(crate) fn touch(&mut self, device: Device) {
        self.touched.insert(device);
    }

    /// Takes every state as told, without telling.
    pub(super) fn remember_devices(&mut self) {
        for at in 0..self.phones.len() {
            let device = self.device_state(Device::Phone(at));
            let extension = self.extension_state(at, device);
            if let Some(phone) = self.phones.get_mut(at) {
                phone.told = Told { device, extension };
            }
        }
        for at in 0..self.lines.len() {
            let device = self.device_state(Device::Line(at));
            if let Some(line) = self.lines.get_mut(at) {
                line.told.device = device;
            }
        }
        for at in 0..self.queues.len() {
            let now = [self.queue_state(at), self.queue_available(at)];
            if let Some(told) = self.told_queues.get_mut(at) {
                *told = now.map(Some);
            }
        }
    }

    /// Tells every state that changed since it was last told.
    pub(crate) fn settle(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        let mut phones_changed = false;
        for device in touched {
            let state = self.device_state(device);
            match device {
                Device::Phone(at) => phones_changed |= self.tell_phone(at, state),
                Device::Line(at) => {
                    let Some(line) = self.lines.get_mut(at) else {
                        continue;
                    };
                    if line.told.device != state {
                        line.told.device = state;
                        let name = self.interface(device);
                        self.tell_device(&name, state);
                    }
                }
                Device::Local => {}
            }
        }
        if phones_changed || std::mem::take(&mut self.queues_touched) {
            self.tell_queues();
        }
    }

    fn tell_phone(&mut self, at: usize, state: &'static str) -> bool {
        let status = self.extension_state(at, state);
        let Some(phone) = self.phones.get_mut(at) else {
            return false;
        };
        let told = phone.told;
        phone.told = Told {
            device: state,
            extension: status,
        };
        if told.extension != status
            && let Some(number) = self.company.people.get(at).map(|person| person.number.clone())
        {
            let hint = self.hint(at);
            self.tell_extension(&number, &hint, status);
        }
        if told.device == state {
            return false;
        }
        let interface = self.interface(Device::Phone(at));
        self.tell_device(&interface, state);
        for queue in 0..self.queues.len() {
            self.say_member("QueueMemberStatus", queue, &interface);
        }
        true
    }

    pub(crate) fn tell_extension(&mut self, exten: &str, hint: &str, status: u8) {
        let text = Text::event("ExtensionStatus", Class::CALL)
            .with("Exten", exten)
            .with("Context", INTERNAL)
            .with("Hint", hint)
            .with("Status", status)
            .with("StatusText", status_text(status));
        self.emit(text);
    }

    pub(crate) fn tell_device(&mut self, device: &str, state: &str) {
        let text = Text::event("DeviceStateChange", Class::CALL)
            .with("Device", device)
            .with("State", state);
        self.emit(text);
    }

    fn tell_queues(&mut self) {
        for at in 0..self.queues.len() {
            let now = [self.queue_state(at), self.queue_available(at)];
            let Some(told) = self.told_queues.get_mut(at) else {
                continue;
            };
            let before = std::mem::replace(told, now.map(Some));
            let name = self.company.queues.get(at).map_or("", |plan| plan.name);
            for (suffix, state, was) in [("", now[0], before[0]), ("_avail", now[1], before[1])] {
                if was != Some(state) {
                    self.tell_device(&format!("Queue:{name}{suffix}"), state);
                }
            }
        }
    }

    /// `RINGING` while somebody waits.
    pub(crate) fn queue_state(&self, at: usize) -> &'static str {
        match self.queues.get(at) {
            Some(queue) if !queue.waiting.is_empty() => "RINGING",
            Some(_) | None => "NOT_INUSE",
        }
    }

    /// `NOT_INUSE` while an agent is free.
    pub(crate) fn queue_available(&self, at: usize) -> &'static str {
        let free = self.queues.get(at).is_some_and(|queue| {
            queue
                .members
                .iter()
                .any(|member| member.paused.is_none() && self.member_device(member) == "NOT_INUSE")
        });
        if free { "NOT_INUSE" } else { "INUSE" }
    }

    /// Every device and its state, as `DeviceStateList` has them.
    pub(crate) fn devices(&self) -> Vec<(String, &'static str)> {
        let mut all = Vec::new();
        for at in 0..self.phones.len() {
            all.push((
                self.interface(Device::Phone(at)),
                self.device_state(Device::Phone(at)),
            ));
        }
        for (phone, person) in self.phones.iter().zip(&self.company.people) {
            if phone.dnd {
                all.push((format!("Custom:DND{}", person.number), "BUSY"));
            }
            if person.mailbox {
                let waiting = if phone.new_messages > 0 {
                    "INUSE"
                } else {
                    "NOT_INUSE"
                };
                all.push((format!("MWI:{}@default", person.number), waiting));
            }
        }
        for at in 0..self.lines.len() {
            all.push((
                self.interface(Device::Line(at)),
                self.device_state(Device::Line(at)),
            ));
        }
        for at in 0..self.queues.len() {
            let name = self.company.queues.get(at).map_or("", |plan| plan.name);
            all.push((format!("Queue:{name}"), self.queue_state(at)));
            all.push((format!("Queue:{name}_avail"), self.queue_available(at)));
        }
        for space in crate::company::SPACES {
            let state = if self.parking.contains_key(&space) {
                "INUSE"
            } else {
                "NOT_INUSE"
            };
            all.push((format!("park:{space}@parkedcalls"), state));
        }
        let room = if self.room.is_some() { "INUSE" } else { "NOT_INUSE" };
        all.push((format!("confbridge:{ROOM}"), room));
        all
    }

    /// Every hint and its state: number, hint, status.
    pub(crate) fn hints(&self) -> Vec<(String, String, u8)> {
        let people = self.company.people.iter().enumerate().map(|(at, person)| {
            let device = self.device_state(Device::Phone(at));
            (
                person.number.clone(),
                self.hint(at),
                self.extension_state(at, device),
            )
        });
        let spaces = crate::company::SPACES.map(|space| {
            let taken = u8::from(self.parking.contains_key(&space));
            (space.to_string(), format!("park:{space}@parkedcalls"), taken)
        });
        let room = (
            ROOM.to_owned(),
            format!("confbridge:{ROOM}"),
            u8::from(self.room.is_some()),
        );
        people.chain(spaces).chain(std::iter::once(room)).collect()
    }
}
