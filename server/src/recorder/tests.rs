//! What is kept of recorded calls, also when the program is killed among them.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ami::{Decoded, Decoder, Limits, Message};
use app::{
    live::protocol::{LinkStatus, PbxRow},
    model::{
        PbxId,
        history::{CallRow, CallSearch, Turn},
    },
};
use telephony::{
    AgentChange, CallResult, FinishedCall, HungUpBy, Left, Marks, Output, Settings, Switchboard, Timestamp,
    Visit, lost::Loss, replay::Timing, visit::RingEnd,
};

use super::*;
use crate::{
    clock::Clock,
    records::Records,
    store::{Seen, VisitFilter, VisitRecord},
};

#[path = "../../../crates/telephony/tests/support/world.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "shared with the tests of the live state"
)]
mod world;

mod spool;

const PBX: PbxId = PbxId(1);
const QUEUES: [&str; 12] = [
    "queue-abandon",
    "queue-again",
    "queue-connect-complete",
    "queue-full",
    "queue-join-empty",
    "queue-key-exit",
    "queue-leave-empty",
    "queue-member-add-remove",
    "queue-pause-unpause",
    "queue-ringall-two-agents",
    "queue-timeout-ringnoanswer",
    "queue-withdraw",
];

/// The messages of a recording, each so long after `start`.
fn messages(name: &str, start: Timestamp) -> Vec<(Timestamp, Message)> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../crates/telephony/tests/captures/{name}.ami"));
    let bytes = std::fs::read(&file).unwrap();
    let timing = std::fs::read_to_string(file.with_extension("idx")).unwrap();
    let timing = Timing::parse(&timing).unwrap();
    let mut decoder = Decoder::new(Limits::default());
    let mut messages = Vec::new();
    for (ms, piece) in timing.pieces(bytes.len()) {
        decoder.push(&bytes[piece]);
        while let Some(decoded) = decoder.next() {
            if let Decoded::Message(message) = decoded {
                messages.push((Timestamp(start.0 + ms), message));
            }
        }
    }
    messages
}

type Told = BTreeMap<(String, String, u32), Visit>;

/// Every visit as somebody tells it who saw everything.
fn truth(messages: &[(Timestamp, Message)]) -> Told {
    let mut switchboard = Switchboard::new(Settings::default());
    let mut output = Output::default();
    for (at, message) in messages {
        switchboard.observe(message, *at, &mut output);
    }
    let named = |visit: Visit| ((visit.queue.clone(), visit.channel.clone(), visit.serial), visit);
    output.visits.into_iter().map(named).collect()
}

/// One life of the program.
struct Life {
    hub: Arc<Hub>,
    recorder: Recorder,
}

impl Life {
    async fn begin(store: &Store) -> Self {
        Self::with(store, None).await
    }

    async fn with(store: &Store, spool: Option<&Path>) -> Self {
        let (records, incoming) = Records::new();
        let hub = Arc::new(Hub::new("test".into(), Clock::start()).keeping(records));
        // nobody wraps up here
        let (talks, _) = tokio::sync::mpsc::channel(1_024);
        let mut recorder = Recorder::new(store.clone(), hub.clone(), incoming, talks, Lost::default());
        if let Some(spool) = spool {
            recorder = recorder.spooling(spool.into());
        }
        recorder.begin().await.unwrap();
        let row = PbxRow {
            id: PBX,
            name: "Office".into(),
            link: LinkStatus::Connecting,
            blind_spots: Vec::new(),
        };
        hub.add(row, Settings::default());
        Self { hub, recorder }
    }

    fn hear(&self, messages: &[(Timestamp, Message)]) {
        self.hub.observe(PBX, |switchboard, output| {
            for (at, message) in messages {
                switchboard.observe(message, *at, output);
            }
        });
    }

    fn live(&self) {
        self.hub.set_row(PBX, |row| row.link = LinkStatus::Live);
    }

    async fn keep(&mut self) {
        self.recorder.drain().await;
    }
}

async fn kept(store: &Store) -> Vec<VisitRecord> {
    let filter = VisitFilter {
        to_ms: u64::MAX / 2,
        limit: 1_000,
        ..VisitFilter::default()
    };
    store.visits(&filter, |_| true).await.unwrap().0
}

/// Tries that reached nobody.
async fn tries(store: &Store) -> usize {
    let (all, mut found) = ((0, u64::MAX / 2), 0);
    store.each_lost(all, 0, |_, _| found += 1).await.unwrap();
    store.each_withheld(all, |_| found += 1).await.unwrap();
    found
}

