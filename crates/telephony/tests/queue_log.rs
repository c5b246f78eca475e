//! What Asterisk's log of its queues tells of visits, from logs of a real Asterisk and from made ones; and what becomes of
//! what was kept when it is held against that.

#![allow(clippy::expect_used, clippy::panic, reason = "a claim that is wrong panics")]

use proptest::prelude::*;
use telephony::queue_log::{
    Did, Difference, During, Filled, Healing, Logged, QueueLog, Seen, Step, apart_from, fill, heal,
};
use telephony::visit::{Ring, RingEnd, Talk, TalkEnd};
use telephony::{CallId, Doing, Left, Timestamp, Visit};

fn told(log: &str) -> Vec<Logged> {
    let mut out = Vec::new();
    let mut reader = QueueLog::new();
    for (mark, line) in (0..).zip(log.lines()) {
        reader.line(line, mark, &mut out);
    }
    out
}

/// One visit in a line: who, how, and what of rings and talk.
fn line(visit: &Visit) -> String {
    let at = |time: Timestamp| time.0 / 1_000;
    let rings = visit.rings.iter().map(|ring| {
        let how = ring.ended.map(|(_, how)| how);
        format!(" {}:{how:?}", ring.interface)
    });
    let talk = visit.talk.as_ref().map_or_else(String::new, |talk| {
        let ended = talk.ended.map(|(ended, by)| format!("{} {by:?}", at(ended)));
        format!(
            " talks {} {} {}",
            talk.interface,
            at(talk.began),
            ended.unwrap_or_default()
        )
    });
    let left = visit.left.map(|(left, how)| format!("{} {how:?}", at(left)));
    format!(
        "{} {} from {} at {}: {} {}{}{talk}{}",
        visit.queue,
        visit.channel,
        visit.number,
        visit.position,
        at(visit.joined),
        left.unwrap_or_default(),
        rings.collect::<String>(),
        if visit.partial { " partial" } else { "" },
    )
}

fn lines(log: &str) -> String {
    let all: Vec<String> = told(log).iter().map(|one| line(&one.visit)).collect();
    all.join("\n")
}

#[test]
fn a_real_log_tells_every_visit_with_its_rings_its_agent_and_its_end() {
    insta::assert_snapshot!(lines(include_str!("captures/queue_log/mixed.log")));
}

#[test]
fn transfers_withdrawals_and_restarts_are_told_from_real_logs() {
    insta::assert_snapshot!(lines(include_str!("captures/queue_log/endings.log")));
}

#[test]
fn a_log_that_begins_in_the_middle_of_a_talk_still_tells_when_it_was() {
    let visits = told("1795220754|1795220750.0|support|Agent Three|COMPLETECALLER|12|90|1");
    let [Logged { visit, .. }] = &visits[..] else {
        panic!("{visits:?}")
    };
    assert!(visit.partial, "who called is not known");
    assert_eq!(visit.joined, Timestamp(1_795_220_652_000));
    assert_eq!(visit.left, Some((Timestamp(1_795_220_664_000), Left::Answered)));
}

#[test]
fn damaged_lines_and_those_of_others_are_no_visits() {
    for log in [
        "",
        "|||||",
        "1795220750|1795220750.0|support|NONE|ENTERQUEUE",
        "1795220750|1795220750.0|support|NONE|ENTERQUEUE|",
        "1795220750|1795220750.0|support|NONE|ENTERQUEUE||1001|many",
        "1795220750|1795220750.0|support|NONE|ABANDON|1|1",
        "-5|1|support|NONE|ABANDON|1|1|4",
        "99999999999999999999|1|support|NONE|ABANDON|1|1|4",
        "18446744073709551|1|support|NONE|ABANDON|1|1|18446744073709551615",
        "1795220750|NONE|NONE|NONE|CONFIGRELOAD|",
        "1795220750|1|support|NONE|MYEVENT|ABANDON|1|1|4",
        "1795220750|1|support|Ann|RINGNOANSWER|5000",
        "\u{0}\u{1}|\u{fffd}|x|y|CONNECT|a|b|c",
    ] {
        let visits = told(log);
        assert!(
            visits.iter().all(|one| one.visit.left.is_some()),
            "{log}: {visits:?}"
        );
        assert!(visits.len() <= 1, "{log}");
    }
    assert!(told("1795220750|1|support|Ann|RINGNOANSWER|5000").is_empty());
    assert!(told("1795220750|1|support|NONE|MYEVENT|ABANDON|1|1|4").is_empty());
}

