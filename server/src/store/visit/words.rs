//! The words in the database for how things ended.

use telephony::{
    Left,
    visit::{RingEnd, TalkEnd},
};

const LEFT: [(Left, &str); 12] = [
    (Left::Answered, "answered"),
    (Left::Abandoned, "abandoned"),
    (Left::TimedOut, "timed_out"),
    (Left::Key, "key"),
    (Left::KeptPlace, "kept_place"),
    (Left::Full, "full"),
    (Left::NoAgentsAtFirst, "no_agents_at_first"),
    (Left::NoAgents, "no_agents"),
    (Left::Withdrawn, "withdrawn"),
    (Left::Continued, "continued"),
    (Left::Unexplained, "unexplained"),
    (Left::PbxStopped, "pbx_stopped"),
];

const RING_END: [(RingEnd, &str); 5] = [
    (RingEnd::Answered, "answered"),
    (RingEnd::NotAnswered, "not_answered"),
    (RingEnd::TakenElsewhere, "taken_elsewhere"),
    (RingEnd::CallerLeft, "caller_left"),
    (RingEnd::Unexplained, "unexplained"),
];

const TALK_END: [(TalkEnd, &str); 4] = [
    (TalkEnd::Caller, "caller"),
    (TalkEnd::Agent, "agent"),
    (TalkEnd::Transfer, "transfer"),
    (TalkEnd::Unexplained, "unexplained"),
];

fn word<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    let found = table.iter().find(|(one, _)| one == value);
    found.map_or("unexplained", |(_, word)| word)
}

fn value<T: Copy>(table: &[(T, &str)], word: &str, otherwise: T) -> T {
    let found = table.iter().find(|(_, one)| *one == word);
    found.map_or(otherwise, |(value, _)| *value)
}

pub(crate) fn left_word(how: Left) -> &'static str {
    word(&LEFT, &how)
}

pub(crate) fn left(word: &str) -> Left {
    value(&LEFT, word, Left::Unexplained)
}

pub(super) fn ring_end_word(how: RingEnd) -> &'static str {
    word(&RING_END, &how)
}

pub(super) fn ring_end(word: &str) -> RingEnd {
    value(&RING_END, word, RingEnd::Unexplained)
}

pub(super) fn talk_end_word(by: TalkEnd) -> &'static str {
    word(&TALK_END, &by)
}

pub(super) fn talk_end(word: &str) -> TalkEnd {
    value(&TALK_END, word, TalkEnd::Unexplained)
}