async fn open(folder: &tempfile::TempDir, name: &str) -> Store {
    Store::open(&folder.path().join(format!("{name}.db")))
        .await
        .unwrap()
}

#[tokio::test]
async fn every_visit_is_kept_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for name in QUEUES {
        let store = open(&folder, name).await;
        let mut life = Life::begin(&store).await;
        life.live();
        let messages = messages(name, life.hub.clock().now());
        for piece in messages.chunks(7) {
            life.hear(piece);
            life.recorder.drain().await;
        }
        let truth = truth(&messages);
        let kept = kept(&store).await;
        assert_eq!(kept.len(), truth.len(), "{name}");
        for record in kept {
            let visit = record.visit;
            let key = (visit.queue.clone(), visit.channel.clone(), visit.serial);
            assert_eq!(Some(&visit), truth.get(&key), "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 12, "{compared}");
}

/// A visit without its times, and without what came with the birth of a channel alone: the name, and which call it became
/// part of; and its times.
fn timeless(visit: &Visit) -> (Visit, Vec<u64>) {
    let mut visit = visit.clone();
    let mut times = Vec::new();
    let mut take = |at: &mut Timestamp| times.push(std::mem::take(at).0);
    (visit.name, visit.call) = (None, telephony::CallId(String::new()));
    take(&mut visit.joined);
    for ring in &mut visit.rings {
        take(&mut ring.began);
        if let Some((at, _)) = &mut ring.ended {
            take(at);
        }
    }
    if let Some((at, _)) = &mut visit.left {
        take(at);
    }
    if let Some(talk) = &mut visit.talk {
        take(&mut talk.began);
        if let Some((at, _)) = &mut talk.ended {
            take(at);
        }
        talk.held_ms = 0;
    }
    (visit, times)
}

/// What may differ in what is kept of a visit when the program was killed during it: only what nobody could see.
fn assert_honest(kept: &Visit, truth: &Visit, at: &str) {
    if !kept.partial {
        let (one, other) = (timeless(kept), timeless(truth));
        assert_eq!(one.0, other.0, "{at}");
        // each maps the PBX's stamps onto our clock by the smallest delay it has seen
        let near = |(one, other): (&u64, &u64)| one.abs_diff(*other) <= 20;
        assert!(one.1.iter().zip(&other.1).all(near), "{at}: {kept:#?} {truth:#?}");
        return;
    }
    assert!(kept.is_over(), "{at}: {kept:#?}");
    // where the beginning was seen it is exact; found later, it is the PBX's own whole seconds
    assert!(
        kept.joined.0.abs_diff(truth.joined.0) < 1_100,
        "{at}: {kept:#?} {truth:#?}"
    );
    let (how, true_how) = (kept.left.unwrap().1, truth.left.unwrap().1);
    assert!(
        how == true_how || how == Left::Unexplained,
        "{at}: {how:?} for {true_how:?}"
    );
    for ring in &kept.rings {
        let seen = truth.rings.iter().find(|one| one.channel == ring.channel);
        let seen = seen.unwrap_or_else(|| panic!("{at}: a ring that never was"));
        let (_, end) = ring.ended.unwrap();
        assert!(
            end == RingEnd::Unexplained || Some(end) == seen.ended.map(|(_, end)| end),
            "{at}: {ring:?} {seen:?}"
        );
    }
    let rings: std::collections::BTreeSet<_> = kept.rings.iter().map(|ring| &ring.channel).collect();
    assert_eq!(rings.len(), kept.rings.len(), "{at}: a ring counted twice");
}

#[tokio::test]
async fn killed_anywhere_nothing_is_lost_or_kept_twice_and_what_was_not_seen_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut marked, mut whole) = (0, 0);
    for name in QUEUES {
        let start = Clock::start().now();
        let messages = messages(name, start);
        let truth = truth(&messages);
        // lists that are asked for at a start are made between events, not among those of one moment
        let apart = |at: &usize| *at == 0 || messages[*at].0.0 > messages[*at - 1].0.0 + 5;
        let cuts: Vec<usize> = (0..messages.len()).filter(apart).collect();
        for cut in cuts.iter().step_by(1 + cuts.len() / 25) {
            let at = format!("{name}, killed after {cut} messages");
            let store = open(&folder, &format!("{name}-{cut}")).await;
            let (seen, rest) = messages.split_at(*cut);
            let mut first = Life::begin(&store).await;
            first.live();
            first.hear(seen);
            first.keep().await;
            first.recorder.seen().await;
            // no farewell
            drop(first);
            let mut world = world::World::default();
            for (_, message) in seen {
                world.observe(message);
            }
            let mut second = Life::begin(&store).await;
            let now = seen.last().map_or(start, |(at, _)| *at);
            second.hub.observe(PBX, |switchboard, output| {
                switchboard.begin_resync(now, output);
                for message in world.describe() {
                    switchboard.observe(&message, now, output);
                }
            });
            second.live();
            second.keep().await;
            second.hear(rest);
            second.keep().await;
            let kept = kept(&store).await;
            let mut found = BTreeMap::new();
            for record in &kept {
                let visit = &record.visit;
                let named = truth
                    .values()
                    .filter(|one| one.queue == visit.queue && one.channel == visit.channel);
                let nearest = named.min_by_key(|one| one.joined.0.abs_diff(visit.joined.0));
                let nearest = nearest.unwrap_or_else(|| panic!("{at}: a visit that never was: {visit:#?}"));
                *found
                    .entry((nearest.channel.clone(), nearest.serial))
                    .or_insert(0) += 1;
                assert_honest(visit, nearest, &at);
                if visit.partial {
                    marked += 1;
                } else {
                    whole += 1;
                }
            }
            assert!(
                found.values().all(|times| *times == 1),
                "{at}: kept twice: {kept:#?}"
            );
            assert_eq!(found.len(), truth.len(), "{at}: {kept:#?}");
            // and whoever was not served is among the lost callers, once for each visit
            let unserved = kept.iter().filter(|record| {
                let how = record.visit.left.and_then(|(_, how)| Loss::of_left(how));
                how.is_some() && record.visit.talk.is_none()
            });
            assert_eq!(tries(&store).await, unserved.count(), "{at}: {kept:#?}");
            let gaps = store.gaps(0, u64::MAX / 2).await.unwrap();
            assert_eq!(gaps.len(), 1, "{at}: {gaps:?}");
        }
    }
    assert!(marked > 20 && whole > 100, "{marked} {whole}");
}