const HOW: [(Left, &str); 5] = [
    (Left::Abandoned, "ABANDON"),
    (Left::TimedOut, "EXITWITHTIMEOUT"),
    (Left::Key, "EXITWITHKEY"),
    (Left::NoAgents, "EXITEMPTY"),
    (Left::Withdrawn, "WITHDRAW"),
];

fn ends() -> impl Strategy<Value = Option<(Left, &'static str)>> {
    (0..=HOW.len()).prop_map(|at| HOW.get(at).copied())
}

/// A visit to the second, as the log tells it, and its lines.
fn visit(number: u32) -> impl Strategy<Value = (Visit, Vec<(u64, String)>)> {
    let times = (0..500_u64, 0..60_u64, 0..300_u64);
    let text = "[^|\\r\\n]{0,12}";
    (
        times,
        ends(),
        text,
        prop::bool::ANY,
        prop::collection::vec(0..9_u64, 0..3),
        0..3_u8,
    )
        .prop_map(
            move |((began, waited, talked), end, caller, by_agent, rings, queue)| {
                let (joined, channel) = (1_795_000_000 + began, format!("17950.{number}"));
                let queue = format!("queue{queue}");
                let left = joined + waited;
                let at = |second: u64| Timestamp(second * 1_000);
                let mut told = Vec::new();
                let mut say = |second: u64, agent: &str, what: String| {
                    told.push((second, format!("{second}|{channel}|{queue}|{agent}|{what}")));
                };
                say(joined, "NONE", format!("ENTERQUEUE||{caller}|3"));
                let mut visit = Visit {
                    queue: queue.clone(),
                    channel: channel.clone(),
                    serial: 1,
                    call: CallId(channel.clone()),
                    number: caller,
                    name: None,
                    joined: at(joined),
                    position: 3,
                    rings: Vec::new(),
                    more_rings: 0,
                    left: None,
                    talk: None,
                    partial: false,
                };
                for rang in rings {
                    let second = (joined + rang).min(left);
                    say(
                        second,
                        "PJSIP/7",
                        format!("RINGNOANSWER|{}", (second - joined) * 1_000),
                    );
                    visit.rings.push(Ring {
                        interface: "PJSIP/7".into(),
                        extension: None,
                        channel: String::new(),
                        began: at(joined),
                        ended: Some((at(second), RingEnd::NotAnswered)),
                    });
                }
                // lines stand in the order of time
                visit.rings.sort_by_key(|ring| ring.ended.map(|(at, _)| at));
                match end {
                    Some((how, word)) => {
                        let key = if how == Left::Key { "1|" } else { "" };
                        let info = if how == Left::Withdrawn {
                            "|who | knows"
                        } else {
                            ""
                        };
                        say(left, "NONE", format!("{word}|{key}1|3|{waited}{info}"));
                        visit.left = Some((at(left), how));
                    }
                    None => {
                        say(left, "PJSIP/8", format!("CONNECT|{waited}|1.9|0"));
                        let (by, word) = if by_agent {
                            (TalkEnd::Agent, "COMPLETEAGENT")
                        } else {
                            (TalkEnd::Caller, "COMPLETECALLER")
                        };
                        say(left + talked, "PJSIP/8", format!("{word}|{waited}|{talked}|3"));
                        visit.rings.push(Ring {
                            interface: "PJSIP/8".into(),
                            extension: None,
                            channel: "1.9".into(),
                            began: at(left),
                            ended: Some((at(left), RingEnd::Answered)),
                        });
                        visit.left = Some((at(left), Left::Answered));
                        visit.talk = Some(Talk {
                            interface: "PJSIP/8".into(),
                            extension: None,
                            began: at(left),
                            ended: Some((at(left + talked), by)),
                            held_ms: 0,
                        });
                    }
                }
                told.sort_by_key(|(second, _)| *second);
                (visit, told)
            },
        )
}

fn visits() -> impl Strategy<Value = Vec<(Visit, Vec<(u64, String)>)>> {
    (1..12_u32).prop_flat_map(|many| (0..many).map(visit).collect::<Vec<_>>())
}

