//! The dialplan: where a number leads.

use crate::company::{FROM_TRUNK, Route, SWITCHBOARD};
use crate::wire::Class;

use super::{By, ChannelState, Device, Doing, Key, Task, World};

impl World {
    /// Runs the dialplan from where the channel stands.
    pub(crate) fn route(&mut self, key: Key) {
        let Some(channel) = self.channels.get_mut(&key) else {
            return;
        };
        let (context, exten) = (channel.context.clone(), channel.exten.clone());
        channel.variables.insert("DNID".to_owned(), exten.clone());
        match self.company.route(&context, &exten) {
            Route::Person(at) => self.send_to_person(key, at),
            Route::Queue(at) => self.send_to_queue(key, at),
            Route::Conference => self.send_to_conference(key),
            Route::Space(space) => self.send_to_space(key, space),
            Route::Pickup(number) => self.pick_up_for(key, &number),
            Route::Dnd(on) => self.send_to_dnd(key, on),
            Route::Mailbox => self.send_to_service(key, "VoiceMailMain", "s@default"),
            Route::Echo => self.send_to_service(key, "Echo", ""),
            Route::Outside(number) => self.send_to_outside(key, &number),
            Route::Nowhere => {
                if let Some(channel) = self.channel_mut(key) {
                    channel.tech_cause = Some(404);
                }
                self.soft(key);
                self.hang_up(key, 1, By::Pbx);
            }
        }
    }

    /// The sub-routine every call to a person runs through.
    fn send_to_person(&mut self, key: Key, at: usize) {
        let Some((number, phone)) = self
            .company
            .people
            .get(at)
            .map(|person| person.number.clone())
            .zip(self.phones.get(at).cloned())
        else {
            return;
        };
        self.noise_sub_dial(key, &number, &self.contact_uri(at), phone.dnd, phone.registered);
        if let Some(channel) = self.channel_mut(key) {
            channel.go_to("sub-dial", "s", 9);
        }
        if phone.dnd {
            return self.play_busy(key);
        }
        if !phone.registered {
            if self.company.people.get(at).is_some_and(|person| person.mailbox) {
                if let Some(channel) = self.channel_mut(key) {
                    channel.go_to("sub-dial", "d-CHANUNAVAIL", 5);
                }
                return self.voicemail(key, at);
            }
            self.soft(key);
            return self.hang_up(key, 20, By::Pbx);
        }
        self.dial(key, Device::Phone(at), &number);
    }

    fn send_to_outside(&mut self, key: Key, number: &str) {
        let line = self
            .lines
            .iter()
            .position(|line| line.registration == "Registered");
        let Some(line) = line else {
            self.soft(key);
            return self.hang_up(key, 34, By::Pbx);
        };
        let name = self.company.lines.get(line).map_or("", |line| line.name);
        if let Some(channel) = self.channel_mut(key) {
            channel.priority = 2;
        }
        self.noise_application(key, "Dial", &format!("PJSIP/{number}@{name},60,tT"));
        self.dial(key, Device::Line(line), number);
        // The other side sees the company's number.
        let leg = self
            .channels
            .get(&key)
            .and_then(|channel| channel.legs().first().copied());
        if let Some(channel) = leg.and_then(|leg| self.channel_mut(leg)) {
            SWITCHBOARD.clone_into(&mut channel.connected.number);
        }
    }

    /// `Answer`.
    pub(crate) fn answer_channel(&mut self, key: Key) {
        self.noise_application(key, "Answer", "");
        self.set_state(key, ChannelState::Up);
        self.local_answers(key);
    }

    /// Answers a call that rings at somebody else's phone.
    fn pick_up_for(&mut self, key: Key, number: &str) {
        let wanted = self.company.person(number).map(Device::Phone);
        let found = self
            .channels
            .iter()
            .find(|(_, channel)| Some(channel.device) == wanted && channel.state == ChannelState::Ringing)
            .map(|(leg, _)| *leg);
        self.noise_application(key, "Pickup", number);
        match found {
            Some(leg) => self.take_over(key, leg),
            None => {
                self.soft(key);
                self.hang_up(key, 16, By::Pbx);
            }
        }
    }

    /// The picker's channel takes the place of the ringing leg.
    pub(crate) fn take_over(&mut self, picker: Key, leg: Key) {
        let Some(target) = self.channels.get(&leg).cloned() else {
            return;
        };
        let caller = match target.doing {
            Doing::Rung { by } | Doing::QueueRung { by } if target.state == ChannelState::Ringing => by,
            _ => {
                self.soft(picker);
                return self.hang_up(picker, 16, By::Pbx);
            }
        };
        let queue = self.queue_of(leg);
        self.set_state(picker, ChannelState::Up);
        let identity = self.caller_of(caller);
        self.set_connected(picker, identity);
        self.say_with("Pickup", Class::CALL, picker, |text| {
            text.channel("Target", &target)
        });
        if let Some(channel) = self.channel_mut(picker) {
            channel.outgoing = true;
            channel.linkedid.clone_from(&target.linkedid);
            channel.doing = target.doing.clone();
            channel.application = ("AppDial".to_owned(), "(Outgoing Line)".to_owned());
        }
        self.bury(leg, 26);
        if let Some((_, at, interface)) = queue {
            return self.agent_answered(picker, caller, at, interface);
        }
        self.finish_dial(caller, picker, "ANSWER");
        self.set_state(caller, ChannelState::Up);
        let party = self.caller_of(picker);
        self.set_connected(caller, party);
        let now_ms = self.now_ms;
        if let Some(record) = self
            .channel_mut(caller)
            .and_then(|channel| channel.record.as_mut())
        {
            record.answer_ms = Some(now_ms);
        }
        self.join(picker, caller);
        self.when_talking(caller, picker);
    }

    /// An application that answers and lasts until the caller hangs up.
    fn send_to_service(&mut self, key: Key, application: &str, data: &str) {
        self.answer_channel(key);
        if let Some(channel) = self.channel_mut(key) {
            channel.priority = 2;
        }
        self.noise_application(key, application, data);
        let exten = self
            .channels
            .get(&key)
            .map_or_else(String::new, |channel| channel.exten.clone());
        self.begin_record(key, &exten, application, data, "");
        let now_ms = self.now_ms;
        if let Some(record) = self.channel_mut(key).and_then(|channel| channel.record.as_mut()) {
            record.answer_ms = Some(now_ms);
        }
        self.when_in_service(key);
    }

    fn send_to_dnd(&mut self, key: Key, on: bool) {
        self.answer_channel(key);
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        if let Device::Phone(at) = channel.device {
            self.set_dnd(at, on);
            let number = self
                .company
                .people
                .get(at)
                .map_or_else(String::new, |person| person.number.clone());
            let state = if on { "YES" } else { "NO" };
            self.say_with("UserEvent", Class::USER, key, |text| {
                text.with("UserEvent", "DND")
                    .with("Extension", number)
                    .with("State", state)
            });
        }
        self.after(300, Task::Clear(key, 16));
    }

    /// Whether a call in this context may go there at all.
    pub(crate) fn leads_somewhere(&self, context: &str, exten: &str) -> bool {
        matches!(context, crate::company::INTERNAL | FROM_TRUNK)
            && self.company.route(context, exten) != Route::Nowhere
    }
}
