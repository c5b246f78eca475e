//! A call that was not seen as a whole, put right by Asterisk's own records of it. What was seen stays as it was seen, and a
//! call that was seen as a whole is never changed: a caller can have records written that say what they like.

use super::{
    call::{Known, Told, call_of},
    when::NEAR_MS,
};
use crate::board::{MAX_LEGS, MAX_MOMENTS};
use crate::finished::{pack, unpack};
use crate::{CallResult, FinishedCall, Leg, LegState, Marks, Moment, MomentKind, Party, Story, Timestamp};

/// The call with what its records know better; `again` is when its PBX was seen again, without it, where nobody saw it end.
/// `None` where they know no better, or tell of something that cannot have been.
pub fn heal(
    seen: &FinishedCall,
    rows: &[Told],
    again: Option<Timestamp>,
    known: &mut Known,
) -> Option<FinishedCall> {
    if seen.marks.has(Marks::TOLD) || !seen.marks.is_partial() {
        return None;
    }
    let told = call_of(rows, known).filter(|told| !told.marks.has(Marks::SUPERVISION))?;
    if seen.marks.has(Marks::LOST_TRACK) {
        to_its_end(seen, &told, again?)
    } else {
        from_its_beginning(seen, &told)
    }
}

/// Of a call whose end was seen, and not all that came before.
fn from_its_beginning(seen: &FinishedCall, told: &FinishedCall) -> Option<FinishedCall> {
    let near = told.ended.0.abs_diff(seen.ended.0) <= NEAR_MS;
    let answered = told.answered.map(|at| at.max(seen.started).min(seen.ended));
    let sooner = match (answered, seen.answered) {
        // whole seconds know no better than a moment that was seen
        (Some(told), Some(seen)) => told.0 + NEAR_MS < seen.0,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let otherwise = seen.answered.is_none() && told.result != seen.result;
    if !near || !sooner && !otherwise {
        return None;
    }
    let late = answered.filter(|_| seen.answered.is_none());
    Some(FinishedCall {
        answered: answered.filter(|_| sooner).or(seen.answered),
        ..with(seen, told, late, seen.ended)
    })
}

/// Of a call that was there when it was last seen, and not any more when its PBX was seen again.
fn to_its_end(seen: &FinishedCall, told: &FinishedCall, again: Timestamp) -> Option<FinishedCall> {
    if !is_within(told.ended, (seen.ended, again)) {
        return None;
    }
    let late = told.answered.filter(|_| seen.answered.is_none());
    let watched = !seen.marks.has(Marks::DISCOVERED) && !seen.marks.has(Marks::GAP);
    if late.is_some_and(|at| watched && !is_within(at, (seen.ended, again))) {
        return None;
    }
    let ended = told.ended.max(seen.ended);
    let late = late.map(|at| at.max(seen.started).min(ended));
    Some(with(seen, told, late, ended))
}

/// What was seen, with what is told; `late` is an answer that nobody saw.
fn with(seen: &FinishedCall, told: &FinishedCall, late: Option<Timestamp>, ended: Timestamp) -> FinishedCall {
    let answered = seen.answered.or(late);
    let (packed, last) = story(seen, told, ended);
    // whom they talked to last, as far as it was seen, else as far as it is told
    let callee = match last {
        Some(last) => named_as(last, &seen.callee),
        None => seen.callee.clone(),
    };
    FinishedCall {
        linked: told.linked.clone(),
        result: if answered.is_some() {
            CallResult::Answered
        } else {
            told.result
        },
        others: others(seen, told, &callee),
        callee,
        queue: seen.queue.clone().or(told.queue.clone()),
        trunk: seen.trunk.clone().or(told.trunk.clone()),
        answered,
        ended,
        first_by: seen.first_by.clone().or(told.first_by.clone()),
        last_by: told.last_by.clone().or(seen.last_by.clone()),
        marks: healed(seen.marks, told.marks),
        files: files(seen, told),
        told: packed,
        ..seen.clone()
    }
}

fn files(seen: &FinishedCall, told: &FinishedCall) -> Vec<String> {
    let mut files = seen.files.clone();
    let new = told.files.iter().filter(|file| !seen.files.contains(file));
    files.extend(new.cloned());
    files
}

fn is_within(at: Timestamp, (from, to): (Timestamp, Timestamp)) -> bool {
    at.0.saturating_add(NEAR_MS) >= from.0 && at.0 <= to.0.saturating_add(NEAR_MS)
}

fn healed(seen: Marks, told: Marks) -> Marks {
    Marks(seen.0 & !Marks::LOST_TRACK.0 | told.0 & Marks::RECORDED.0 | Marks::HEALED.0)
}

/// Records have no name for whoever was called.
fn named_as(party: Party, seen: &Party) -> Party {
    let same = party.number == seen.number && party.extension == seen.extension;
    if same { seen.clone() } else { party }
}

fn others(seen: &FinishedCall, told: &FinishedCall, callee: &Party) -> Vec<Party> {
    let mut others: Vec<Party> = Vec::new();
    let more = [&seen.callee, &told.callee].into_iter().chain(&told.others);
    for party in seen.others.iter().chain(more) {
        let same = |one: &Party| one.number == party.number && one.extension == party.extension;
        // what was dialled is nobody who was on it
        let nobody = party.number.is_empty() || party.extension.is_none() && party.number == seen.dialled;
        if !nobody && !same(&seen.caller) && !same(callee) && !others.iter().any(same) {
            others.push(party.clone());
        }
    }
    others.truncate(MAX_LEGS);
    others
}

/// What was seen, then what only records tell; and who answered last in that.
fn story(seen: &FinishedCall, told: &FinishedCall, ended: Timestamp) -> (Vec<u8>, Option<Party>) {
    let (mut legs, story) = unpack(&seen.told).unwrap_or_default();
    let (told_legs, told_story) = unpack(&told.told).unwrap_or_default();
    for leg in &mut legs {
        if !matches!(leg.state, LegState::Ended(_)) {
            (leg.state, leg.since) = (LegState::Ended(0), ended);
        }
        let same = told_legs.iter().find(|told| told.channel == leg.channel);
        leg.answered = leg.answered.or(same.and_then(|told| told.answered));
    }
    let is_new = |told: &Leg| !legs.iter().any(|leg| leg.channel == told.channel);
    let new: Vec<Leg> = told_legs.into_iter().filter(|told| is_new(told)).collect();
    legs.extend(new);
    legs.truncate(MAX_LEGS);
    let mut moments: Vec<Moment> = story.iter().collect();
    // who is put through to somebody has been answered long since: whoever was not seen to answer did so later, whatever the
    // record says of when
    let unseen = |moment: &Moment, party: &Party| {
        seen.answered.is_none() || moment.at > seen.ended || !is_told(&moments, party)
    };
    let later = told_story.iter().filter(|moment| match &moment.what {
        MomentKind::Answered { party } => unseen(moment, party),
        MomentKind::NotAnswered { party, .. } => unseen(moment, party) && !is_told(&moments, party),
        _ => false,
    });
    let later: Vec<Moment> = later.collect();
    let last = later.iter().rev().find_map(|moment| match &moment.what {
        MomentKind::Answered { party } => Some(party.clone()),
        _ => None,
    });
    moments.extend(later);
    moments.sort_by_key(|moment| moment.at);
    let from = moments.len().saturating_sub(MAX_MOMENTS);
    let story: Story = moments.into_iter().skip(from).collect();
    (pack(&legs, &story), last)
}

/// Whether it was seen that somebody answered, or did not.
fn is_told(moments: &[Moment], party: &Party) -> bool {
    moments.iter().any(|moment| match &moment.what {
        MomentKind::NotAnswered { party: seen, .. }
        | MomentKind::Answered { party: seen }
        | MomentKind::PickedUp { by: seen }
        | MomentKind::QueueConnected { agent: seen, .. } => {
            seen.number == party.number && seen.extension == party.extension
        }
        _ => false,
    })
}
