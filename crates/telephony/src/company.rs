//! Who hears whom on one call.

use ami::ChannelState;

use crate::live::bridge::{BridgeKind, BridgeSlot};
use crate::live::call::CallSlot;
use crate::live::channel::{Channel, ChannelSlot, Far};
use crate::{LegRole, Switchboard};

/// One person on a call, as far as deriving needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) slot: ChannelSlot,
    /// Those with the same number hear each other.
    pub(crate) company: Option<usize>,
    pub(crate) role: LegRole,
    pub(crate) up: bool,
    pub(crate) ringing: bool,
    pub(crate) far: Far,
    /// Put somebody on hold who is still there.
    pub(crate) holds: bool,
    /// and is in their company still, rather than consulting elsewhere.
    pub(crate) holds_here: bool,
    /// Is being held by somebody.
    pub(crate) held: bool,
    pub(crate) talks: bool,
    pub(crate) in_room: bool,
}

/// Who hears whom on one call.
#[derive(Debug, Default)]
pub(crate) struct Company {
    pub(crate) people: Vec<Person>,
    /// A dial is under way.
    pub(crate) dialling: bool,
}

impl Company {
    pub(crate) fn person(&self, slot: ChannelSlot) -> Option<&Person> {
        self.people.iter().find(|person| person.slot == slot)
    }

    /// The others who hear this person, in order of birth.
    pub(crate) fn others<'a>(&'a self, of: &'a Person) -> impl DoubleEndedIterator<Item = &'a Person> {
        let together =
            move |other: &&Person| other.slot != of.slot && other.talks && other.company == of.company;
        self.people.iter().filter(together)
    }
}

impl Switchboard {
    /// Works out who hears whom: people in one bridge, and people in bridges that a Local channel joins.
    pub(crate) fn company(&self, call: CallSlot) -> Company {
        let Some(live) = self.calls.get(call) else {
            return Company::default();
        };
        let mut places: Vec<(BridgeSlot, usize, u64)> = Vec::new();
        let mut halves: Vec<(BridgeSlot, BridgeSlot)> = Vec::new();
        let mut found = Company::default();
        for slot in &live.channels {
            let Some(channel) = self.channels.get(*slot) else {
                continue;
            };
            found.dialling |= channel.dials > 0;
            let Some(bridge) = self.talk_bridge(channel) else {
                continue;
            };
            let Some(serial) = self.bridges.get(bridge).map(|bridge| bridge.serial) else {
                continue;
            };
            if !places.iter().any(|(place, ..)| *place == bridge) {
                places.push((bridge, places.len(), serial));
            }
            let half = channel.half.and_then(|half| self.channels.get(half));
            if let Some(other) = half.and_then(|half| self.talk_bridge(half)) {
                halves.push((bridge, other));
            }
        }
        for (one, two) in halves {
            let number = |slot: BridgeSlot| {
                places
                    .iter()
                    .find(|(place, ..)| *place == slot)
                    .map(|place| place.1)
            };
            if let (Some(one), Some(two)) = (number(one), number(two)) {
                places
                    .iter_mut()
                    .filter(|place| place.1 == two)
                    .for_each(|place| place.1 = one);
            }
        }
        let mut holds: Vec<(usize, ChannelSlot)> = Vec::new();
        for slot in &live.channels {
            let Some(channel) = self.channels.get(*slot).filter(|channel| channel.takes_part()) else {
                continue;
            };
            if channel.dial_told && !channel.is_up() && channel.role == LegRole::Callee {
                // Told not to ring any more; its hang-up is on the way.
                continue;
            }
            let bridge = self.talk_bridge(channel);
            let company = bridge
                .and_then(|slot| places.iter().find(|place| place.0 == slot))
                .map(|place| place.1);
            if let Some(held) = channel
                .holding
                .and_then(|serial| places.iter().find(|place| place.2 == serial))
            {
                holds.push((held.1, *slot));
            }
            found.people.push(Person {
                slot: *slot,
                company,
                role: channel.role,
                up: channel.is_up(),
                ringing: channel.state == ChannelState::Ringing,
                far: channel.far,
                holds: false,
                holds_here: false,
                held: false,
                talks: false,
                in_room: channel.room.is_some(),
            });
        }
        for at in 0..found.people.len() {
            let person = found.people[at];
            let Some(company) = person.company else { continue };
            let others = found
                .people
                .iter()
                .filter(|other| other.slot != person.slot && other.company == Some(company));
            let talks = others.count() > 0;
            let held = holds
                .iter()
                .any(|(place, by)| *place == company && *by != person.slot);
            found.people[at].talks = talks;
            found.people[at].held = held;
        }
        for (place, by) in holds {
            let somebody = found
                .people
                .iter()
                .any(|other| other.slot != by && other.company == Some(place));
            if let Some(person) = found.people.iter_mut().find(|person| person.slot == by) {
                person.holds = somebody;
                person.holds_here = somebody && person.company == Some(place);
            }
        }
        found
    }

    /// The bridge a channel is in, if people talk in such a one.
    fn talk_bridge(&self, channel: &Channel) -> Option<BridgeSlot> {
        let slot = channel.bridge?;
        (self.bridges.get(slot)?.kind == BridgeKind::Talk).then_some(slot)
    }
}
