//! `Originate`: call a phone, and when it is answered, let it run the dialplan or an application.

use crate::wire::{Class, Text};

use super::{By, ChannelState, Device, Doing, Key, Party, Task, World};

/// What an `Originate` asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) action_id: Option<String>,
    /// As the action named it.
    pub(crate) channel: String,
    pub(crate) context: String,
    pub(crate) exten: String,
    pub(crate) priority: u32,
    /// Application and its data, instead of a place in the dialplan.
    pub(crate) application: Option<(String, String)>,
    pub(crate) caller: Option<Party>,
    /// The id the new channel is to have.
    pub(crate) channel_id: Option<String>,
    pub(crate) timeout_ms: u64,
}

impl World {
    /// Begins it. What cannot be called is answered with an event, as for every asynchronous `Originate`.
    pub(crate) fn originate(&mut self, device: Option<Device>, origin: Origin) {
        let there = match device {
            Some(Device::Phone(at)) => self.phones.get(at).is_some_and(|phone| phone.registered),
            Some(Device::Line(at)) => self
                .lines
                .get(at)
                .is_some_and(|line| line.registration == "Registered"),
            Some(Device::Local) | None => false,
        };
        let leg = device.filter(|_| there).and_then(|device| {
            self.add_channel(device, origin.channel_id.clone(), None)
                .map(|leg| (leg, device))
        });
        let Some((leg, device)) = leg else {
            return self.tell_originated(&origin, None, 0);
        };
        self.calls_seen += 1;
        let number = origin.channel.rsplit('/').next().unwrap_or_default().to_owned();
        if let Some(channel) = self.channel_mut(leg) {
            channel.outgoing = true;
            channel.doing = Doing::Originated;
        }
        self.say("Newchannel", leg);
        if let Some(caller) = origin.caller.clone() {
            if let Some(channel) = self.channel_mut(leg) {
                channel.caller = caller.clone();
            }
            self.say_with("NewCallerid", Class::CALL, leg, |text| {
                text.with("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
            });
            self.set_connected(leg, caller);
        }
        self.say_pair("DialBegin", Class::CALL, None, leg, |text| {
            text.with("DialString", &number)
        });
        let timeout_ms = origin.timeout_ms;
        self.set_origin(leg, origin);
        let rings_ms = if matches!(device, Device::Line(_)) { 700 } else { 4 };
        self.after(rings_ms, Task::Ring(leg));
        self.after(timeout_ms, Task::OriginateTimeout(leg));
    }

    pub(crate) fn originate_answered(&mut self, leg: Key) {
        self.set_state(leg, ChannelState::Up);
        self.say_pair("DialEnd", Class::CALL, None, leg, |text| {
            text.with("DialStatus", "ANSWER")
        });
        let Some(channel) = self.channel_mut(leg) else {
            return;
        };
        let Some(origin) = channel.origin.take() else {
            return;
        };
        channel.outgoing = false;
        channel.doing = Doing::Nothing;
        let name = channel.name.clone();
        if origin.application.is_none() {
            channel.go_to(&origin.context, &origin.exten, origin.priority);
        }
        self.tell_originated(&origin, Some((leg, name)), 4);
        match origin.application {
            Some((application, data)) => self.run_application(leg, &application, &data),
            None => self.route(leg),
        }
    }

    /// Applications an `Originate` may name.
    fn run_application(&mut self, leg: Key, application: &str, data: &str) {
        self.noise_application(leg, application, data);
        match application.to_ascii_lowercase().as_str() {
            "pickupchan" => match data.split('&').find_map(|name| self.channel_named(name)) {
                Some(ringing) => self.take_over(leg, ringing),
                None => self.hang_up(leg, 16, By::Pbx),
            },
            "chanspy" => self.spy(leg, data),
            "pickup" => {
                let number = data.split('@').next().unwrap_or_default();
                if let Some(channel) = self.channel_mut(leg) {
                    channel.exten = format!("*8{number}");
                }
                self.route(leg);
            }
            "parkedcall" => {
                let space = data.rsplit(',').next().unwrap_or_default().to_owned();
                if let Some(channel) = self.channel_mut(leg) {
                    channel.exten = space;
                }
                self.route(leg);
            }
            "bridge" => {
                let other = data.split(',').next().and_then(|name| self.channel_named(name));
                let waits = |key: &Key| {
                    let channel = self.channels.get(key);
                    channel.is_some_and(|channel| matches!(channel.doing, Doing::Queueing { .. }))
                };
                match other.filter(waits) {
                    Some(waiting) => self.take_out_of_line(leg, waiting),
                    None => self.join_instead(leg, data),
                }
            }
            _ => self.when_in_service(leg),
        }
    }

    pub(crate) fn originate_timeout(&mut self, leg: Key) {
        let Some(channel) = self.channel_mut(leg) else {
            return;
        };
        if channel.doing != Doing::Originated {
            return;
        }
        channel.tech_cause = Some(480);
        self.originate_failed(leg, 3);
        self.bury(leg, 19);
    }

    /// Answers an `Originate` whose phone was not reached.
    pub(crate) fn originate_failed(&mut self, leg: Key, reason: u8) {
        if let Some(origin) = self.channel_mut(leg).and_then(|channel| channel.origin.take()) {
            self.tell_originated(&origin, None, reason);
        }
    }

    fn tell_originated(&mut self, origin: &Origin, reached: Option<(Key, String)>, reason: u8) {
        let channel = reached.as_ref().map_or(origin.channel.as_str(), |(_, name)| name);
        let uniqueid = reached
            .as_ref()
            .and_then(|(key, _)| self.channels.get(key))
            .map_or_else(
                || origin.channel_id.clone().unwrap_or_default(),
                |channel| channel.uniqueid.clone(),
            );
        let caller = origin.caller.clone().unwrap_or_default();
        let shown = |text: String| {
            if text.is_empty() {
                "<unknown>".to_owned()
            } else {
                text
            }
        };
        let text = Text::event("OriginateResponse", Class::CALL)
            .with_action_id(origin.action_id.as_deref())
            .with("Response", if reason == 4 { "Success" } else { "Failure" })
            .with("Channel", channel);
        let text = match &origin.application {
            Some((application, data)) => text.with("Application", application).with("Data", data),
            None => text.with("Context", &origin.context).with("Exten", &origin.exten),
        };
        let text = text
            .with("Reason", reason)
            .with("Uniqueid", shown(uniqueid))
            .with("CallerIDNum", shown(caller.number))
            .with("CallerIDName", shown(caller.name));
        self.emit(text);
    }
}
