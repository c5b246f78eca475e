//! What is kept of the calls of every recording.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a recording that is kept wrongly panics"
)]

mod support;

use telephony::finished::{pack, unpack};
use telephony::{
    EndedCall, FinishedCall, HungUpBy, Leg, LegId, LegRole, LegState, Marks, Moment, MomentKind, Party,
    Recording, Story, Timestamp,
};

fn kept(name: &str) -> Vec<FinishedCall> {
    support::report(name).ended.iter().map(FinishedCall::of).collect()
}

/// Who answered first and last, who hung up, and what the call was or had, as it was done while recording.
type Kept = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    HungUpBy,
    Marks,
);

const TRUTH: &[Kept] = &[
    (
        "basic-answered-call",
        Some("1002"),
        Some("1002"),
        HungUpBy::Caller,
        Marks(0),
    ),
    (
        "basic-callee-hangs-up",
        Some("1002"),
        Some("1002"),
        HungUpBy::Callee,
        Marks(0),
    ),
    (
        "attended-transfer-ami",
        Some("1002"),
        Some("1003"),
        HungUpBy::Caller,
        Marks(Marks::HELD.0 | Marks::TRANSFERRED.0),
    ),
    (
        "blind-transfer-ami",
        Some("1002"),
        Some("1003"),
        HungUpBy::Caller,
        Marks::TRANSFERRED,
    ),
    ("cancelled-by-caller", None, None, HungUpBy::Caller, Marks(0)),
    (
        "hold-unhold",
        Some("1002"),
        Some("1002"),
        HungUpBy::Caller,
        Marks::HELD,
    ),
    (
        "park-unpark",
        Some("1002"),
        Some("1003"),
        HungUpBy::Callee,
        Marks::PARKED,
    ),
    (
        "pickup-by-code",
        Some("1003"),
        Some("1003"),
        HungUpBy::Callee,
        Marks::PICKED_UP,
    ),
    (
        "mixmonitor",
        Some("1002"),
        Some("1002"),
        HungUpBy::Caller,
        Marks::RECORDED,
    ),
    // their own phone rings first: they did not answer their own call
    (
        "originate-success",
        Some("1002"),
        Some("1002"),
        HungUpBy::Callee,
        Marks(0),
    ),
    ("queue-abandon", None, None, HungUpBy::Caller, Marks(0)),
    (
        "queue-ringall-two-agents",
        Some("1002"),
        Some("1002"),
        HungUpBy::Caller,
        Marks(0),
    ),
    ("voicemail-left", None, None, HungUpBy::Caller, Marks(0)),
];

#[test]
fn who_answered_who_hung_up_and_what_happened_is_kept_as_it_was_done() {
    for (name, first_by, last_by, hung_up_by, marks) in TRUTH {
        let calls = kept(name);
        let [call] = calls.as_slice() else {
            panic!("{name}: {calls:#?}")
        };
        let told = (
            call.first_by.as_deref(),
            call.last_by.as_deref(),
            call.hung_up_by,
            call.marks,
        );
        assert_eq!(told, (*first_by, *last_by, *hung_up_by, *marks), "{name}");
    }
}

