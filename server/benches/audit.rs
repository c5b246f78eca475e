//! What an audited act costs: a row before it and a row after it, chained and on the disk; against the two writes without
//! a chain by which a command is claimed and finished, by one task and by eight at once.
//!
//! `cargo bench -p server --bench audit`. The database lies in the folder it is started in, on a disk and not in memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement: it may stop at the first surprise, and it prints figures"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use app::{
    access::BuiltIn,
    audit::{Action, Fact, Outcome},
};
use server::{
    clock::wall_ms,
    seal::Seal,
    store::{Claim, Store, UserRecord},
    trail::{
        Trail, Who,
        verify::{Verdict, verify},
    },
};
use tokio::task::JoinSet;

/// Acts of one measurement.
const ACTS: u64 = 2_000;
const USER: i64 = 1;
/// Who writes at once.
const TASKS: [u64; 2] = [1, 8];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let store = Store::open(&folder.path().join("starboard.db")).await.unwrap();
    let seal = Seal::open(&folder.path().join("key")).unwrap();
    let trail = Arc::new(Trail::open(&store, &seal).await.unwrap());
    let ada = UserRecord::new("ada", "Ada", BuiltIn::Admin, 0);
    assert_eq!(store.add_user(&ada).await.unwrap(), USER);
    let plain = Arc::new(store.clone());
    for round in 1..=3 {
        for tasks in TASKS {
            let floor = timed(tasks, plain.clone(), |plain, act| async move {
                write_plain(&plain, act).await
            })
            .await;
            let chained = timed(tasks, trail.clone(), |trail, act| async move {
                write(&trail, act).await
            })
            .await;
            println!(
                "round {round}, {tasks} at once: chained {:.0} us, {:.0} us of CPU; plain {:.0} us, {:.0} us of CPU; ratio {:.2}",
                chained.0,
                chained.1,
                floor.0,
                floor.1,
                chained.0 / floor.0
            );
        }
    }
    let begun = Instant::now();
    let Verdict::Whole { rows, .. } = verify(&store, trail.keys()).await.unwrap() else {
        panic!("broken");
    };
    let took = begun.elapsed();
    println!(
        "verified {rows} rows in {took:.1?}: {:.0} rows/s",
        rows as f64 / took.as_secs_f64()
    );
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load average {load}");
}

/// Microseconds of time and of CPU for one act.
async fn timed<T, Act>(tasks: u64, on: Arc<T>, act: fn(Arc<T>, u64) -> Act) -> (f64, f64)
where
    T: Send + Sync + 'static,
    Act: Future<Output = ()> + Send + 'static,
{
    let (begun, cpu) = (Instant::now(), cpu());
    let mut acting = JoinSet::new();
    for task in 0..tasks {
        let on = on.clone();
        acting.spawn(async move {
            for number in 0..ACTS / tasks {
                act(on.clone(), task * ACTS + number).await;
            }
        });
    }
    acting.join_all().await;
    let each = |took: Duration| took.as_secs_f64() * 1e6 / ACTS as f64;
    (each(begun.elapsed()), each(self::cpu() - cpu))
}

/// CPU time of this process.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

async fn write(trail: &Trail, act: u64) {
    let object = format!("pbx 1: from 1{act:03} to 0405550{act:04}");
    let asked = [Fact::told("request", format!("{act:032x}"))];
    let begun = trail.begin(Who::user(1, "ada"), "192.0.2.7", Action::Call, &object, &asked);
    let begun = begun.await.unwrap();
    trail.end(begun, Outcome::Done, &[]).await;
}

/// What a command writes beside the trail: its claim, and what came of it.
async fn write_plain(store: &Store, act: u64) {
    let request = format!("{act:032x}-{:?}", Instant::now());
    let claimed = store.claim_request(USER, &request, 1, r#"{"Call":"1001"}"#, true, wall_ms());
    assert_eq!(claimed.await.unwrap(), Claim::New);
    store
        .finish_request(USER, &request, r#""Accepted""#)
        .await
        .unwrap();
}
