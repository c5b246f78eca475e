//! Calls that are over: how fast they are written, and how fast any of them is found, through the product's own store; beside
//! it the table and the questions of a naive call log in the same run.
//!
//! `cargo bench -p server --bench history`, or `scripts/bench history`. A million calls; `STARBOARD_CALLS=10000000` for more,
//! `STARBOARD_NAIVE=off` without the other table, `STARBOARD_POSTGRES=off` without a copy in PostgreSQL,
//! `STARBOARD_KEPT=FILE` with calls that stay in that file, and are not written again when they are there. The other databases lie
//! under `target/` and are removed afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement: it may stop at the first surprise, and it prints figures"
)]

#[path = "history/copy.rs"]
mod copy;
#[path = "history/export.rs"]
mod export;
#[path = "history/generator.rs"]
mod generator;
#[path = "history/naive.rs"]
mod naive;
#[path = "history/recorder.rs"]
mod recorder;

use std::{io::Write, time::Instant};

use app::model::{
    PbxId,
    history::{CallPage, CallSearch, Turn},
};
use generator::{Dice, PBX, QUEUES, START_MS, YEAR_MS, Year};
use server::store::{Every, Seen, Store};
use telephony::{CallResult, Direction, FinishedCall};

/// Calls of one burst.
const BURST: usize = 1_000;
const ROUNDS: u64 = 200;
/// Pages that one call changes, in the middle: rows and indexes of the call, of who was on it, of its kind and its hour and day.
const PAGES_A_CALL: usize = 20;

fn main() {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    threads.block_on(run());
}

async fn run() {
    let calls = std::env::var("STARBOARD_CALLS").map_or(1_000_000, |calls| calls.parse().unwrap());
    let folder =
        tempfile::tempdir_in(std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "../target".into()))
            .unwrap();
    let kept = std::env::var_os("STARBOARD_KEPT").map(std::path::PathBuf::from);
    let path = kept.clone().unwrap_or_else(|| folder.path().join("starboard.db"));
    let is_filled = path.exists();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{calls} calls, load average {load}");
    let store = Store::open(&path).await.unwrap();
    if !is_filled {
        fill(&store, calls).await;
        println!(
            "ours: {:.2} GB",
            std::fs::metadata(&path).unwrap().len() as f64 / 1e9
        );
        commits(&store, calls, folder.path()).await;
    }
    searches(&store, calls).await;
    figures(&store).await;
    export::run(&store).await;
    if std::env::var("STARBOARD_POSTGRES").as_deref() != Ok("off")
        && let Some((theirs, _running)) = copy::copied(&store, folder.path()).await
    {
        searches(&theirs, calls).await;
        figures(&theirs).await;
    }
    store.close().await;
    if std::env::var("STARBOARD_NAIVE").as_deref() != Ok("off") {
        if kept.is_none() {
            std::fs::remove_file(&path).unwrap();
        }
        let other = naive::Naive::fill(&folder.path().join("naive.db"), calls).await;
        println!("naive: {:.2} GB", size(folder.path()));
        other.report(calls, "55512").await;
    }
}

fn size(folder: &std::path::Path) -> f64 {
    let files = std::fs::read_dir(folder).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    bytes as f64 / 1e9
}

async fn write(store: &Store, calls: &[(PbxId, FinishedCall)]) {
    let mut recording = store.record().await.unwrap();
    recording.calls(calls).await.unwrap();
    recording.commit().await.unwrap();
}

/// Bursts until all are there.
async fn fill(store: &Store, calls: u64) {
    let mut year = Year::new(calls);
    let (mut written, mut spent, mut last) = (0, 0.0, Vec::new());
    let all = Instant::now();
    loop {
        let some: Vec<_> = year.by_ref().take(BURST).collect();
        if some.is_empty() {
            break;
        }
        let begun = Instant::now();
        write(store, &some).await;
        let took = begun.elapsed().as_secs_f64();
        spent += took;
        written += some.len();
        last.push(some.len() as f64 / took);
    }
    let tail = last.len().saturating_sub(50);
    println!(
        "written in bursts of {BURST}: {:.0} calls/s over all, {:.0} calls/s the last fifty (median); {:.0?} with making them",
        written as f64 / spent,
        median(&mut last[tail..].to_vec()),
        all.elapsed()
    );
    assert_eq!(written as u64, calls);
}

