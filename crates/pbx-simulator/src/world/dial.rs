//! Calling phones: `Dial`, and what the phones do about it.

use crate::company::RING_S;
use crate::wire::Class;

use super::{By, ChannelState, Device, Doing, Key, Origin, Party, Task, World};

/// Milliseconds a phone takes to say that it rings.
const PHONE_RINGS_MS: u64 = 4;
/// Milliseconds the rest of the world takes.
const LINE_RINGS_MS: u64 = 700;

impl World {
    /// A channel begins to run the dialplan: a phone or a trunk calls.
    pub(crate) fn start_call(
        &mut self,
        device: Device,
        caller: Party,
        context: &str,
        exten: &str,
    ) -> Option<Key> {
        let key = self.add_channel(device, None, None)?;
        self.calls_seen += 1;
        if let Some(channel) = self.channel_mut(key) {
            channel.state = ChannelState::Ring;
            channel.caller = caller;
            channel.go_to(context, exten, 1);
        }
        self.say("Newchannel", key);
        self.noise_sip(key);
        self.route(key);
        Some(key)
    }

    /// `Dial` of one device, with the string that names it.
    pub(crate) fn dial(&mut self, caller: Key, device: Device, number: &str) {
        let Some(from) = self.channels.get(&caller) else {
            return;
        };
        let (identity, number_dialled) = (from.caller.clone(), from.variables.get("DNID").cloned());
        let Some(leg) = self.add_channel(device, None, Some(caller)) else {
            return self.hang_up(caller, 34, By::Pbx);
        };
        let begun_ms = self.now_ms;
        let dialled = number_dialled.unwrap_or_else(|| number.to_owned());
        let (dial_string, outside) = self.dial_string(device, number);
        if let Some(channel) = self.channel_mut(leg) {
            channel.outgoing = true;
            channel.doing = Doing::Rung { by: caller };
            if outside {
                channel.caller = Party::new(number, "");
            }
        }
        self.say("Newchannel", leg);
        self.noise_dialled(leg, &dial_string);
        self.set_connected(leg, identity);
        let callee = self.caller_of(leg);
        let leg_name = self
            .channels
            .get(&leg)
            .map_or_else(String::new, |channel| channel.name.clone());
        self.begin_record(
            caller,
            &dialled,
            "Dial",
            &format!("PJSIP/{dial_string},{RING_S},tTkK"),
            &leg_name,
        );
        if let Some(channel) = self.channel_mut(caller) {
            channel.doing = Doing::Dialling {
                legs: vec![leg],
                dialled,
                begun_ms,
            };
        }
        self.say_pair("DialBegin", Class::CALL, Some(caller), leg, |text| {
            text.with("DialString", &dial_string)
        });
        self.set_connected(caller, callee);
        let rings_ms = if outside { LINE_RINGS_MS } else { PHONE_RINGS_MS };
        self.after(rings_ms, Task::Ring(leg));
        let waits_ms = self.human_ms(RING_S * 1000);
        self.after(waits_ms, Task::DialTimeout(caller, begun_ms));
    }

    /// What `DialBegin` shows, and whether it leads outside.
    fn dial_string(&self, device: Device, number: &str) -> (String, bool) {
        match device {
            Device::Phone(at) => (self.contact(at, number), false),
            Device::Line(at) => {
                let line = self.company.lines.get(at).map_or("", |line| line.name);
                (format!("{number}@{line}"), true)
            }
            Device::Local => (number.to_owned(), false),
        }
    }

    fn contact(&self, at: usize, number: &str) -> String {
        format!("{number}/{}", self.contact_uri(at))
    }

    pub(crate) fn contact_uri(&self, at: usize) -> String {
        let number = self
            .company
            .people
            .get(at)
            .map_or("", |person| person.number.as_str());
        format!("sip:{number}@192.0.2.{}:5060", at + 10)
    }

