//! How somebody on a call is called.

use telephony::{Activity, Call, CallState, Engagement, LegRole, LegState, Party};

use super::visible::{NAME_CHARS, isolated, shortened, visible};

/// What stands for a caller whose number is withheld.
pub const WITHHELD: &str = "Number withheld";

/// The name where there is one, else the number, else that it is withheld; fit to be shown.
pub fn party_name(party: &Party) -> String {
    match party
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        Some(name) => isolated(shortened(name, NAME_CHARS)),
        None if party.number.is_empty() => WITHHELD.into(),
        None => isolated(shortened(&party.number, NAME_CHARS)),
    }
}

/// The other side of an engagement, which names them already; fit to be shown.
pub fn with_whom(engagement: &Engagement) -> String {
    if engagement.call.0.is_empty() {
        // not for this viewer
        return String::new();
    }
    if engagement.with.trim().is_empty() {
        match engagement.activity {
            // a phone of ours that is rung before anybody else is called
            Activity::Dialling => "not known yet".into(),
            Activity::Ringing
            | Activity::Waiting
            | Activity::Supervising
            | Activity::Talking
            | Activity::OnHold
            | Activity::Conference => WITHHELD.into(),
        }
    } else {
        isolated(shortened(&engagement.with, NAME_CHARS))
    }
}

/// Whom a call is for. Before anybody answers the PBX knows only the number that was dialled: then those whose
/// phones ring say more, or the queue that it waits in.
pub fn called(call: &Call) -> String {
    if call.callee.name.is_some() || call.callee.extension.is_some() {
        return party_name(&call.callee);
    }
    match (&call.state, &call.queue) {
        (CallState::Ringing | CallState::Waiting, Some(visit)) => shortened(&visit.queue, NAME_CHARS),
        (CallState::Ringing, None) => {
            let rings = |leg: &&telephony::Leg| {
                leg.role == LegRole::Callee && leg.state == LegState::Ringing && leg.party.extension.is_some()
            };
            let mut ringing = call.legs.iter().filter(rings);
            match (ringing.next(), ringing.count()) {
                (None, _) => party_name(&call.callee),
                (Some(one), 0) => party_name(&one.party),
                (Some(one), more) => format!("{} and {more} more", party_name(&one.party)),
            }
        }
        _ => party_name(&call.callee),
    }
}

/// Caller and called in one line.
pub fn between(call: &Call) -> String {
    format!("{} → {}", party_name(&call.caller), called(call))
}

/// The number below a name; empty where [`party_name`] already shows it.
pub fn party_number(party: &Party) -> String {
    let named = party.name.as_deref().is_some_and(|name| !name.trim().is_empty());
    if named {
        shortened(&party.number, NAME_CHARS)
    } else {
        String::new()
    }
}

/// Name and number in one line, whole: for titles and for what is read aloud.
pub fn party_text(party: &Party) -> String {
    match party
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        Some(name) if party.number.is_empty() || name == party.number => visible(name).into_owned(),
        Some(name) => {
            let name = isolated(visible(name).into_owned());
            format!("{name} ({})", visible(&party.number))
        }
        None if party.number.is_empty() => WITHHELD.into(),
        None => visible(&party.number).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use telephony::{Call, CallId, CallState, Leg, LegId, LegRole, LegState, Party, QueueVisit, Timestamp};

    use super::{between, called, party_name, party_number, party_text};

    fn party(name: Option<&str>, number: &str) -> Party {
        Party {
            number: number.into(),
            name: name.map(Into::into),
            extension: None,
        }
    }

    fn ringing_at(names: &[&str]) -> Call {
        let leg = |name: &&str| Leg {
            id: LegId((*name).into()),
            channel: String::new(),
            party: Party {
                extension: Some("1001".into()),
                ..party(Some(name), "1001")
            },
            role: LegRole::Callee,
            state: LegState::Ringing,
            since: Timestamp(0),
            answered: None,
            trunk: None,
        };
        Call {
            id: CallId("1.1".into()),
            direction: telephony::Direction::Inbound,
            caller: party(Some("Anna"), "0301"),
            callee: party(None, "+49305551001"),
            dialled: "+49305551001".into(),
            state: CallState::Ringing,
            state_since: Timestamp(0),
            started: Timestamp(0),
            answered: None,
            held_ms: 0,
            held_since: None,
            queue: None,
            parked_in: None,
            conference: None,
            recording: telephony::Recording::Off,
            legs: names.iter().map(leg).collect(),
            story: telephony::Story::default(),
            discovered: false,
        }
    }

    #[test]
    fn whom_a_call_is_for_is_whose_phone_rings_before_it_is_a_number() {
        assert_eq!(called(&ringing_at(&[])), "+49305551001");
        assert_eq!(between(&ringing_at(&["Bob"])), "Anna → Bob");
        assert_eq!(called(&ringing_at(&["Bob", "Eve", "Max"])), "Bob and 2 more");
        let mut call = ringing_at(&["Bob"]);
        call.queue = Some(QueueVisit {
            queue: "sales".into(),
            joined: Timestamp(0),
            position: 1,
            connected: None,
            agent: None,
        });
        assert_eq!(called(&call), "sales");
        call.callee = party(Some("Bob"), "1001");
        assert_eq!(called(&call), "Bob");
    }

    #[test]
    fn a_name_wins_over_a_number_and_a_number_over_nothing() {
        let anna = party(Some("Anna"), "1001");
        assert_eq!(
            (party_name(&anna), party_number(&anna)),
            ("Anna".into(), "1001".into())
        );
        assert_eq!(party_text(&anna), "Anna (1001)");
        let bare = party(Some("  "), "0301234");
        assert_eq!(
            (party_name(&bare), party_number(&bare)),
            ("0301234".into(), String::new())
        );
        assert_eq!(party_name(&party(None, "")), "Number withheld");
    }
}
