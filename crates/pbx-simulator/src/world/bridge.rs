//! Bridges: who hears whom.

use crate::wire::{Class, Text};

use super::{Doing, Key, World};

/// What a bridge is for, in the words Asterisk uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    kind: &'static str,
    technology: &'static str,
    creator: &'static str,
    name: &'static str,
}

impl Kind {
    /// Two parties.
    pub(crate) const BASIC: Kind = Kind {
        kind: "basic",
        technology: "simple_bridge",
        creator: "<unknown>",
        name: "<unknown>",
    };
    /// The parking lot.
    pub(crate) const PARKING: Kind = Kind {
        kind: "parking",
        technology: "holding_bridge",
        creator: "Parking",
        name: "default",
    };
    /// A conference.
    pub(crate) const CONFERENCE: Kind = Kind {
        kind: "base",
        technology: "softmix",
        creator: "ConfBridge",
        name: crate::company::ROOM,
    };
}

/// A bridge and who is in it.
#[derive(Clone, Debug)]
pub(crate) struct Bridge {
    pub(crate) uniqueid: String,
    pub(crate) kind: Kind,
    pub(crate) members: Vec<Key>,
}

impl Text {
    /// The seven headers of a bridge snapshot, under this prefix.
    pub(crate) fn bridge(self, prefix: &str, bridge: &Bridge, channels: usize) -> Self {
        let name = |suffix: &str| format!("{prefix}{suffix}");
        self.with(&name("BridgeUniqueid"), &bridge.uniqueid)
            .with(&name("BridgeType"), bridge.kind.kind)
            .with(&name("BridgeTechnology"), bridge.kind.technology)
            .with(&name("BridgeCreator"), bridge.kind.creator)
            .with(&name("BridgeName"), bridge.kind.name)
            .with(&name("BridgeNumChannels"), channels)
            .with(&name("BridgeVideoSourceMode"), "none")
    }
}

impl World {
    pub(crate) fn create_bridge(&mut self, kind: Kind) -> u32 {
        let id = self.next_bridge;
        self.next_bridge += 1;
        let uniqueid = self.dice.uuid();
        self.bridges.insert(
            id,
            Bridge {
                uniqueid,
                kind,
                members: Vec::new(),
            },
        );
        self.say_bridge("BridgeCreate", id);
        id
    }

    pub(crate) fn say_bridge(&mut self, name: &str, id: u32) {
        if let Some(bridge) = self.bridges.get(&id) {
            let text = Text::event(name, Class::CALL).bridge("", bridge, bridge.members.len());
            self.emit(text);
        }
    }

    pub(crate) fn enter(&mut self, id: u32, key: Key) {
        let Some(bridge) = self.bridges.get_mut(&id) else {
            return;
        };
        bridge.members.push(key);
        let Some(channel) = self.channels.get_mut(&key) else {
            return;
        };
        channel.bridge = Some(id);
        let text = Text::event("BridgeEnter", Class::CALL)
            .bridge("", bridge, bridge.members.len())
            .channel("", channel);
        self.emit(text);
    }

    /// Takes a channel out of its bridge; nothing else moves.
    pub(crate) fn leave(&mut self, key: Key) -> Option<u32> {
        let channel = self.channels.get_mut(&key)?;
        let id = channel.bridge.take()?;
        let bridge = self.bridges.get_mut(&id)?;
        bridge.members.retain(|member| *member != key);
        let text = Text::event("BridgeLeave", Class::CALL)
            .bridge("", bridge, bridge.members.len())
            .channel("", channel);
        self.emit(text);
        Some(id)
    }

    pub(crate) fn destroy_bridge(&mut self, id: u32) {
        if self.bridges.contains_key(&id) {
            self.say_bridge("BridgeDestroy", id);
            self.bridges.remove(&id);
        }
    }

    /// The other one in a bridge of two.
    pub(crate) fn peer(&self, key: Key) -> Option<Key> {
        let bridge = self.bridges.get(&self.channels.get(&key)?.bridge?)?;
        if bridge.kind != Kind::BASIC || bridge.members.len() != 2 {
            return None;
        }
        bridge.members.iter().copied().find(|member| *member != key)
    }

    /// The person or trunk at the other end, through any Local pair.
    pub(crate) fn far_end(&self, key: Key) -> Option<Key> {
        let mut at = self.peer(key)?;
        // A chain of Local pairs is never longer than this.
        for _ in 0..8 {
            match self.channels.get(&at)?.other_half {
                Some(half) => at = self.peer(half)?,
                None => return Some(at),
            }
        }
        None
    }

    /// Puts an answered channel and its caller into a bridge of their own.
    pub(crate) fn join(&mut self, callee: Key, caller: Key) {
        for key in [callee, caller] {
            if let Some(channel) = self.channel_mut(key) {
                channel.doing = Doing::Nothing;
            }
        }
        let bridge = self.create_bridge(Kind::BASIC);
        self.noise_outgoing_line(callee);
        self.enter(bridge, callee);
        self.enter(bridge, caller);
        self.noise_bridged(callee, caller);
    }
}
