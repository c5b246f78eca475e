//! Callers who were not reached: which person a number stands for, what of a call says that somebody talked to them, and
//! what says that nobody did.

use serde::{Deserialize, Serialize};

use crate::{Call, CallId, CallResult, Direction, EndedCall, FinishedCall, Left, LegRole, Party, Timestamp};

/// The digits at the end of a number that make out who it is: with and without a country code, a trunk prefix or a zero
/// for an outside line it is the same person.
pub const DIGITS: usize = 9;
/// Characters of an address that is no number.
const MAX_CHARS: usize = 64;
/// Extensions that one call rang.
const MAX_EXTENSIONS: usize = 16;
/// What networks send in place of a number that is withheld.
const WITHHELD: [&str; 9] = [
    "anonymous",
    "asterisk",
    "private",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
    "blocked",
    "s",
];

/// Which person a number stands for, the same however it is written; None for one that is withheld.
pub fn person_of(number: &str) -> Option<String> {
    let number = number.trim();
    if number.chars().any(char::is_alphabetic) {
        // an address with letters: digits in it say nothing
        let lower = number.chars().flat_map(char::to_lowercase);
        let whole: String = lower.take(MAX_CHARS).collect();
        return (!WITHHELD.contains(&whole.as_str())).then_some(whole);
    }
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().saturating_sub(DIGITS);
    (!digits.is_empty()).then(|| digits[last..].iter().collect())
}

/// On which way somebody was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Path {
    /// They came through a queue.
    Queue,
    /// They called one of ours.
    In,
    /// One of ours called them.
    Out,
    /// Both are ours.
    Inside,
}

/// A talk of somebody with one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The call.
    pub call: CallId,
    /// Who.
    pub person: String,
    /// On which way.
    pub path: Path,
    /// The extension that they talked to.
    pub extension: Option<String>,
    /// When it began
    pub began: Timestamp,
    /// and ended.
    pub ended: Option<Timestamp>,
}

impl Contact {
    /// Who was reached by a call in which somebody talks. A caller who came through a queue was reached by their visit of
    /// it, which tells of that itself.
    pub fn of(call: &Call, ended: Option<Timestamp>) -> Vec<Contact> {
        let by_visit = call.queue.as_ref().is_some_and(|visit| visit.connected.is_some());
        let sides = (call.direction, &call.caller, &call.callee);
        Self::between(&call.id, sides, by_visit, (call.answered, ended))
    }

    /// The same of a call that is over, and of which nobody has told it.
    pub fn of_finished(call: &FinishedCall) -> Vec<Contact> {
        let sides = (call.direction, &call.caller, &call.callee);
        Self::between(
            &call.id,
            sides,
            call.queue.is_some(),
            (call.answered, Some(call.ended)),
        )
    }

    fn between(
        call: &CallId,
        (direction, caller, callee): (Direction, &Party, &Party),
        by_visit: bool,
        (began, ended): (Option<Timestamp>, Option<Timestamp>),
    ) -> Vec<Contact> {
        let Some(began) = began else {
            return Vec::new();
        };
        let mut sides = match direction {
            // who is called back comes through a queue, too, and their visit may have another number
            Direction::Outbound => vec![(callee, caller, Path::Out), (caller, callee, Path::Out)],
            Direction::Inbound | Direction::Internal if by_visit => Vec::new(),
            Direction::Inbound => vec![(caller, callee, Path::In)],
            Direction::Internal => vec![(caller, callee, Path::Inside), (callee, caller, Path::Inside)],
        };
        sides.retain(|(them, _, path)| *path == Path::Inside || them.extension.is_none());
        let reached = sides.into_iter().filter_map(|(them, us, path)| {
            Some(Contact {
                call: call.clone(),
                person: person_of(&them.number)?,
                path,
                extension: us.extension.clone(),
                began,
                ended,
            })
        });
        reached.collect()
    }
}