/// One call a transaction, on the disk each time.
async fn commits(store: &Store, calls: u64, folder: &std::path::Path) {
    const COMMITS: usize = 2_000;
    let mut later = Year::new(calls).map(|(pbx, mut call)| {
        let later = YEAR_MS;
        call.id.0.push('x');
        call.started.0 += later;
        call.ended.0 += later;
        call.answered = call.answered.map(|at| telephony::Timestamp(at.0 + later));
        (pbx, call)
    });
    let one_by_one: Vec<_> = later.by_ref().take(COMMITS).collect();
    let begun = Instant::now();
    for call in &one_by_one {
        write(store, std::slice::from_ref(call)).await;
    }
    let ours = COMMITS as f64 / begun.elapsed().as_secs_f64();
    let (floor, same) = (floor(folder, COMMITS, 1), floor(folder, COMMITS, PAGES_A_CALL));
    println!(
        "one call a commit: {ours:.0} commits/s, {:.2} of the floor: this disk takes {floor:.0} appended pages/s, each on it before the next, \
         and {same:.0} times the {PAGES_A_CALL} pages that a call changes",
        ours / floor
    );
    recorder::run(store, later.take(25_000).collect()).await;
}

/// Pages of 4 KiB appended to a file and written through, again and again: what a commit cannot do without.
fn floor(folder: &std::path::Path, times: usize, pages: usize) -> f64 {
    let path = folder.join("floor");
    let mut file = std::fs::File::create(&path).unwrap();
    let page = vec![7_u8; 4_096 * pages];
    let begun = Instant::now();
    for _ in 0..times {
        file.write_all(&page).unwrap();
        file.sync_data().unwrap();
    }
    let floor = times as f64 / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path).unwrap();
    floor
}

pub(crate) fn median(times: &mut [f64]) -> f64 {
    percentile(times, 50)
}

fn percentile(times: &mut [f64], at: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() - 1) * at / 100]
}

/// What one kind of question takes, asked differently each time.
async fn ask(store: &Store, what: &str, seen: &Seen, mut question: impl FnMut(u64) -> (CallSearch, Turn)) {
    let (mut times, mut rows, mut found) = (Vec::new(), 0, 0);
    for round in 0..ROUNDS {
        let (search, turn) = question(round);
        let begun = Instant::now();
        let page: CallPage = store.calls(&search, seen, turn).await.unwrap();
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        rows += page.rows.len();
        found += page.found;
    }
    let (p50, p95, most) = (
        percentile(&mut times, 50),
        percentile(&mut times, 95),
        percentile(&mut times, 100),
    );
    println!(
        "{what:<44} p50 {p50:>7.2} ms, p95 {p95:>7.2}, most {most:>7.2}   ({} rows a page, {} found)",
        rows as u64 / ROUNDS,
        found / ROUNDS
    );
}

