//! The rules: which rows a person sees, and which commands they may give.

use std::borrow::Cow;

use telephony::{
    Activity, Board, Call, CallId, Command, Engagement, Key, LegId, LegRole, LegState, Party, Row,
    finished::is_supervision,
};

use super::{
    Ability, About, Rights,
    supervision::{ability_to, about_agent, discreet, hides_whom},
};
use crate::model::PbxId;

fn add(numbers: &mut Vec<String>, number: Option<&String>) {
    if let Some(number) = number
        && !numbers.contains(number)
    {
        numbers.push(number.clone());
    }
}

fn of_party(party: &Party) -> Option<&String> {
    party.extension.as_ref()
}

/// The extensions that are on a call now, and the queue it came through.
pub fn about_call(call: &Call) -> About {
    let mut about = About::default();
    // who listens to a call is not on it
    let alive = call
        .legs
        .iter()
        .filter(|leg| !matches!(leg.state, LegState::Ended(_)) && leg.role != LegRole::Supervisor);
    let callee = (!is_supervision(call)).then_some(&call.callee);
    for party in [Some(&call.caller), callee]
        .into_iter()
        .flatten()
        .chain(alive.map(|leg| &leg.party))
    {
        add(&mut about.extensions, of_party(party));
    }
    about
        .queues
        .extend(call.queue.as_ref().map(|visit| visit.queue.clone()));
    about
}

/// Which extensions and queues a row is about.
pub fn about(row: &Row) -> About {
    let mut about = About::default();
    match row {
        Row::Call(call) => return about_call(call),
        Row::Extension(extension) => about.extensions.push(extension.number.clone()),
        Row::Queue(queue) => {
            about.queues.push(queue.name.clone());
            for member in &queue.members {
                add(&mut about.extensions, member.extension.as_ref());
            }
        }
        Row::Trunk(_) => {}
        Row::Parked(parked) => {
            add(&mut about.extensions, of_party(&parked.caller));
            add(
                &mut about.extensions,
                parked.parked_by.as_ref().and_then(of_party),
            );
        }
        Row::Conference(room) => {
            for one in &room.participants {
                add(&mut about.extensions, of_party(&one.party));
            }
        }
    }
    about
}

/// The ability that shows rows of this kind.
fn ability_of(key: &Key) -> Ability {
    match key {
        Key::Call(_) => Ability::SeeCalls,
        Key::Extension(_) => Ability::SeePeople,
        Key::Queue(_) => Ability::SeeQueues,
        Key::Trunk(_) => Ability::SeeTrunks,
        Key::Parked(..) => Ability::SeeParked,
        Key::Conference(_) => Ability::SeeConferences,
    }
}

impl Rights {
    /// Whether a row of this key, about these, is seen.
    pub fn see(&self, pbx: PbxId, key: &Key, about: &About) -> bool {
        match key {
            // serving a queue is one's own; that a teammate serves it as well makes it nobody's team's
            Key::Queue(name) => {
                let serves = about.extensions.iter().any(|number| self.is_own(pbx, number));
                self.has(Ability::SeeQueues) && serves
                    || self.allow(Ability::SeeQueues, pbx, &About::queue(name))
            }
            Key::Call(_) | Key::Extension(_) | Key::Trunk(_) | Key::Parked(..) | Key::Conference(_) => {
                self.allow(ability_of(key), pbx, about)
            }
        }
    }
}

/// A row as somebody sees it: None where they do not. With whom somebody talks is shown where the call is. Where
/// supervision is `private`, it is shown to supervisors alone.
pub fn shown<'row>(rights: &Rights, pbx: PbxId, row: &'row Row, private: bool) -> Option<Cow<'row, Row>> {
    if !rights.see(pbx, &row.key(), &about(row)) {
        return None;
    }
    if let Row::Call(call) = row
        && private
        && let Some(call) = discreet(rights, pbx, call)
    {
        return Some(Cow::Owned(Row::Call(Box::new(call))));
    }
    let Row::Extension(extension) = row else {
        return Some(Cow::Borrowed(row));
    };
    let hidden = |engagement: &Engagement| {
        let about = About {
            extensions: vec![extension.number.clone(), engagement.number.clone()],
            ..About::default()
        };
        !rights.allow(Ability::SeeCalls, pbx, &about)
            || private && hides_whom(rights, pbx, &extension.number, engagement)
    };
    if !extension.engagements.iter().any(&hidden) {
        return Some(Cow::Borrowed(row));
    }
    let mut extension = extension.clone();
    let mut engagements = std::mem::take(&mut extension.engagements);
    for engagement in engagements.iter_mut().filter(|engagement| hidden(engagement)) {
        engagement.call = CallId(String::new());
        engagement.with.clear();
        engagement.number.clear();
        if private && engagement.activity == Activity::Supervising {
            engagement.activity = Activity::Waiting;
        }
    }
    extension.engagements = engagements;
    Some(Cow::Owned(Row::Extension(extension)))
}

impl Rights {
    /// Whether a note about these is seen. One that no ability shows is for those whom it is about.
    pub fn see_note(&self, pbx: PbxId, about: &About) -> bool {
        let own = about.extensions.iter().any(|number| self.is_own(pbx, number));
        match about.ability {
            Some(ability) => own && self.has(ability) || self.allow(ability, pbx, about),
            None => own,
        }
    }
}

