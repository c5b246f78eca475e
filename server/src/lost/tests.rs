//! Figures of lost callers, held against a calculation of their own: `oracle.py` makes them of the same events in another way.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use app::model::{
    PbxId, UserId,
    lost::{LostPage, LostQuery, Wanted},
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use telephony::{
    CallId, Left, Timestamp, Visit,
    lost::{Contact, Path, person_of},
    visit::{Talk, TalkEnd},
};

use super::{Fold, Sight};
use crate::{
    figures::{DEFAULT, Policies},
    store::{Place, Store},
};

const PBX: PbxId = PbxId(1);
const START_MS: u64 = 1_795_220_000_000;
const EVENTS: usize = 1_500;

/// Sees everything.
struct All;

impl Sight for All {
    fn sees(&mut self, _pbx: PbxId, _place: &Place) -> bool {
        true
    }

    fn name(&self, _pbx: PbxId, extension: &str) -> String {
        extension.into()
    }
}

/// Somebody is lost, or reached by a call.
#[derive(Clone, Copy, Debug)]
enum Event {
    Lost(Left, u64),
    Answered,
    Called,
}

fn event() -> impl Strategy<Value = (usize, Event, u64)> {
    let wait_ms = prop_oneof![0..60_000_u64, Just(4_999), Just(5_000)];
    let how = prop_oneof![
        4 => Just(Left::Abandoned),
        1 => Just(Left::TimedOut),
        1 => Just(Left::Key),
        1 => Just(Left::NoAgents),
        1 => Just(Left::PbxStopped),
    ];
    let what = prop_oneof![
        5 => (how, wait_ms).prop_map(|(how, wait_ms)| Event::Lost(how, wait_ms)),
        2 => Just(Event::Answered),
        1 => Just(Event::Called),
    ];
    // the last of them withholds the number
    (0..40_usize, what, 60_000..600_000_u64)
}

fn events() -> Vec<(usize, Event, u64)> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let many = prop::collection::vec(event(), EVENTS);
    many.new_tree(&mut runner).unwrap().current()
}

fn number(person: usize) -> String {
    if person == 39 {
        return "anonymous".into();
    }
    format!("04055502{person:02}")
}

fn visit(at: usize, person: usize, at_ms: u64, how: Left, waited_ms: u64) -> Visit {
    let left = Timestamp(at_ms);
    Visit {
        queue: if at.is_multiple_of(2) { "support" } else { "sales" }.into(),
        channel: format!("{at}.1"),
        serial: 1,
        call: CallId(format!("{at}.1")),
        number: number(person),
        name: None,
        joined: Timestamp(at_ms - waited_ms),
        position: 1,
        rings: Vec::new(),
        more_rings: 0,
        left: Some((left, how)),
        talk: (how == Left::Answered).then(|| Talk {
            interface: "PJSIP/1001".into(),
            extension: Some("1001".into()),
            began: left,
            ended: Some((Timestamp(at_ms + 9_000), TalkEnd::Caller)),
            held_ms: 0,
        }),
        partial: false,
    }
}

/// Has it all kept, and says it in lines.
async fn keep(store: &Store, events: &[(usize, Event, u64)]) -> Vec<Value> {
    let mut recording = store.record().await.unwrap();
    let mut at_ms = START_MS;
    let mut lines = Vec::new();
    for (at, (person, event, pause_ms)) in events.iter().enumerate() {
        at_ms += pause_ms;
        let who = person_of(&number(*person));
        let line = match event {
            Event::Lost(how, waited_ms) => {
                let lost = visit(at, *person, at_ms, *how, *waited_ms);
                recording.visit(PBX, None, &lost).await.unwrap();
                json!({"kind": "lost", "person": who, "at": at_ms, "waited": waited_ms, "how": format!("{how:?}")})
            }
            Event::Answered => {
                let answered = visit(at, *person, at_ms, Left::Answered, 3_000);
                recording.visit(PBX, None, &answered).await.unwrap();
                json!({"kind": "reached", "person": who, "at": at_ms})
            }
            Event::Called => {
                if let Some(person) = who.clone() {
                    let contact = Contact {
                        call: CallId(format!("{at}.1")),
                        person,
                        path: Path::Out,
                        extension: None,
                        began: Timestamp(at_ms),
                        ended: None,
                    };
                    recording.contact(PBX, &contact, &[]).await.unwrap();
                }
                json!({"kind": "reached", "person": who, "at": at_ms})
            }
        };
        lines.push(line);
    }
    recording.commit().await.unwrap();
    lines
}

async fn page(store: &Store, query: &LostQuery) -> LostPage {
    let policies = Policies::new(store.policies().await.unwrap());
    let mut fold = Fold::new(query, &policies, UserId(1), All);
    let range = (query.from_ms, query.to_ms);
    store
        .each_lost(range, START_MS, |record, attempt| fold.attempt(record, attempt))
        .await
        .unwrap();
    store
        .each_withheld(range, |attempt| fold.withheld(&attempt))
        .await
        .unwrap();
    fold.done(Timestamp(START_MS))
}

/// What the other calculation makes of them.
fn oracle(asked: &Value, lines: &[Value]) -> Value {
    let mut python = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lost/oracle.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    for line in std::iter::once(asked).chain(lines) {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn who_was_recovered_and_how_fast_is_what_another_calculation_makes_of_the_same_calls() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("lost.db")).await.unwrap();
    let events = events();
    let lines = keep(&store, &events).await;
    let whole = START_MS + 1_000_000_000;
    let middle = START_MS
        + events[..EVENTS / 2]
            .iter()
            .map(|(.., pause_ms)| pause_ms)
            .sum::<u64>();
    let mut compared = 0;
    for (from_ms, to_ms) in [
        (START_MS, whole),
        (START_MS, middle),
        (middle, whole),
        (middle, middle + 3_600_000),
        (whole, whole + 1),
    ] {
        for short_ms in [DEFAULT.short_abandon_ms, 0] {
            let query = LostQuery {
                from_ms,
                to_ms,
                short: short_ms == 0,
                wanted: Wanted::All,
                limit: 10,
                ..LostQuery::default()
            };
            let figures = page(&store, &query).await.figures;
            let ours = json!({
                "people": figures.people,
                "reached": figures.reached,
                "open": figures.open,
                "median_ms": figures.median_ms(),
                "short": figures.short,
                "withheld": figures.withheld,
            });
            let asked = json!({"from": from_ms, "to": to_ms, "short_ms": short_ms});
            assert_eq!(ours, oracle(&asked, &lines), "{asked}");
            compared += figures.reached;
        }
    }
    assert!(compared > 500, "{compared}");
}

#[tokio::test]
async fn pages_follow_each_other_without_a_hole_and_without_a_row_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("lost.db")).await.unwrap();
    keep(&store, &events()[..300]).await;
    let mut query = LostQuery {
        from_ms: START_MS,
        to_ms: START_MS + 1_000_000_000,
        wanted: Wanted::All,
        limit: 7,
        ..LostQuery::default()
    };
    let mut ids = Vec::new();
    let people = page(&store, &query).await.figures.people;
    loop {
        let page = page(&store, &query).await;
        assert_eq!(page.figures.people, people);
        ids.extend(page.rows.iter().map(|row| row.id));
        query.before = ids.last().copied();
        if !page.more {
            break;
        }
        assert_eq!(page.rows.len(), 7);
    }
    assert!(ids.is_sorted_by(|one, next| one > next));
    assert_eq!(ids.len() as u64, people);
}