    /// The phone rings, unless it refuses at once.
    pub(crate) fn ring(&mut self, leg: Key) {
        let Some(channel) = self.channels.get(&leg) else {
            return;
        };
        if channel.state != ChannelState::Down {
            return;
        }
        let by = match &channel.doing {
            Doing::Rung { by } | Doing::QueueRung { by } => Some(*by),
            Doing::Originated => None,
            Doing::Nothing
            | Doing::Dialling { .. }
            | Doing::Queueing { .. }
            | Doing::Parked(_)
            | Doing::Conference
            | Doing::Voicemail(_) => return,
        };
        let queued = matches!(channel.doing, Doing::QueueRung { .. });
        if let Some(cause) = self.phone_refuses(leg) {
            return self.refuse(leg, cause);
        }
        self.set_state(leg, ChannelState::Ringing);
        if queued {
            self.say("NewConnectedLine", leg);
        }
        if let Some(by) = by {
            self.noise_ringing(by);
            self.local_rings(by, leg);
        }
        self.say_pair("DialState", Class::CALL, by, leg, |text| {
            text.with("DialStatus", "RINGING")
        });
        self.when_ringing(leg);
    }

    /// The phone is picked up. False when it was not ringing.
    pub(crate) fn pick_up(&mut self, leg: Key) -> bool {
        let Some(channel) = self.channels.get(&leg) else {
            return false;
        };
        if !matches!(channel.state, ChannelState::Ringing | ChannelState::Down) {
            return false;
        }
        match channel.doing.clone() {
            Doing::Rung { by } => self.dial_answered(leg, by),
            Doing::QueueRung { by } => self.queue_answered(leg, by),
            Doing::Originated => self.originate_answered(leg),
            Doing::Nothing
            | Doing::Dialling { .. }
            | Doing::Queueing { .. }
            | Doing::Parked(_)
            | Doing::Conference
            | Doing::Voicemail(_) => return false,
        }
        true
    }

    fn dial_answered(&mut self, leg: Key, caller: Key) {
        self.set_state(leg, ChannelState::Up);
        self.cancel_legs(caller, Some(leg), 26);
        self.finish_dial(caller, leg, "ANSWER");
        self.set_state(caller, ChannelState::Up);
        self.local_answers(caller);
        let now_ms = self.now_ms;
        if let Some(record) = self
            .channel_mut(caller)
            .and_then(|channel| channel.record.as_mut())
        {
            record.answer_ms = Some(now_ms);
        }
        for key in [leg, caller] {
            if let Some(channel) = self.channel_mut(key) {
                channel.dialled = true;
            }
        }
        self.join(leg, caller);
        self.when_talking(caller, leg);
    }

    /// Says how a leg's ringing ended, in Asterisk's word.
    pub(crate) fn finish_dial(&mut self, caller: Key, leg: Key, status: &str) {
        self.noise_dial_status(caller, leg, status);
        if status == "ANSWER"
            && let Some(channel) = self.channel_mut(leg)
        {
            channel.exten.clear();
        }
        self.say_pair("DialEnd", Class::CALL, Some(caller), leg, |text| {
            text.with("DialStatus", status)
        });
    }

    /// Ends the legs a caller still rings, all but one.
    pub(crate) fn cancel_legs(&mut self, caller: Key, but: Option<Key>, cause: u16) {
        let Some(channel) = self.channels.get(&caller) else {
            return;
        };
        let legs: Vec<Key> = channel
            .legs()
            .iter()
            .copied()
            .filter(|leg| Some(*leg) != but)
            .collect();
        let queued = matches!(channel.doing, Doing::Queueing { .. });
        for leg in legs {
            self.finish_dial(caller, leg, "CANCEL");
            if queued {
                self.say_pair("DialEnd", Class::CALL, Some(caller), leg, |text| {
                    text.with("DialStatus", "CANCEL")
                });
            }
            self.bury(leg, cause);
        }
    }