/// Recordings of every way in which a call goes.
const CALLS: [&str; 20] = [
    "attended-transfer-ami",
    "attended-transfer-refer",
    "basic-answered-call",
    "blind-transfer-ami",
    "blind-transfer-refer",
    "busy",
    "call-forward",
    "cancelled-by-caller",
    "chanspy-whisper",
    "confbridge",
    "dial-two-phones",
    "hold-unhold",
    "ivr-dtmf",
    "local-channels",
    "no-answer",
    "originate-success",
    "park-unpark",
    "pickup-by-code",
    "queue-connect-complete",
    "voicemail-left",
];

/// Every call as somebody tells it who saw everything, by name.
fn true_calls(messages: &[(Timestamp, Message)]) -> BTreeMap<String, FinishedCall> {
    let mut switchboard = Switchboard::new(Settings::default());
    let mut output = Output::default();
    for (at, message) in messages {
        switchboard.observe(message, *at, &mut output);
    }
    let calls = output.ended.iter().map(FinishedCall::of);
    calls.map(|call| (call.id.0.clone(), call)).collect()
}

async fn kept_calls(store: &Store) -> Vec<CallRow> {
    let page = store
        .calls(&CallSearch::default(), &Seen::Everything, Turn::Newest)
        .await
        .unwrap();
    assert_eq!((page.found, page.older), (page.rows.len() as u64, false));
    page.rows
}