/// Why a command may not be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What it is about is not there, or not seen: the same answer.
    NotThere,
    /// It is seen, and not theirs to command.
    Forbidden,
    /// They have no extension of their own to call from.
    NoExtension,
    /// Their own extension is on another PBX.
    OtherPbx,
}

/// Whether a command may be given on this board.
///
/// # Errors
/// Why not.
pub fn permits(rights: &Rights, pbx: PbxId, command: &Command, board: &Board) -> Result<(), Refused> {
    match command {
        Command::Call { from, to } => place(rights, pbx, from, to, board),
        Command::TakeParked { lot, space, by } => {
            let row = board.parked.get(&(lot.clone(), space.clone()));
            let row = row
                .map(|row| Row::Parked(Box::new(row.clone())))
                .ok_or(Refused::NotThere)?;
            let about = about(&row);
            seen(rights.see(pbx, &row.key(), &about))?;
            own_phone(rights, pbx, by)?;
            may(rights.allow(Ability::TakeParked, pbx, &about))
        }
        Command::PickUp { call, by } => {
            let (_, about) = call_seen(rights, pbx, call, board)?;
            own_phone(rights, pbx, by)?;
            may(rights.allow(Ability::PickUp, pbx, &about))
        }
        Command::Supervise { call, leg, how, by } => {
            let (row, on_it) = call_seen(rights, pbx, call, board)?;
            own_phone(rights, pbx, by)?;
            let about = about_agent(row, leg).ok_or(Refused::NotThere)?;
            let own = on_it.extensions.iter().any(|number| rights.is_own(pbx, number));
            may(!own && rights.allow(ability_to(*how), pbx, &about))
        }
        Command::StopSupervising { leg } => {
            let mut legs = board.calls.values().flat_map(|call| &call.legs);
            let own = |leg: &telephony::Leg| {
                let number = leg.party.extension.as_deref();
                number.is_some_and(|number| rights.is_own(pbx, number))
            };
            seen(legs.any(|one| one.id == *leg && own(one)))
        }
        Command::HangUp { call } => {
            let (_, about) = call_seen(rights, pbx, call, board)?;
            may(rights.allow(Ability::EndCalls, pbx, &about))
        }
        Command::Record { call, .. } => {
            let (_, about) = call_seen(rights, pbx, call, board)?;
            may(rights.allow(Ability::RecordCalls, pbx, &about))
        }
        Command::HangUpLeg { call, leg } => on_leg(rights, pbx, call, leg, board, Ability::EndCalls),
        Command::BlindTransfer { call, leg, .. }
        | Command::AttendedTransfer { call, leg, .. }
        | Command::Park { call, leg } => on_leg(rights, pbx, call, leg, board, Ability::MoveCalls),
    }
}

pub(super) fn seen(sees: bool) -> Result<(), Refused> {
    if sees { Ok(()) } else { Err(Refused::NotThere) }
}

pub(super) fn may(allowed: bool) -> Result<(), Refused> {
    if allowed { Ok(()) } else { Err(Refused::Forbidden) }
}

fn call_seen<'board>(
    rights: &Rights,
    pbx: PbxId,
    id: &CallId,
    board: &'board Board,
) -> Result<(&'board Call, About), Refused> {
    let call = board.calls.get(id).ok_or(Refused::NotThere)?;
    let about = about_call(call);
    seen(rights.see(pbx, &Key::Call(id.clone()), &about))?;
    Ok((call, about))
}

/// Who may command only their own calls may let go of them with their own phone alone.
fn on_leg(
    rights: &Rights,
    pbx: PbxId,
    id: &CallId,
    leg: &LegId,
    board: &Board,
    ability: Ability,
) -> Result<(), Refused> {
    let (call, about) = call_seen(rights, pbx, id, board)?;
    let leg = call.legs.iter().find(|one| one.id == *leg);
    let own = |leg: &telephony::Leg| {
        let number = leg.party.extension.as_deref();
        number.is_some_and(|number| rights.is_own(pbx, number)) && leg.role != LegRole::Internal
    };
    match rights.reach(ability) {
        super::Reach::Own => may(leg.is_some_and(own)),
        super::Reach::Nothing | super::Reach::Teams | super::Reach::Pbx | super::Reach::All => {
            may(rights.allow(ability, pbx, &about))
        }
    }
}

/// Calls start at one's own phone; two people of ours may be brought together by who may, and no foreign phone ever
/// calls outside.
fn place(rights: &Rights, pbx: PbxId, from: &str, to: &str, board: &Board) -> Result<(), Refused> {
    if rights.is_own(pbx, from) {
        return may(rights.has(Ability::PlaceCalls));
    }
    let ours = |number: &str| board.extensions.contains_key(number);
    let reach = |number: &str| rights.allow(Ability::ConnectPeople, pbx, &About::extension(number));
    if rights.has(Ability::ConnectPeople) && ours(from) && ours(to) && (reach(from) || reach(to)) {
        return Ok(());
    }
    if !rights.has(Ability::PlaceCalls) {
        return Err(Refused::Forbidden);
    }
    own_phone(rights, pbx, from)
}

fn own_phone(rights: &Rights, pbx: PbxId, number: &str) -> Result<(), Refused> {
    if rights.is_own(pbx, number) {
        Ok(())
    } else if rights.own.is_empty() {
        Err(Refused::NoExtension)
    } else if rights.own.iter().all(|own| own.pbx != pbx) {
        Err(Refused::OtherPbx)
    } else {
        Err(Refused::Forbidden)
    }
}