/// What somebody kept who saw only some of it.
fn seen(of: &Visit, off_ms: u64, cut: u8, partial: bool) -> Visit {
    let mut kept = of.clone();
    let later = |at: Timestamp| Timestamp(at.0 + off_ms);
    kept.joined = later(kept.joined);
    kept.partial = partial;
    kept.left = kept.left.map(|(at, how)| (later(at), how));
    if let Some(talk) = &mut kept.talk {
        talk.began = later(talk.began);
        talk.ended = talk.ended.map(|(at, by)| (later(at), by));
    }
    if !partial {
        return kept;
    }
    if cut % 3 == 1 {
        kept.left = kept.left.map(|_| (kept.joined, Left::Unexplained));
        kept.talk = None;
        kept.rings.clear();
    } else if cut % 3 == 2
        && let Some(talk) = &mut kept.talk
    {
        talk.ended = Some((talk.began, TalkEnd::Unexplained));
    }
    kept
}

proptest! {
    #[test]
    fn visits_are_told_back_from_their_lines_however_these_are_mixed(all in visits()) {
        let mut lines: Vec<(u64, usize, String)> = Vec::new();
        for (_, told) in &all {
            for (place, (second, line)) in told.iter().enumerate() {
                lines.push((*second, place, line.clone()));
            }
        }
        lines.sort_by_key(|(second, ..)| *second);
        let log: Vec<&str> = lines.iter().map(|(_, _, line)| line.as_str()).collect();
        let found = told(&log.join("\n"));
        prop_assert_eq!(found.len(), all.len());
        for (wanted, _) in &all {
            let one = found.iter().find(|one| one.visit.channel == wanted.channel);
            prop_assert_eq!(one.map(|one| &one.visit), Some(wanted));
        }
    }

    #[test]
    fn nothing_that_is_no_log_breaks_it(lines in prop::collection::vec(
        prop_oneof![".{0,60}", "[0-9]{1,12}\\|[0-9.]{1,4}\\|q\\|a\\|[A-Z]{4,16}\\|[0-9|]{0,20}",
            "179500[0-9]{4}\\|[1-3]\\|q\\|a\\|(ENTERQUEUE|CONNECT|COMPLETEAGENT|ABANDON|QUEUESTART|RINGNOANSWER|EXITWITHKEY)\\|[0-9|]{0,9}"],
        0..60,
    )) {
        for one in told(&lines.join("\n")) {
            let visit = one.visit;
            prop_assert!(visit.is_over());
            prop_assert!(visit.left.is_some_and(|(at, _)| at >= visit.joined));
            if let Some(talk) = visit.talk {
                prop_assert!(talk.ended.is_some_and(|(at, _)| at >= talk.began));
            }
        }
    }

    #[test]
    fn what_was_seen_as_a_whole_is_never_changed((log, _) in visit(1), (other, _) in visit(1), off_ms in 0..1_999_u64) {
        prop_assert_eq!(heal(&seen(&log, off_ms, 0, false), &log), Healing::Same);
        prop_assert!(!matches!(heal(&seen(&other, off_ms, 0, false), &log), Healing::Healed(_)));
    }

    #[test]
    fn what_was_not_seen_becomes_what_the_log_says_and_healing_it_again_changes_nothing(
        (log, _) in visit(1), off_ms in 0..1_999_u64, cut in 0..3_u8,
    ) {
        let kept = seen(&log, off_ms, cut, true);
        let Healing::Healed(now) = heal(&kept, &log) else {
            return Err(TestCaseError::fail("it stays partial"));
        };
        prop_assert!(!now.partial);
        prop_assert_eq!(now.left.map(|(_, how)| how), log.left.map(|(_, how)| how));
        prop_assert_eq!(now.talk.as_ref().map(|talk| talk.ended.map(|(_, by)| by)), log.talk.as_ref().map(|talk| talk.ended.map(|(_, by)| by)));
        let missed = |visit: &Visit| visit.rings.iter().filter(|ring| matches!(ring.ended, Some((_, RingEnd::NotAnswered)))).count();
        prop_assert_eq!(missed(&now), missed(&log));
        prop_assert_eq!(heal(&now, &log), Healing::Same);
    }
}