#[tokio::test]
async fn every_recorded_call_is_one_row_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for name in CALLS {
        let store = open(&folder, name).await;
        let mut life = Life::begin(&store).await;
        life.live();
        let messages = messages(name, life.hub.clock().now());
        for piece in messages.chunks(7) {
            life.hear(piece);
            life.recorder.drain().await;
        }
        let truth = true_calls(&messages);
        let rows = kept_calls(&store).await;
        assert_eq!(rows.len(), truth.len(), "{name}");
        for row in rows {
            let call = &truth[&row.call.0];
            assert_eq!(
                (&row.caller, &row.callee, row.result),
                (&call.caller, &call.callee, call.result),
                "{name}"
            );
            assert_eq!(
                (row.duration_ms, row.talk_ms),
                (call.duration_ms(), call.talk_ms()),
                "{name}"
            );
            assert_eq!(
                (row.first_by, row.last_by),
                (call.first_by.clone(), call.last_by.clone()),
                "{name}"
            );
            let told = store.finished_call(row.id).await.unwrap().unwrap().told;
            let (legs, story) = telephony::finished::unpack(&call.told).unwrap();
            assert_eq!((told.legs, told.story), (legs, story.iter().collect()), "{name}");
        }
        assert!(store.calls_left_open(None).await.unwrap().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn killed_anywhere_every_call_is_one_row_and_what_was_not_seen_of_it_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut marked, mut whole) = (0, 0);
    for name in CALLS {
        let start = Clock::start().now();
        let messages = messages(name, start);
        let truth = true_calls(&messages);
        let apart = |at: &usize| *at == 0 || messages[*at].0.0 > messages[*at - 1].0.0 + 5;
        let cuts: Vec<usize> = (0..messages.len()).filter(apart).collect();
        for cut in cuts.iter().step_by(1 + cuts.len() / 12) {
            let at = format!("{name}, killed after {cut} messages");
            let store = open(&folder, &format!("calls-{name}-{cut}")).await;
            let (seen, rest) = messages.split_at(*cut);
            let mut first = Life::begin(&store).await;
            first.live();
            first.hear(seen);
            first.keep().await;
            first.recorder.seen().await;
            // no farewell
            drop(first);
            let mut world = world::World::default();
            for (_, message) in seen {
                world.observe(message);
            }
            let mut second = Life::begin(&store).await;
            let now = seen.last().map_or(start, |(at, _)| *at);
            second.hub.observe(PBX, |switchboard, output| {
                switchboard.begin_resync(now, output);
                for message in world.describe() {
                    switchboard.observe(&message, now, output);
                }
            });
            second.live();
            second.keep().await;
            second.hear(rest);
            second.keep().await;
            let rows = kept_calls(&store).await;
            let named = |row: &CallRow| {
                (
                    row.call.0.clone(),
                    row.caller.number.clone(),
                    row.result,
                    row.marks,
                )
            };
            let rows_told: Vec<_> = rows.iter().map(named).collect();
            assert_eq!(rows.len(), truth.len(), "{at}: {rows_told:#?}");
            for row in &rows {
                if row.marks.is_partial() {
                    marked += 1;
                    continue;
                }
                whole += 1;
                let call = truth.get(&row.call.0).unwrap_or_else(|| panic!("{at}: {row:#?}"));
                assert_eq!(
                    (&row.caller.number, &row.callee.number, row.result),
                    (&call.caller.number, &call.callee.number, call.result),
                    "{at}"
                );
            }
            assert!(store.calls_left_open(None).await.unwrap().is_empty(), "{at}");
        }
    }
    assert!(marked > 50 && whole > 50, "{marked} {whole}");
}

#[tokio::test]
async fn a_call_that_ends_while_nothing_is_seen_is_closed_when_it_was_last_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "unseen").await;
    let mut first = Life::begin(&store).await;
    first.live();
    let now = first.hub.clock().now();
    let messages = messages("basic-answered-call", Timestamp(now.0 - 3_000));
    first.hear(&messages[..messages.len() / 2]);
    first.keep().await;
    first.recorder.seen().await;
    drop(first);
    assert!(kept_calls(&store).await.is_empty(), "it is up");
    let mut second = Life::begin(&store).await;
    second.keep().await;
    assert!(kept_calls(&store).await.is_empty(), "nobody knows yet");
    // the PBX is seen again, and has no call
    second.live();
    second.keep().await;
    let rows = kept_calls(&store).await;
    let [row] = rows.as_slice() else {
        panic!("{rows:#?}")
    };
    assert_eq!(
        (row.result, row.hung_up_by),
        (CallResult::Interrupted, HungUpBy::Nobody)
    );
    assert!(row.marks.has(Marks::LOST_TRACK) && row.caller.number == "1001");
    let ended = row.started.0 + row.duration_ms;
    assert!(
        ended <= second.hub.clock().now().0,
        "it did not end later than anybody knows"
    );
    // once
    second.keep().await;
    drop(second);
    let mut third = Life::begin(&store).await;
    third.live();
    third.keep().await;
    assert_eq!(kept_calls(&store).await.len(), 1);
}

