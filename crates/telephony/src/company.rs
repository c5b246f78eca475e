//! Who hears whom on one call.

use ami::ChannelState;

use crate::live::bridge::{Bridge, BridgeKind, BridgeSlot};
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

/// A bridge in which people talk.
#[derive(Debug)]
struct Place {
    bridge: BridgeSlot,
    serial: u64,
    company: usize,
}

/// Who hears whom on one call.
#[derive(Debug, Default)]
pub(crate) struct Company {
    pub(crate) people: Vec<Person>,
    /// A dial is under way.
    pub(crate) dialling: bool,
    places: Vec<Place>,
    /// Bridges that a Local channel joins.
    halves: Vec<(BridgeSlot, BridgeSlot)>,
    /// Who holds which company.
    holds: Vec<(usize, ChannelSlot)>,
}

impl Company {
    pub(crate) fn person(&self, slot: ChannelSlot) -> Option<&Person> {
        self.people.iter().find(|person| person.slot == slot)
    }

    /// The others who hear this person, in order of birth.
    pub(crate) fn others<'a>(
        &'a self,
        of: &'a Person,
    ) -> impl DoubleEndedIterator<Item = &'a Person> + Clone {
        let together =
            move |other: &&Person| other.slot != of.slot && other.talks && other.company == of.company;
        self.people.iter().filter(together)
    }

    fn clear(&mut self) {
        self.people.clear();
        self.dialling = false;
        self.places.clear();
        self.halves.clear();
        self.holds.clear();
    }

    /// Companies that a Local channel joins become one.
    fn join_halves(&mut self) {
        for (one, two) in &self.halves {
            let company = |slot: BridgeSlot| self.places.iter().find(|place| place.bridge == slot);
            let (Some(one), Some(two)) = (company(*one), company(*two)) else {
                continue;
            };
            let (one, two) = (one.company, two.company);
            for place in self.places.iter_mut().filter(|place| place.company == two) {
                place.company = one;
            }
        }
    }

    /// Takes a channel in as a person.
    fn add(&mut self, slot: ChannelSlot, channel: &Channel, bridge: Option<BridgeSlot>) {
        let place = |found: &dyn Fn(&Place) -> bool| self.places.iter().find(|place| found(place));
        let company = bridge.and_then(|bridge| place(&|place| place.bridge == bridge));
        let company = company.map(|place| place.company);
        let held = channel
            .holding
            .and_then(|serial| place(&|place| place.serial == serial));
        if let Some(held) = held.map(|place| place.company) {
            self.holds.push((held, slot));
        }
        self.people.push(Person {
            slot,
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

    /// Works out who talks, who is held and who holds.
    fn judge(&mut self) {
        for at in 0..self.people.len() {
            let Person { slot, company, .. } = self.people[at];
            let Some(company) = company else { continue };
            self.people[at].talks = self.is_somebody_else(slot, company);
            self.people[at].held = self
                .holds
                .iter()
                .any(|(place, by)| *place == company && *by != slot);
        }
        for at in 0..self.holds.len() {
            let (place, by) = self.holds[at];
            let somebody = self.is_somebody_else(by, place);
            if let Some(person) = self.people.iter_mut().find(|person| person.slot == by) {
                person.holds = somebody;
                person.holds_here = somebody && person.company == Some(place);
            }
        }
    }

    fn is_somebody_else(&self, than: ChannelSlot, company: usize) -> bool {
        let mut others = self.people.iter().filter(|other| other.slot != than);
        others.any(|other| other.company == Some(company))
    }
}

impl Switchboard {
    /// Works out who hears whom: people in one bridge, and people in bridges that a Local channel joins. What
    /// was in `found` is forgotten; its memory is used again, for this happens at every event of a call.
    pub(crate) fn gather(&self, call: CallSlot, found: &mut Company) {
        found.clear();
        let Some(live) = self.calls.get(call) else { return };
        let channels = || {
            let here = live.channels.iter();
            here.filter_map(|slot| Some((*slot, self.channels.get(*slot)?)))
        };
        for (_, channel) in channels() {
            found.dialling |= channel.dials > 0;
            let Some((bridge, there)) = self.talk_bridge(channel) else {
                continue;
            };
            if !found.places.iter().any(|place| place.bridge == bridge) {
                found.places.push(Place {
                    bridge,
                    serial: there.serial,
                    company: found.places.len(),
                });
            }
            let half = channel.half.and_then(|half| self.channels.get(half));
            if let Some((other, _)) = half.and_then(|half| self.talk_bridge(half)) {
                found.halves.push((bridge, other));
            }
        }
        found.join_halves();
        for (slot, channel) in channels().filter(|(_, channel)| channel.takes_part()) {
            // One told not to ring any more is on its way out.
            if !channel.dial_told || channel.is_up() || channel.role != LegRole::Callee {
                found.add(slot, channel, self.talk_bridge(channel).map(|(bridge, _)| bridge));
            }
        }
        found.judge();
    }

    /// The bridge a channel is in, if people talk in such a one.
    fn talk_bridge(&self, channel: &Channel) -> Option<(BridgeSlot, &Bridge)> {
        let slot = channel.bridge?;
        let bridge = self.bridges.get(slot)?;
        (bridge.kind == BridgeKind::Talk).then_some((slot, bridge))
    }
}
