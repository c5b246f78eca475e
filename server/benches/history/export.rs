//! Every call as a file, to somebody who takes it as fast as it comes.

use std::time::Instant;

use app::model::history::CallSearch;
use jiff::tz::TimeZone;
use server::{
    export::{
        Around, Format, MOST_ROWS_OF_A_BOOK, MOST_ROWS_ON_PAPER, Taken, calls::CALLS, under_way::UnderWay,
        write,
    },
    store::{Seen, Store},
};
use tokio::sync::mpsc;

const PART: usize = 1_000;

/// Memory of this process, in MB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

pub(crate) async fn run(store: &Store) {
    for format in [Format::Csv, Format::Xlsx, Format::Pdf] {
        one(store, format).await;
    }
}

async fn one(store: &Store, format: Format) {
    let search = CallSearch::default();
    let mut walk = store.call_walk(&search, &Seen::Everything).await.unwrap();
    let (give_rows, rows) = mpsc::channel(2);
    let (give_parts, mut parts) = mpsc::channel(2);
    let (before, begun) = (resident(), Instant::now());
    let most = match format {
        Format::Csv => usize::MAX,
        Format::Xlsx => MOST_ROWS_OF_A_BOOK - 1,
        Format::Pdf => MOST_ROWS_ON_PAPER,
    };
    let reading = async {
        let mut read = 0;
        loop {
            let part = walk.next(store, PART.min(most - read)).await.unwrap();
            read += part.len();
            if part.is_empty() || give_rows.send(Ok(part)).await.is_err() {
                break;
            }
        }
        drop(give_rows);
        read
    };
    let writing = tokio::task::spawn_blocking(move || {
        let under_way = UnderWay::default();
        let taken = Taken {
            parts: &give_parts,
            under_way: &under_way,
        };
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        write(format, &CALLS, (&berlin, &Around::default()), rows, &taken)
    });
    let taking = async {
        let (mut bytes, mut most) = (0, before);
        let mut at = 0_u32;
        while let Some(part) = parts.recv().await {
            bytes += part.unwrap().len();
            at += 1;
            if at.is_multiple_of(64) {
                most = resident().max(most);
            }
        }
        (bytes, most)
    };
    let (read, (bytes, most)) = tokio::join!(reading, taking);
    writing.await.unwrap().unwrap();
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{} of {read} calls: {:.0} rows/s, {:.0} MB, memory {before:.0} to {most:.0} MB",
        format.ending(),
        read as f64 / took,
        bytes as f64 / 1e6
    );
}
