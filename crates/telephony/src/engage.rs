//! Extensions: their rows, their names, and what each is doing in which call.

use ami::ChannelRef;

use crate::board::MAX_ENGAGEMENTS;
use crate::company::{Company, Person};
use crate::live::call::CallSlot;
use crate::live::channel::{ChannelSlot, Far};
use crate::live::directory::Owner;
use crate::switchboard::{MAX_ROWS, bounded};
use crate::{
    Activity, Call, CallId, CallState, DeviceState, Engagement, Extension, Key, Party, Registration,
    Switchboard, Timestamp,
};

impl Switchboard {
    /// Who a new channel is, by whose device it runs on. Extensions are named by their own device, never by
    /// the caller id a call carries: that can be set to anything.
    pub(crate) fn party_at_birth(&mut self, owner: &Owner, channel: &ChannelRef<'_>) -> Party {
        let name = channel.caller_name.as_deref();
        match owner {
            Owner::Extension(number) => {
                let device = channel
                    .name
                    .as_ref()
                    .map_or("", |name| crate::live::channel::device_of(name.as_str()));
                let own = channel.caller_number.as_deref() == Some(number);
                let name = name.filter(|_| own).map(bounded);
                let Some(row) = self.extension_mut(number, device) else {
                    return Party {
                        number: number.clone(),
                        name,
                        extension: Some(number.clone()),
                    };
                };
                if name.is_some() && row.name != name {
                    row.name = name;
                    self.mark(Key::Extension(number.clone()));
                }
                self.party_of_extension(number)
            }
            Owner::Trunk(_) => {
                let number = channel.caller_number.as_deref().map(bounded).unwrap_or_default();
                Party {
                    number,
                    name: name.map(bounded),
                    extension: None,
                }
            }
            Owner::Local | Owner::Nobody => Party::default(),
        }
    }

    pub(crate) fn party_of_extension(&self, number: &str) -> Party {
        let name = self.board.extensions.get(number).and_then(|row| row.name.clone());
        Party {
            number: number.to_owned(),
            name,
            extension: Some(number.to_owned()),
        }
    }

    /// Who a number is: an extension of ours, or whoever the name says.
    pub(crate) fn party_of_number(&self, number: &str, name: Option<&str>) -> Party {
        if self.board.extensions.contains_key(number) {
            return self.party_of_extension(number);
        }
        Party {
            number: bounded(number),
            name: name.map(bounded),
            extension: None,
        }
    }

    /// An extension's row, made when it is new; `None` when there are too many.
    pub(crate) fn extension_mut(&mut self, number: &str, device: &str) -> Option<&mut Extension> {
        if !self.board.extensions.contains_key(number) {
            if self.board.extensions.len() >= MAX_ROWS || number.is_empty() {
                self.counters.over_bounds += 1;
                return None;
            }
            let row = Extension {
                number: bounded(number),
                name: None,
                device: bounded(device),
                device_state: DeviceState::Unknown,
                registration: Registration::Unknown,
                dnd: None,
                voicemail: None,
                engagements: Vec::new(),
                since: self.clock.last(),
            };
            self.board.extensions.insert(number.to_owned(), row);
            self.mark(Key::Extension(number.to_owned()));
        }
        self.board.extensions.get_mut(number)
    }

    /// Changes an extension's row with `change`, which says whether it did, and whether the tile looks new.
    pub(crate) fn change_extension(
        &mut self,
        number: &str,
        at: Timestamp,
        change: impl FnOnce(&mut Extension) -> bool,
    ) {
        let Some(row) = self.board.extensions.get_mut(number) else {
            return;
        };
        if change(row) {
            row.since = at;
            self.mark(Key::Extension(number.to_owned()));
        }
    }

    /// The call no longer shows on the extension.
    pub(crate) fn disengage(&mut self, number: &str, call: &CallId, at: Timestamp) {
        self.change_extension(number, at, |row| {
            let before = row.engagements.len();
            row.engagements.retain(|engagement| engagement.call != *call);
            row.engagements.len() != before
        });
    }

    /// Shows the call on every extension that is on it, as that extension sees it.
    pub(crate) fn settle_engagements(&mut self, call: CallSlot, company: &Company, at: Timestamp) {
        let Some(live) = self.calls.get(call) else { return };
        let Some(row) = self.board.calls.get(&live.id) else {
            return;
        };
        let mut views: Vec<(String, Engagement)> = Vec::new();
        let supervisors = live.channels.iter().filter_map(|slot| {
            let channel = self.channels.get(*slot)?;
            let party = channel.spying_on.as_ref()?;
            Some((channel.party.extension.clone()?, party, Activity::Waiting))
        });
        for (number, party, activity) in supervisors {
            views.push((number, engagement(row, party, activity, at)));
        }
        for person in company.people.iter().filter(|person| person.far == Far::Phone) {
            let Some(number) = self
                .channels
                .get(person.slot)
                .and_then(|found| found.party.extension.clone())
            else {
                continue;
            };
            let Some((activity, with)) = self.view(call, row, company, person) else {
                continue;
            };
            let view = engagement(row, &with, activity, at);
            match views.iter_mut().find(|(known, _)| *known == number) {
                // Two phones of one extension: what the person does counts before what rings.
                Some((_, known)) if known.activity < view.activity => *known = view,
                Some(_) => {}
                None => views.push((number, view)),
            }
        }
        if views.is_empty() && live.engaged.is_empty() {
            return;
        }
        let id = live.id.clone();
        let before: Vec<String> = live
            .engaged
            .iter()
            .filter(|number| !views.iter().any(|(new, _)| new == *number))
            .cloned()
            .collect();
        for number in before {
            self.disengage(&number, &id, at);
        }
        if let Some(live) = self.calls.get_mut(call)
            && !live.engaged.iter().eq(views.iter().map(|(number, _)| number))
        {
            live.engaged = views.iter().map(|(number, _)| number.clone()).collect();
        }
        for (number, view) in views {
            self.change_extension(&number, at, |row| engage(row, view));
        }
    }

