//! A call that is over, in words.

use telephony::{CallResult, Direction, HungUpBy, Marks};

use crate::{
    model::history::CallRow,
    words::{cause::cause_words, clock, party_name, shortened, visible::NAME_CHARS},
};

/// What came of it: the state whose shape and hue it has, and the word.
pub fn result(result: CallResult) -> (&'static str, &'static str) {
    match result {
        CallResult::Answered => ("talking", "Answered"),
        CallResult::Missed => ("ringing", "Missed"),
        CallResult::Busy => ("dnd", "Busy"),
        CallResult::Failed => ("alarm", "Failed"),
        CallResult::Abandoned => ("hold", "Abandoned"),
        CallResult::Voicemail => ("waiting", "Voicemail"),
        CallResult::Service => ("service", "Service"),
        CallResult::Interrupted => ("unreachable", "Interrupted"),
    }
}

/// Which way it went: the icon, and the word.
pub fn way(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Inbound => ("phone-incoming", "Incoming"),
        Direction::Outbound => ("phone-outgoing", "Outgoing"),
        Direction::Internal => ("phone", "Internal"),
    }
}

/// Who called whom, in a line.
pub fn between(row: &CallRow) -> String {
    format!("{} → {}", party_name(&row.caller), party_name(&row.callee))
}

/// What it was or had, in words.
pub fn marks(marks: Marks) -> Vec<&'static str> {
    let words = [
        (Marks::RECORDED, "recorded"),
        (Marks::TRANSFERRED, "transferred"),
        (Marks::HELD, "held"),
        (Marks::PARKED, "parked"),
        (Marks::CONFERENCE, "conference"),
        (Marks::PICKED_UP, "picked up"),
        (Marks::SUPERVISION, "listening in"),
    ];
    let words = words.into_iter().filter(|(mark, _)| marks.has(*mark));
    words.map(|(_, word)| word).collect()
}

/// What of it was not seen, where something was not.
pub fn unseen(marks: Marks) -> Option<&'static str> {
    if marks.has(Marks::TOLD) {
        Some(
            "Nobody saw this call: it is told by Asterisk's own records. Who hung up, was on hold or handed it on is not in them.",
        )
    } else if marks.has(Marks::HEALED) {
        Some(
            "Not all of it was seen: the rest is told by Asterisk's own records, to the second. Who hung up unseen is not in them.",
        )
    } else if marks.has(Marks::LOST_TRACK) {
        Some("Nobody saw it end: the time is the last at which it was known to be up.")
    } else if marks.has(Marks::PBX_STOPPED) {
        Some("The PBX stopped under it.")
    } else if marks.has(Marks::DISCOVERED) {
        Some("It was up already when Starboard connected: it began earlier than is known.")
    } else if marks.has(Marks::GAP) {
        Some("For a time nothing was seen of it.")
    } else {
        None
    }
}

/// Who hung up, and why, as far as it is known.
pub fn ending(row: &CallRow) -> String {
    let who = match row.hung_up_by {
        HungUpBy::Caller => party_name(&row.caller),
        HungUpBy::Callee => party_name(&row.callee),
        HungUpBy::Other => "Somebody else on the call".into(),
        HungUpBy::Nobody => return cause_words(row.cause),
    };
    format!("{who}: {}", cause_words(row.cause))
}

/// Everything beside the parties, as names and values.
pub fn facts(row: &CallRow) -> Vec<(&'static str, String)> {
    let short = |text: &str| shortened(text, NAME_CHARS);
    let mut facts = vec![("Took", clock(row.duration_ms))];
    if let Some(answered) = row.answered {
        facts.push(("Rang", clock(answered.since_ms(row.started))));
        facts.push(("Talked", clock(row.talk_ms)));
    }
    if row.held_ms > 0 {
        facts.push(("On hold", clock(row.held_ms)));
    }
    if !row.dialled.is_empty() && row.dialled != row.callee.number {
        facts.push(("Dialled", short(&row.dialled)));
    }
    if let Some(queue) = &row.queue {
        facts.push(("Queue", short(queue)));
    }
    if let Some(trunk) = &row.trunk {
        facts.push(("Over", short(trunk)));
    }
    if let Some(pdd_ms) = row.quality.pdd_ms {
        // rounded, as reports are
        let tenths = (pdd_ms + 50) / 100;
        facts.push(("Post-dial delay", format!("{}.{} s", tenths / 10, tenths % 10)));
    }
    if let Some(mes) = row.quality.mes {
        facts.push(("Voice (MES)", format!("{mes}, {}", mes.word())));
    }
    match (&row.first_by, &row.last_by) {
        (Some(first), Some(last)) if first != last => {
            facts.push(("Answered by", format!("{}, then {}", short(first), short(last))));
        }
        (Some(first), _) => facts.push(("Answered by", short(first))),
        (None, _) => {}
    }
    let unseen = row.marks.has(Marks::HEALED) && row.hung_up_by == HungUpBy::Nobody;
    if !row.marks.has(Marks::TOLD) && !unseen {
        facts.push(("Hung up", ending(row)));
    }
    facts
}
