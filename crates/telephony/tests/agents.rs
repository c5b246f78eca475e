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
