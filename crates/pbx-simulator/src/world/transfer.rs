//! Sending a call elsewhere at once: blind transfer and redirect.

use crate::wire::{Class, Text};

use super::{By, Device, Doing, Key, World};

impl World {
    /// `BlindTransfer`: the other side of `transferer` goes to an extension. False when there is no other side.
    pub(crate) fn blind_transfer(&mut self, transferer: Key, context: &str, exten: &str) -> bool {
        let Some(transferee) = self.peer(transferer) else {
            return false;
        };
        let Some(bridge) = self.channels.get(&transferer).and_then(|channel| channel.bridge) else {
            return false;
        };
        if let Some(channel) = self.channel_mut(transferer) {
            channel.holding = false;
        }
        self.say("Unhold", transferer);
        self.set_held(transferee, false);
        let (Some(from), Some(who), Some(found)) = (
            self.channels.get(&transferer),
            self.channels.get(&transferee),
            self.bridges.get(&bridge),
        ) else {
            return false;
        };
        let text = Text::event("BlindTransfer", Class::CALL)
            .with("Result", "Success")
            .channel("Transferer", from)
            .channel("Transferee", who)
            .bridge("", found, found.members.len())
            .with("IsExternal", "No")
            .with("Context", context)
            .with("Extension", exten);
        self.emit(text);
        self.agent_completes(transferer, Some(transferee), false);
        self.noise_unbridged(transferer, Some(transferee));
        self.leave(transferer);
        if let Some(channel) = self.channel_mut(transferee) {
            channel.go_to(context, exten, 1);
        }
        self.leave(transferee);
        self.destroy_bridge(bridge);
        self.soft(transferer);
        self.bury(transferer, 16);
        self.send_on(transferee);
        true
    }

    /// `Redirect`: a channel goes to an extension; whoever it talked to is hung up.
    pub(crate) fn redirect(&mut self, key: Key, context: &str, exten: &str) {
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        match channel.doing.clone() {
            Doing::Dialling { .. } => self.cancel_legs(key, None, 0),
            Doing::Queueing { queue, .. } => {
                self.music(key, false);
                self.cancel_legs(key, None, 0);
                self.queue_leave(key, queue);
            }
            Doing::Parked(space) => {
                self.music(key, false);
                self.leave(key);
                self.parking.remove(&space);
                self.tell_extension(&space.to_string(), &format!("park:{space}@parkedcalls"), 0);
            }
            Doing::Conference => self.stand_up(key),
            Doing::Nothing | Doing::Voicemail(_) => {
                let peer = self.peer(key);
                let bridge = self.channels.get(&key).and_then(|channel| channel.bridge);
                self.agent_completes(key, peer, false);
                self.forget_hold(key);
                self.leave(key);
                if let Some(peer) = peer {
                    self.leave(peer);
                    self.soft(peer);
                    self.bury(peer, 16);
                }
                if let Some(bridge) = bridge {
                    self.destroy_bridge(bridge);
                }
            }
            Doing::Rung { .. } | Doing::Originated | Doing::QueueRung { .. } => return,
        }
        if let Some(channel) = self.channel_mut(key) {
            channel.go_to(context, exten, 1);
        }
        self.send_on(key);
    }

    /// Lets a channel run the dialplan from where it now stands.
    fn send_on(&mut self, key: Key) {
        let Some(channel) = self.channel_mut(key) else {
            return;
        };
        channel.doing = Doing::Nothing;
        channel.outgoing = false;
        channel.served = None;
        channel.consultation = None;
        if channel.device == Device::Local && channel.other_half.is_none() {
            return self.hang_up(key, 16, By::Pbx);
        }
        self.route(key);
    }
}
