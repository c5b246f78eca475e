//! What a PBX would answer when asked for lists: kept from raw events, apart from the code under test.

use std::collections::{BTreeMap, BTreeSet};

use ami::{BridgeRef, ChannelRef, ChannelState, Event, Kind, Message};

#[derive(Clone, Debug, Default)]
pub struct Channel {
    name: String,
    state: u8,
    number: String,
    exten: String,
    linked: String,
    app: String,
    data: String,
    bridge: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Bridge {
    kind: String,
    technology: String,
    creator: String,
    name: String,
    members: usize,
}

/// Channels, bridges, queue callers and parked calls of the moment.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub channels: BTreeMap<String, Channel>,
    bridges: BTreeMap<String, Bridge>,
    waiting: BTreeMap<String, (String, u32)>,
    parked: BTreeMap<String, (String, u32, Option<String>)>,
    /// Channels that asked to hang up and have not yet.
    pub leaving: BTreeSet<String>,
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

impl World {
    fn channel(&mut self, channel: &ChannelRef<'_>) {
        let Some(uid) = &channel.uniqueid else { return };
        let Some(known) = self.channels.get_mut(uid.as_str()) else {
            return;
        };
        known.state = channel.state.map_or(known.state, ChannelState::code);
        if let Some(linked) = &channel.linkedid {
            known.linked = linked.as_str().to_owned();
        }
    }

    fn bridge(&mut self, bridge: &BridgeRef<'_>) {
        let Some(id) = &bridge.id else { return };
        let known = self.bridges.entry(id.as_str().to_owned()).or_default();
        known.kind = text(bridge.kind.as_deref());
        known.technology = text(bridge.technology.as_deref());
        known.creator = text(bridge.creator.as_deref());
        known.name = text(bridge.name.as_deref());
    }

    fn place(&mut self, uid: &str, bridge: Option<&str>) {
        let Some(channel) = self.channels.get_mut(uid) else {
            return;
        };
        if let Some(old) = channel.bridge.take().and_then(|old| self.bridges.get_mut(&old)) {
            old.members -= 1;
        }
        channel.bridge = bridge.map(str::to_owned);
        if let Some(new) = bridge.and_then(|id| self.bridges.get_mut(id)) {
            new.members += 1;
        }
    }

    pub fn observe(&mut self, message: &Message) {
        if message.kind() == Kind::Newexten {
            if let Some(channel) = message
                .get("Uniqueid")
                .and_then(|uid| self.channels.get_mut(&*uid))
            {
                channel.app = text(message.get("Application").as_deref());
                channel.data = text(message.get("AppData").as_deref());
            }
            return;
        }
        match message.event() {
            Some(Event::Newchannel(event)) => {
                let Some(uid) = &event.channel.uniqueid else {
                    return;
                };
                let channel = Channel {
                    name: text(event.channel.name.as_ref().map(|name| name.as_str())),
                    number: text(event.channel.caller_number.as_deref()),
                    exten: text(event.channel.exten.as_ref().map(|exten| exten.as_str())),
                    ..Channel::default()
                };
                self.channels.insert(uid.as_str().to_owned(), channel);
                self.channel(&event.channel);
            }
            Some(Event::Newstate(event)) => self.channel(&event.channel),
            Some(Event::HangupRequest(event)) => {
                if let Some(uid) = &event.channel.uniqueid {
                    self.leaving.insert(uid.as_str().to_owned());
                }
            }
            Some(Event::Hangup(event)) => {
                if let Some(uid) = &event.channel.uniqueid {
                    self.leaving.remove(uid.as_str());
                    self.place(uid.as_str(), None);
                    self.channels.remove(uid.as_str());
                    self.waiting.remove(uid.as_str());
                    self.parked.remove(uid.as_str());
                }
            }
            Some(Event::BridgeEnter(event)) => {
                self.bridge(&event.bridge);
                self.channel(&event.channel);
                if let (Some(uid), Some(id)) = (&event.channel.uniqueid, &event.bridge.id) {
                    self.place(uid.as_str(), Some(id.as_str()));
                }
            }
            Some(Event::BridgeLeave(event)) => {
                if let Some(uid) = &event.channel.uniqueid {
                    self.place(uid.as_str(), None);
                }
            }
            Some(Event::QueueCallerJoin(event)) => {
                if let (Some(uid), Some(queue)) = (&event.channel.uniqueid, &event.queue) {
                    let place = (queue.as_str().to_owned(), event.position.unwrap_or(1));
                    self.waiting.insert(uid.as_str().to_owned(), place);
                }
            }
            Some(Event::QueueCallerLeave(event)) => {
                if let Some(uid) = &event.channel.uniqueid {
                    self.waiting.remove(uid.as_str());
                }
            }
            Some(Event::ParkedCall(event)) => {
                if let (Some(uid), Some(lot), Some(space)) =
                    (&event.parkee.uniqueid, &event.slot.lot, event.slot.space)
                {
                    let parker = event.slot.parker_dial_string.as_deref().map(str::to_owned);
                    self.parked
                        .insert(uid.as_str().to_owned(), (lot.as_str().to_owned(), space, parker));
                }
            }
            Some(Event::ChanSpyStart(event)) => {
                if let Some(uid) = &event.spyer.uniqueid
                    && let Some(channel) = self.channels.get_mut(uid.as_str())
                {
                    channel.app = "ChanSpy".to_owned();
                }
            }
            Some(Event::UnParkedCall(event)) => self.unpark(&event.parkee),
            Some(Event::ParkedCallGiveUp(event)) => self.unpark(&event.parkee),
            Some(Event::ParkedCallTimeOut(event)) => self.unpark(&event.parkee),
            Some(_) | None => {}
        }
    }

