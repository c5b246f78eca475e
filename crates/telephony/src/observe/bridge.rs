//! Bridges and Local pairs.

use ami::BridgeRef;
use ami::event::bridge::BridgeEnter;
use ami::event::local::LocalBridge;

use crate::live::bridge::{Bridge, BridgeKind, BridgeSlot};
use crate::live::channel::ChannelSlot;
use crate::switchboard::{MAX_CHANNELS, bounded, fits};
use crate::{Switchboard, Timestamp};

impl Switchboard {
    pub(super) fn on_bridge_enter(&mut self, event: &BridgeEnter<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let Some(bridge) = self.bridge(&event.bridge) else {
            return;
        };
        self.enter_bridge(slot, bridge, at);
        // A channel that is let into a bridge in favour of another one is the same party.
        if let Some(swapped) = event
            .swap_uniqueid
            .as_ref()
            .and_then(|uid| self.by_uid.get(uid.as_str()).copied())
        {
            self.unite(slot, swapped, at);
        }
    }

    /// The bridge, made when it is new.
    pub(crate) fn bridge(&mut self, bridge: &BridgeRef<'_>) -> Option<BridgeSlot> {
        let Some(id) = &bridge.id else {
            self.counters.incomplete_events += 1;
            return None;
        };
        let kind = Bridge::kind_of(bridge);
        let room = bridge
            .name
            .as_deref()
            .filter(|_| kind == BridgeKind::Conference)
            .map(|room| bounded(room).into());
        if let Some(slot) = self.by_bridge.get(id.as_str()).copied() {
            if let Some(known) = self.bridges.get_mut(slot)
                && bridge.kind.is_some()
            {
                known.kind = kind;
                known.room = room;
            }
            return Some(slot);
        }
        if self.bridges.len() >= MAX_CHANNELS || !fits(id.as_str()) {
            self.counters.over_bounds += 1;
            return None;
        }
        self.bridge_serial += 1;
        let slot = self.bridges.insert(Bridge {
            id: id.as_str().into(),
            serial: self.bridge_serial,
            kind,
            room,
            members: Vec::new(),
        });
        self.by_bridge.insert(id.as_str().into(), slot);
        Some(slot)
    }

    /// Moves a channel into a bridge; where people talk its members' calls become one.
    pub(crate) fn enter_bridge(&mut self, slot: ChannelSlot, bridge: BridgeSlot, at: Timestamp) {
        let moved = self
            .channels
            .get(slot)
            .is_some_and(|channel| channel.bridge != Some(bridge));
        if moved {
            self.leave_bridge(slot);
        }
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        let Some(there) = self.bridges.get_mut(bridge) else {
            return;
        };
        channel.bridge = Some(bridge);
        if moved && channel.holding == Some(there.serial) {
            channel.holding = None;
        }
        let call = channel.call;
        let in_line = channel.queued.is_some() && there.kind == BridgeKind::Talk;
        if !there.members.contains(&slot) {
            there.members.push(slot);
        }
        let mate = there.members.iter().copied().find(|member| *member != slot);
        if there.kind == BridgeKind::Talk
            && let Some(mate) = mate
        {
            self.unite(mate, slot, at);
        }
        if in_line {
            self.taken_out_of_line(slot, at);
        }
        let call = self.channels.get(slot).map_or(call, |channel| channel.call);
        self.touch(call);
    }

    pub(super) fn on_bridge_leave(
        &mut self,
        channel: &ami::ChannelRef<'_>,
        bridge: &BridgeRef<'_>,
        at: Timestamp,
    ) {
        let Some(slot) = self.seen(channel, at) else {
            return;
        };
        let left = bridge
            .id
            .as_ref()
            .and_then(|id| self.by_bridge.get(id.as_str()).copied());
        if self
            .channels
            .get(slot)
            .is_some_and(|channel| channel.bridge.is_some() && channel.bridge == left)
        {
            self.leave_bridge(slot);
            // The conference says so too, up to a second later.
            self.leave_room(slot, at);
        }
    }

    /// Takes a channel out of its bridge; an empty bridge is forgotten.
    pub(crate) fn leave_bridge(&mut self, slot: ChannelSlot) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        let call = channel.call;
        let Some(bridge) = channel.bridge.take() else {
            return;
        };
        if let Some(there) = self.bridges.get_mut(bridge) {
            there.members.retain(|member| *member != slot);
            if there.members.is_empty() {
                self.forget_bridge(bridge);
            }
        }
        self.touch(call);
    }

    pub(crate) fn forget_bridge(&mut self, bridge: BridgeSlot) {
        if let Some(gone) = self.bridges.remove(bridge) {
            self.by_bridge.remove(&gone.id);
        }
    }

    pub(super) fn on_bridge_destroy(&mut self, bridge: &BridgeRef<'_>) {
        let Some(slot) = bridge
            .id
            .as_ref()
            .and_then(|id| self.by_bridge.get(id.as_str()).copied())
        else {
            return;
        };
        let members = self
            .bridges
            .get(slot)
            .map(|bridge| bridge.members.clone())
            .unwrap_or_default();
        for member in members {
            self.leave_bridge(member);
        }
        self.forget_bridge(slot);
    }

    pub(super) fn on_local_bridge(&mut self, event: &LocalBridge<'_>, at: Timestamp) {
        if let (Some(one), Some(two)) = (self.seen(&event.one, at), self.seen(&event.two, at)) {
            self.join_halves(one, two, at);
        }
    }
}
