//! Sign-ins: what one costs the server, and what fifty a second do to the live pages: the time from the PBX's socket to
//! a page's, without and with them, in the same run.
//!
//! `cargo bench -p server --bench signin [-- CLIENTS]`. The pages live in a process of their own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a measurement: it may stop at the first surprise, and it prints figures"
)]

#[path = "signin/crowd.rs"]
mod crowd;
#[path = "fanout/pages.rs"]
#[allow(dead_code, reason = "shared with another measurement")]
mod pages;
#[path = "fanout/peer.rs"]
#[allow(dead_code, reason = "shared with another measurement")]
mod peer;
#[path = "fanout/process.rs"]
#[allow(dead_code, reason = "shared with another measurement")]
mod process;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::SecretString;
use server::{
    Server,
    config::{Config, PbxConfig, Port, TlsConfig},
};

use pages::Report;

const CHANGES_PER_S: u32 = 100;
const SIGN_INS_PER_S: u32 = 50;
const MEASURE: Duration = Duration::from_secs(15);
const PASSWORD: &str = "seven purple herons";
/// Memory in MiB and passes that are compared.
const COSTS: [(u32, u32); 6] = [(19, 2), (32, 3), (46, 2), (64, 2), (64, 3), (96, 3)];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("pages") => return pages::run(&arguments[1..]),
        Some("crowd") => return crowd::run(&arguments[1..]),
        _ => {}
    }
    let clients: usize = arguments.first().map_or(200, |count| count.parse().unwrap());
    println!("load average {}", process::load());
    costs();
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    threads.block_on(measure(clients));
}

/// CPU time of one hash, the least of a few.
fn costs() {
    for (memory_mib, passes) in COSTS {
        let params = Params::new(memory_mib * 1024, passes, 1, None).unwrap();
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let least = (0..5)
            .map(|_| {
                let before = process::cpu_s();
                let mut hash = [0; 32];
                for _ in 0..4 {
                    argon
                        .hash_password_into(PASSWORD.as_bytes(), b"sixteen bytes...", &mut hash)
                        .unwrap();
                }
                (process::cpu_s() - before) / 4.0
            })
            .fold(f64::MAX, f64::min);
        println!(
            "Argon2id {memory_mib:>3} MiB, {passes} passes: {:>6.1} ms of a core",
            least * 1e3
        );
    }
}

async fn measure(clients: usize) {
    let mut peer = peer::Peer::listen().await;
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: folder.path().join("starboard.db"),
        site_root: folder.path().join("site"),
        trusted_proxies: server::config::Networks(vec!["127.0.0.0/8".parse().unwrap()]),
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
    let server = Server::build(config).await.unwrap();
    let address = server.addr();
    let token = server
        .setup_link()
        .unwrap()
        .split_once("token=")
        .unwrap()
        .1
        .to_owned();
    let services = server.services().clone();
    tokio::spawn(server.run(std::future::pending()));
    peer.log_in().await;
    let cookie = tokio::task::spawn_blocking(move || process::set_up(address, &token, PASSWORD))
        .await
        .unwrap();
    // set-up is for a Starboard without people
    let people = crowd::add(&services).await;

    let idle = run(&mut peer, address, &cookie, clients).await;
    let memory_before = process::rss_bytes();
    let crowd = crowd::Child::start(address, people);
    let busy = run(&mut peer, address, &cookie, clients).await;
    let memory = process::rss_bytes().saturating_sub(memory_before);
    let done = tokio::task::spawn_blocking(|| crowd.finish()).await.unwrap();
    println!("load average {}", process::load());
    println!("AMI to page, {clients} pages, {CHANGES_PER_S} changes/s, ms");
    println!(
        "  without sign-ins         p50 {:>6.1}   p99 {:>6.1}   max {:>6.1}",
        idle.0, idle.1, idle.2
    );
    println!(
        "  {SIGN_INS_PER_S} sign-ins a second    p50 {:>6.1}   p99 {:>6.1}   max {:>6.1}",
        busy.0, busy.1, busy.2
    );
    println!("  ratio of p99             {:>6.2}", busy.1 / idle.1);
    println!("  {done}; memory {:+.0} MB", memory as f64 / 1e6);
}

/// Changes and deliveries for a while: p50, p99 and the longest, in milliseconds.
async fn run(peer: &mut peer::Peer, address: SocketAddr, cookie: &str, clients: usize) -> (f64, f64, f64) {
    let cookie = cookie.to_owned();
    let child = tokio::task::spawn_blocking(move || pages::Child::start(address, &cookie, clients))
        .await
        .unwrap();
    let started = Instant::now();
    let mut sent = Vec::new();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / CHANGES_PER_S);
    while started.elapsed() < MEASURE {
        pace.tick().await;
        sent.push(peer.change().await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let report = tokio::task::spawn_blocking(|| child.finish()).await.unwrap();
    latencies(&report, &sent)
}

/// The n-th change sent is in the first frame whose range holds it.
fn latencies(report: &Report, sent: &[u64]) -> (f64, f64, f64) {
    let mut all: Vec<u64> = Vec::new();
    for page in &report.samples {
        let mut frames = page.iter();
        let mut frame = frames.next();
        for (place, sent_us) in sent.iter().enumerate() {
            while frame.is_some_and(|(upto, _)| *upto < place as u64 + 1) {
                frame = frames.next();
            }
            if let Some((_, seen_us)) = frame {
                all.push(seen_us.saturating_sub(*sent_us));
            }
        }
    }
    all.sort_unstable();
    let at = |share: f64| {
        let place = (all.len() as f64 * share) as usize;
        all[place.min(all.len() - 1)] as f64 / 1e3
    };
    (at(0.5), at(0.99), at(1.0))
}
