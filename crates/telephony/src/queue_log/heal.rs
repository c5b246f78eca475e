//! What was kept of a visit, put right by what the log says of it.

use crate::visit::{Ring, RingEnd, Talk, TalkEnd};
use crate::{Left, Timestamp, Visit};

/// Two accounts of one moment may lie so far apart: the log has whole seconds, and is written after the event was sent.
pub const NEAR_MS: u64 = 2_000;

/// Something that two accounts of a visit tell differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// When the caller came.
    Joined,
    /// How they left.
    How,
    /// When.
    Left,
    /// Who took the call.
    Agent,
    /// Who ended the talk.
    End,
    /// When.
    Ended,
}

/// What the log makes of what was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healing {
    /// It is not over yet, as far as was seen.
    Open,
    /// Both say the same, or the log knows no better.
    Same,
    /// It was seen as a whole, and stays; the log tells it otherwise.
    Differs(Vec<Difference>),
    /// This is what it was.
    Healed(Box<Visit>),
}

/// Holds what was kept against the log. What was seen as a whole is never changed.
pub fn heal(kept: &Visit, log: &Visit) -> Healing {
    if !kept.is_over() {
        return Healing::Open;
    }
    let (Some((left, how)), Some((log_left, log_how))) = (kept.left, log.left) else {
        return Healing::Same;
    };
    // who was given to somebody by hand has an agent; the queue, which was not asked, writes that they gave up
    if kept.talk.is_some() && log.talk.is_none() && log_how == Left::Abandoned && near(left, log_left) {
        return Healing::Same;
    }
    // that the key was the one which keeps the place is not in the log
    let kept_place = how == Left::KeptPlace && log_how == Left::Key;
    let log_how = if kept_place { how } else { log_how };
    let end = kept.talk.as_ref().and_then(|talk| talk.ended);
    let ended_somehow = matches!(end, Some((_, TalkEnd::Unexplained))) && how == log_how;
    if !kept.partial && how != Left::Unexplained && !ended_somehow {
        let differences = differences(kept, log, log_how);
        return if differences.is_empty() {
            Healing::Same
        } else {
            Healing::Differs(differences)
        };
    }
    if matches!(log_how, Left::Unexplained | Left::PbxStopped) && how != Left::Unexplained {
        return Healing::Same;
    }
    let mut now = kept.clone();
    now.joined = better(kept.joined, log.joined);
    if now.position == 0 {
        now.position = log.position;
    }
    if now.number.is_empty() {
        now.number.clone_from(&log.number);
    }
    let left = if how == Left::Unexplained {
        log_left
    } else {
        better(left, log_left)
    };
    now.left = Some((left.max(now.joined), log_how));
    now.talk = log.talk.as_ref().map(|log| talk(kept.talk.as_ref(), log));
    if kept.partial {
        rings(&mut now, log);
        now.partial = log.partial;
    }
    explain_rings(&mut now);
    if now == *kept {
        Healing::Same
    } else {
        Healing::Healed(Box::new(now))
    }
}

fn near(one: Timestamp, other: Timestamp) -> bool {
    one.0.abs_diff(other.0) <= NEAR_MS
}

/// What was seen is told to the millisecond; it stands unless it is of another moment.
fn better(seen: Timestamp, log: Timestamp) -> Timestamp {
    if near(seen, log) { seen } else { log }
}

fn talk(seen: Option<&Talk>, log: &Talk) -> Talk {
    let same = seen.filter(|seen| seen.interface == log.interface || !log.interface.contains('/'));
    let Some(seen) = same else { return log.clone() };
    let ended = match (seen.ended, log.ended) {
        (seen, None) => seen,
        (None, log) => log,
        (Some((at, by)), Some((log_at, log_by))) => {
            if log_by == TalkEnd::Unexplained || handed_on((at, by), (log_at, log_by)) {
                Some((at, by))
            } else if by == TalkEnd::Unexplained {
                Some((log_at, log_by))
            } else {
                Some((better(at, log_at), log_by))
            }
        }
    };
    let began = better(seen.began, log.began);
    Talk {
        began,
        ended: ended.map(|(at, by)| (at.max(began), by)),
        ..seen.clone()
    }
}

