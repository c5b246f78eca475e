//! Birth, state, caller id, hold and end of channels.

use ami::event::channel::{Hangup, VarSet};
use ami::{ChannelRef, ChannelState};

use crate::live::channel::{ChannelSlot, Far};
use crate::members::Notice;
use crate::switchboard::bounded;
use crate::{EndedBy, LegRole, Mes, MomentKind, Switchboard, Timestamp};

impl Switchboard {
    pub(super) fn on_newchannel(&mut self, channel: &ChannelRef<'_>, at: Timestamp) {
        let Some(uid) = channel.uniqueid.as_ref() else {
            self.counters.incomplete_events += 1;
            return;
        };
        if !self.recent.contains(uid.as_str()) {
            self.birth(channel, at, Notice::Born);
        }
    }

    pub(super) fn on_newstate(&mut self, channel: &ChannelRef<'_>, at: Timestamp) {
        if let (Some(slot), Some(state)) = (self.seen(channel, at), channel.state) {
            self.set_state(slot, state, at);
        }
    }

    pub(crate) fn set_state(&mut self, slot: ChannelSlot, state: ChannelState, at: Timestamp) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        channel.state = state;
        let call = channel.call;
        let rings = state == ChannelState::Ringing && !channel.rang && channel.takes_part();
        channel.rang |= rings;
        if state == ChannelState::Up {
            channel.answered.get_or_insert(at);
            if channel.role == LegRole::Caller
                && let Some(live) = self.calls.get_mut(call)
            {
                live.served = true;
            }
        }
        if state == ChannelState::Up {
            self.first_sign(slot, at);
        }
        if rings {
            self.tell_ringing(slot, at);
        }
        self.touch(call);
    }

    pub(crate) fn tell_ringing(&mut self, slot: ChannelSlot, at: Timestamp) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        channel.rang = true;
        let (call, party) = (channel.call, channel.party.clone());
        self.first_sign(slot, at);
        self.tell(call, at, MomentKind::Ringing { party });
    }

    /// A trunk that was dialled gives its first sign.
    fn first_sign(&mut self, slot: ChannelSlot, at: Timestamp) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        if let Some(dialled) = channel.dialled_at.take()
            && let Some(live) = self.calls.get_mut(channel.call)
        {
            live.quality.pdd_ms.get_or_insert(at.since_ms(dialled));
        }
    }

    /// Only the outside world is known by the caller id of its channel.
    pub(super) fn on_new_caller_id(&mut self, channel: &ChannelRef<'_>, at: Timestamp) {
        let Some(slot) = self.seen(channel, at) else {
            return;
        };
        let Some(found) = self
            .channels
            .get_mut(slot)
            .filter(|found| found.far == Far::Trunk)
        else {
            return;
        };
        if let Some(number) = channel.caller_number.as_deref()
            && number != found.party.number
        {
            found.party.number = bounded(number);
        }
        if let Some(name) = channel.caller_name.as_deref() {
            found.party.name = Some(bounded(name));
        }
        let (call, role, party) = (found.call, found.role, found.party.clone());
        if role == LegRole::Caller
            && let Some(row) = self.row_mut(call)
        {
            row.story.edit(|moments| {
                if let Some(MomentKind::Started { caller, .. }) =
                    moments.first_mut().map(|moment| &mut moment.what)
                {
                    *caller = party;
                }
            });
        }
        self.touch(call);
    }

    pub(super) fn on_hangup_request(&mut self, channel: &ChannelRef<'_>, at: Timestamp) {
        if let Some(slot) = self.known(channel)
            && let Some(found) = self.channels.get_mut(slot)
        {
            found.hung_up.get_or_insert(at);
        }
    }

    pub(super) fn on_hangup(&mut self, event: &Hangup<'_>, at: Timestamp) {
        match self.known(&event.channel) {
            Some(slot) => {
                self.remove_channel(slot, event.cause.map_or(0, ami::Cause::code), at, EndedBy::Pbx)
            }
            None => {
                if let Some(uid) = &event.channel.uniqueid {
                    self.recent.insert(uid.as_str());
                }
            }
        }
    }

    pub(super) fn on_hold(&mut self, channel: &ChannelRef<'_>, at: Timestamp) {
        let Some(slot) = self.seen(channel, at) else {
            return;
        };
        let Some(found) = self.channels.get(slot) else {
            return;
        };
        let serial = found
            .bridge
            .and_then(|bridge| self.bridges.get(bridge))
            .map(|bridge| bridge.serial);
        let (call, party, before) = (found.call, found.party.clone(), found.holding);
        if serial.is_none() || before == serial {
            return;
        }
        if let Some(found) = self.channels.get_mut(slot) {
            found.holding = serial;
        }
        self.tell(call, at, MomentKind::Held { party });
        self.touch(call);
    }

    pub(super) fn on_unhold(&mut self, channel: &ChannelRef<'_>, at: Timestamp) {
        let Some(slot) = self.seen(channel, at) else {
            return;
        };
        let Some(found) = self.channels.get_mut(slot) else {
            return;
        };
        let (call, party) = (found.call, found.party.clone());
        if found.holding.take().is_some() {
            self.tell(call, at, MomentKind::Resumed { party });
            self.touch(call);
        }
    }

    /// How a leg sounded, told as it ends.
    fn on_measured(&mut self, slot: ChannelSlot, value: &str, at: Timestamp) {
        let [from, to] = Mes::both(value);
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        if (from, to) == (None, None) || !channel.takes_part() {
            return;
        }
        let (call, party) = (channel.call, channel.party.clone());
        if let Some(live) = self.calls.get_mut(call) {
            live.quality.heard(from);
            live.quality.heard(to);
        }
        self.tell(call, at, MomentKind::Sounded { party, from, to });
    }

    /// Three variables are read: `QUEUESTATUS` alone tells a timeout from a caller who gave up, `MIXMONITOR_FILENAME` where
    /// a call is recorded to, and `RTPAUDIOQOSMES` how it sounded.
    pub(super) fn on_variable(&mut self, event: &VarSet<'_>, at: Timestamp) {
        let slot = event
            .uniqueid
            .as_ref()
            .and_then(|uid| self.by_uid.get(uid.as_str()));
        let (Some(slot), Some(value)) = (slot.copied(), event.value.as_deref()) else {
            return;
        };
        match event.variable.as_deref() {
            Some("QUEUESTATUS") => self.on_queue_status(slot, value, at),
            Some("MIXMONITOR_FILENAME") => self.on_recorded_to(slot, value),
            Some("RTPAUDIOQOSMES") => self.on_measured(slot, value, at),
            _ => {}
        }
    }
}
