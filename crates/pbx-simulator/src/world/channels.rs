//! Making channels, changing them, and saying what is said about every one.

use crate::company::{FROM_TRUNK, INTERNAL};
use crate::wire::{Class, Text};

use super::{Channel, ChannelState, Device, Key, MAX_CHANNELS, Party, World};

impl World {
    pub(crate) fn channel_mut(&mut self, key: Key) -> Option<&mut Channel> {
        self.channels.get_mut(&key)
    }

    /// The identity a device's own channel has.
    pub(crate) fn identity(&self, device: Device) -> Party {
        match device {
            Device::Phone(at) => self
                .company
                .people
                .get(at)
                .map_or_else(Party::default, |person| Party::new(&person.number, person.name)),
            Device::Line(_) | Device::Local => Party::default(),
        }
    }

    /// `PJSIP/1001`.
    pub(crate) fn interface(&self, device: Device) -> String {
        match device {
            Device::Phone(at) => {
                let number = self
                    .company
                    .people
                    .get(at)
                    .map_or("", |person| person.number.as_str());
                format!("PJSIP/{number}")
            }
            Device::Line(at) => {
                format!(
                    "PJSIP/{}",
                    self.company.lines.get(at).map_or("", |line| line.name)
                )
            }
            Device::Local => "Local/s@default".to_owned(),
        }
    }

    pub(crate) fn new_uniqueid(&mut self) -> String {
        let id = format!("{}.{}", self.now_ms / 1000, self.next_uniqueid);
        self.next_uniqueid += 1;
        id
    }

    /// Makes a channel of a device and says nothing yet. `None` when the PBX is full.
    pub(crate) fn add_channel(
        &mut self,
        device: Device,
        uniqueid: Option<String>,
        linked_to: Option<Key>,
    ) -> Option<Key> {
        if self.channels.len() >= MAX_CHANNELS {
            return None;
        }
        let name = format!("{}-{:08x}", self.interface(device), self.next_name);
        self.next_name = self.next_name.wrapping_add(1);
        // The counter goes on, whoever chooses the id.
        let counted = self.new_uniqueid();
        let uniqueid = uniqueid.unwrap_or(counted);
        let linkedid = linked_to
            .and_then(|key| self.channels.get(&key))
            .map_or_else(|| uniqueid.clone(), |other| other.linkedid.clone());
        let mut channel = Channel::new(name, uniqueid, linkedid, device, self.now_ms);
        channel.caller = self.identity(device);
        if matches!(device, Device::Line(_)) {
            FROM_TRUNK.clone_into(&mut channel.context);
        }
        Some(self.insert(channel))
    }

    /// Makes both halves of a Local pair.
    pub(crate) fn add_local_pair(&mut self, exten: &str, linked_to: Key) -> Option<(Key, Key)> {
        if self.channels.len() + 1 >= MAX_CHANNELS {
            return None;
        }
        let linkedid = self.channels.get(&linked_to)?.linkedid.clone();
        let base = format!("Local/{exten}@{INTERNAL}-{:08x}", self.next_local);
        self.next_local = self.next_local.wrapping_add(1);
        let mut half = |suffix: &str, state| {
            let uniqueid = self.new_uniqueid();
            let mut channel = Channel::new(
                format!("{base};{suffix}"),
                uniqueid,
                linkedid.clone(),
                Device::Local,
                self.now_ms,
            );
            channel.state = state;
            exten.clone_into(&mut channel.exten);
            self.insert(channel)
        };
        let near = half("1", ChannelState::Down);
        let far = half("2", ChannelState::Ring);
        for (one, other) in [(near, far), (far, near)] {
            if let Some(channel) = self.channel_mut(one) {
                channel.other_half = Some(other);
                channel.outgoing = one == near;
            }
        }
        Some((near, far))
    }

    fn insert(&mut self, channel: Channel) -> Key {
        let key = Key(self.next_key);
        self.next_key += 1;
        self.touched.insert(channel.device);
        self.channels.insert(key, channel);
        key
    }

    /// Says an event that holds a channel and nothing else.
    pub(crate) fn say(&mut self, name: &str, key: Key) {
        self.say_with(name, Class::CALL, key, |text| text);
    }

    /// Says an event that begins with a channel.
    pub(crate) fn say_with(&mut self, name: &str, class: Class, key: Key, more: impl FnOnce(Text) -> Text) {
        if let Some(channel) = self.channels.get(&key) {
            let text = more(Text::event(name, class).channel("", channel));
            self.emit(text);
        }
    }

    /// An event of a caller, if there is one, and the channel it calls.
    pub(crate) fn pair_text(&self, name: &str, class: Class, caller: Option<Key>, dest: Key) -> Option<Text> {
        let dest = self.channels.get(&dest)?;
        let text = Text::event(name, class);
        let text = match caller.and_then(|key| self.channels.get(&key)) {
            Some(channel) => text.channel("", channel),
            None => text,
        };
        Some(text.channel("Dest", dest))
    }

    /// Says such an event.
    pub(crate) fn say_pair(
        &mut self,
        name: &str,
        class: Class,
        caller: Option<Key>,
        dest: Key,
        more: impl FnOnce(Text) -> Text,
    ) {
        if let Some(text) = self.pair_text(name, class, caller, dest) {
            self.emit(more(text));
        }
    }

    /// Changes the state and says so.
    pub(crate) fn set_state(&mut self, key: Key, state: ChannelState) {
        let now_ms = self.now_ms;
        let Some(channel) = self.channel_mut(key) else {
            return;
        };
        if channel.state == state {
            return;
        }
        channel.state = state;
        if state == ChannelState::Up && channel.answered_ms.is_none() {
            channel.answered_ms = Some(now_ms);
        }
        let device = channel.device;
        self.touched.insert(device);
        self.say("Newstate", key);
    }

    /// Tells a channel who is at the other end.
    pub(crate) fn set_connected(&mut self, key: Key, party: Party) {
        if let Some(channel) = self.channel_mut(key) {
            channel.connected = party;
            self.say("NewConnectedLine", key);
        }
    }

    pub(crate) fn caller_of(&self, key: Key) -> Party {
        self.channels
            .get(&key)
            .map_or_else(Party::default, |channel| channel.caller.clone())
    }

    pub(crate) fn is_up(&self, key: Key) -> bool {
        self.channels
            .get(&key)
            .is_some_and(|channel| channel.state == ChannelState::Up)
    }
}