fn answered(partial: bool) -> Visit {
    let at = Timestamp(1_795_000_010_400);
    Visit {
        queue: "support".into(),
        channel: "1.1".into(),
        serial: 1,
        call: CallId("1.1".into()),
        number: "0401".into(),
        name: Some("Zoë".into()),
        joined: Timestamp(1_795_000_000_300),
        position: 1,
        rings: Vec::new(),
        more_rings: 0,
        left: Some((at, Left::Answered)),
        talk: Some(Talk {
            interface: "PJSIP/1010".into(),
            extension: Some("1010".into()),
            began: at,
            ended: Some((Timestamp(1_795_000_090_000), TalkEnd::Unexplained)),
            held_ms: 0,
        }),
        partial,
    }
}

#[test]
fn who_was_given_to_somebody_by_hand_stays_answered_though_the_queue_writes_that_they_gave_up() {
    let log =
        told("1795000000|1.1|support|NONE|ENTERQUEUE||0401|1\n1795000010|1.1|support|NONE|ABANDON|1|1|10");
    for partial in [false, true] {
        assert_eq!(heal(&answered(partial), &log[0].visit), Healing::Same);
    }
}

#[test]
fn a_phone_that_rang_in_vain_while_nobody_looked_is_not_one_that_the_caller_left() {
    let ring = |began_ms: u64, ended_ms: u64, how| Ring {
        interface: "PJSIP/1006".into(),
        extension: None,
        channel: "PJSIP/1006-1".into(),
        began: at_ms(began_ms),
        ended: Some((at_ms(ended_ms), how)),
    };
    let log = told(
        "100|1.1|support|NONE|ENTERQUEUE||0401|1\n103|1.1|support|PJSIP/1006|RINGNOANSWER|2000\n\
         107|1.1|support|NONE|ABANDON|1|1|7\n",
    );
    for (seen, rings) in [
        // it was seen to begin, and the next that was seen is that the caller was gone
        (ring(101_200, 107_100, RingEnd::CallerLeft), 1),
        // it rang once more
        (ring(104_900, 107_100, RingEnd::CallerLeft), 2),
    ] {
        let kept = Visit {
            joined: at_ms(100_200),
            left: Some((at_ms(107_100), Left::Abandoned)),
            talk: None,
            rings: vec![seen],
            ..answered(true)
        };
        let Healing::Healed(now) = heal(&kept, &log[0].visit) else {
            panic!("nothing was healed");
        };
        let in_vain = now
            .rings
            .iter()
            .filter(|ring| matches!(ring.ended, Some((_, RingEnd::NotAnswered))));
        assert_eq!((in_vain.count(), now.rings.len()), (1, rings), "{:?}", now.rings);
    }
}

#[test]
fn what_the_log_tells_otherwise_is_named() {
    let log = "1795000000|1.1|support|NONE|ENTERQUEUE||0401|1\n\
               1795000030|1.1|support|PJSIP/1003|CONNECT|30|1.2|4\n\
               1795000090|1.1|support|PJSIP/1003|COMPLETEAGENT|30|60|1";
    let mut kept = answered(false);
    if let Some(talk) = &mut kept.talk {
        talk.ended = Some((Timestamp(1_795_000_090_000), TalkEnd::Caller));
    }
    let differences = vec![Difference::Left, Difference::Agent, Difference::End];
    assert_eq!(heal(&kept, &told(log)[0].visit), Healing::Differs(differences));
}

#[test]
fn what_goes_on_is_left_alone() {
    let mut kept = answered(true);
    kept.talk.as_mut().expect("a talk").ended = None;
    let log = told("1795000010|1.1|support|NONE|ABANDON|1|1|10");
    assert_eq!(heal(&kept, &log[0].visit), Healing::Open);
}

