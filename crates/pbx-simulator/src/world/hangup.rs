//! Ends of channels, and what ends with them.

use crate::wire::Class;

use super::bridge::Kind;
use super::{ChannelState, Device, Doing, Key, World};

/// Who ends a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The person or network at the far end.
    Phone,
    /// The PBX, or somebody through AMI.
    Pbx,
}

/// The text of a hang-up cause.
pub(crate) fn cause_text(cause: u16) -> &'static str {
    match cause {
        1 => "Unallocated (unassigned) number",
        16 => "Normal Clearing",
        17 => "User busy",
        19 => "User alerting, no answer",
        20 => "Subscriber absent",
        21 => "Call Rejected",
        26 => "Answered elsewhere",
        34 => "Circuit/channel congestion",
        38 => "Network out of order",
        127 => "Interworking, unspecified",
        _ => "Unknown",
    }
}

impl World {
    /// Ends a channel, and with it what cannot go on without it.
    pub(crate) fn hang_up(&mut self, key: Key, cause: u16, by: By) {
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        let doing = channel.doing.clone();
        let unanswered = matches!(channel.state, ChannelState::Down | ChannelState::Ringing);
        if by == By::Phone && !(unanswered && channel.outgoing) {
            let cancelled = matches!(doing, Doing::Dialling { .. }) && channel.state != ChannelState::Up;
            let busy = channel.state == ChannelState::Busy;
            let dialled = channel.dialled;
            self.noise_quality(key);
            self.say_with("HangupRequest", Class::CALL, key, |text| {
                match (cancelled, busy) {
                    (true, _) => text.with("Cause", 127).with("TechCause", 487),
                    (false, true) => text.with("Cause", 17).with("TechCause", 486),
                    (false, false) if dialled => text.with("Cause", 16),
                    (false, false) => text,
                }
            });
        }
        self.arrive_caller(key);
        match doing {
            Doing::Dialling { .. } => self.give_up_dialling(key, cause),
            Doing::Rung { by: caller } => {
                self.finish_dial(caller, key, if cause == 17 { "BUSY" } else { "NOANSWER" });
                self.bury(key, cause);
                self.dial_failed(caller, "NOANSWER", 19);
            }
            Doing::QueueRung { by: caller } => {
                self.finish_dial(caller, key, "NOANSWER");
                self.bury(key, cause);
                self.queue_leg_lost(caller, key);
            }
            Doing::Originated => {
                self.say_pair("DialEnd", Class::CALL, None, key, |text| {
                    text.with("DialStatus", "NOANSWER")
                });
                self.originate_failed(key, 0);
                self.bury(key, cause);
            }
            Doing::Queueing { queue, .. } => self.abandon_queue(key, queue, None),
            Doing::Parked(space) => self.give_up_parking(key, space, cause),
            Doing::Conference => self.leave_conference(key, cause),
            Doing::Voicemail(person) => {
                self.message_left(key, person);
                self.soft(key);
                self.bury(key, 0);
            }
            Doing::Nothing => self.part(key, cause, by),
        }
    }

    fn arrive_caller(&mut self, key: Key) {
        let Some(channel) = self.channel_mut(key) else {
            return;
        };
        if let Some(caller) = channel.next_caller.take() {
            channel.caller = caller;
            self.say_with("NewCallerid", Class::CALL, key, |text| {
                text.with("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
            });
        }
    }

    fn give_up_dialling(&mut self, key: Key, cause: u16) {
        let answered = self.is_up(key);
        let cause = if answered { cause } else { 127 };
        self.cancel_legs(key, None, 127);
        self.soft(key);
        if let Some(channel) = self.channel_mut(key)
            && !answered
        {
            channel.tech_cause = Some(487);
        }
        let half = self.channels.get(&key).and_then(|channel| channel.other_half);
        self.bury(key, cause);
        if let Some(half) = half {
            self.hang_up(half, cause, By::Pbx);
        }
    }

    /// `SoftHangupRequest`, which channels with a dialplan of their own get.
    pub(crate) fn soft(&mut self, key: Key) {
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        if channel.outgoing {
            return;
        }
        let tech = channel.tech_cause;
        self.say_with("SoftHangupRequest", Class::CALL, key, |text| {
            let text = text.with("Cause", 16);
            match tech {
                Some(tech) => text.with("TechCause", tech),
                None => text,
            }
        });
    }

    /// A channel leaves its bridge for good; a bridge of two ends with it.
    fn part(&mut self, first: Key, cause: u16, by: By) {
        if self.consultation_ends(first, cause) {
            return;
        }
        let peer = self.peer(first);
        let last_one_stays = self.channels.get(&first).and_then(|channel| channel.bridge);
        self.agent_completes(first, peer, by == By::Phone);
        self.noise_unbridged(first, peer);
        self.leave(first);
        self.soft(first);
        if let Some(peer) = peer {
            if !self.leaves_somebody_waiting(peer) {
                self.leave(peer);
                self.soft(peer);
                if let Some(bridge) = last_one_stays {
                    self.destroy_bridge(bridge);
                }
                return self.bury_both(first, peer, cause);
            }
        } else if let Some(bridge) = last_one_stays
            && self
                .bridges
                .get(&bridge)
                .is_some_and(|found| found.members.is_empty() && found.kind == Kind::BASIC)
        {
            self.destroy_bridge(bridge);
        }
        let half = self.channels.get(&first).and_then(|channel| channel.other_half);
        self.bury(first, cause);
        self.end_half(half, cause);
    }

    /// Whether somebody still consults on behalf of this channel, which therefore stays.
    fn leaves_somebody_waiting(&self, peer: Key) -> bool {
        self.channels
            .get(&peer)
            .is_some_and(|channel| channel.consultation.is_some())
    }

    fn bury_both(&mut self, first: Key, peer: Key, cause: u16) {
        let outgoing =
            |world: &World, key: &Key| world.channels.get(key).is_some_and(|channel| channel.outgoing);
        let order = if outgoing(self, &first) || !outgoing(self, &peer) {
            [first, peer]
        } else {
            [peer, first]
        };
        let halves: Vec<Option<Key>> = order
            .iter()
            .map(|key| self.channels.get(key).and_then(|channel| channel.other_half))
            .collect();
        for key in order {
            self.bury(key, cause);
        }
        for half in halves {
            self.end_half(half, cause);
        }
    }

    fn end_half(&mut self, half: Option<Key>, cause: u16) {
        if let Some(half) = half {
            self.hang_up(half, cause, By::Phone);
        }
    }

    /// The end of one channel: it hangs up, its record is told, it is gone.
    pub(crate) fn bury(&mut self, key: Key, cause: u16) {
        self.end_spying(key);
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        let (device, tech) = (channel.device, channel.tech_cause);
        let half = channel.other_half;
        self.say_with("Hangup", Class::CALL, key, |text| {
            let text = text.with("Cause", cause).with("Cause-txt", cause_text(cause));
            match tech {
                Some(tech) => text.with("TechCause", tech),
                None => text,
            }
        });
        if device == Device::Local {
            self.tell_local(key, "NOT_INUSE");
        }
        self.noise_ended(key);
        self.close_record(key);
        self.channels.remove(&key);
        self.touch(device);
        if let Some(other) = half.and_then(|half| self.channel_mut(half)) {
            other.other_half = None;
        }
        if device != Device::Local {
            self.tell_records();
        }
    }
}