    /// A phone or the network says no.
    pub(crate) fn refuse(&mut self, leg: Key, cause: u16) {
        let Some(channel) = self.channel_mut(leg) else {
            return;
        };
        let doing = channel.doing.clone();
        if !matches!(channel.state, ChannelState::Down | ChannelState::Ringing) {
            return;
        }
        let status = match cause {
            17 => "BUSY",
            21 | 19 => "NOANSWER",
            20 => "CHANUNAVAIL",
            _ => "CONGESTION",
        };
        let tech = match cause {
            17 => 486,
            19 => 480,
            20 => 503,
            21 => 603,
            _ => 500,
        };
        channel.tech_cause = Some(tech);
        self.say_with("HangupRequest", Class::CALL, leg, |text| {
            text.with("Cause", cause).with("TechCause", tech)
        });
        match doing {
            Doing::Rung { by } => {
                self.finish_dial(by, leg, status);
                self.bury(leg, cause);
                self.dial_failed(by, status, cause);
            }
            Doing::QueueRung { by } => {
                self.finish_dial(by, leg, status);
                self.bury(leg, cause);
                self.queue_leg_lost(by, leg);
            }
            Doing::Originated => {
                self.say_pair("DialEnd", Class::CALL, None, leg, |text| {
                    text.with("DialStatus", status)
                });
                self.originate_failed(leg, 0);
                self.bury(leg, cause);
            }
            Doing::Nothing
            | Doing::Dialling { .. }
            | Doing::Queueing { .. }
            | Doing::Parked(_)
            | Doing::Conference
            | Doing::Voicemail(_) => {}
        }
    }

    pub(crate) fn dial_timeout(&mut self, caller: Key, begun: u64) {
        let Some(channel) = self.channels.get(&caller) else {
            return;
        };
        let Doing::Dialling { legs, begun_ms, .. } = channel.doing.clone() else {
            return;
        };
        if begun_ms != begun {
            return;
        }
        for leg in legs {
            self.finish_dial(caller, leg, "NOANSWER");
            self.bury(leg, 0);
        }
        self.dial_failed(caller, "NOANSWER", 19);
    }

    /// The dialplan after a `Dial` that reached nobody.
    pub(crate) fn dial_failed(&mut self, caller: Key, status: &str, cause: u16) {
        let Some(channel) = self.channels.get(&caller) else {
            return;
        };
        let dialled = match &channel.doing {
            Doing::Dialling { dialled, .. } => dialled.clone(),
            Doing::Nothing
            | Doing::Rung { .. }
            | Doing::Originated
            | Doing::Queueing { .. }
            | Doing::QueueRung { .. }
            | Doing::Parked(_)
            | Doing::Conference
            | Doing::Voicemail(_) => String::new(),
        };
        let (device, up) = (channel.device, channel.state == ChannelState::Up);
        if status == "BUSY" {
            self.note_busy(caller);
        }
        self.close_record(caller);
        if let Some(channel) = self.channel_mut(caller) {
            channel.doing = Doing::Nothing;
            let context = channel.context.clone();
            channel.go_to(&context, &format!("d-{status}"), 1);
        }
        if device == Device::Local {
            // The other half belongs to somebody who asked for this.
            return self.consultation_failed(caller, cause);
        }
        let person = self.company.person(&dialled);
        let mailbox = person.filter(|at| self.company.people.get(*at).is_some_and(|person| person.mailbox));
        match (mailbox, status) {
            (Some(at), "NOANSWER" | "CHANUNAVAIL") => self.voicemail(caller, at),
            (Some(at), "BUSY") if self.dice.chance(30) => self.voicemail(caller, at),
            (_, "BUSY") if !up => self.play_busy(caller),
            _ => {
                if let Some(channel) = self.channel_mut(caller) {
                    channel.tech_cause = (status == "NOANSWER").then_some(480);
                }
                self.hang_up(caller, cause, By::Pbx);
            }
        }
    }

    /// `Busy`: the caller hears the tone and gives up.
    pub(crate) fn play_busy(&mut self, caller: Key) {
        if let Some(channel) = self.channel_mut(caller) {
            let context = channel.context.clone();
            channel.go_to(&context, "d-BUSY", 4);
            channel.tech_cause = Some(486);
        }
        self.noise_application(caller, "Busy", "3");
        self.begin_record_if_none(caller, "Busy", "3");
        self.note_busy(caller);
        self.set_state(caller, ChannelState::Busy);
        let hears_ms = self.human_ms(3000);
        self.after(hears_ms, Task::Clear(caller, 17));
    }

    fn note_busy(&mut self, caller: Key) {
        if let Some(record) = self
            .channel_mut(caller)
            .and_then(|channel| channel.record.as_mut())
        {
            record.busy = true;
        }
    }

    /// Notes who asked for a channel.
    pub(crate) fn set_origin(&mut self, key: Key, origin: Origin) {
        if let Some(channel) = self.channel_mut(key) {
            channel.origin = Some(origin);
        }
    }
}