async fn searches(store: &Store, calls: u64) {
    let all = Seen::Everything;
    let any = CallSearch::default;
    ask(store, "newest page", &all, |_| (any(), Turn::Newest)).await;
    ask(store, "page at any depth", &all, |round| {
        let at = START_MS + Dice::new(round).below(YEAR_MS);
        let id = i64::try_from(at).unwrap() * server::store::IN_A_MS;
        let turn = if round % 2 == 0 {
            Turn::Older(id)
        } else {
            Turn::Newer(id)
        };
        (any(), turn)
    })
    .await;
    let people = 120_000 + calls / 12;
    let anyone = |text: String| CallSearch {
        anyone: text,
        ..any()
    };
    ask(store, "part of a number, 5 digits", &all, |round| {
        let number = generator::number(Dice::new(round).below(people));
        (anyone(number[3..8].to_owned()), Turn::Newest)
    })
    .await;
    ask(store, "part of a number, 3 digits", &all, |round| {
        let number = generator::number(Dice::new(round).below(people));
        (anyone(number[4..7].to_owned()), Turn::Newest)
    })
    .await;
    ask(store, "a whole number", &all, |round| {
        (
            anyone(generator::number(Dice::new(round).below(people))),
            Turn::Newest,
        )
    })
    .await;
    const NAMES: [&str; 8] = ["ann", "özg", "ina q", "schmi", "yil", "grace d", "xu", "la ro"];
    ask(store, "part of a name", &all, |round| {
        (anyone(NAMES[round as usize % 8].to_owned()), Turn::Newest)
    })
    .await;
    ask(store, "any combination of filters", &all, |round| {
        (combination(round, people), Turn::Newest)
    })
    .await;
    ask(store, "the same, somewhere", &all, |round| {
        let at = START_MS + Dice::new(round ^ 77).below(YEAR_MS);
        (
            combination(round, people),
            Turn::Older(i64::try_from(at).unwrap() * server::store::IN_A_MS),
        )
    })
    .await;
    let own = Seen::Of {
        pbxs: Vec::new(),
        extensions: vec![(PBX, "1042".into())],
        queues: Vec::new(),
    };
    ask(store, "an agent's own, newest", &own, |_| (any(), Turn::Newest)).await;
    ask(store, "an agent's own, any combination", &own, |round| {
        (combination(round, people), Turn::Newest)
    })
    .await;
    let team = Seen::Of {
        pbxs: Vec::new(),
        extensions: (0..40).map(|at| (PBX, (1_100 + at).to_string())).collect(),
        queues: vec![(PBX, "support".into()), (PBX, "press".into())],
    };
    ask(store, "a team's, newest", &team, |_| (any(), Turn::Newest)).await;
    ask(store, "a team's, any combination", &team, |round| {
        (combination(round, people), Turn::Newest)
    })
    .await;
}

fn combination(round: u64, people: u64) -> CallSearch {
    let mut dice = Dice::new(round ^ 0x5555);
    let mut search = CallSearch::default();
    let which = 1 + dice.below(255);
    let has = |bit: u64| which & (1 << bit) != 0;
    if has(0) {
        let from = START_MS + dice.below(YEAR_MS);
        search.from_ms = Some(from);
        search.to_ms = Some(from + dice.below(60 * 86_400_000));
    }
    if has(1) {
        search.queue = dice.pick(&QUEUES).to_owned();
    }
    if has(2) {
        search.direction =
            Some([Direction::Inbound, Direction::Outbound, Direction::Internal][dice.below(3) as usize]);
    }
    if has(3) {
        let results = [
            CallResult::Answered,
            CallResult::Missed,
            CallResult::Busy,
            CallResult::Failed,
        ];
        search.results = vec![results[dice.below(4) as usize]];
    }
    if has(4) {
        search.longer_s = Some(dice.below(2_000) as u32);
    }
    if has(5) {
        search.recorded = Some(dice.below(2) == 0);
    }
    if has(6) {
        let number = generator::number(dice.below(people));
        let digits = 3 + dice.below(6) as usize;
        search.caller = number[2..2 + digits.min(number.len() - 2)].to_owned();
    }
    if has(7) {
        search.extension = (1_000 + dice.below(800)).to_string();
    }
    search
}

async fn figures(store: &Store) {
    for (what, every, days) in [
        ("a month by the hour", Every::Hour, 30),
        ("a month by the day", Every::Day, 30),
        ("a year by the day", Every::Day, 365),
        ("a year by the hour", Every::Hour, 365),
    ] {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let from = START_MS + Dice::new(round).below(365 - days + 1) * 86_400_000;
            let begun = Instant::now();
            let totals = store
                .call_totals(every, (from, from + days * 86_400_000), None)
                .await
                .unwrap();
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            assert!(!totals.is_empty());
        }
        println!(
            "{what:<44} p50 {:>7.2} ms, p95 {:>7.2}",
            percentile(&mut times, 50),
            percentile(&mut times, 95)
        );
    }
}
