//! A busy database: what signing in, commands and the audit trail do, from many tasks at once, through the
//! server's own store and on its own threads; and one scan after the other over the whole trail.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use app::audit::{Action, Outcome};
use server::{
    clock::wall_ms,
    seal::Seal,
    store::{Claim, SessionRecord, Store},
    trail::{Act, Trail, Who},
};
use tokio::task::JoinSet;

use crate::process::threads_cpu_s;

const WRITERS: u64 = 4;
const READERS: u64 = 3;
const SCANNERS: u64 = 2;
/// Rows of the trail when it begins.
const TRAIL: u64 = 20_000;
/// Sessions that are there; each new one looks among all of them for those that are over.
const SESSIONS: u64 = 4_000;
/// The administrator, and the one connection.
const USER: i64 = 1;
const PBX: i64 = 1;
/// What the threads of the database's connections are called, as far as the kernel keeps it.
const THREADS: &str = "sqlx-sqlite";

/// Calls of the store.
#[derive(Debug, Default)]
struct Done {
    /// Each is on the disk when it returns.
    writes: AtomicU64,
    reads: AtomicU64,
    scans: AtomicU64,
    scanned_rows: AtomicU64,
}

/// A database that is kept busy.
#[derive(Debug)]
pub(crate) struct Busy {
    done: Arc<Done>,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
    began: Instant,
    cpu_before_s: f64,
}

/// Makes a database with many rows, for the server to open.
pub(crate) async fn fill(path: &Path) {
    let store = Store::open(path).await.unwrap();
    let seal = Seal::open(&path.with_file_name("starboard.key")).unwrap();
    let trail = Trail::open(&store, &seal).await.unwrap();
    let mut filling = JoinSet::new();
    for part in 0..WRITERS {
        let (store, trail) = (store.clone(), trail.clone());
        filling.spawn(async move {
            for row in 0..TRAIL / WRITERS {
                audit(&trail, row).await;
            }
            for row in 0..SESSIONS / WRITERS {
                let session = session(part, row);
                assert!(store.create_session(&session, wall_ms()).await.unwrap());
            }
        });
    }
    filling.join_all().await;
    store.close().await;
}

impl Busy {
    /// Begins.
    pub(crate) fn start(store: &Store, trail: &Trail) -> Self {
        let (done, stop) = (Arc::<Done>::default(), Arc::<AtomicBool>::default());
        let mut tasks = JoinSet::new();
        for part in 0..WRITERS + READERS + SCANNERS {
            let (store, trail) = (store.clone(), trail.clone());
            let (done, stop) = (done.clone(), stop.clone());
            tasks.spawn(async move {
                let mut turn = 0;
                while !stop.load(Relaxed) {
                    turn += 1;
                    if part < WRITERS {
                        write(&store, &trail, &done, part, turn).await;
                    } else if part < WRITERS + READERS {
                        read(&store, &trail, &done, turn).await;
                    } else {
                        let rows = trail.newest(u32::MAX).await.unwrap();
                        done.scans.fetch_add(1, Relaxed);
                        done.scanned_rows.fetch_add(rows.len() as u64, Relaxed);
                    }
                }
            });
        }
        Self {
            done,
            stop,
            tasks,
            began: Instant::now(),
            cpu_before_s: threads_cpu_s(THREADS),
        }
    }

    /// Ends it; what was done.
    pub(crate) async fn finish(self) -> String {
        self.stop.store(true, Relaxed);
        let took_s = self.began.elapsed().as_secs_f64();
        let cpu_s = threads_cpu_s(THREADS) - self.cpu_before_s;
        self.tasks.join_all().await;
        let Done {
            writes,
            reads,
            scans,
            scanned_rows,
        } = &*self.done;
        format!(
            "in {took_s:.0} s {} transactions written, {} reads, {} scans of {} rows, {cpu_s:.1} CPU-s of its threads",
            writes.load(Relaxed),
            reads.load(Relaxed),
            scans.load(Relaxed),
            scanned_rows.load(Relaxed) / scans.load(Relaxed).max(1),
        )
    }
}

async fn audit(trail: &Trail, turn: u64) -> Act {
    let object = format!("Office: 1{turn:03} to 0405550{turn:04}");
    let who = Who::user(USER, "ada");
    trail
        .begin(who, "192.0.2.7", Action::Call, &object, &[])
        .await
        .unwrap()
}

fn session(part: u64, row: u64) -> SessionRecord {
    let mut id_hash = [part as u8; 32];
    id_hash[..8].copy_from_slice(&row.to_be_bytes());
    SessionRecord {
        id_hash,
        // nobody's yet: the sessions that the pages have stay the administrator's newest
        user_id: None,
        data: r#"{"next":"/extensions"}"#.into(),
        idle_ms: 3_600_000,
        absolute_ms: wall_ms() + 3_600_000,
    }
}

/// A command from its claim to its outcome, and a visitor who comes and goes.
async fn write(store: &Store, trail: &Trail, done: &Done, part: u64, turn: u64) {
    let request = format!("{part}-{turn}");
    let claimed = store.claim_request(USER, &request, PBX, r#"{"Call":"1001"}"#, true, wall_ms());
    assert_eq!(claimed.await.unwrap(), Claim::New);
    let act = audit(trail, turn).await;
    trail.end(act, Outcome::Done, &[]).await;
    store
        .finish_request(USER, &request, r#""Accepted""#)
        .await
        .unwrap();
    let mut visitor = session(part, SESSIONS + turn);
    assert!(store.create_session(&visitor, wall_ms()).await.unwrap());
    visitor.data.push(' ');
    store.update_session(&visitor, wall_ms()).await.unwrap();
    store.delete_session(&visitor.id_hash).await.unwrap();
    done.writes.fetch_add(7, Relaxed);
}

/// What each request of a page asks for, and the newest of the trail.
async fn read(store: &Store, trail: &Trail, done: &Done, turn: u64) {
    let known = session(turn % WRITERS, turn % (SESSIONS / WRITERS));
    let found = store.session(&known.id_hash, wall_ms()).await.unwrap();
    assert!(found.is_some());
    store
        .touch_session(&known.id_hash, wall_ms(), 60_000)
        .await
        .unwrap();
    assert!(store.user(USER).await.unwrap().is_some());
    store.calls_since(USER, wall_ms() - 1_000).await.unwrap();
    assert_eq!(trail.newest(100).await.unwrap().len(), 100);
    done.reads.fetch_add(5, Relaxed);
}