/// Whoever was seen to be without the caller, who talked on with somebody else, has ended their talk: the queue writes when
/// the caller hung up in the end.
fn handed_on((at, by): (Timestamp, TalkEnd), (log_at, log_by): (Timestamp, TalkEnd)) -> bool {
    by == TalkEnd::Transfer && log_by != TalkEnd::Transfer && log_at.0 + NEAR_MS >= at.0
}

/// Ring attempts that only the log knows, beside those that were seen.
fn rings(now: &mut Visit, log: &Visit) {
    let at = |ring: &Ring| ring.ended.map_or(ring.began, |(at, _)| at);
    // each that was seen is one of the log's at most
    let mut free: Vec<usize> = (0..now.rings.len()).collect();
    for told in &log.rings {
        let same = free.iter().position(|place| {
            let ring = &now.rings[*place];
            let began = near(ring.began, told.began);
            // one that rang until the caller was gone is not one that ended before
            let ended = near(at(ring), at(told)) && !gave_out(ring, told);
            ring.interface == told.interface && (began || ended || is_open(ring))
        });
        match same.map(|place| free.remove(place)) {
            // that it rang until the caller was gone is a guess, where it was not seen as a whole
            Some(place) if is_open(&now.rings[place]) || gave_out(&now.rings[place], told) => {
                now.rings[place].ended = told.ended;
            }
            Some(_) => {}
            None => super::ring(now, told.clone()),
        }
    }
    now.rings.sort_by_key(|ring| ring.began);
    now.more_rings = now.more_rings.max(log.more_rings);
}

/// The log has it that the phone rang in vain, and as it was seen the caller went first.
fn gave_out(seen: &Ring, told: &Ring) -> bool {
    let how = |ring: &Ring| ring.ended.map(|(_, how)| how);
    how(told) == Some(RingEnd::NotAnswered)
        && matches!(how(seen), Some(RingEnd::CallerLeft | RingEnd::TakenElsewhere))
}

fn is_open(ring: &Ring) -> bool {
    ring.ended.is_none_or(|(_, how)| how == RingEnd::Unexplained)
}

/// A phone of whose ringing the log says nothing rang until the caller was gone, or was with somebody else.
fn explain_rings(now: &mut Visit) {
    let Some((left, how)) = now.left else { return };
    let how = match how {
        Left::Answered => RingEnd::TakenElsewhere,
        Left::Unexplained | Left::PbxStopped => return,
        _ => RingEnd::CallerLeft,
    };
    let agent = now.talk.as_ref().map(|talk| talk.interface.clone());
    for ring in now.rings.iter_mut().filter(|ring| is_open(ring)) {
        let took = agent.as_ref() == Some(&ring.interface);
        let how = if took { RingEnd::Answered } else { how };
        ring.ended = Some((left.max(ring.began), how));
    }
}

fn differences(kept: &Visit, log: &Visit, log_how: Left) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut check = |differs: bool, what| {
        if differs {
            found.push(what);
        }
    };
    check(!near(kept.joined, log.joined), Difference::Joined);
    if let (Some((left, how)), Some((log_left, _))) = (kept.left, log.left) {
        let explained = !matches!(log_how, Left::Unexplained | Left::PbxStopped);
        check(explained && how != log_how, Difference::How);
        check(explained && !near(left, log_left), Difference::Left);
    }
    if let (Some(talk), Some(log)) = (&kept.talk, &log.talk) {
        let known = log.interface.contains('/');
        check(known && talk.interface != log.interface, Difference::Agent);
        if let (Some((at, by)), Some((log_at, log_by))) = (talk.ended, log.ended)
            && log_by != TalkEnd::Unexplained
            && !handed_on((at, by), (log_at, log_by))
        {
            check(by != log_by, Difference::End);
            check(!near(at, log_at), Difference::Ended);
        }
    }
    found
}
