//! What agents do, told from recordings of a real PBX.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a claim that does not hold panics"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use telephony::{AgentChange, Agents, Board, Change, Doing, Output, Settings, Switchboard, Timestamp};

/// What is known of agents by what was told of them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    queues: BTreeMap<String, BTreeSet<String>>,
    doing: BTreeMap<String, Doing>,
}

impl Told {
    fn hear(&mut self, changes: Vec<AgentChange>) {
        for change in changes {
            match change {
                AgentChange::LoggedIn { agent, queue, .. } => {
                    let new = self.queues.entry(agent.interface).or_default().insert(queue);
                    assert!(new, "logged in twice");
                }
                AgentChange::LoggedOut { interface, queue, .. } => {
                    let queues = self.queues.get_mut(&interface).expect("was logged in");
                    assert!(queues.remove(&queue), "logged out of a queue it was not in");
                    if queues.is_empty() {
                        self.queues.remove(&interface);
                    }
                }
                AgentChange::Does { agent, doing, .. } => {
                    let before = match doing.clone() {
                        Some(doing) => self.doing.insert(agent.interface, doing),
                        None => self.doing.remove(&agent.interface),
                    };
                    assert_ne!(before, doing, "told what was known");
                }
            }
        }
    }
}

fn rows(board: &Board) -> Vec<Change> {
    board.rows().map(Change::Upsert).collect()
}

/// Follows a recording change by change; hands the board, and what was told so far, to `look` after each message.
fn follow(name: &str, mut look: impl FnMut(&Board, &Told, Timestamp)) -> Told {
    let mut switchboard = Switchboard::new(Settings::default());
    let mut output = Output::default();
    let (mut agents, mut told) = (Agents::default(), Told::default());
    for (at, message) in support::messages(name) {
        switchboard.observe(&message, at, &mut output);
        let mut changes = Vec::new();
        agents.observe(switchboard.board(), &output.changes, at, &mut changes);
        output.clear();
        told.hear(changes);
        look(switchboard.board(), &told, at);
    }
    told
}

#[test]
fn who_follows_knows_at_every_moment_what_somebody_sees_who_looks_for_the_first_time() {
    let mut compared = 0;
    for name in support::names() {
        follow(&name, |board, told, at| {
            let mut changes = Vec::new();
            Agents::default().observe(board, &rows(board), at, &mut changes);
            let mut fresh = Told::default();
            fresh.hear(changes);
            assert_eq!(*told, fresh, "{name}");
            compared += usize::from(!fresh.doing.is_empty());
        });
    }
    assert!(compared > 500, "{compared}");
}

/// What one agent did in a recording, one after the other.
fn course(name: &str, interface: &str) -> Vec<Option<Doing>> {
    let mut course: Vec<Option<Doing>> = Vec::new();
    follow(name, |_, told, _| {
        let now = told.doing.get(interface).cloned();
        if course.last() != Some(&now) {
            course.push(now);
        }
    });
    course
}

#[test]
fn an_agent_rings_talks_and_is_ready_again() {
    let names = support::names();
    let name = names
        .iter()
        .find(|name| *name == "queue-connect-complete")
        .expect("the recording");
    let mut seen = BTreeSet::new();
    follow(name, |_, told, _| seen.extend(told.doing.keys().cloned()));
    let agent = seen
        .iter()
        .find(|agent| course(name, agent).contains(&Some(Doing::Talking)))
        .expect("somebody talks");
    let course = course(name, agent);
    let at = |doing: &Doing| course.iter().position(|one| one.as_ref() == Some(doing));
    assert!(at(&Doing::Ringing).expect("rings") < at(&Doing::Talking).expect("talks"));
    assert_eq!(course.last(), Some(&Some(Doing::Available)));
}

#[test]
fn a_pause_has_its_reason_and_ends() {
    let mut reasons = BTreeSet::new();
    follow("queue-pause-unpause", |_, told, _| {
        reasons.extend(told.doing.values().filter_map(|doing| match doing {
            Doing::Paused(reason) => Some(reason.clone()),
            _ => None,
        }));
    });
    assert!(!reasons.is_empty());
    let end = follow("queue-pause-unpause", |_, _, _| {});
    assert!(
        end.doing.values().all(|doing| !matches!(doing, Doing::Paused(_))),
        "{end:?}"
    );
}

/// What an agent was told to do, each with how long it lasted, in tenths of a second.
fn spans(name: &str, interface: &str) -> Vec<(Option<Doing>, u64)> {
    let mut switchboard = Switchboard::new(Settings::default());
    let mut output = Output::default();
    let (mut agents, mut told) = (Agents::default(), Vec::new());
    let mut last = support::START;
    for (at, message) in support::messages(name) {
        switchboard.observe(&message, at, &mut output);
        agents.observe(switchboard.board(), &output.changes, at, &mut told);
        output.clear();
        last = at;
    }
    let theirs = told.into_iter().filter_map(|change| match change {
        AgentChange::Does { agent, doing, at } if agent.interface == interface => Some((doing, at)),
        AgentChange::Does { .. } | AgentChange::LoggedIn { .. } | AgentChange::LoggedOut { .. } => None,
    });
    let theirs: Vec<_> = theirs.collect();
    let ends = theirs.iter().skip(1).map(|(_, at)| *at).chain([last]);
    let spans = theirs.iter().zip(ends);
    spans
        .map(|((doing, at), end)| (doing.clone(), end.since_ms(*at) / 100))
        .collect()
}

fn paused(reason: &str) -> Option<Doing> {
    Some(Doing::Paused(reason.into()))
}

#[test]
fn a_new_reason_while_paused_begins_another_pause_and_the_same_reason_again_does_not() {
    let spans = spans("queue-paused-again", "PJSIP/1003");
    let doing: Vec<_> = spans.iter().map(|(doing, _)| doing.clone()).collect();
    let ready = || Some(Doing::Available);
    let last = doing.len().saturating_sub(4);
    assert_eq!(
        doing[last..],
        [ready(), paused("Lunch"), paused("Training"), ready()],
        "{spans:?}"
    );
    // the one ends when the other begins: 1.2 seconds, and twice that
    let long: Vec<u64> = spans.iter().map(|(_, tenths)| *tenths).collect();
    assert!((12..20).contains(&long[last + 1]), "{spans:?}");
    assert!((24..35).contains(&long[last + 2]), "{spans:?}");
}

#[test]
fn who_is_paused_while_their_phone_rings_takes_that_call_and_is_paused_after_it() {
    let course = course("queue-paused-while-ringing", "PJSIP/1003");
    let last = course.len().saturating_sub(5);
    assert_eq!(
        course[last..],
        [
            Some(Doing::Available),
            Some(Doing::Ringing),
            Some(Doing::Talking),
            paused("Door"),
            Some(Doing::Available)
        ]
    );
}

#[test]
fn who_is_taken_out_of_the_queue_in_mid_call_is_no_agent_from_then_on_and_talks_on() {
    let mut on_a_call = false;
    let mut out = false;
    follow("queue-member-gone", |board, told, _| {
        let talks = board
            .extensions
            .get("1009")
            .is_some_and(|row| !row.engagements.is_empty());
        let serves = told.queues.contains_key("PJSIP/1009");
        on_a_call |= serves && told.doing.get("PJSIP/1009") == Some(&Doing::Talking);
        out |= on_a_call && !serves && talks && !told.doing.contains_key("PJSIP/1009");
    });
    assert!(on_a_call && out);
}
