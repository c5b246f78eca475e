//! What Asterisk's log of its queues tells of visits, from logs of a real Asterisk and from made ones; and what becomes of
//! what was kept when it is held against that.

#![allow(clippy::expect_used, clippy::panic, reason = "a claim that is wrong panics")]

use proptest::prelude::*;
use telephony::queue_log::{Difference, Healing, Logged, QueueLog, heal};
use telephony::visit::{Ring, RingEnd, Talk, TalkEnd};
use telephony::{CallId, Left, Timestamp, Visit};

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
