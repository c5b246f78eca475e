//! `ChanSpy` and `Bridge` on a channel named whole: listening to somebody, and taking somebody's place.

use crate::wire::Class;

use super::bridge::Kind;
use super::{By, ChannelState, Key, World};

impl World {
    /// `ChanSpy`: with `u`, until the one who is heard hangs up. Anything else hears nobody here.
    pub(crate) fn spy(&mut self, spyer: Key, data: &str) {
        let (name, options) = data.split_once(',').unwrap_or((data, ""));
        let heard = self
            .channel_named(name)
            .filter(|key| self.is_up(*key) && options.contains('u'));
        let (Some(heard), true) = (heard, self.channels.contains_key(&spyer)) else {
            return self.hang_up(spyer, 0, By::Pbx);
        };
        if let Some(channel) = self.channel_mut(spyer) {
            channel.spies_on = Some(heard);
        }
        self.say_spy("ChanSpyStart", spyer, heard);
    }

    fn say_spy(&mut self, name: &str, spyer: Key, heard: Key) {
        if let Some(heard) = self.channels.get(&heard).cloned() {
            let said = self.channels.get(&spyer).map(|spyer| {
                crate::wire::Text::event(name, Class::CALL)
                    .channel("Spyer", spyer)
                    .channel("Spyee", &heard)
            });
            if let Some(text) = said {
                self.emit(text);
            }
        }
    }

    /// A channel is about to end: it hears nobody any more, and whoever hears it is hung up.
    pub(crate) fn end_spying(&mut self, key: Key) {
        if let Some(heard) = self.channel_mut(key).and_then(|channel| channel.spies_on.take()) {
            self.say_spy("ChanSpyStop", key, heard);
        }
        let spies = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.spies_on == Some(key));
        for spy in spies.map(|(spy, _)| *spy).collect::<Vec<_>>() {
            self.hang_up(spy, 0, By::Pbx);
        }
    }

    /// `Bridge`: takes the named channel out of the company it is in, whose other side is hung up.
    pub(crate) fn join_instead(&mut self, taker: Key, data: &str) {
        let name = data.split(',').next().unwrap_or_default();
        let other = self
            .channel_named(name)
            .filter(|key| self.is_up(*key) && *key != taker);
        let Some(other) = other else {
            return self.hang_up(taker, 16, By::Pbx);
        };
        let left = self.peer(other);
        let bridge = self.create_bridge(Kind::BASIC);
        let before = self.leave(other);
        self.enter(bridge, other);
        self.set_state(taker, ChannelState::Up);
        let linked = self.channels.get(&other).map(|other| other.linkedid.clone());
        if let (Some(channel), Some(linked)) = (self.channel_mut(taker), linked) {
            channel.linkedid = linked;
        }
        if let Some(left) = left {
            self.agent_completes(other, Some(left), false);
            self.hang_up(left, 16, By::Pbx);
        } else if let Some(before) = before {
            self.destroy_bridge(before);
        }
        self.enter(bridge, taker);
    }
}
