//! What the rows of one linked id say of their call. Nothing but the rows tells of it: who hung up, who was on hold or
//! listened, and what was seen by nobody stays unknown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CdrRow, Disposition, Times};
use crate::finished::pack;
use crate::live::channel::{device_of, split_device};
use crate::live::directory::{Directory, Owner};
use crate::recording::MAX_FILES;
use crate::switchboard::bounded;
use crate::{
    CallId, CallResult, Direction, FinishedCall, HungUpBy, Leg, LegId, LegRole, LegState, Marks, Moment,
    MomentKind, Party, Quality, Settings, Story, Timestamp,
};

/// Parties of one call that are told.
const MAX_OTHERS: usize = 64;

/// A row and when it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The row.
    pub row: CdrRow,
    /// When it was.
    pub times: Times,
}

/// What is known of a PBX's names.
#[derive(Debug, Default)]
pub struct Known {
    directory: Directory,
    settings: Settings,
}

impl Known {
    /// These endpoints are trunks.
    pub fn of_trunks(trunks: impl IntoIterator<Item = String>) -> Self {
        Self {
            directory: Directory::default(),
            settings: Settings {
                trunks: trunks.into_iter().collect(),
                ..Settings::default()
            },
        }
    }

    fn owner(&mut self, channel: &str) -> Owner {
        self.directory.owner(&self.settings, device_of(channel))
    }
}

/// Somebody on a channel.
struct Somebody {
    party: Party,
    trunk: Option<String>,
}

/// Whether a telephone or a trunk is on one of the channels that rows name: what recorders, announcers and snoops do is no call.
pub fn is_of_somebody(rows: &[Told], known: &mut Known) -> bool {
    let mut channels = rows
        .iter()
        .flat_map(|told| [&told.row.channel, &told.row.dest_channel]);
    channels.any(|channel| matches!(known.owner(channel), Owner::Extension(_) | Owner::Trunk(_)))
}

/// The call of these rows, marked as one that only they tell of. `None` where there is no row, none has a name, or nobody is
/// on it.
pub fn call_of(rows: &[Told], known: &mut Known) -> Option<FinishedCall> {
    if !is_of_somebody(rows, known) {
        return None;
    }
    let mut rows: Vec<&Told> = rows.iter().collect();
    rows.sort_by_key(|told| (told.times.start, told.row.sequence));
    let first = *rows.first()?;
    let id = first.row.group()?;
    let callers: Vec<Somebody> = rows.iter().map(|told| caller(&told.row, known)).collect();
    let callees: Vec<Option<Somebody>> = rows.iter().map(|told| callee(&told.row, known)).collect();
    let with: Vec<usize> = (0..rows.len()).filter(|at| talked(&rows[*at].row)).collect();
    let last = with
        .last()
        .copied()
        .or_else(|| callees.iter().rposition(Option::is_some));
    let dialled = Party {
        number: bounded(&first.row.dst),
        ..Party::default()
    };
    let callee = last
        .and_then(|at| callees[at].as_ref())
        .map(|one| one.party.clone());
    let listens = rows.iter().any(|told| told.row.listens());
    // whom somebody listens to is for the story alone to say
    let callee = if listens {
        Party::default()
    } else {
        callee.unwrap_or(dialled)
    };
    let caller = callers[0].party.clone();
    let by = |at: Option<&usize>| callees[*at?].as_ref()?.party.extension.clone();
    let everybody = || callers.iter().chain(callees.iter().flatten());
    let queue = rows.iter().rev().find_map(|told| queue(&told.row));
    let started = first.times.start;
    let ended = rows.iter().map(|told| told.times.end).max().unwrap_or(started);
    let recorded = rows.iter().any(|told| told.row.recording.is_some());
    let marks = [
        (true, Marks::TOLD),
        (recorded, Marks::RECORDED),
        (listens, Marks::SUPERVISION),
    ];
    let marks = marks.into_iter().filter(|(has, _)| *has);
    Some(FinishedCall {
        id: CallId(bounded(id)),
        linked: bounded(id),
        direction: direction(&callers, &callees),
        result: result(&rows, queue.is_some()),
        dialled: bounded(&first.row.dst),
        others: others(everybody().map(|one| &one.party), &caller, &callee),
        queue,
        trunk: everybody().find_map(|one| one.trunk.clone()),
        started,
        answered: with.iter().filter_map(|at| rows[*at].times.answer).min(),
        ended: ended.max(started),
        held_ms: 0,
        first_by: by(with.first()),
        last_by: by(with.last()),
        cause: 0,
        hung_up_by: HungUpBy::Nobody,
        marks: Marks(marks.fold(0, |all, (_, mark)| all | mark.0)),
        files: files(&rows),
        quality: Quality::default(),
        told: pack(
            &legs(&rows, &callers, &callees),
            &story(&rows, &callers, &callees),
        ),
        caller,
        callee,
    })
}

/// The recordings that the rows name, each once.
fn files(rows: &[&Told]) -> Vec<String> {
    let named: BTreeSet<String> = rows
        .iter()
        .filter_map(|told| told.row.recording.as_deref().map(bounded))
        .collect();
    named.into_iter().take(MAX_FILES).collect()
}

/// Whether two were together on it: what only a menu or a queue answered has no other channel.
fn talked(row: &CdrRow) -> bool {
    row.disposition == Disposition::Answered && !row.dest_channel.is_empty()
}

fn queue(row: &CdrRow) -> Option<String> {
    let name = row.data.split(',').next()?;
    (row.application.eq_ignore_ascii_case("Queue") && !name.is_empty()).then(|| bounded(name))
}

