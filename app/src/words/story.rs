//! The story of a call, moment by moment, in sentences.

use telephony::{Mes, MomentKind, Party, Recording};

use super::{cause::cause_words, party_name, visible};

/// The sentence and the icon of one moment.
pub fn moment(what: &MomentKind) -> (String, &'static str) {
    match what {
        MomentKind::Started { caller, dialled } => (
            format!("{} calls {}", party_name(caller), visible(dialled)),
            "phone-outgoing",
        ),
        MomentKind::Ringing { party } => (format!("Rings at {}", party_name(party)), "bell"),
        MomentKind::Answered { party } => (format!("{} answers", party_name(party)), "phone"),
        MomentKind::NotAnswered { party, status } => (not_answered(party, status), "phone-missed"),
        MomentKind::Held { party } => (format!("{} holds the call", party_name(party)), "pause"),
        MomentKind::Resumed { party } => (format!("{} is back", party_name(party)), "play"),
        MomentKind::QueueJoined { queue, position } => (
            format!("Joins the queue {}, place {position}", visible(queue)),
            "hourglass",
        ),
        MomentKind::QueueLeft {
            queue,
            abandoned: true,
        } => (format!("Gives up waiting in {}", visible(queue)), "phone-missed"),
        MomentKind::QueueLeft {
            queue,
            abandoned: false,
        } => (format!("Leaves the queue {}", visible(queue)), "arrow-right"),
        MomentKind::QueueConnected { queue, agent } => (
            format!("{} takes the caller from {}", party_name(agent), visible(queue)),
            "headset",
        ),
        MomentKind::BlindTransfer { by, to } => (
            format!("{} transfers to {}", party_name(by), visible(to)),
            "arrow-right-left",
        ),
        MomentKind::AttendedTransfer { by, to } => (
            format!("{} hands over to {}", party_name(by), party_name(to)),
            "arrow-right-left",
        ),
        MomentKind::Parked { space, by } => (
            by_whom(format!("Parked in space {}", visible(space)), by.as_ref()),
            "square-parking",
        ),
        MomentKind::Unparked { space, by } => (
            by_whom(format!("Taken from space {}", visible(space)), by.as_ref()),
            "square-parking",
        ),
        MomentKind::ParkTimedOut { space } => (
            format!("Waited too long in space {}, goes back", visible(space)),
            "hourglass",
        ),
        MomentKind::PickedUp { by } => (format!("Picked up by {}", party_name(by)), "phone"),
        MomentKind::ConferenceJoined { room, party } => (
            format!("{} joins the conference {}", party_name(party), visible(room)),
            "users",
        ),
        MomentKind::ConferenceLeft { room, party } => (
            format!("{} leaves the conference {}", party_name(party), visible(room)),
            "users",
        ),
        MomentKind::Recording { state } => (recording(*state).into(), "disc"),
        MomentKind::Supervised { by } => (format!("{} listens in", party_name(by)), "ear"),
        MomentKind::HungUp { party, cause } => (
            format!("{}: {}", party_name(party), cause_words(*cause)),
            "phone-off",
        ),
        MomentKind::GapCrossed { .. } => (
            "The link to the PBX was cut here; what happened meanwhile is not known".into(),
            "unplug",
        ),
        MomentKind::Sounded { party, from, to } => (sounded(party, *from, *to), "ear"),
        MomentKind::Discovered => ("Was already up when Starboard connected".into(), "search"),
    }
}

fn not_answered(party: &Party, status: &str) -> String {
    let name = party_name(party);
    match status {
        "BUSY" => format!("{name} is busy"),
        "NOANSWER" => format!("{name} does not answer"),
        "CANCEL" => format!("Stops ringing at {name}"),
        "CHANUNAVAIL" | "CONGESTION" => format!("{name} cannot be reached"),
        "DONTCALL" | "TORTURE" | "INVALIDARGS" => format!("{name} was not called"),
        other => format!("{name}: {}", visible(other)),
    }
}

fn sounded(party: &Party, from: Option<Mes>, to: Option<Mes>) -> String {
    let score = |way: &str, mes: Option<Mes>| mes.map(|mes| format!("{way} {mes} ({})", mes.word()));
    let told = [score("voice from there", from), score("to there", to)];
    format!(
        "{}: {}",
        party_name(party),
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    )
}

fn by_whom(what: String, by: Option<&Party>) -> String {
    match by {
        Some(by) => format!("{what} by {}", party_name(by)),
        None => what,
    }
}

fn recording(state: Recording) -> &'static str {
    match state {
        Recording::On => "Recording",
        Recording::Paused => "Recording paused",
        Recording::Off => "Recording ended",
    }
}

#[cfg(test)]
mod tests {
    use telephony::{MomentKind, Party};

    use super::moment;

    #[test]
    fn names_in_a_story_cannot_hide_anything() {
        let by = Party {
            name: Some("A\u{202E}B".into()),
            ..Party::default()
        };
        let (sentence, _) = moment(&MomentKind::BlindTransfer {
            by,
            to: "10\n1".into(),
        });
        assert_eq!(sentence, "A⟨U+202E⟩B transfers to 10⟨U+000A⟩1");
    }
}
