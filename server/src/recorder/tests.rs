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

mod calls;
mod spool;
mod visits;

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

/// Tells all of a recording to a program that sees everything.
async fn heard(store: &Store, name: &str) -> Vec<(Timestamp, Message)> {
    let mut life = Life::begin(store).await;
    life.live();
    let messages = messages(name, life.hub.clock().now());
    for piece in messages.chunks(7) {
        life.hear(piece);
        life.recorder.drain().await;
    }
    messages
}

/// After how many messages it is killed, some `parts` times: lists that are asked for at a start are made between events, not among
/// those of one moment.
fn cuts(messages: &[(Timestamp, Message)], parts: usize) -> Vec<usize> {
    let apart = |at: &usize| *at == 0 || messages[*at].0.0 > messages[*at - 1].0.0 + 5;
    let cuts: Vec<usize> = (0..messages.len()).filter(apart).collect();
    cuts.iter().copied().step_by(1 + cuts.len() / parts).collect()
}

/// Tells what began at `start` to a program that is killed after so many messages, and the rest to the next one, which has asked for the
/// lists of that moment.
async fn killed_after(store: &Store, messages: &[(Timestamp, Message)], cut: usize, start: Timestamp) {
    let (seen, rest) = messages.split_at(cut);
    let mut first = Life::begin(store).await;
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
    let mut second = Life::begin(store).await;
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
}

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
