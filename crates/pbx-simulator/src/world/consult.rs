//! Attended transfer as `Atxfer` does it: the phone consults through a Local pair while the other side
//! listens to music; when it hangs up, the bridges merge.

use crate::company::INTERNAL;
use crate::wire::{Class, Text};

use super::bridge::Kind;
use super::channel::Consultation;
use super::{By, ChannelState, Device, Doing, Key, Party, Task, World};

/// Milliseconds until the digits are dialled.
const DIGITS_MS: u64 = 400;

impl World {
    /// `Atxfer`: begins. False when the channel talks to nobody or consults already.
    pub(crate) fn attended_transfer(&mut self, key: Key, exten: &str) -> bool {
        let Some(peer) = self.peer(key) else { return false };
        if self
            .channels
            .get(&key)
            .is_none_or(|channel| channel.consultation.is_some())
        {
            return false;
        }
        for digit in ['*', '2'] {
            self.say_digit(key, digit);
        }
        self.say("Hold", key);
        self.set_held(peer, true);
        if let Some(channel) = self.channel_mut(key) {
            channel.holding = true;
        }
        self.after(DIGITS_MS, Task::Consult(key, exten.to_owned()));
        true
    }

    fn say_digit(&mut self, key: Key, digit: char) {
        self.say_with("DTMFEnd", Class::DTMF, key, |text| {
            text.with("Digit", digit)
                .with("DurationMs", 0)
                .with("Direction", "Received")
        });
    }