#[tokio::test]
async fn while_the_database_takes_nothing_calls_wait_and_each_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "full-calls").await;
    let mut life = Life::begin(&store).await;
    life.live();
    life.recorder.drain().await;
    store.limit_pages(Some(1)).await.unwrap();
    let messages = messages("queue-connect-complete", life.hub.clock().now());
    let mut refused = false;
    for piece in messages.chunks(5) {
        life.hear(piece);
        refused |= !life.recorder.drain().await;
    }
    store.limit_pages(None).await.unwrap();
    assert!(life.recorder.drain().await && refused);
    assert_eq!(kept_calls(&store).await.len(), true_calls(&messages).len());
}

#[tokio::test]
async fn what_an_agent_did_has_no_holes_but_the_gap() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "spans").await;
    let mut life = Life::begin(&store).await;
    life.live();
    let messages = messages("queue-pause-unpause", life.hub.clock().now());
    life.hear(&messages);
    life.keep().await;
    let since = life.hub.clock().now();
    life.hub.set_row(PBX, |row| {
        row.link = LinkStatus::Down {
            reason: "The connection was cut.".into(),
            since,
        };
    });
    life.keep().await;
    life.hub.set_row(PBX, |row| row.link = LinkStatus::CatchingUp);
    life.live();
    life.keep().await;
    let end = life.hub.clock().now().0 + 1;
    let spans = store.spans(0, end, 10_000).await.unwrap().unwrap();
    let gaps = store.gaps(0, end).await.unwrap();
    assert_eq!(gaps.len(), 1);
    let mut agents: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for span in &spans {
        agents.entry(&span.interface).or_default().push(span);
    }
    assert!(!agents.is_empty());
    for (agent, spans) in agents {
        assert!(spans.last().unwrap().until_ms.is_none(), "{agent} goes on");
        for pair in spans.windows(2) {
            let until = pair[0].until_ms.unwrap();
            let joined = until == pair[1].since_ms;
            let gap = gaps[0].from.0 == until && pair[1].since_ms >= gaps[0].to.0;
            assert!(joined || gap, "{agent}: {pair:#?} {gaps:?}");
        }
    }
}

#[tokio::test]
async fn while_the_database_takes_nothing_records_wait_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "full").await;
    let mut life = Life::begin(&store).await;
    life.live();
    life.recorder.drain().await;
    store.limit_pages(Some(1)).await.unwrap();
    let messages = messages("queue-connect-complete", life.hub.clock().now());
    let truth = truth(&messages);
    let mut refused = false;
    for piece in messages.chunks(5) {
        life.hear(piece);
        refused |= !life.recorder.drain().await;
    }
    store.limit_pages(None).await.unwrap();
    assert!(life.recorder.drain().await);
    let kept = kept(&store).await;
    assert_eq!(kept.len(), truth.len());
    assert!(
        kept.iter()
            .all(|record| truth.values().any(|visit| *visit == record.visit))
    );
    // the pages that were there took them all, or the wait was real
    assert!(refused || !kept.is_empty());
}

#[test]
fn of_a_visit_only_the_last_word_waits_and_the_order_of_all_else_stays() {
    let visit = |position: u32| Visit {
        queue: "support".into(),
        channel: "1.1".into(),
        serial: 1,
        call: telephony::CallId("1.1".into()),
        number: String::new(),
        name: None,
        joined: Timestamp(1),
        position,
        rings: Vec::new(),
        more_rings: 0,
        left: None,
        talk: None,
        partial: false,
    };
    let out = |queue: &str| {
        What::Agent(AgentChange::LoggedOut {
            interface: "PJSIP/1".into(),
            queue: queue.into(),
            at: Timestamp(1),
        })
    };
    let mut waiting = Waiting::default();
    waiting.put(PBX, What::Visit(Box::new(visit(1))));
    waiting.put(PBX, out("a"));
    waiting.put(PBX, What::Visit(Box::new(visit(2))));
    let steps = waiting.take();
    waiting.put(PBX, What::Visit(Box::new(visit(3))));
    waiting.put_back(steps);
    waiting.put(PBX, out("b"));
    let told: Vec<String> = waiting
        .take()
        .into_iter()
        .filter_map(|(_, step)| match step {
            Step::Visit(visit) => Some(visit.position.to_string()),
            Step::Other(What::Agent(AgentChange::LoggedOut { queue, .. })) => Some(queue),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["a", "3", "b"]);
}