    /// What an extension's person does in the call, and with whom.
    fn view(
        &self,
        call: CallSlot,
        row: &Call,
        company: &Company,
        person: &Person,
    ) -> Option<(Activity, Party)> {
        let channel = self.channels.get(person.slot)?;
        let live = self.calls.get(call)?;
        let is_caller = live.caller == Some(person.slot);
        let opposite = || {
            if is_caller {
                row.callee.clone()
            } else {
                row.caller.clone()
            }
        };
        let named = |text: &str| Party {
            number: bounded(text),
            name: None,
            extension: None,
        };
        if let Some(room) = &channel.room {
            return Some((Activity::Conference, named(room)));
        }
        if let Some((_, space)) = &channel.parked {
            return Some((Activity::Waiting, named(space)));
        }
        if person.talks {
            let activity = if person.holds_here || person.held {
                Activity::OnHold
            } else {
                Activity::Talking
            };
            let mut others = company.others(person);
            let sides = [live.caller, live.callee];
            let main = company
                .others(person)
                .find(|other| sides.contains(&Some(other.slot)));
            let other = main.or_else(|| others.next_back());
            return Some((
                activity,
                other
                    .and_then(|other| self.party_of(other.slot))
                    .unwrap_or_else(opposite),
            ));
        }
        if person.held || person.holds {
            let holders = company.people.iter().filter(|other| other.slot != person.slot);
            let other = holders
                .clone()
                .find(|other| other.holds != person.holds)
                .or(holders.clone().next());
            return Some((
                Activity::OnHold,
                other
                    .and_then(|other| self.party_of(other.slot))
                    .unwrap_or_else(opposite),
            ));
        }
        if !person.up {
            if person.ringing {
                let from = channel.rung_for.clone().unwrap_or_else(opposite);
                return Some((Activity::Ringing, from));
            }
            // A phone that is only being set up does not show; one that dials does.
            return is_caller.then(|| (Activity::Dialling, row.callee.clone()));
        }
        let with = || match &row.queue {
            Some(visit) if visit.position > 0 => named(&visit.queue),
            Some(_) | None => opposite(),
        };
        match &row.state {
            CallState::Waiting | CallState::Service(_) | CallState::Parked => {
                Some((Activity::Waiting, with()))
            }
            CallState::Dialling | CallState::Ringing => Some((Activity::Dialling, opposite())),
            CallState::Talking | CallState::OnHold | CallState::Conference => {
                // Alone for an instant, or left behind: nothing new to say.
                let known = self.board.extensions.get(channel.party.extension.as_ref()?);
                let known =
                    known.and_then(|known| known.engagements.iter().find(|known| known.call == row.id));
                Some(known.map_or_else(
                    || (Activity::Waiting, opposite()),
                    |known| {
                        let name = (known.with != known.number).then(|| known.with.clone());
                        let party = Party {
                            number: known.number.clone(),
                            name,
                            extension: None,
                        };
                        (known.activity, party)
                    },
                ))
            }
        }
    }

    pub(crate) fn party_of(&self, slot: ChannelSlot) -> Option<Party> {
        self.channels.get(slot).map(|channel| channel.party.clone())
    }
}

fn engagement(row: &Call, with: &Party, activity: Activity, at: Timestamp) -> Engagement {
    Engagement {
        call: row.id.clone(),
        with: with.name.clone().unwrap_or_else(|| with.number.clone()),
        number: with.number.clone(),
        direction: row.direction,
        activity,
        since: at,
    }
}

/// Puts the engagement into the row; says whether that changed it.
fn engage(row: &mut Extension, mut view: Engagement) -> bool {
    let full = row.engagements.len() >= MAX_ENGAGEMENTS;
    match row.engagements.iter_mut().find(|known| known.call == view.call) {
        Some(known) => {
            let same = known.activity == view.activity && known.number == view.number;
            if same && known.with == view.with && known.direction == view.direction {
                return false;
            }
            if same {
                view.since = known.since;
            }
            *known = view;
        }
        None if full => return false,
        None => row.engagements.push(view),
    }
    row.engagements
        .sort_by(|one, two| (one.activity, one.since, &one.call).cmp(&(two.activity, two.since, &two.call)));
    true
}
