//! Extensions: their rows, their names, and what each is doing in which call.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ami::ChannelRef;

use crate::board::MAX_ENGAGEMENTS;
use crate::company::{Company, Person};
use crate::live::arena::Arena;
use crate::live::channel::{Channel, ChannelSlot, Far};
use crate::live::directory::Owner;
use crate::scene::Scene;
use crate::switchboard::{MAX_ROWS, bounded, fits};
use crate::{
    Activity, Call, CallId, CallState, DeviceState, Direction, Engagement, Extension, Key, Party,
    Registration, Switchboard, Timestamp,
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
        party_of_extension(&self.board.extensions, number)
    }

    /// Who a number is: an extension of ours, or whoever the name says.
    pub(crate) fn party_of_number(&self, number: &str, name: Option<&str>) -> Party {
        party_of_number(&self.board.extensions, number, name)
    }

    pub(crate) fn party_of(&self, slot: ChannelSlot) -> Option<Party> {
        self.channels.get(slot).map(|channel| channel.party.clone())
    }

    /// An extension's row, made when it is new; `None` when there are too many.
    pub(crate) fn extension_mut(&mut self, number: &str, device: &str) -> Option<&mut Extension> {
        if !self.board.extensions.contains_key(number) {
            if self.board.extensions.len() >= MAX_ROWS || number.is_empty() || !fits(number) {
                self.counters.over_bounds += 1;
                return None;
            }
            let row = Extension {
                number: number.to_owned(),
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
        change_extension(&mut self.board.extensions, &mut self.dirty, number, at, change);
    }

    /// The call no longer shows on the extension.
    pub(crate) fn disengage(&mut self, number: &str, call: &CallId, at: Timestamp) {
        self.change_extension(number, at, |row| disengage(row, call));
    }
}

/// What an extension's person does in a call, and with whom.
struct View<'a> {
    extension: &'a str,
    activity: Activity,
    with: Cow<'a, str>,
    number: Cow<'a, str>,
}

impl<'a> View<'a> {
    fn of(extension: &'a str, activity: Activity, party: &'a Party) -> Self {
        View {
            extension,
            activity,
            with: Cow::Borrowed(party.name.as_deref().unwrap_or(&party.number)),
            number: Cow::Borrowed(&party.number),
        }
    }

    /// With something that has no number but a name: a queue, a conference, a parking space.
    fn at(extension: &'a str, activity: Activity, place: &'a str) -> Self {
        View {
            extension,
            activity,
            with: Cow::Borrowed(place),
            number: Cow::Borrowed(place),
        }
    }
}

impl Scene<'_> {
    /// Shows the call on every extension that is on it, as that extension sees it.
    pub(crate) fn settle_engagements(&mut self) {
        let outlook = Outlook {
            caller: self.live.caller,
            callee: self.live.callee,
            row: self.row,
            company: self.company,
            channels: self.channels,
        };
        let mut views: Vec<View<'_>> = Vec::new();
        for slot in &self.live.channels {
            if let Some(channel) = self.channels.get(*slot)
                && let Some(party) = &channel.spying_on
                && let Some(number) = &channel.party.extension
            {
                views.push(View::of(number, Activity::Supervising, party));
            }
        }
        for person in self
            .company
            .people
            .iter()
            .filter(|person| person.far == Far::Phone)
        {
            let Some(view) = outlook.view(person, self.extensions) else {
                continue;
            };
            match views.iter_mut().find(|known| known.extension == view.extension) {
                // Two phones of one extension: what the person does counts before what rings.
                Some(known) if known.activity < view.activity => *known = view,
                Some(_) => {}
                None => views.push(view),
            }
        }
        let (id, at) = (&self.live.id, self.at);
        for number in &self.live.engaged {
            if !views.iter().any(|view| view.extension == number) {
                change_extension(self.extensions, self.dirty, number, at, |row| disengage(row, id));
            }
        }
        if !self
            .live
            .engaged
            .iter()
            .eq(views.iter().map(|view| view.extension))
        {
            self.live.engaged = views.iter().map(|view| view.extension.to_owned()).collect();
        }
        for view in &views {
            change_extension(self.extensions, self.dirty, view.extension, at, |row| {
                engage(row, &outlook.row.id, outlook.row.direction, view, at)
            });
        }
    }
}

/// What views are made of, apart from the rows they are written to.
#[derive(Clone, Copy)]
struct Outlook<'a> {
    caller: Option<ChannelSlot>,
    callee: Option<ChannelSlot>,
    row: &'a Call,
    company: &'a Company,
    channels: &'a Arena<Channel>,
}