#[test]
fn who_was_taken_over_or_kept_the_place_is_told_otherwise_by_the_log_and_that_is_no_difference() {
    let log = "1795000000|1.1|support|NONE|ENTERQUEUE||0401|1\n\
               1795000010|1.1|support|PJSIP/1010|CONNECT|10|1.2|4\n\
               1795000190|1.1|support|PJSIP/1010|COMPLETECALLER|10|180|1";
    let mut kept = answered(false);
    if let Some(talk) = &mut kept.talk {
        talk.ended = Some((Timestamp(1_795_000_090_000), TalkEnd::Transfer));
    }
    assert_eq!(heal(&kept, &told(log)[0].visit), Healing::Same);
    let log =
        "1795000000|1.1|support|NONE|ENTERQUEUE||0401|1\n1795000010|1.1|support|NONE|EXITWITHKEY|1|1|1|10";
    kept.talk = None;
    kept.left = kept.left.map(|(at, _)| (at, Left::KeptPlace));
    assert_eq!(heal(&kept, &told(log)[0].visit), Healing::Same);
    kept.partial = true;
    kept.position = 0;
    let Healing::Healed(now) = heal(&kept, &told(log)[0].visit) else {
        panic!("it stays partial")
    };
    assert_eq!(now.left.map(|(_, how)| how), Some(Left::KeptPlace));
}

fn steps(log: &str) -> Vec<Step> {
    let mut reader = QueueLog::new();
    for (mark, line) in (0..).zip(log.lines()) {
        reader.line(line, mark, &mut Vec::new());
    }
    reader.take_steps().into_iter().map(|(_, step)| step).collect()
}