    fn unpark(&mut self, parkee: &ChannelRef<'_>) {
        if let Some(uid) = &parkee.uniqueid {
            self.parked.remove(uid.as_str());
        }
    }

    fn item(&self, name: &str, uid: &str, prefix: &str) -> ami::wire::MessageBuilder {
        let channel = &self.channels[uid];
        ami::wire::MessageBuilder::event(name)
            .header(&format!("{prefix}Channel"), &channel.name)
            .header(&format!("{prefix}ChannelState"), channel.state)
            .header(&format!("{prefix}CallerIDNum"), &channel.number)
            .header(&format!("{prefix}Exten"), &channel.exten)
            .header(&format!("{prefix}Uniqueid"), uid)
            .header(&format!("{prefix}Linkedid"), &channel.linked)
    }

    /// The answers to the lists that say what is up: bridges, channels, queue callers, parked calls.
    pub fn describe(&self) -> Vec<Message> {
        let mut built = Vec::new();
        for (id, bridge) in self.bridges.iter().filter(|(_, bridge)| bridge.members > 0) {
            built.push(
                ami::wire::MessageBuilder::event("BridgeListItem")
                    .header("BridgeUniqueid", id)
                    .header("BridgeType", &bridge.kind)
                    .header("BridgeTechnology", &bridge.technology)
                    .header("BridgeCreator", &bridge.creator)
                    .header("BridgeName", &bridge.name)
                    .header("BridgeNumChannels", bridge.members),
            );
        }
        built.push(end("BridgeListComplete"));
        // Asterisk lists the newest first.
        for (uid, channel) in self.channels.iter().rev() {
            let item = self.item("CoreShowChannel", uid, "");
            let item = item
                .header("Application", &channel.app)
                .header("ApplicationData", &channel.data);
            built.push(
                item.header("Duration", "00:00:00")
                    .maybe("BridgeId", channel.bridge.as_ref()),
            );
        }
        built.push(end("CoreShowChannelsComplete"));
        let mut queues: Vec<&String> = self.waiting.values().map(|(queue, _)| queue).collect();
        queues.sort();
        queues.dedup();
        for queue in queues {
            built.push(ami::wire::MessageBuilder::event("QueueParams").header("Queue", queue));
            for (uid, _) in self.waiting.iter().filter(|(_, place)| place.0 == *queue) {
                let place = &self.waiting[uid];
                let item = self.item("QueueEntry", uid, "");
                built.push(
                    item.header("Queue", queue)
                        .header("Position", place.1)
                        .header("Wait", 0),
                );
            }
        }
        built.push(end("QueueStatusComplete"));
        for (uid, (lot, space, parker)) in &self.parked {
            let item = self.item("ParkedCall", uid, "Parkee");
            let item = item.header("Parkinglot", lot).header("ParkingSpace", space);
            built.push(item.maybe("ParkerDialString", parker.as_ref()));
        }
        built.push(end("ParkedCallsComplete"));
        built
            .into_iter()
            .map(|message| message.build().expect("a frame"))
            .collect()
    }
}

fn end(name: &str) -> ami::wire::MessageBuilder {
    ami::wire::MessageBuilder::event(name)
        .header("EventList", "Complete")
        .header("ListItems", 0)
}