impl<'a> Outlook<'a> {
    /// What an extension's person does in the call, and with whom.
    fn view(self, person: &'a Person, extensions: &BTreeMap<String, Extension>) -> Option<View<'a>> {
        let channel = self.channels.get(person.slot)?;
        let extension = channel.party.extension.as_deref()?;
        let is_caller = self.caller == Some(person.slot);
        let row = self.row;
        let opposite = if is_caller { &row.callee } else { &row.caller };
        let with = |activity, party: Option<&'a Person>| {
            let party = party.and_then(|person| self.channels.get(person.slot));
            View::of(
                extension,
                activity,
                party.map_or(opposite, |channel| &channel.party),
            )
        };
        if let Some(room) = &channel.room {
            return Some(View::at(extension, Activity::Conference, room));
        }
        if let Some((_, space)) = &channel.parked {
            return Some(View::at(extension, Activity::Waiting, space));
        }
        if person.talks {
            let activity = if person.holds_here || person.held {
                Activity::OnHold
            } else {
                Activity::Talking
            };
            let sides = [self.caller, self.callee];
            let mut others = self.company.others(person);
            let main = others.clone().find(|other| sides.contains(&Some(other.slot)));
            return Some(with(activity, main.or_else(|| others.next_back())));
        }
        if person.held || person.holds {
            let mut others = self
                .company
                .people
                .iter()
                .filter(|other| other.slot != person.slot);
            let across = others.clone().find(|other| other.holds != person.holds);
            return Some(with(Activity::OnHold, across.or_else(|| others.next())));
        }
        if !person.up {
            if person.ringing {
                let from = channel.rung_for.as_ref().unwrap_or(opposite);
                return Some(View::of(extension, Activity::Ringing, from));
            }
            // A phone that is only being set up does not show; one that dials does.
            return is_caller.then(|| View::of(extension, Activity::Dialling, &row.callee));
        }
        Some(match &row.state {
            CallState::Waiting | CallState::Service(_) | CallState::Parked => match &row.queue {
                Some(visit) if visit.position > 0 => View::at(extension, Activity::Waiting, &visit.queue),
                Some(_) | None => with(Activity::Waiting, None),
            },
            CallState::Dialling | CallState::Ringing => with(Activity::Dialling, None),
            CallState::Talking | CallState::OnHold | CallState::Conference => {
                // Alone for an instant, or left behind: nothing new to say.
                let known = extensions.get(extension);
                let mut known = known.into_iter().flat_map(|known| &known.engagements);
                match known.find(|known| known.call == row.id) {
                    None => with(Activity::Waiting, None),
                    Some(known) => View {
                        extension,
                        activity: known.activity,
                        with: Cow::Owned(known.with.clone()),
                        number: Cow::Owned(known.number.clone()),
                    },
                }
            }
        })
    }
}

fn party_of_extension(extensions: &BTreeMap<String, Extension>, number: &str) -> Party {
    Party {
        number: number.to_owned(),
        name: extensions.get(number).and_then(|row| row.name.clone()),
        extension: Some(number.to_owned()),
    }
}

/// Who a number is: an extension of ours, or whoever the name says.
pub(crate) fn party_of_number(
    extensions: &BTreeMap<String, Extension>,
    number: &str,
    name: Option<&str>,
) -> Party {
    if extensions.contains_key(number) {
        return party_of_extension(extensions, number);
    }
    Party {
        number: bounded(number),
        name: name.map(bounded),
        extension: None,
    }
}

/// Whether the party is who this number is.
pub(crate) fn is_party_of_number(
    extensions: &BTreeMap<String, Extension>,
    party: &Party,
    number: &str,
) -> bool {
    let row = extensions.get(number);
    party.number == number
        && party.extension.is_some() == row.is_some()
        && party.name.as_deref() == row.and_then(|row| row.name.as_deref())
}

/// Changes an extension's row with `change`, which says whether it did, and whether the tile looks new.
fn change_extension(
    extensions: &mut BTreeMap<String, Extension>,
    dirty: &mut BTreeSet<Key>,
    number: &str,
    at: Timestamp,
    change: impl FnOnce(&mut Extension) -> bool,
) {
    if let Some(row) = extensions.get_mut(number)
        && change(row)
    {
        row.since = at;
        dirty.insert(Key::Extension(number.to_owned()));
    }
}

fn disengage(row: &mut Extension, call: &CallId) -> bool {
    let before = row.engagements.len();
    row.engagements.retain(|engagement| engagement.call != *call);
    row.engagements.len() != before
}

/// Puts the call into the row; says whether that changed it.
fn engage(row: &mut Extension, call: &CallId, direction: Direction, view: &View<'_>, at: Timestamp) -> bool {
    let full = row.engagements.len() >= MAX_ENGAGEMENTS;
    match row.engagements.iter_mut().find(|known| known.call == *call) {
        Some(known) => {
            let same = known.activity == view.activity && known.number == view.number;
            if same && known.with == view.with && known.direction == direction {
                return false;
            }
            if !same {
                known.since = at;
            }
            known.activity = view.activity;
            known.direction = direction;
            view.with.as_ref().clone_into(&mut known.with);
            view.number.as_ref().clone_into(&mut known.number);
        }
        None if full => return false,
        None => row.engagements.push(Engagement {
            call: call.clone(),
            with: view.with.clone().into_owned(),
            number: view.number.clone().into_owned(),
            direction,
            activity: view.activity,
            since: at,
        }),
    }
    row.engagements
        .sort_by(|one, two| (one.activity, one.since, &one.call).cmp(&(two.activity, two.since, &two.call)));
    true
}
