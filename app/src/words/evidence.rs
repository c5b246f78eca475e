//! Which channel events of Asterisk tell of a moment of a call: those of the right kind, at its time, of its phone where one is named.

use telephony::{Moment, MomentKind, Party};

use crate::model::history::CallEvent;

/// The clock of a board and that of a channel lie no further apart.
const NEAR_MS: u64 = 1_000;
/// Events of one moment that are shown.
const MOST: usize = 6;

/// The words of Asterisk for what happened, and whose it is.
fn told_as(what: &MomentKind) -> (&'static [&'static str], Option<&Party>) {
    match what {
        MomentKind::Started { caller, .. } => (&["CHAN_START"], Some(caller)),
        MomentKind::Ringing { party } => (&["CHAN_START"], Some(party)),
        MomentKind::Answered { party } => (&["ANSWER", "BRIDGE_ENTER"], Some(party)),
        MomentKind::NotAnswered { party, .. } => (&["HANGUP", "CHAN_END"], Some(party)),
        MomentKind::QueueJoined { .. } => (&["APP_START"], None),
        MomentKind::QueueLeft { .. } => (&["APP_END"], None),
        MomentKind::QueueConnected { agent, .. } => (&["ANSWER", "BRIDGE_ENTER"], Some(agent)),
        MomentKind::BlindTransfer { .. } => (&["BLINDTRANSFER"], None),
        MomentKind::AttendedTransfer { .. } => (&["ATTENDEDTRANSFER"], None),
        MomentKind::Parked { .. } => (&["PARK_START"], None),
        MomentKind::Unparked { .. } | MomentKind::ParkTimedOut { .. } => (&["PARK_END"], None),
        MomentKind::PickedUp { .. } => (&["PICKUP"], None),
        MomentKind::ConferenceJoined { party, .. } => (&["BRIDGE_ENTER"], Some(party)),
        MomentKind::ConferenceLeft { party, .. } => (&["BRIDGE_EXIT"], Some(party)),
        MomentKind::HungUp { party, .. } => (&["HANGUP", "CHAN_END"], Some(party)),
        MomentKind::Held { .. }
        | MomentKind::Resumed { .. }
        | MomentKind::Recording { .. }
        | MomentKind::Supervised { .. }
        | MomentKind::GapCrossed { .. }
        | MomentKind::Sounded { .. }
        | MomentKind::Discovered => (&[], None),
    }
}

/// The events that tell of a moment.
pub fn of<'a>(moment: &Moment, events: &'a [CallEvent]) -> Vec<&'a CallEvent> {
    let (words, party) = told_as(&moment.what);
    let near = |event: &&CallEvent| {
        words.contains(&event.name.as_str()) && event.at.0.abs_diff(moment.at.0) <= NEAR_MS
    };
    let near: Vec<&CallEvent> = events.iter().filter(near).collect();
    let extension = party.and_then(|party| party.extension.as_deref());
    let phone = extension.map(|extension| format!("/{extension}-"));
    let theirs = phone.map(|phone| {
        let of_it = near
            .iter()
            .copied()
            .filter(|event| event.channel.contains(&phone));
        of_it.collect::<Vec<_>>()
    });
    let mut told = theirs.filter(|theirs| !theirs.is_empty()).unwrap_or(near);
    told.truncate(MOST);
    told
}

#[cfg(test)]
mod tests {
    use telephony::Timestamp;

    use super::*;

    fn event(at: u64, name: &str, channel: &str) -> CallEvent {
        CallEvent {
            at: Timestamp(at),
            name: name.into(),
            unique: "1.1".into(),
            channel: channel.into(),
            application: String::new(),
            data: String::new(),
            peer: String::new(),
            extra: String::new(),
        }
    }

    #[test]
    fn a_moment_is_told_by_events_of_its_kind_and_time_and_of_its_phone_where_there_are_any() {
        let events = [
            event(10_000, "CHAN_START", "PJSIP/1001-00000000"),
            event(15_000, "ANSWER", "PJSIP/1002-00000001"),
            event(15_020, "ANSWER", "PJSIP/1001-00000000"),
            event(15_040, "BRIDGE_ENTER", "PJSIP/1002-00000001"),
            event(20_000, "HANGUP", "PJSIP/1002-00000001"),
        ];
        let party = |extension: &str| Party {
            extension: Some(extension.into()),
            ..Party::default()
        };
        let told = |at, what| {
            let moment = Moment {
                at: Timestamp(at),
                what,
            };
            let told = of(&moment, &events);
            told.iter().map(|event| event.at.0).collect::<Vec<_>>()
        };
        let answered = |extension| MomentKind::Answered {
            party: party(extension),
        };
        assert_eq!(told(15_100, answered("1002")), [15_000, 15_040]);
        // of nobody that is named: all of the kind
        assert_eq!(told(15_100, answered("1003")), [15_000, 15_020, 15_040]);
        assert!(told(17_000, answered("1002")).is_empty());
        assert!(told(15_000, MomentKind::Discovered).is_empty());
    }
}
