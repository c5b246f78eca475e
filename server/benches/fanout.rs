//! Fan-out: a thousand pages, a hundred changes a second, through the whole server (P4), the memory a page
//! takes (P7) and the time from the PBX's socket to a page's (P6), beside a floor that only sends. Then the same
//! with a busy database: how long the PBX's socket waits to be read (P3), beside a thread that only reads.
//!
//! `cargo bench -p server --bench fanout [-- CLIENTS [viewer]]`: with `viewer` the pages are those of somebody whose rights are
//! looked at for every row, instead of an administrator's. The pages live in a process of their own, so that
//! CPU and memory here are the server's.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a measurement: it may stop at the first surprise, and it prints figures"
)]

#[path = "fanout/database.rs"]
mod database;
#[path = "fanout/floor.rs"]
mod floor;
#[path = "fanout/gap.rs"]
mod gap;
#[path = "fanout/pages.rs"]
mod pages;
#[path = "fanout/peer.rs"]
mod peer;
#[path = "fanout/process.rs"]
mod process;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use app::{access::BuiltIn, model::PbxId};
use secrecy::SecretString;
use server::{
    Server,
    config::{Config, PbxConfig, Port, TlsConfig},
    services::Services,
    store::{UserRecord, Wanted, built_in_id},
};

use pages::Report;

const CHANGES_PER_S: u32 = 100;
const MEASURE: Duration = Duration::from_secs(8);
const MEASURE_GAPS: Duration = Duration::from_secs(30);
const PASSWORD: &str = "seven purple herons";

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if arguments.first().is_some_and(|first| first == "pages") {
        return pages::run(&arguments[1..]);
    }
    let clients: usize = arguments.first().map_or(1000, |count| count.parse().unwrap());
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let as_viewer = arguments.get(1).is_some_and(|second| second == "viewer");
    threads.block_on(measure(clients, as_viewer));
}

/// Somebody else administers, and the one whose pages these are only looks.
async fn become_viewer(services: &Services) {
    let store = &services.store;
    let other = UserRecord {
        password_hash: "of nobody".into(),
        ..UserRecord::new("other", "Other", BuiltIn::Admin, 1)
    };
    store.add_user(&other).await.unwrap();
    let (people, _) = store.users(None).await.unwrap();
    let (record, _) = people
        .into_iter()
        .find(|(record, _)| record.username != "other")
        .unwrap();
    let wanted = Wanted {
        record: UserRecord {
            role_id: built_in_id(BuiltIn::Viewer),
            ..record
        },
        teams: Vec::new(),
        invitation: None,
    };
    store.save_people(&[wanted], 1).await.unwrap().unwrap();
}

async fn measure(clients: usize, as_viewer: bool) {
    let mut peer = peer::Peer::listen().await;
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: folder.path().join("starboard.db"),
        site_root: folder.path().join("site"),
        pbx: vec![PbxConfig {
            name: "Office".into(),
            host: "127.0.0.1".into(),
            port: Some(Port(peer.address.port())),
            tls: TlsConfig::Off,
            username: "bench".into(),
            secret: Some(SecretString::from("bench")),
            secret_file: None,
            context: "from-internal".into(),
            queue_log: None,
            recordings: None,
        }],
        ..Config::default()
    };
    database::fill(&config.database).await;
    let server = Server::build(config).await.unwrap();
    let (address, services) = (server.addr(), server.services().clone());
    let token = server
        .setup_link()
        .unwrap()
        .split_once("token=")
        .unwrap()
        .1
        .to_owned();
    tokio::spawn(server.run(std::future::pending()));
    peer.log_in().await;
    let cookie = tokio::task::spawn_blocking(move || process::set_up(address, &token, PASSWORD))
        .await
        .unwrap();
    if as_viewer {
        become_viewer(&services).await;
    }

    // everything that is made once is made before memory is looked at
    let start_child = |clients| {
        let cookie = cookie.clone();
        tokio::task::spawn_blocking(move || pages::Child::start(address, &cookie, clients))
    };
    let warm_up = start_child(50).await.unwrap();
    tokio::task::spawn_blocking(|| warm_up.finish()).await.unwrap();
    let before = process::rss_bytes();
    let child = start_child(clients).await.unwrap();
    while services.ends.sockets() < clients {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let per_client_bytes = (process::rss_bytes() as f64 - before as f64) / clients as f64;

    let cpu_before_s = process::cpu_s();
    let started = Instant::now();
    let mut sent = Vec::new();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / CHANGES_PER_S);
    while started.elapsed() < MEASURE {
        pace.tick().await;
        sent.push(peer.change().await);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let cpu_s = process::cpu_s() - cpu_before_s;
    let report = tokio::task::spawn_blocking(|| child.finish()).await.unwrap();
    let deliveries = report.changes as f64;
    print(clients, &report, &sent);
    println!("P7  bytes per client       {per_client_bytes:>10.0}");

    let child = start_child(clients).await.unwrap();
    measure_gaps(peer, &services, child, clients).await;

    let frame_bytes = report.bytes_per_frame();
    let floor = tokio::task::spawn_blocking(move || floor::measure(clients, frame_bytes))
        .await
        .unwrap();
    println!(
        "P4  deliveries per CPU-s   {:>10.0}   ({deliveries:.0} deliveries, {cpu_s:.2} CPU-s)",
        deliveries / cpu_s
    );
    println!(
        "    floor, 50 ms batches   {:>10.0}   (ratio {:.2})",
        floor,
        deliveries / cpu_s / floor
    );
}