#[test]
fn a_real_log_tells_who_came_went_and_was_paused_and_for_what() {
    let log = include_str!("captures/queue_log/mixed.log");
    let told: Vec<String> = steps(log)
        .iter()
        .map(|step| {
            format!(
                "{} {} {} {:?}",
                step.at.0 / 1_000,
                step.queue,
                step.agent,
                step.what
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    // paused again with another reason, and with the same one; the log has each
    let log = include_str!("captures/queue_log/agents.log");
    let paused: Vec<_> = steps(log)
        .into_iter()
        .filter(|step| step.agent == "Çağla Özgür")
        .collect();
    let seen = |queues: &[&str], doing| Seen {
        queues: queues.iter().map(|queue| (*queue).to_owned()).collect(),
        doing: Some(doing),
    };
    let gap = (at_ms(1_795_734_997_500), at_ms(1_795_735_003_500));
    let filled = fill(
        gap,
        &seen(&["support"], Doing::Available),
        &seen(&["support"], Doing::Available),
        &paused.iter().collect::<Vec<_>>(),
    );
    let at = |second: u64| at_ms(second * 1_000);
    let pauses = vec![
        ("Lunch".to_owned(), at(1_795_734_998), at(1_795_734_999)),
        ("Training".to_owned(), at(1_795_734_999), at(1_795_735_002)),
    ];
    let sessions = vec![("support".to_owned(), gap.0, gap.1)];
    assert_eq!(
        filled,
        Some(Filled {
            sessions,
            pauses,
            whole: true
        })
    );
}

#[test]
fn who_came_paused_right_before_a_gap_is_paused_in_it_for_that_reason_and_not_for_an_earlier_one() {
    let log = "1795000008|NONE|sales|Ann|PAUSE|Lunch\n1795000009|NONE|support|Ann|ADDMEMBER|PAUSED";
    let seen = Seen {
        queues: ["sales".to_owned(), "support".to_owned()].into(),
        doing: Some(Doing::Paused(String::new())),
    };
    let gap = (at_ms(1_795_000_009_500), at_ms(1_795_000_013_500));
    let filled = fill(gap, &seen, &seen, &steps(log).iter().collect::<Vec<_>>());
    let filled = filled.expect("nothing is missing in the log");
    assert!(filled.whole);
    assert_eq!(filled.pauses, [(String::new(), gap.0, gap.1)]);
}

fn at_ms(ms: u64) -> Timestamp {
    Timestamp(ms)
}

/// What one agent does in three queues, a second after the other; everything of it is in the log.
#[derive(Clone, Debug)]
enum Act {
    Come(usize, bool),
    Go(usize),
    Pause(Option<usize>, u8),
    Unpause(Option<usize>),
    Nothing,
}

const QUEUES: [&str; 3] = ["sales", "service", "support"];
const BEGAN_S: u64 = 1_795_000_000;

fn act() -> impl Strategy<Value = Act> {
    let queue = 0..3_usize;
    prop_oneof![
        2 => (queue.clone(), any::<bool>()).prop_map(|(queue, paused)| Act::Come(queue, paused)),
        2 => queue.clone().prop_map(Act::Go),
        3 => (prop::option::of(queue.clone()), 0..2_u8).prop_map(|(queue, reason)| Act::Pause(queue, reason)),
        2 => prop::option::of(queue).prop_map(Act::Unpause),
        3 => Just(Act::Nothing),
    ]
}

/// How it is after a second: in which queues, each with when it was paused, and why.
type Now = std::collections::BTreeMap<usize, Option<(usize, String)>>;

fn live(acts: &[Act]) -> (Vec<Now>, Vec<Step>) {
    let (mut now, mut course, mut steps): (Now, _, _) = (Now::default(), Vec::new(), Vec::new());
    for (second, act) in acts.iter().enumerate() {
        let mut say = |queue: usize, what| {
            steps.push(Step {
                at: at_ms((BEGAN_S + second as u64) * 1_000),
                queue: QUEUES[queue].into(),
                agent: "Ann".into(),
                what,
            });
        };
        let there = |now: &Now, queue: Option<usize>| -> Vec<usize> {
            now.keys()
                .copied()
                .filter(|one| queue.is_none_or(|queue| queue == *one))
                .collect()
        };
        match act {
            Act::Come(queue, paused) if !now.contains_key(queue) => {
                say(*queue, Did::Came { paused: *paused });
                now.insert(*queue, paused.then(|| (second, String::new())));
            }
            Act::Go(queue) if now.remove(queue).is_some() => say(*queue, Did::Went),
            Act::Pause(queue, reason) => {
                for queue in there(&now, *queue) {
                    let reason = format!("reason {reason}");
                    say(queue, Did::Paused(reason.clone()));
                    now.insert(queue, Some((second, reason)));
                }
            }
            Act::Unpause(queue) => {
                for queue in there(&now, *queue) {
                    say(queue, Did::Unpaused);
                    now.insert(queue, None);
                }
            }
            Act::Come(..) | Act::Go(_) | Act::Nothing => {}
        }
        course.push(now.clone());
    }
    (course, steps)
}

fn is_paused(now: &Now) -> bool {
    !now.is_empty() && now.values().all(Option::is_some)
}

/// The reason that shows: that of the latest pause.
fn reason(now: &Now) -> String {
    let latest = now.values().flatten().max_by_key(|(second, _)| *second);
    latest.map(|(_, reason)| reason.clone()).unwrap_or_default()
}

/// What the board shows of it.
fn seen_now(now: &Now) -> Seen {
    let doing = if now.is_empty() {
        None
    } else if is_paused(now) {
        Some(Doing::Paused(reason(now)))
    } else {
        Some(Doing::Available)
    };
    Seen {
        queues: now.keys().map(|queue| QUEUES[*queue].to_owned()).collect(),
        doing,
    }
}

/// Milliseconds of a time that these cover.
fn covered<'all>(
    of: impl IntoIterator<Item = &'all (String, Timestamp, Timestamp)>,
    (from, to): (Timestamp, Timestamp),
) -> u64 {
    of.into_iter()
        .map(|(_, begin, end)| end.0.min(to.0).saturating_sub(begin.0.max(from.0)))
        .sum()
}

proptest! {
    #[test]
    fn what_an_agent_did_in_a_gap_is_what_the_log_says_and_nothing_is_said_that_was_not_so(
        acts in prop::collection::vec(act(), 24), cut in (4..10_usize, 13..20_usize), on_a_call in any::<(bool, bool)>(),
    ) {
        let (course, steps) = live(&acts);
        let gap = (at_ms((BEGAN_S + cut.0 as u64) * 1_000 + 500), at_ms((BEGAN_S + cut.1 as u64) * 1_000 + 500));
        let mut ends = [seen_now(&course[cut.0]), seen_now(&course[cut.1])];
        for (seen, talks) in ends.iter_mut().zip([on_a_call.0, on_a_call.1]) {
            if talks && seen.doing.is_some() {
                seen.doing = Some(Doing::Talking);
            }
        }
        let steps: Vec<&Step> = steps.iter().collect();
        let Some(filled) = fill(gap, &ends[0], &ends[1], &steps) else {
            return Err(TestCaseError::fail("nothing is missing in the log"));
        };
        let within = |(_, begin, end): &During| gap.0 <= *begin && begin < end && *end <= gap.1;
        prop_assert!(filled.sessions.iter().chain(&filled.pauses).all(within));
        for (second, now) in course.iter().enumerate().take(cut.1).skip(cut.0) {
            let time = (at_ms((BEGAN_S + second as u64) * 1_000).max(gap.0), at_ms((BEGAN_S + second as u64 + 1) * 1_000).min(gap.1));
            let long = time.1.0 - time.0.0;
            for (place, queue) in QUEUES.iter().enumerate() {
                let sessions = filled.sessions.iter().filter(|(of, ..)| of == queue);
                let wanted = if now.contains_key(&place) { long } else { 0 };
                prop_assert_eq!(covered(sessions, time), wanted, "{} at {}", queue, second);
            }
            let known = covered(filled.pauses.iter().filter(|(why, ..)| *why == reason(now)), time);
            prop_assert_eq!(known, covered(&filled.pauses, time), "for another reason at {}", second);
            if filled.whole {
                prop_assert_eq!(known > 0, is_paused(now), "at {}", second);
            }
            prop_assert!(known == 0 || is_paused(now) && known == long, "at {}", second);
        }
    }

    #[test]
    fn what_is_left_of_a_time_and_what_is_taken_from_it_are_the_whole(
        others in prop::collection::vec((0..50_u64, 0..20_u64), 0..6),
    ) {
        let time = (Timestamp(10), Timestamp(40));
        let others: Vec<_> = others.into_iter().map(|(from, long)| (Timestamp(from), Timestamp(from + long))).collect();
        let left = apart_from(time, &others);
        for at in 0..60_u64 {
            let within = |(from, to): &(Timestamp, Timestamp)| (from.0..to.0).contains(&at);
            let wanted = within(&time) && !others.iter().any(within);
            prop_assert_eq!(left.iter().filter(|one| within(one)).count(), usize::from(wanted));
        }
    }
}

#[test]
fn what_does_not_follow_from_the_log_is_not_said() {
    let seen = |doing| Seen {
        queues: ["support".to_owned()].into(),
        doing: Some(doing),
    };
    let gap = (at_ms(1_795_000_010_000), at_ms(1_795_000_100_000));
    let of = |log: &str, before, after| {
        let steps = steps(log);
        fill(
            gap,
            &seen(before),
            &seen(after),
            &steps.iter().collect::<Vec<_>>(),
        )
    };
    let lunch = || Doing::Paused("Lunch".into());
    let pause = "1795000050|NONE|support|Ann|PAUSE|Lunch";
    assert_eq!(
        of(pause, Doing::Available, Doing::Available),
        None,
        "a line is missing"
    );
    assert_eq!(of(pause, Doing::Available, Doing::Paused("Door".into())), None);
    assert_eq!(of("", Doing::Available, lunch()), None);
    let restart = format!("{pause}\n1795000070|NONE|NONE|NONE|QUEUESTART|");
    assert_eq!(
        of(&restart, Doing::Available, lunch()),
        None,
        "pauses may end with a restart"
    );
    // on a call a pause does not show: what was before the first line stays open
    let filled = of(pause, Doing::Talking, lunch()).expect("the rest follows");
    assert!(!filled.whole);
    assert_eq!(
        filled.pauses,
        [("Lunch".to_owned(), at_ms(1_795_000_050_000), gap.1)]
    );
    // the pause of one queue has a line: for what reason the other one was paused before it is not said by that
    let two = |doing| Seen {
        queues: ["sales".to_owned(), "support".to_owned()].into(),
        doing: Some(doing),
    };
    let pause = steps(pause);
    let filled = fill(
        gap,
        &two(Doing::Talking),
        &two(lunch()),
        &pause.iter().collect::<Vec<_>>(),
    );
    let filled = filled.expect("the rest follows");
    assert!(!filled.whole);
    assert_eq!(
        filled.pauses,
        [("Lunch".to_owned(), at_ms(1_795_000_050_000), gap.1)]
    );
    // the work after a call is no pause
    let work = "1795000050|NONE|support|Ann|PAUSE|wrap-up\n1795000060|NONE|support|Ann|UNPAUSE|";
    let filled = of(work, Doing::Available, Doing::Available).expect("all of it follows");
    assert!(filled.whole && filled.pauses.is_empty());
}