/// The name in `"Ann" <1001>`.
fn name_of(caller_id: &str) -> Option<String> {
    let name = caller_id.rsplit_once('<').map_or(caller_id, |(name, _)| name);
    let name = name.trim().trim_matches('"');
    (!name.is_empty()).then(|| bounded(name))
}

fn somebody(owner: Owner, number: &str, name: Option<String>) -> Somebody {
    match owner {
        Owner::Extension(extension) => Somebody {
            party: Party {
                number: bounded(&extension),
                name,
                extension: Some(extension),
            },
            trunk: None,
        },
        Owner::Trunk(trunk) => Somebody {
            party: Party {
                number: bounded(number),
                name,
                extension: None,
            },
            trunk: Some(trunk),
        },
        Owner::Local | Owner::Nobody => Somebody {
            party: Party {
                number: bounded(number),
                name,
                extension: None,
            },
            trunk: None,
        },
    }
}

fn caller(row: &CdrRow, known: &mut Known) -> Somebody {
    somebody(known.owner(&row.channel), &row.src, name_of(&row.caller_id))
}

/// Whoever the other channel is; a row has no name for them.
fn callee(row: &CdrRow, known: &mut Known) -> Option<Somebody> {
    if row.dest_channel.is_empty() {
        return None;
    }
    let owner = known.owner(&row.dest_channel);
    // a half of a Local channel is nobody, and stands for what was dialled
    Some(somebody(owner, &row.dst, None))
}

fn direction(callers: &[Somebody], callees: &[Option<Somebody>]) -> Direction {
    if callers.first().is_some_and(|first| first.trunk.is_some()) {
        Direction::Inbound
    } else if callees.iter().flatten().any(|one| one.trunk.is_some()) {
        Direction::Outbound
    } else {
        Direction::Internal
    }
}

fn result(rows: &[&Told], queued: bool) -> CallResult {
    let all = || rows.iter().map(|told| &told.row);
    if all().any(talked) {
        return CallResult::Answered;
    }
    let is = |row: &CdrRow, disposition| row.disposition == disposition;
    let served = |row: &CdrRow| is(row, Disposition::Answered);
    if all().any(|row| served(row) && row.application.eq_ignore_ascii_case("VoiceMail")) {
        return CallResult::Voicemail;
    }
    // whether who waited gave up or was let go is in no row
    if queued {
        return CallResult::Missed;
    }
    let mut tried = all().filter(|row| !served(row)).peekable();
    if tried.peek().is_none() {
        return CallResult::Service;
    }
    let tried: Vec<&CdrRow> = tried.collect();
    if tried.iter().any(|row| is(row, Disposition::NoAnswer)) {
        CallResult::Missed
    } else if tried.iter().all(|row| is(row, Disposition::Busy)) {
        CallResult::Busy
    } else {
        CallResult::Failed
    }
}

fn others<'a>(all: impl Iterator<Item = &'a Party>, caller: &Party, callee: &Party) -> Vec<Party> {
    let mut others: Vec<Party> = Vec::new();
    for party in all.filter(|party| !party.number.is_empty()) {
        // a row has the name of a caller and of nobody else
        let same = |one: &Party| one.number == party.number && one.extension == party.extension;
        if others.len() < MAX_OTHERS && !same(caller) && !same(callee) && !others.iter().any(same) {
            others.push(party.clone());
        }
    }
    others
}

/// The channels that rows name; of the called ones no row tells the unique id.
fn legs(rows: &[&Told], callers: &[Somebody], callees: &[Option<Somebody>]) -> Vec<Leg> {
    let mut legs: Vec<Leg> = Vec::new();
    let mut add = |id: &str, channel: &str, one: &Somebody, role: LegRole, told: &Told, answered: bool| {
        let named = !channel.is_empty() && legs.iter().all(|leg| leg.channel != channel);
        if !named || legs.len() >= crate::board::MAX_LEGS {
            return;
        }
        // who is nobody holds no telephone
        let (technology, _) = split_device(device_of(channel));
        let role = if technology == "Local" {
            LegRole::Internal
        } else {
            role
        };
        legs.push(Leg {
            id: LegId(bounded(id)),
            channel: bounded(channel),
            party: one.party.clone(),
            role,
            state: LegState::Ended(0),
            since: told.times.end,
            answered: told.times.answer.filter(|_| answered),
            trunk: one.trunk.clone(),
        });
    };
    for ((told, caller), callee) in rows.iter().zip(callers).zip(callees) {
        let row = &told.row;
        let id = row.uniqueid.as_deref().unwrap_or_default();
        add(id, &row.channel, caller, LegRole::Caller, told, true);
        if let Some(callee) = callee {
            add(
                &row.dest_channel,
                &row.dest_channel,
                callee,
                LegRole::Callee,
                told,
                talked(row),
            );
        }
    }
    legs
}

fn story(rows: &[&Told], callers: &[Somebody], callees: &[Option<Somebody>]) -> Story {
    let mut moments: Vec<Moment> = Vec::new();
    let mut tell = |at: Timestamp, what: MomentKind| moments.push(Moment { at, what });
    if let (Some(first), Some(caller)) = (rows.first(), callers.first()) {
        let what = MomentKind::Started {
            caller: caller.party.clone(),
            dialled: bounded(&first.row.dst),
        };
        tell(first.times.start, what);
    }
    for (told, callee) in rows.iter().zip(callees) {
        let Some(callee) = callee else { continue };
        let party = callee.party.clone();
        if talked(&told.row) {
            let at = told.times.answer.unwrap_or(told.times.start);
            tell(at, MomentKind::Answered { party });
        } else {
            let status = told.row.disposition.word().to_owned();
            tell(told.times.end, MomentKind::NotAnswered { party, status });
        }
    }
    moments.sort_by_key(|moment| moment.at);
    moments.into_iter().collect()
}