#[test]
fn of_every_recorded_call_the_whole_story_is_kept_and_no_time_is_negative() {
    let mut compared = 0;
    for name in support::names() {
        for ended in &support::report(&name).ended {
            let call = FinishedCall::of(ended);
            assert_eq!(
                unpack(&call.told),
                Some((ended.call.legs.clone(), ended.call.story.clone())),
                "{name}"
            );
            assert!(
                call.started <= call.ended && call.talk_ms() <= call.duration_ms(),
                "{name}"
            );
            assert!(!call.marks.is_partial(), "{name}: all of it was seen");
            assert!(
                !call.linked.is_empty() && !call.others.contains(&call.caller),
                "{name}"
            );
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn who_listens_is_not_on_the_call_that_they_hear() {
    let calls = kept("chanspy-whisper");
    let heard = calls.last().expect("three calls");
    assert!(
        heard.marks.has(Marks::SUPERVISED) && heard.others.is_empty(),
        "{heard:#?}"
    );
    assert!(calls[..2].iter().all(|call| call.marks.has(Marks::SUPERVISION)));
}

#[test]
fn a_call_that_goes_on_after_a_restart_is_kept_with_its_beginning_and_its_name() {
    let whole = support::report("basic-answered-call").ended.remove(0);
    let seen = Timestamp(whole.call.started.0 + 500);
    let mut found = whole.clone();
    found.call.id.0 = "another".into();
    found.call.discovered = true;
    found.call.answered = None;
    found.call.started = Timestamp(seen.0 + 1_000);
    found.call.story = [Moment {
        at: found.call.started,
        what: MomentKind::Discovered,
    }]
    .into_iter()
    .collect();
    let call = FinishedCall::of(&found.begun_as(whole.call.clone(), seen));
    let told = (&call.id, call.started, call.answered);
    assert_eq!(told, (&whole.call.id, whole.call.started, whole.call.answered));
    assert!(call.marks.has(Marks::GAP) && !call.marks.has(Marks::DISCOVERED));
    let ended = FinishedCall::of(&EndedCall::unseen(whole.call.clone(), seen));
    assert_eq!(
        (ended.ended, ended.hung_up_by, ended.cause),
        (seen, HungUpBy::Nobody, 0)
    );
    assert!(ended.marks.has(Marks::LOST_TRACK));
}

/// Calls are kept for years: what was packed once is read by every later version, or has another layout number.
#[test]
fn what_was_packed_once_can_be_read() {
    let party = Party {
        number: "1".into(),
        name: Some("A".into()),
        extension: None,
    };
    let leg = Leg {
        id: LegId("1.2".into()),
        channel: "P/1-a".into(),
        party: party.clone(),
        role: LegRole::Callee,
        state: LegState::Ended(16),
        since: Timestamp(300),
        answered: Some(Timestamp(2)),
        trunk: None,
    };
    let moment = |what| Moment {
        at: Timestamp(1),
        what,
    };
    let story: Story = [
        moment(MomentKind::Started {
            caller: party.clone(),
            dialled: "2".into(),
        }),
        moment(MomentKind::Recording {
            state: Recording::Paused,
        }),
        moment(MomentKind::HungUp {
            party: party.clone(),
            cause: 16,
        }),
        moment(MomentKind::GapCrossed { from: Timestamp(0) }),
        moment(MomentKind::Discovered),
    ]
    .into_iter()
    .collect();
    let bytes: &[u8] = &[
        1, 1, 3, 49, 46, 50, 5, 80, 47, 49, 45, 97, 1, 49, 1, 1, 65, 0, 1, 5, 16, 172, 2, 1, 2, 0, 5, 27, 1,
        0, 1, 49, 1, 1, 65, 0, 1, 50, 1, 17, 2, 1, 19, 1, 49, 1, 1, 65, 0, 16, 1, 20, 0, 1, 21,
    ];
    assert_eq!(pack(std::slice::from_ref(&leg), &story), bytes);
    assert_eq!(unpack(bytes), Some((vec![leg], story)));
    assert_eq!(unpack(&[2, 0, 0]), None);
    assert_eq!(unpack(&[]), None);
}

#[test]
fn a_call_that_was_recorded_knows_the_files_that_the_pbx_told() {
    let files: Vec<Vec<String>> = kept("mixmonitor").into_iter().map(|call| call.files).collect();
    let folder = "/var/lib/asterisk/run/cap-127.0.0.31/spool/monitor";
    let told = ["lab-rec-1.wav", "lab-rec-2.wav"].map(|file| format!("{folder}/{file}"));
    assert_eq!(files, [told]);
    assert!(
        kept("basic-answered-call")
            .iter()
            .all(|call| call.files.is_empty())
    );
}