/// While the pages are served and the database works: how long the PBX's socket waits to be read.
async fn measure_gaps(peer: peer::Peer, services: &Services, child: pages::Child, clients: usize) {
    let busy = database::Busy::start(&services.store, &services.trail);
    let cpu_s = || process::cpu_s() + child.cpu_s();
    let ((busy_before_s, all_before_s), own_before_s) = (process::cores_s(), cpu_s());
    let writer = gap::Writer::start(peer, services);
    tokio::time::sleep(MEASURE_GAPS).await;
    let mut gaps = writer.finish();
    let (busy_s, all_s) = process::cores_s();
    let (busy_s, all_s, own_s) = (
        busy_s - busy_before_s,
        all_s - all_before_s,
        cpu_s() - own_before_s,
    );
    let work = busy.finish().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let report = tokio::task::spawn_blocking(|| child.finish()).await.unwrap();
    println!(
        "P3  {clients} pages, {} changes, {} deliveries; cores {:.0}% busy, {:.0}% with other programs; load average {}",
        gaps.changes,
        report.changes,
        busy_s / all_s * 100.0,
        (busy_s - own_s).max(0.0) / all_s * 100.0,
        process::load()
    );
    println!("    database               {work}");
    tell("P3  socket readable to read", &mut gaps.link);
    tell("    bare thread that reads", &mut gaps.floor);
    let turn_us = services
        .links
        .counters(PbxId(1))
        .map(|counters| counters.longest_turn_us);
    println!(
        "    longest turn, ms       {:>10.1}   (from a read to the readiness for the next)",
        turn_us.unwrap_or_default() as f64 / 1e3
    );
}

fn tell(what: &str, gaps_us: &mut [u64]) {
    gaps_us.sort_unstable();
    let at = |share| percentile(gaps_us, share) as f64 / 1e3;
    println!(
        "{what}, ms: p50 {:.2}   p99 {:.2}   p99.9 {:.2}   max {:.2}   ({} samples)",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        gaps_us.len(),
    );
}

fn percentile(sorted: &[u64], share: f64) -> u64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// Latency: the n-th change sent is the first frame whose range holds it.
fn print(clients: usize, report: &Report, sent: &[u64]) {
    let mut latencies_us: Vec<u64> = Vec::new();
    let wanted = sent.len() as u64 * clients as u64;
    println!(
        "    {clients} pages, {} changes: {} of {wanted} deliveries",
        sent.len(),
        report.changes
    );
    // pages tell (changes so far, time) for each frame
    for page in &report.samples {
        let mut frames = page.iter();
        let mut frame = frames.next();
        for (place, sent_us) in sent.iter().enumerate() {
            while frame.is_some_and(|(upto, _)| *upto < place as u64 + 1) {
                frame = frames.next();
            }
            if let Some((_, seen_us)) = frame {
                latencies_us.push(seen_us.saturating_sub(*sent_us));
            }
        }
    }
    latencies_us.sort_unstable();
    let at = |share| percentile(&latencies_us, share) as f64 / 1e3;
    println!(
        "P6  AMI to page, ms        p50 {:.1}   p99 {:.1}   max {:.1}",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
