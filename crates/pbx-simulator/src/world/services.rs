//! Messages, do-not-disturb, registrations, hold and recordings.

use crate::wire::{Class, Text};

use super::{ChannelState, Device, Doing, Key, World};

impl World {
    /// `VoiceMail`: the caller may leave a message.
    pub(crate) fn voicemail(&mut self, key: Key, at: usize) {
        let Some(number) = self.company.people.get(at).map(|person| person.number.clone()) else {
            return;
        };
        let mailbox = format!("{number}@default,us");
        self.noise_application(key, "VoiceMail", &mailbox);
        self.set_state(key, ChannelState::Up);
        self.local_answers(key);
        self.begin_record(key, &number, "VoiceMail", &mailbox, "");
        let now_ms = self.now_ms;
        if let Some(channel) = self.channel_mut(key) {
            channel.doing = Doing::Voicemail(at);
            if let Some(record) = channel.record.as_mut() {
                record.answer_ms = Some(now_ms);
            }
        }
        self.when_in_service(key);
    }

    /// The caller has spoken: one more message, unless it was too short to keep.
    pub(crate) fn message_left(&mut self, key: Key, at: usize) {
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        let spoke_ms = self
            .now_ms
            .saturating_sub(channel.answered_ms.unwrap_or(self.now_ms));
        if spoke_ms < self.human_ms(3000) {
            return;
        }
        let (Some(person), Some(phone)) = (self.company.people.get(at), self.phones.get_mut(at)) else {
            return;
        };
        let first = phone.new_messages == 0;
        phone.new_messages += 1;
        let mailbox = format!("{}@default", person.number);
        let (new, old) = (phone.new_messages, phone.old_messages);
        self.noise_variable(key, "VMSTATUS", "SUCCESS");
        self.say_with("MessageWaiting", Class::CALL, key, |text| {
            text.with("Mailbox", &mailbox)
                .with("Waiting", 1)
                .with("New", new)
                .with("Old", old)
        });
        if first {
            self.tell_device(&format!("MWI:{mailbox}"), "INUSE");
        }
    }

    /// Somebody listens to all their messages.
    pub(crate) fn hear_messages(&mut self, at: usize) {
        let (Some(person), Some(phone)) = (self.company.people.get(at), self.phones.get_mut(at)) else {
            return;
        };
        if phone.new_messages == 0 {
            return;
        }
        phone.old_messages += phone.new_messages;
        phone.new_messages = 0;
        let mailbox = format!("{}@default", person.number);
        let text = Text::event("MessageWaiting", Class::CALL)
            .with("Mailbox", &mailbox)
            .with("Waiting", 0)
            .with("New", 0)
            .with("Old", phone.old_messages);
        self.emit(text);
        self.tell_device(&format!("MWI:{mailbox}"), "NOT_INUSE");
    }

    /// Do not disturb, on or off.
    pub(crate) fn set_dnd(&mut self, at: usize, on: bool) {
        let (Some(person), Some(phone)) = (self.company.people.get(at), self.phones.get_mut(at)) else {
            return;
        };
        if phone.dnd == on {
            return;
        }
        phone.dnd = on;
        let device = format!("Custom:DND{}", person.number);
        self.touch(Device::Phone(at));
        self.tell_device(&device, if on { "BUSY" } else { "NOT_INUSE" });
    }

    /// A phone registers, or loses its registration.
    pub(crate) fn set_registered(&mut self, at: usize, registered: bool) {
        let (Some(person), Some(phone)) = (self.company.people.get(at), self.phones.get_mut(at)) else {
            return;
        };
        if phone.registered == registered {
            return;
        }
        phone.registered = registered;
        let number = person.number.clone();
        let uri = self.contact_uri(at);
        let contact = Text::event("ContactStatus", Class::SYSTEM)
            .with("URI", uri)
            .with(
                "ContactStatus",
                if registered { "NonQualified" } else { "Removed" },
            )
            .with("AOR", &number)
            .with("EndpointName", &number)
            .with("RoundtripUsec", 0);
        let peer = Text::event("PeerStatus", Class::SYSTEM)
            .with("ChannelType", "PJSIP")
            .with("Peer", format_args!("PJSIP/{number}"))
            .with("PeerStatus", if registered { "Reachable" } else { "Unreachable" });
        if registered {
            self.emit(peer);
            self.emit(contact);
        } else {
            self.emit(contact);
            self.emit(peer);
        }
        self.touch(Device::Phone(at));
    }

    /// A trunk's registration changes.
    pub(crate) fn set_registration(&mut self, at: usize, registration: &'static str) {
        let (Some(plan), Some(line)) = (self.company.lines.get(at), self.lines.get_mut(at)) else {
            return;
        };
        if line.registration == registration {
            return;
        }
        line.registration = registration;
        let text = Text::event("Registry", Class::SYSTEM)
            .with("ChannelType", "PJSIP")
            .with("Username", format_args!("sip:company@{}", plan.host))
            .with("Domain", format_args!("sip:{}", plan.host))
            .with("Status", registration);
        self.emit(text);
        self.touch(Device::Line(at));
    }

    /// A phone puts the other side on hold. False when it talks to nobody or holds already.
    pub(crate) fn hold(&mut self, key: Key) -> bool {
        let Some(peer) = self.peer(key) else { return false };
        let Some(channel) = self.channel_mut(key) else {
            return false;
        };
        if std::mem::replace(&mut channel.holding, true) {
            return false;
        }
        self.say_with("Hold", Class::CALL, key, |text| {
            text.with("MusicClass", "default")
        });
        self.set_held(peer, true);
        true
    }

    /// A phone takes the other side back.
    pub(crate) fn unhold(&mut self, key: Key) -> bool {
        let Some(channel) = self.channel_mut(key) else {
            return false;
        };
        if !std::mem::replace(&mut channel.holding, false) {
            return false;
        }
        self.say("Unhold", key);
        if let Some(peer) = self.peer(key) {
            self.set_held(peer, false);
        }
        true
    }

    pub(crate) fn set_held(&mut self, key: Key, held: bool) {
        let Some(channel) = self.channel_mut(key) else {
            return;
        };
        if std::mem::replace(&mut channel.held, held) == held {
            return;
        }
        let device = channel.device;
        self.touch(device);
        self.music(key, held);
    }

    pub(crate) fn music(&mut self, key: Key, on: bool) {
        if on {
            self.say_with("MusicOnHoldStart", Class::CALL, key, |text| {
                text.with("Class", "default")
            });
        } else {
            self.say("MusicOnHoldStop", key);
        }
    }

    /// `MixMonitor` begins, pauses, goes on or ends. False where there is nothing to change.
    pub(crate) fn record_call(&mut self, key: Key, to: Option<bool>, file: Option<&str>) -> bool {
        let Some(channel) = self.channel_mut(key) else {
            return false;
        };
        let before = channel.recording;
        channel.recording = to;
        match (before, to) {
            (None, Some(_)) => {
                let usual = format!("{}.wav", self.uniqueid(key));
                let file = format!("/var/spool/asterisk/monitor/{}", file.unwrap_or(&usual));
                self.noise_variable(key, "MIXMONITOR_FILENAME", &file);
                self.say("MixMonitorStart", key);
            }
            (Some(_), None) => self.say("MixMonitorStop", key),
            (Some(was), Some(muted)) if was != muted => {
                self.say_with("MixMonitorMute", Class::CALL, key, |text| {
                    text.with("Direction", "both").with("State", u8::from(muted))
                });
            }
            (Some(_), Some(_)) => {}
            (None, None) => return false,
        }
        true
    }
}
