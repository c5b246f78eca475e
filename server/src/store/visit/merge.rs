//! What is known of a visit by two who did not see all of it.

use telephony::{
    Visit,
    visit::{MAX_RINGS, RingEnd},
};

/// What was kept, and what is told by somebody who came later: the beginning of the one and the end of the other.
pub(super) fn merged(kept: &Visit, told: &Visit) -> Visit {
    let mut now = told.clone();
    now.serial = kept.serial;
    now.partial = true;
    now.joined = kept.joined.min(told.joined);
    if kept.position > 0 {
        now.position = kept.position;
    }
    if now.number.is_empty() {
        now.number.clone_from(&kept.number);
    }
    now.name = told.name.clone().or_else(|| kept.name.clone());
    now.more_rings = now.more_rings.max(kept.more_rings);
    // a ring that the later one did not see ended while nobody looked
    let same = |one: &telephony::visit::Ring, other: &telephony::visit::Ring| {
        one.interface == other.interface && one.channel == other.channel
    };
    let mut rings = Vec::new();
    for ring in &kept.rings {
        if told.rings.iter().any(|other| same(ring, other)) {
            continue;
        }
        let mut ring = ring.clone();
        ring.ended = ring.ended.or_else(|| {
            let first = told.rings.first().map(|ring| ring.began);
            let at = first.or(told.left.map(|(at, _)| at));
            at.map(|at| (at.max(ring.began), RingEnd::Unexplained))
        });
        rings.push(ring);
    }
    rings.extend(told.rings.iter().cloned());
    rings.truncate(MAX_RINGS);
    now.rings = rings;
    now.left = match (kept.left, told.left) {
        // who had an agent already has left when the agent came
        (Some(left), Some(_)) if kept.talk.is_some() => Some(left),
        (kept, told) => told.or(kept),
    };
    now.talk = match (&kept.talk, &told.talk) {
        (Some(kept), Some(told)) => {
            let mut talk = told.clone();
            talk.began = kept.began;
            talk.held_ms = talk.held_ms.max(kept.held_ms);
            Some(talk)
        }
        (kept, told) => told.clone().or_else(|| kept.clone()),
    };
    now
}

#[cfg(test)]
mod tests {
    use telephony::{
        CallId, Left, Timestamp, Visit,
        visit::{Ring, RingEnd, Talk, TalkEnd},
    };

    use super::merged;

    fn visit() -> Visit {
        Visit {
            queue: "support".into(),
            channel: "1.1".into(),
            serial: 2,
            call: CallId("1.1".into()),
            number: "0401".into(),
            name: None,
            joined: Timestamp(1_000),
            position: 3,
            rings: Vec::new(),
            more_rings: 0,
            left: None,
            talk: None,
            partial: false,
        }
    }

    fn ring(channel: &str, began: u64, ended: Option<(u64, RingEnd)>) -> Ring {
        Ring {
            interface: "PJSIP/1001".into(),
            extension: None,
            channel: channel.into(),
            began: Timestamp(began),
            ended: ended.map(|(at, how)| (Timestamp(at), how)),
        }
    }

    #[test]
    fn a_caller_found_again_after_a_restart_joined_when_they_really_did_and_was_rung_for_once() {
        let kept = Visit {
            rings: vec![
                ring("a", 2_000, Some((3_000, RingEnd::NotAnswered))),
                ring("b", 4_000, None),
            ],
            ..visit()
        };
        let told = Visit {
            serial: 1,
            joined: Timestamp(1_400),
            position: 1,
            partial: true,
            rings: vec![ring("c", 9_000, Some((9_500, RingEnd::Answered)))],
            left: Some((Timestamp(9_500), Left::Answered)),
            talk: Some(Talk {
                interface: "PJSIP/1001".into(),
                extension: None,
                began: Timestamp(9_500),
                ended: Some((Timestamp(20_000), TalkEnd::Agent)),
                held_ms: 100,
            }),
            ..visit()
        };
        let now = merged(&kept, &told);
        assert_eq!(
            (now.joined, now.position, now.serial, now.partial),
            (Timestamp(1_000), 3, 2, true)
        );
        let ends: Vec<_> = now
            .rings
            .iter()
            .map(|ring| ring.ended.map(|(_, how)| how))
            .collect();
        assert_eq!(
            ends,
            [
                Some(RingEnd::NotAnswered),
                Some(RingEnd::Unexplained),
                Some(RingEnd::Answered)
            ]
        );
        // the same told again changes nothing
        assert_eq!(merged(&now, &told), now);
    }

    #[test]
    fn a_talk_that_ends_after_a_restart_began_when_it_really_did() {
        let talk = |began: u64, ended: Option<u64>| Talk {
            interface: "PJSIP/1001".into(),
            extension: None,
            began: Timestamp(began),
            ended: ended.map(|at| (Timestamp(at), TalkEnd::Caller)),
            held_ms: 0,
        };
        let kept = Visit {
            left: Some((Timestamp(5_432), Left::Answered)),
            talk: Some(talk(5_432, None)),
            ..visit()
        };
        let told = Visit {
            partial: true,
            left: Some((Timestamp(5_000), Left::Answered)),
            talk: Some(talk(5_000, Some(65_000))),
            ..visit()
        };
        let now = merged(&kept, &told);
        assert_eq!(now.talk, Some(talk(5_432, Some(65_000))));
        assert_eq!(now.left, kept.left);
    }
}