    /// The third party is called.
    pub(crate) fn consult(&mut self, key: Key, exten: &str) {
        let (Some(peer), Some(home)) = (
            self.peer(key),
            self.channels.get(&key).and_then(|channel| channel.bridge),
        ) else {
            return;
        };
        for digit in exten.chars() {
            self.say_digit(key, digit);
        }
        let Some((near, far)) = self.add_local_pair(exten, key) else {
            return;
        };
        self.say("Newchannel", near);
        self.say("Newchannel", far);
        let between = self.create_bridge(Kind::BASIC);
        let identity = self.caller_of(key);
        if let Some(channel) = self.channel_mut(far) {
            channel.caller = identity;
        }
        self.say_with("NewCallerid", Class::CALL, far, |text| {
            text.with("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
        });
        if let (Some(one), Some(two)) = (self.channels.get(&near), self.channels.get(&far)) {
            let text = Text::event("LocalBridge", Class::CALL)
                .channel("LocalOne", one)
                .channel("LocalTwo", two)
                .with("Context", INTERNAL)
                .with("Exten", exten)
                .with("LocalOptimization", "Yes");
            self.emit(text);
        }
        if let Some(channel) = self.channel_mut(key) {
            channel.consultation = Some(Consultation {
                home,
                between,
                peer,
                near,
                far,
            });
        }
        self.route(far);
    }

    /// The third party's phone rings, as the near half of the pair sees it.
    pub(crate) fn local_rings(&mut self, far: Key, leg: Key) {
        let Some(near) = self.channels.get(&far).and_then(|channel| channel.other_half) else {
            return;
        };
        let (third, transferer) = (self.caller_of(leg), self.caller_of(far));
        if let Some(channel) = self.channel_mut(near) {
            channel.caller = third.clone();
            channel.connected = transferer;
        }
        self.set_state(near, ChannelState::Ringing);
        self.tell_local(near, "INUSE");
        self.say_with("NewCallerid", Class::CALL, near, |text| {
            text.with("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
        });
        self.say("NewConnectedLine", near);
        self.enter_consultation(near, Some(third));
    }

    /// The one who transfers leaves the one who waits for the third party. Once only.
    fn enter_consultation(&mut self, near: Key, third: Option<Party>) {
        let Some(holder) = self.consulting_through(near) else {
            return;
        };
        let found = self
            .channels
            .get(&holder)
            .and_then(|channel| channel.consultation);
        let Some(consultation) = found else { return };
        if self
            .channels
            .get(&near)
            .is_none_or(|channel| channel.bridge.is_some())
        {
            return;
        }
        self.enter(consultation.between, near);
        if third.is_some() {
            self.say_pair("DialState", Class::CALL, None, near, |text| {
                text.with("DialStatus", "RINGING")
            });
        }
        self.leave(holder);
        self.enter(consultation.between, holder);
        if let Some(third) = third {
            self.set_connected(holder, third);
        }
    }

    /// The third party answers: the near half answers too.
    pub(crate) fn local_answers(&mut self, far: Key) {
        let Some(near) = self.channels.get(&far).and_then(|channel| channel.other_half) else {
            return;
        };
        if self.is_up(near) {
            return;
        }
        self.set_state(near, ChannelState::Up);
        self.tell_local(near, "INUSE");
        self.tell_local(near, "INUSE");
        self.enter_consultation(near, None);
        self.say_pair("DialEnd", Class::CALL, None, near, |text| {
            text.with("DialStatus", "ANSWER")
        });
    }

    fn consulting_through(&self, half: Key) -> Option<Key> {
        let found = self.channels.iter().find(|(_, channel)| {
            channel
                .consultation
                .is_some_and(|consultation| [consultation.near, consultation.far].contains(&half))
        });
        found.map(|(key, _)| *key)
    }

    /// The third party was not reached, or went: back to the one who listens to music.
    pub(crate) fn consultation_failed(&mut self, half: Key, cause: u16) {
        let Some(holder) = self.consulting_through(half) else {
            return self.hang_up(half, cause, By::Pbx);
        };
        let Some(consultation) = self
            .channel_mut(holder)
            .and_then(|channel| channel.consultation.take())
        else {
            return;
        };
        let at_home = self
            .channels
            .get(&holder)
            .is_some_and(|channel| channel.bridge == Some(consultation.home));
        if !at_home {
            self.leave(holder);
        }
        for half in [consultation.near, consultation.far] {
            self.cancel_legs(half, None, 127);
            if let Some(channel) = self.channel_mut(half) {
                channel.other_half = None;
            }
            self.leave(half);
            self.soft(half);
            self.bury(half, cause);
        }
        self.destroy_bridge(consultation.between);
        self.sweep_bridges();
        if self.channels.contains_key(&consultation.peer) {
            if !at_home {
                self.enter(consultation.home, holder);
            }
            let party = self.caller_of(consultation.peer);
            self.set_connected(holder, party);
            self.unhold(holder);
            self.set_held(consultation.peer, false);
        } else {
            self.hang_up(holder, 16, By::Pbx);
        }
    }

    fn sweep_bridges(&mut self) {
        let empty: Vec<u32> = self
            .bridges
            .iter()
            .filter(|(_, bridge)| bridge.kind == Kind::BASIC && bridge.members.is_empty())
            .map(|(id, _)| *id)
            .collect();
        for id in empty {
            self.destroy_bridge(id);
        }
    }

    /// Whether this end of a channel belongs to a consultation and was dealt with.
    pub(crate) fn consultation_ends(&mut self, first: Key, cause: u16) -> bool {
        if let Some(consultation) = self.channels.get(&first).and_then(|channel| channel.consultation) {
            self.complete_transfer(first, consultation);
            return true;
        }
        let is_half = self
            .channels
            .get(&first)
            .is_some_and(|channel| channel.device == Device::Local);
        if is_half && self.consulting_through(first).is_some() {
            self.consultation_failed(first, cause);
            return true;
        }
        // The one who waits hangs up: the two who consult talk on.
        let left = self
            .channels
            .iter()
            .find(|(_, channel)| {
                channel
                    .consultation
                    .is_some_and(|consultation| consultation.peer == first)
            })
            .map(|(key, channel)| (*key, channel.consultation));
        if let Some((holder, Some(consultation))) = left {
            if self.channels.get(&holder).and_then(|channel| channel.bridge) == Some(consultation.home) {
                self.cancel_consultation(consultation.far);
                return false;
            }
            if let Some(channel) = self.channel_mut(holder) {
                channel.consultation = None;
                channel.holding = false;
            }
            self.forget_hold(first);
            self.leave(first);
            self.soft(first);
            self.destroy_bridge(consultation.home);
            self.bury(first, cause);
            return true;
        }
        // The third party hangs up before the transfer is made.
        let half = self.peer(first).filter(|peer| {
            self.consulting_through(*peer).is_some()
                && self
                    .channels
                    .get(peer)
                    .is_some_and(|channel| channel.other_half.is_some())
        });
        if let Some(half) = half {
            let bridge = self.leave(first);
            self.leave(half);
            if let Some(bridge) = bridge {
                self.destroy_bridge(bridge);
            }
            self.bury(first, cause);
            self.consultation_failed(half, cause);
            return true;
        }
        false
    }

    /// The one who transfers hangs up: the others are joined.
    fn complete_transfer(&mut self, holder: Key, consultation: Consultation) {
        let Consultation {
            home,
            between: _,
            peer,
            near,
            far,
        } = consultation;
        self.set_held(peer, false);
        let from = self.leave(holder);
        self.agent_completes(holder, Some(peer), false);
        let (Some(to_bridge), Some(from_bridge)) =
            (self.bridges.get(&home), from.and_then(|id| self.bridges.get(&id)))
        else {
            return self.bury(holder, 16);
        };
        let text = Text::event("BridgeMerge", Class::CALL)
            .bridge("To", to_bridge, to_bridge.members.len())
            .bridge("From", from_bridge, from_bridge.members.len());
        self.emit(text);
        self.leave(near);
        self.enter(home, near);
        self.say_attended(holder, peer, home, from);
        let third = self.caller_of(near);
        let waiting = self.caller_of(peer);
        self.set_connected(peer, third);
        self.set_connected(near, waiting.clone());
        if let Some(party) = self.peer(far) {
            self.set_connected(party, waiting.clone());
        }
        if let Some(channel) = self.channel_mut(far) {
            channel.next_caller = Some(waiting);
        }
        if let Some(from) = from {
            self.destroy_bridge(from);
        }
        if let Some(channel) = self.channel_mut(holder) {
            channel.consultation = None;
            channel.doing = Doing::Nothing;
        }
        self.soft(holder);
        self.bury(holder, 16);
        if let Some(third) = self.far_end(peer) {
            self.when_talking(peer, third);
        }
    }

    fn say_attended(&mut self, holder: Key, peer: Key, home: u32, from: Option<u32>) {
        let (Some(channel), Some(to), Some(second), Some(transferee)) = (
            self.channels.get(&holder),
            self.bridges.get(&home),
            from.and_then(|id| self.bridges.get(&id)),
            self.channels.get(&peer),
        ) else {
            return;
        };
        let text = Text::event("AttendedTransfer", Class::CALL)
            .with("Result", "Success")
            .channel("OrigTransferer", channel)
            .bridge("Orig", to, to.members.len())
            .channel("SecondTransferer", channel)
            .bridge("Second", second, second.members.len())
            .channel("Transferee", transferee)
            .with("IsExternal", "No")
            .with("DestType", "Bridge")
            .with("DestBridgeUniqueid", &to.uniqueid);
        self.emit(text);
    }

    /// `CancelAtxfer`: the third party is let go.
    pub(crate) fn cancel_consultation(&mut self, far: Key) {
        self.cancel_legs(far, None, 127);
        if let Some(third) = self.peer(far) {
            let bridge = self.leave(third);
            self.leave(far);
            if let Some(bridge) = bridge {
                self.destroy_bridge(bridge);
            }
            self.bury(third, 16);
        }
        self.consultation_failed(far, 16);
    }

    /// The state of a Local pair, which is told for each half.
    pub(crate) fn tell_local(&mut self, half: Key, state: &str) {
        let device = self
            .channels
            .get(&half)
            .and_then(|channel| channel.name.rsplit_once('-'));
        if let Some(device) = device.map(|(device, _)| device.to_owned()) {
            self.tell_device(&device, state);
        }
    }
}
