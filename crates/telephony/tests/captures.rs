//! Every recording of a real Asterisk, told the way a person would tell it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a recording that is told wrongly panics"
)]

mod support;

use telephony::replay::Replay;
use telephony::visit::{RingEnd, TalkEnd};
use telephony::{CallResult, EndedBy, Left, MemberState, Settings, Timestamp};

#[test]
fn every_recording_is_told_as_it_happened() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in support::names() {
            insta::assert_snapshot!(name.clone(), support::tell(&support::report(&name)));
        }
    });
}

#[test]
fn nothing_that_an_asterisk_wrote_is_taken_for_a_callers() {
    for name in support::names() {
        for (_, message) in support::messages(&name) {
            assert!(!message.is_doubtful(), "{name}: {message:?}");
        }
    }
}

/// How each visit of a queue ended, and how each ringing of a member did, as it was done while recording.
type Visited = (&'static str, &'static str, Left, &'static [RingEnd]);

/// The same of every recording with a queue in it.
const VISITS: &[(&str, &[Visited])] = {
    use RingEnd::{Answered, CallerLeft, NotAnswered, TakenElsewhere};
    &[
        (
            "queue-abandon",
            &[("support", "1001", Left::Abandoned, &[CallerLeft])],
        ),
        // a dialplan that sends the caller into the queue twice: two visits
        (
            "queue-again",
            &[
                ("sales", "1001", Left::TimedOut, &[]),
                ("sales", "1001", Left::TimedOut, &[]),
            ],
        ),
        (
            "queue-connect-complete",
            &[
                ("support", "1001", Left::Answered, &[Answered]),
                ("support", "1002", Left::Answered, &[Answered]),
            ],
        ),
        // the first one was ended by the manager; the second one found no room
        (
            "queue-full",
            &[
                ("tiny", "1001", Left::Abandoned, &[]),
                ("tiny", "1002", Left::Full, &[]),
            ],
        ),
        (
            "queue-join-empty",
            &[("empty", "1001", Left::NoAgentsAtFirst, &[])],
        ),
        ("queue-key-exit", &[("keyed", "1001", Left::Key, &[])]),
        ("queue-leave-empty", &[("emptied", "1001", Left::NoAgents, &[])]),
        (
            "queue-ringall-two-agents",
            &[("support", "1001", Left::Answered, &[TakenElsewhere, Answered])],
        ),
        (
            "queue-timeout-ringnoanswer",
            &[("sales", "1001", Left::TimedOut, &[NotAnswered, NotAnswered])],
        ),
        ("queue-withdraw", &[("sales", "1001", Left::Withdrawn, &[])]),
        // taken by one who was paused while their phone rang, and by one who was taken out of the queue in mid-call
        (
            "queue-paused-while-ringing",
            &[("support", "1001", Left::Answered, &[Answered])],
        ),
        (
            "queue-member-gone",
            &[("support", "1001", Left::Answered, &[TakenElsewhere, Answered])],
        ),
        // the PBX stopped while two waited, and ended their calls before; nothing else says why they left
        (
            "queue-restarted",
            &[
                ("support", "1002", Left::Unexplained, &[]),
                ("support", "1001", Left::Unexplained, &[]),
            ],
        ),
        (
            "supervision",
            &[("support", "1001", Left::Answered, &[TakenElsewhere, Answered])],
        ),
    ]
};

#[test]
fn every_recorded_visit_of_a_queue_ended_as_it_did() {
    for (name, visits) in VISITS {
        let report = support::report(name);
        let told = report.visits.iter().map(|visit| {
            assert!(visit.is_over() && !visit.partial, "{name}: {visit:?}");
            let rings = visit.rings.iter().filter_map(|ring| Some(ring.ended?.1));
            (
                visit.queue.as_str(),
                visit.number.as_str(),
                visit.left.map(|(_, how)| how),
                rings.collect(),
            )
        });
        let told: Vec<(_, _, _, Vec<_>)> = told.collect();
        let truth = visits
            .iter()
            .map(|(queue, number, how, rings)| (*queue, *number, Some(*how), rings.to_vec()));
        assert_eq!(told, truth.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_reload_that_makes_the_pbx_count_anew_changes_nothing_of_ours_and_is_seen() {
    let mut switchboard = telephony::Switchboard::new(Settings::default());
    let mut output = telephony::Output::default();
    let mut counted = Vec::new();
    for (at, message) in support::messages("queue-reloaded") {
        switchboard.observe(&message, at, &mut output);
        let Some(queue) = switchboard.board().queues.get("support") else {
            continue;
        };
        let told = switchboard.counted("support").copied().unwrap_or_default();
        let now = (told.completed, told.reset.is_some());
        if counted.last() != Some(&now) {
            counted.push(now);
        }
        let listed = message.get("Event").as_deref() == Some("QueueStatusComplete");
        if listed && now.1 && output.ended.len() == 1 {
            let talks = queue
                .members
                .iter()
                .find(|member| member.interface == "PJSIP/1003");
            assert_eq!(talks.map(|member| member.state), Some(MemberState::Busy));
            assert_eq!(queue.waiting.len(), 1, "and who waits waits on");
        }
    }
    assert!(counted.iter().any(|(_, reset)| *reset), "{counted:?}");
    assert_eq!(
        counted.last().map(|(completed, _)| *completed),
        Some(0),
        "{counted:?}"
    );
    let last: std::collections::BTreeMap<_, _> = output
        .visits
        .iter()
        .map(|visit| (visit.channel.clone(), visit))
        .collect();
    let policy = telephony::figures::Policy {
        version: 1,
        target_ms: 20_000,
        short_abandon_ms: 5_000,
    };
    let mut ours = telephony::figures::Sums::default();
    last.values().for_each(|visit| ours.add(visit, &policy));
    assert_eq!((ours.offered, ours.answered, ours.talks), (3, 2, 2));
}

#[test]
fn who_presses_the_key_that_keeps_the_place_is_known_by_the_call_they_waited_with() {
    let mut switchboard = telephony::Switchboard::new(Settings::default());
    let mut output = telephony::Output::default();
    for (at, message) in support::messages("queue-kept-place") {
        switchboard.observe(&message, at, &mut output);
    }
    let wishes = switchboard.take_wishes();
    let [wish] = &wishes[..] else { panic!("{wishes:?}") };
    let visit = output.visits.last().expect("a visit");
    assert_eq!(visit.left.map(|(_, how)| how), Some(Left::Key));
    assert_eq!(wish.channel.as_ref(), Some(&visit.channel));
    assert_eq!(
        (wish.ask.number.as_str(), wish.ask.joined),
        ("0405551001", visit.joined)
    );
}

#[test]
fn the_talk_of_an_agent_ends_when_somebody_takes_over_or_their_phone_hands_the_caller_on() {
    for recording in ["supervision", "queue-handed-on"] {
        let report = support::report(recording);
        let talk = report.visits[0].talk.clone().expect("a talk");
        let (at, by) = talk.ended.expect("it ended");
        assert_eq!(by, TalkEnd::Transfer, "{recording}");
        let caller_hung_up = report
            .ended
            .iter()
            .find(|ended| ended.call.queue.is_some())
            .map(|ended| ended.end.at);
        let later_ms = caller_hung_up.expect("the call ended").since_ms(at);
        assert!(later_ms > 1_000, "{recording}: {later_ms}");
    }
}

/// Caller, callee and result of one call.
type Told = (&'static str, &'static str, CallResult);

/// What was done while recording: who called, with whom they spoke at the end (or what they dialled), and what
/// came of it, in the order the calls ended.
const TRUTH: &[(&str, &[Told])] = {
    use CallResult::{Abandoned, Answered, Busy, Failed, Missed, Service, Voicemail};
    &[
        ("ari-stasis-call", &[("1001", "1002", Answered)]),
        ("attended-transfer-ami", &[("1001", "1003", Answered)]),
        // The phone itself hands over: it has two calls, and asks by the first or by the second one.
        ("attended-transfer-refer", &[("1001", "1003", Answered)]),
        (
            "attended-transfer-refer-second-call",
            &[("1001", "1003", Answered)],
        ),
        ("basic-answered-call", &[("1001", "1002", Answered)]),
        ("basic-callee-hangs-up", &[("1001", "1002", Answered)]),
        ("blind-transfer-ami", &[("1001", "1003", Answered)]),
        ("blind-transfer-refer", &[("1001", "1003", Answered)]),
        ("busy", &[("1001", "1002", Busy), ("1001", "6001", Busy)]),
        ("call-forward", &[("1001", "1003", Answered)]),
        ("cancelled-by-caller", &[("1001", "1002", Missed)]),
        (
            "chanspy-whisper",
            &[
                ("1003", "1001", Service),
                ("1003", "1002", Service),
                ("1001", "1002", Answered),
            ],
        ),
        (
            "confbridge",
            &[
                ("1002", "900", Answered),
                ("1001", "900", Answered),
                ("1003", "901", Answered),
            ],
        ),
        (
            "congestion-failed",
            &[
                ("1001", "1005", Failed),
                ("1001", "6002", Failed),
                ("1001", "1002", Failed),
            ],
        ),
        ("core-reload", &[("1001", "1002", Answered)]),
        ("dial-two-phones", &[("1001", "1003", Answered)]),
        (
            "dnd",
            &[
                ("1002", "*78", Service),
                ("1001", "1002", Busy),
                ("1002", "*79", Service),
            ],
        ),
        ("hold-unhold", &[("1001", "1002", Answered)]),
        (
            "ivr-dtmf",
            &[("1001", "1002", Answered), ("1001", "500", Service)],
        ),
        (
            "list-answers",
            &[
                ("1005", "6004", Service),
                ("1003", "800", Abandoned),
                ("1006", "900", Service),
                ("1001", "1002", Answered),
            ],
        ),
        (
            "local-channels",
            &[("1001", "1002", Answered), ("1001", "1002", Answered)],
        ),
        ("mixmonitor", &[("1001", "1002", Answered)]),
        ("no-answer", &[("1001", "1002", Missed)]),
        (
            "originate-failures",
            &[
                ("1002", "", Busy),
                ("1002", "", Missed),
                ("1002", "", Failed),
                ("1002", "", Service),
            ],
        ),
        ("originate-success", &[("1001", "1002", Answered)]),
        ("park-unpark", &[("1001", "1003", Answered)]),
        (
            "pbx-hangup-by-ami",
            &[("1001", "1002", Answered), ("1001", "6004", Service)],
        ),
        ("queue-abandon", &[("1001", "800", Abandoned)]),
        // 1002 calls 1001, 1003 takes it: by the number of the ringing phone, or for its group.
        ("pickup-by-code", &[("1002", "1003", Answered)]),
        ("pickup-by-group", &[("1002", "1003", Answered)]),
        (
            "queue-connect-complete",
            &[("1001", "1003", Answered), ("1002", "1003", Answered)],
        ),
        (
            "queue-member-add-remove",
            &[("1002", "*45", Service), ("1002", "*46", Service)],
        ),
        ("queue-ringall-two-agents", &[("1001", "1002", Answered)]),
        ("queue-timeout-ringnoanswer", &[("1001", "801", Missed)]),
        ("queue-withdraw", &[("1001", "801", Missed)]),
        ("queue-again", &[("1001", "665", Missed)]),
        ("queue-full", &[("1002", "662", Missed), ("1001", "662", Missed)]),
        ("queue-join-empty", &[("1001", "663", Missed)]),
        ("queue-key-exit", &[("1001", "661", Missed)]),
        ("queue-leave-empty", &[("1001", "664", Missed)]),
        ("restricted-user", &[("1001", "1002", Answered)]),
        // Filters let births and hang-ups through, nothing in between: that they spoke cannot be seen.
        ("filtered-user", &[("1001", "621002", Missed)]),
        ("shutdown", &[("1001", "1002", Answered)]),
        ("shutdown-graceful", &[("1001", "1002", Answered)]),
        ("shutdown-own-connection", &[]),
        ("shutdown-sigterm", &[("1001", "1002", Answered)]),
        // heard by two supervisors, one of whom whispered and joined, then taken over by the other
        (
            "supervision",
            &[
                ("1011", "1002", Service),
                ("1010", "1002", Service),
                ("1011", "1002", Service),
                ("1001", "1010", Answered),
            ],
        ),
        ("timestamps-systemname", &[("1001", "1002", Answered)]),
        ("voicemail-left", &[("1001", "1005", Voicemail)]),
        ("restart-fullybooted", &[]),
        ("outbound-registration", &[]),
        ("registration", &[]),
        ("queue-pause-unpause", &[]),
        ("errors-and-login", &[]),
    ]
};

#[test]
fn every_recorded_call_is_one_call_with_its_two_parties_and_its_result() {
    for (name, calls) in TRUTH {
        let report = support::report(name);
        let told: Vec<_> = report
            .ended
            .iter()
            .map(|ended| {
                (
                    ended.call.caller.number.as_str(),
                    ended.call.callee.number.as_str(),
                    ended.end.result,
                )
            })
            .collect();
        assert_eq!(told, *calls, "{name}");
        assert!(
            report.ended.iter().all(|ended| ended.end.by == EndedBy::Pbx),
            "{name}"
        );
    }
}

/// The board while things were under way, at times (milliseconds into the recording) when nothing moved.
#[test]
fn the_board_in_mid_call_shows_what_goes_on() {
    const MOMENTS: &[(&str, u64)] = &[
        ("basic-answered-call", 800),
        ("basic-answered-call", 3_000),
        ("hold-unhold", 2_500),
        ("attended-transfer-ami", 2_300),
        ("attended-transfer-ami", 5_000),
        ("attended-transfer-ami", 8_500),
        ("attended-transfer-refer", 3_500),
        ("attended-transfer-refer", 6_000),
        ("attended-transfer-refer", 9_000),
        ("attended-transfer-refer-second-call", 9_000),
        ("pickup-by-code", 2_000),
        ("pickup-by-code", 5_000),
        ("pickup-by-group", 5_000),
        ("park-unpark", 2_000),
        ("queue-abandon", 2_000),
        ("chanspy-whisper", 3_000),
        ("confbridge", 2_700),
        ("originate-success", 700),
        ("originate-success", 1_500),
        ("mixmonitor", 2_500),
        ("list-answers", 12_000),
    ];
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, ms) in MOMENTS {
            let bytes = support::bytes(name);
            let mut replay = Replay::new(Settings::default());
            for (at, piece) in support::timing(name)
                .pieces(bytes.len())
                .into_iter()
                .take_while(|(at, _)| at <= ms)
            {
                replay.push(&bytes[piece], Timestamp(support::START.0 + at));
            }
            let mut told = String::new();
            support::board(replay.switchboard().board(), &mut told);
            insta::assert_snapshot!(format!("{name}-at-{ms}ms"), told);
        }
    });
}

/// 980 calls in two minutes, 713 through and 267 by a queue: every one answered, nothing left.
#[test]
fn a_busy_minute_ends_with_every_call_told_and_nothing_left() {
    use std::io::Read as _;
    let file = std::fs::File::open(support::directory().join("busy-minute.ami.gz")).expect("the recording");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .expect("readable");
    let mut replay = Replay::new(Settings::default());
    let mut peak = 0;
    for piece in bytes.chunks(64 * 1024) {
        replay.push(piece, support::START);
        peak = peak.max(replay.switchboard().board().calls.len());
    }
    let report = replay.finish();
    assert_eq!(report.ended.len(), 980);
    assert!(
        report
            .ended
            .iter()
            .all(|ended| ended.end.result == CallResult::Answered)
    );
    assert_eq!(
        report
            .ended
            .iter()
            .filter(|ended| ended.call.queue.is_some())
            .count(),
        267
    );
    assert!(report.board.calls.is_empty());
    assert!(peak > 200, "{peak} calls at once");
    let queue = &report.board.queues["loadq"];
    assert_eq!(
        (queue.completed, queue.abandoned, queue.waiting.len()),
        (267, 0, 0)
    );
    assert!(report.board.trunks.values().all(|trunk| trunk.channels == 0));
    assert_eq!(report.counters.over_bounds + report.counters.incomplete_events, 0);
}