/// How a try was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Loss {
    /// Hung up while waiting.
    Abandoned,
    /// The queue's own limit ran out.
    TimedOut,
    /// Left the queue by a key.
    Key,
    /// The queue was full.
    Full,
    /// Nobody served it.
    NoAgents,
    /// The PBX stopped.
    Cut,
    /// They are gone, and nobody saw how.
    Unseen,
    /// The phone rang, and nobody answered.
    Missed,
    /// Busy.
    Busy,
    /// The phone could not be reached.
    Unreachable,
    /// Voicemail answered.
    Voicemail,
}

impl Loss {
    /// What leaving a queue so comes to; None where it is no loss.
    pub fn of_left(how: Left) -> Option<Self> {
        Some(match how {
            Left::Abandoned => Loss::Abandoned,
            Left::TimedOut => Loss::TimedOut,
            // until they were called back, and talked to
            Left::Key | Left::KeptPlace => Loss::Key,
            Left::Full => Loss::Full,
            Left::NoAgents | Left::NoAgentsAtFirst => Loss::NoAgents,
            Left::PbxStopped => Loss::Cut,
            Left::Unexplained => Loss::Unseen,
            // somebody decided it, or talked to them
            Left::Answered | Left::Withdrawn | Left::Continued => return None,
        })
    }

    fn of_result(result: CallResult) -> Option<Self> {
        Some(match result {
            CallResult::Missed => Loss::Missed,
            CallResult::Busy => Loss::Busy,
            CallResult::Failed => Loss::Unreachable,
            CallResult::Voicemail => Loss::Voicemail,
            CallResult::Interrupted => Loss::Cut,
            CallResult::Answered | CallResult::Abandoned | CallResult::Service => return None,
        })
    }
}

/// A call from outside to extensions of ours that nobody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The call.
    pub call: CallId,
    /// The number it came from
    pub number: String,
    /// and the name.
    pub name: Option<String>,
    /// The extensions that it was for.
    pub extensions: Vec<String>,
    /// When it began
    pub began: Timestamp,
    /// and ended.
    pub ended: Timestamp,
    /// How.
    pub how: Loss,
}

impl Missed {
    /// What was missed by a call that ended; None for nothing. Who came to a queue is lost by their visit of it.
    pub fn of(ended: &EndedCall) -> Option<Missed> {
        let call = &ended.call;
        let how = Loss::of_result(ended.end.result)?;
        if call.direction != Direction::Inbound || call.answered.is_some() || call.queue.is_some() {
            return None;
        }
        let called = call.legs.iter().filter(|leg| leg.role == LegRole::Callee);
        let called = called.map(|leg| &leg.party).chain([&call.callee]);
        let mut extensions: Vec<String> = Vec::new();
        for number in called.filter_map(|party| party.extension.as_ref()) {
            if !extensions.contains(number) && extensions.len() < MAX_EXTENSIONS {
                extensions.push(number.clone());
            }
        }
        (!extensions.is_empty()).then(|| Missed {
            call: call.id.clone(),
            number: call.caller.number.clone(),
            name: call.caller.name.clone(),
            extensions,
            began: call.started,
            ended: ended.end.at,
            how,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::person_of;

    #[test]
    fn a_number_is_the_same_person_however_it_is_written() {
        for same in [
            "0301234567",
            "+49 30 1234567",
            "004930/1234567",
            "0 030 123-45-67",
        ] {
            assert_eq!(person_of(same).as_deref(), Some("301234567"), "{same}");
        }
        assert_eq!(person_of("1001").as_deref(), Some("1001"));
        assert_ne!(person_of("0301234567"), person_of("0301234568"));
    }

    #[test]
    fn who_withholds_the_number_is_nobody_and_an_address_is_taken_whole() {
        for withheld in ["", "  ", "Anonymous", "unknown", "+", "-"] {
            assert_eq!(person_of(withheld), None, "{withheld:?}");
        }
        assert_eq!(person_of("Ann2"), person_of("ann2"));
        assert_ne!(person_of("ann2"), person_of("bob2"));
        assert!(person_of(&"ä".repeat(500)).is_some_and(|key| key.chars().count() <= 64));
    }
}
