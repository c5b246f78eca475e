//! Figures of queues, held against a calculation of their own: `oracle.py` goes through the same visits in another way.

#![allow(clippy::expect_used, clippy::panic, reason = "a figure that is wrong panics")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use telephony::figures::{Policy, ServiceLevel, Share, Sums, now};
use telephony::visit::{Ring, RingEnd, Talk, TalkEnd};
use telephony::{CallId, Left, Timestamp, Visit};

const POLICY: Policy = Policy {
    version: 1,
    target_ms: 20_000,
    short_abandon_ms: 5_000,
};

fn left() -> impl Strategy<Value = Left> {
    prop_oneof![
        6 => Just(Left::Answered),
        3 => Just(Left::Abandoned),
        1 => Just(Left::TimedOut),
        1 => Just(Left::Key),
        1 => Just(Left::KeptPlace),
        1 => Just(Left::Full),
        1 => Just(Left::NoAgentsAtFirst),
        1 => Just(Left::NoAgents),
        1 => Just(Left::Withdrawn),
        1 => Just(Left::Continued),
        1 => Just(Left::Unexplained),
        1 => Just(Left::PbxStopped),
    ]
}

fn ring_end() -> impl Strategy<Value = RingEnd> {
    prop_oneof![
        Just(RingEnd::NotAnswered),
        Just(RingEnd::TakenElsewhere),
        Just(RingEnd::CallerLeft),
        Just(RingEnd::Answered)
    ]
}

/// A visit of any kind; waits lie often on the very limits.
fn visit() -> impl Strategy<Value = Visit> {
    let wait_ms = prop_oneof![
        0..60_000_u64,
        Just(5_000),
        Just(4_999),
        Just(20_000),
        Just(20_001)
    ];
    let talk = (0..600_000_u64, 0..60_000_u64, any::<bool>());
    let rings = prop::collection::vec((ring_end(), 0..9_000_u64), 0..4);
    let whole = (wait_ms, left(), talk, rings, any::<bool>(), 0..20_u8);
    whole.prop_map(
        |(wait_ms, how, (talk_ms, held_ms, handed_on), rings, partial, waits)| {
            let joined = Timestamp(1_795_220_000_000);
            let at = Timestamp(joined.0 + wait_ms);
            let ring = |(end, rang_ms): (RingEnd, u64)| Ring {
                interface: "PJSIP/1001".into(),
                extension: None,
                channel: String::new(),
                began: joined,
                ended: Some((Timestamp(joined.0 + rang_ms), end)),
            };
            let by = if handed_on {
                TalkEnd::Transfer
            } else {
                TalkEnd::Caller
            };
            let talk = (how == Left::Answered).then(|| Talk {
                interface: "PJSIP/1001".into(),
                extension: None,
                began: at,
                ended: Some((Timestamp(at.0 + talk_ms), by)),
                held_ms: held_ms.min(talk_ms),
            });
            let left = (waits > 0).then_some((at, how));
            Visit {
                queue: "support".into(),
                channel: "1".into(),
                serial: 1,
                call: CallId("1".into()),
                number: "1001".into(),
                name: None,
                joined,
                position: 1,
                rings: rings.into_iter().map(ring).collect(),
                more_rings: 0,
                left,
                talk: talk.filter(|_| left.is_some()),
                partial,
            }
        },
    )
}

fn visits(count: usize) -> Vec<Visit> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let many = prop::collection::vec(visit(), count);
    many.new_tree(&mut runner).expect("visits").current()
}

fn sums(visits: &[Visit]) -> Sums {
    let mut sums = Sums::default();
    visits.iter().for_each(|visit| sums.add(visit, &POLICY));
    sums
}

/// What the other calculation makes of them.
fn oracle(visits: &[Visit]) -> Value {
    let mut lines = serde_json::to_string(&POLICY).expect("a policy");
    for visit in visits {
        lines.push('\n');
        lines.push_str(&serde_json::to_string(visit).expect("a visit"));
    }
    let mut python = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let mut input = python.stdin.take().expect("its input");
    input.write_all(lines.as_bytes()).expect("it reads");
    drop(input);
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("figures")
}

fn ours(sums: &Sums) -> Value {
    let share = |share: Option<Share>| share.map(|share| json!([share.part, share.whole]));
    let level = |definition| share(sums.service_level(definition));
    json!({
        "strict": level(ServiceLevel::Strict),
        "of_offered": level(ServiceLevel::OfOffered),
        "of_answered": level(ServiceLevel::OfAnswered),
        "with_abandons": level(ServiceLevel::WithAbandons),
        "abandon_rate": share(sums.abandon_rate()),
        "asa_ms": sums.asa_ms(),
        "longest_wait_ms": sums.longest_wait_ms,
        "aht_ms": sums.aht_ms(0),
        "transferred": sums.transferred,
        "ring_no_answer": share(sums.ring_no_answer()),
        "timed_out": sums.timed_out,
        "key": sums.key,
        "kept_place": sums.kept_place,
        "turned_away": sums.turned_away,
        "no_agents": sums.no_agents,
        "unexplained": sums.unexplained,
        "partial": sums.partial,
    })
}

#[test]
fn every_figure_is_what_another_calculation_makes_of_the_same_visits() {
    let all = visits(5_000);
    for count in [0, 1, 2, 10, 100, 5_000] {
        assert_eq!(
            ours(&sums(&all[..count])),
            oracle(&all[..count]),
            "{count} visits"
        );
    }
}

#[test]
fn parts_add_up_to_the_whole_however_they_are_cut() {
    let all = visits(500);
    for size in [1, 7, 100, 499] {
        let mut whole = Sums::default();
        all.chunks(size).for_each(|part| whole.merge(&sums(part)));
        assert_eq!(whole, sums(&all), "in parts of {size}");
    }
}

#[test]
fn a_queue_where_everybody_times_out_shows_how_far_definitions_lie_apart() {
    let mut all = visits(50);
    all.retain(|visit| visit.left.is_some());
    for visit in &mut all {
        visit.left = Some((Timestamp(visit.joined.0 + 30_000), Left::TimedOut));
        visit.talk = None;
    }
    // Asterisk counts a timeout as a caller who gave up; ours keeps them apart
    let sums = sums(&all);
    let level = |definition| sums.service_level(definition).map(Share::percent);
    assert_eq!(level(ServiceLevel::Strict), Some(0.0));
    assert_eq!(level(ServiceLevel::OfAnswered), None);
    assert_eq!(level(ServiceLevel::WithAbandons), None);
}

#[test]
fn with_nobody_waiting_there_is_no_service_level_now() {
    assert_eq!(now([], &POLICY), None);
    let share = now([1_000, 20_000, 20_001], &POLICY);
    assert_eq!(share, Some(Share { part: 2, whole: 3 }));
}
