//! What is really the case, for tests to hold a reader's board against.

use std::collections::{BTreeMap, BTreeSet};

use super::bridge::Kind;
use super::{ChannelState, Device, World};

/// A person, as they really are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonTruth {
    /// Device state in Asterisk's word.
    pub device_state: &'static str,
    /// A phone is registered.
    pub registered: bool,
    /// Do not disturb.
    pub dnd: bool,
    /// New messages, where there is a mailbox.
    pub new_messages: Option<u32>,
}

/// A queue, as it really is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTruth {
    /// Uniqueids of those who wait, in order.
    pub waiting: Vec<String>,
    /// Interface, device state and pause reason of every member.
    pub members: BTreeMap<String, (&'static str, Option<String>)>,
    /// Completed calls since the last start.
    pub completed: u32,
    /// Callers who went without having talked.
    pub abandoned: u32,
}

/// What is really the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Uniqueids of the channels of phones and trunks, and whether each is answered.
    pub channels: BTreeMap<String, bool>,
    /// Uniqueids of those who hear each other, pair by pair, and whether one holds the other.
    pub talking: BTreeMap<BTreeSet<String>, bool>,
    /// People by number.
    pub people: BTreeMap<String, PersonTruth>,
    /// Queues by name.
    pub queues: BTreeMap<String, QueueTruth>,
    /// Uniqueid of the caller in each taken space.
    pub parked: BTreeMap<String, String>,
    /// Uniqueids of those in the conference, in order.
    pub conference: Vec<String>,
    /// Whether each trunk is registered, and its channels.
    pub trunks: BTreeMap<String, (bool, usize)>,
}

impl World {
    /// The truth now.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let uniqueid = |key| {
            self.channels
                .get(&key)
                .map_or_else(String::new, |channel| channel.uniqueid.clone())
        };
        let of_people = self
            .channels
            .values()
            .filter(|channel| channel.device != Device::Local);
        let people = self.company.people.iter().zip(&self.phones).enumerate();
        let queues = self.company.queues.iter().zip(&self.queues);
        let lines = self.company.lines.iter().zip(&self.lines).enumerate();
        Truth {
            channels: of_people
                .map(|channel| (channel.uniqueid.clone(), channel.state == ChannelState::Up))
                .collect(),
            talking: self.pairs(),
            people: people
                .map(|(at, (person, phone))| {
                    let truth = PersonTruth {
                        device_state: self.device_state(Device::Phone(at)),
                        registered: phone.registered,
                        dnd: phone.dnd,
                        new_messages: person.mailbox.then_some(phone.new_messages),
                    };
                    (person.number.clone(), truth)
                })
                .collect(),
            queues: queues
                .map(|(plan, live)| {
                    let members = live.members.iter().map(|member| {
                        let state = (self.member_device(member), member.paused.clone());
                        (member.interface.clone(), state)
                    });
                    let truth = QueueTruth {
                        waiting: live.waiting.iter().map(|waiter| uniqueid(waiter.key)).collect(),
                        members: members.collect(),
                        completed: live.completed,
                        abandoned: live.abandoned,
                    };
                    (plan.name.to_owned(), truth)
                })
                .collect(),
            parked: self
                .parking
                .iter()
                .map(|(space, parked)| (space.to_string(), uniqueid(parked.parkee)))
                .collect(),
            conference: self
                .room
                .iter()
                .flat_map(|room| &room.seats)
                .map(|seat| uniqueid(seat.key))
                .collect(),
            trunks: lines
                .map(|(at, (line, live))| {
                    let used = self
                        .channels
                        .values()
                        .filter(|channel| channel.device == Device::Line(at));
                    (
                        line.name.to_owned(),
                        (live.registration == "Registered", used.count()),
                    )
                })
                .collect(),
        }
    }

    fn pairs(&self) -> BTreeMap<BTreeSet<String>, bool> {
        let mut pairs = BTreeMap::new();
        let members = self.bridges.values().filter(|bridge| bridge.kind == Kind::BASIC);
        for key in members.flat_map(|bridge| &bridge.members) {
            let (Some(one), Some(far)) = (self.channels.get(key), self.far_end(*key)) else {
                continue;
            };
            let Some(other) = self.channels.get(&far) else {
                continue;
            };
            if one.device == Device::Local {
                continue;
            }
            let pair = BTreeSet::from([one.uniqueid.clone(), other.uniqueid.clone()]);
            *pairs.entry(pair).or_insert(false) |= one.holding || other.holding;
        }
        pairs
    }
}
