//! What it costs to turn the byte stream of a busy PBX into live state.
//!
//! `cargo bench -p telephony --bench live_state`
//!
//! The stream is a recorded busy minute (1,108 events a second, 245 bridges at the peak), repeated with fresh
//! channel ids to at least a million events. Figures are CPU seconds of this thread for a million events of
//! 524 bytes each (a busy PBX's average, RTP reports included), so that streams of other makes compare. Changes are
//! given out after every read of 64 KiB, as a link that is busy does. Two floors run over the same bytes: cutting
//! frames, and splitting every header without copying.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use ami::{Decoded, Decoder, Limits};
use flate2::read::GzDecoder;
use memchr::{memchr, memmem::Finder};
use telephony::{Counters, Output, Settings, Switchboard, Timestamp};

const EVENTS: u64 = 1_000_000;
const EVENT_BYTES: f64 = 524.0;
const READ_BYTES: usize = 64 * 1024;
const ROUNDS: usize = 5;
/// Runs in one round: the kernel counts a thread's time in ticks of some milliseconds.
const REPEATS: u32 = 10;
/// The epoch every channel id of the recording begins with.
const EPOCH: &[u8] = b"1795223";

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/busy-minute.ami.gz");
    if std::env::args().any(|argument| argument == "--live") {
        let mut bytes = Vec::new();
        open(&path).read_to_end(&mut bytes).expect("a readable recording");
        println!("{:.3}", best(&bytes, |bytes| live(bytes, false).relevant));
        return;
    }
    full_replay(&path);
    let mut bytes = Vec::new();
    open(&path).read_to_end(&mut bytes).expect("a readable recording");
    let events = cut(&bytes);
    println!(
        "\nP1, CPU s per million events of 524 bytes ({events} events, {} bytes, best of {ROUNDS})",
        bytes.len()
    );
    let cut_s = best(&bytes, cut);
    let split_s = best(&bytes, split);
    let decode_s = best(&bytes, decode);
    let typed_s = best(&bytes, typed);
    let live_s = best(&bytes, |bytes| live(bytes, false).relevant);
    let each_s = best(&bytes, |bytes| live(bytes, true).relevant);
    for (name, seconds) in [
        ("floor: cut frames", cut_s),
        ("floor: split every header", split_s),
        ("decoder alone", decode_s),
        ("decoder and typed events", typed_s),
        ("bytes to live state", live_s),
        ("the same, changes by message", each_s),
    ] {
        println!("{name:28} {seconds:.3}   {:.2} of the split", seconds / split_s);
    }
}

fn open(path: &Path) -> GzDecoder<File> {
    GzDecoder::new(File::open(path).expect("the recording"))
}

/// P2: a million events in a row, read in pieces as from a socket.
fn full_replay(path: &Path) {
    let mut replay = Live::new(false);
    let mut round = 0u32;
    while replay.switchboard.counters().messages < EVENTS {
        let fresh = format!("{round:03}5223").into_bytes();
        round += 1;
        let epoch = Finder::new(EPOCH);
        let mut stream = open(path);
        let mut piece = Vec::with_capacity(2 * READ_BYTES);
        loop {
            let start = piece.len();
            piece.resize(start + READ_BYTES, 0);
            let read = stream.read(&mut piece[start..]).expect("a readable recording");
            piece.truncate(start + read);
            let mut from = 0;
            while let Some(at) = epoch.find(&piece[from..]) {
                piece[from + at..from + at + EPOCH.len()].copy_from_slice(&fresh);
                from += at + EPOCH.len();
            }
            // An id may be cut by the end of the piece.
            let keep = if read == 0 {
                0
            } else {
                EPOCH.len().min(piece.len())
            };
            let ready = piece.len() - keep;
            replay.push(&piece[..ready]);
            piece.drain(..ready);
            if read == 0 {
                break;
            }
        }
    }
    let counters = replay.switchboard.counters();
    let board = replay.switchboard.board();
    let peak_kb = status_kb("VmHWM:");
    println!(
        "P2, full-speed replay of {} events ({round} busy minutes)",
        counters.messages
    );
    println!(
        "calls {} of {}, ended {}",
        counters.calls,
        u64::from(round) * 980,
        counters.ended
    );
    println!(
        "left over: {} calls, {} parked",
        board.calls.len(),
        board.parked.len()
    );
    println!(
        "peak memory {:.1} MB (the decompressor included)",
        f64::from(peak_kb) / 1024.0
    );
    println!("{counters:?}");
    assert_eq!(counters.calls, u64::from(round) * 980);
    assert_eq!(counters.ended, counters.calls);
}

fn status_kb(name: &str) -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// CPU time of this thread in seconds; wall time where the system does not tell.
fn cpu_s(began: Instant) -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    ns.map_or_else(|| began.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

fn best(bytes: &[u8], work: impl Fn(&[u8]) -> u64) -> f64 {
    let began = Instant::now();
    let scale = EVENT_BYTES * 1e6 / (bytes.len() as f64 * f64::from(REPEATS));
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let before = cpu_s(began);
        for _ in 0..REPEATS {
            black_box(work(black_box(bytes)));
        }
        best = best.min((cpu_s(began) - before) * scale);
    }
    best
}

fn cut(bytes: &[u8]) -> u64 {
    Finder::new(b"\r\n\r\n").find_iter(bytes).count() as u64
}

fn split(bytes: &[u8]) -> u64 {
    let mut rest = bytes;
    let mut sum = 0;
    while let Some(end) = memchr(b'\n', rest) {
        let line = &rest[..end];
        if let Some(colon) = memchr(b':', line) {
            sum += (line.len() - colon) as u64;
        }
        rest = &rest[end + 1..];
    }
    sum
}

fn decode(bytes: &[u8]) -> u64 {
    let mut decoder = Decoder::new(Limits::default());
    let mut messages = 0;
    for piece in bytes.chunks(READ_BYTES) {
        decoder.push(piece);
        while let Some(decoded) = decoder.next() {
            messages += u64::from(matches!(decoded, Decoded::Message(_)));
        }
    }
    messages
}

fn typed(bytes: &[u8]) -> u64 {
    let mut decoder = Decoder::new(Limits::default());
    let mut events = 0;
    for piece in bytes.chunks(READ_BYTES) {
        decoder.push(piece);
        while let Some(decoded) = decoder.next() {
            if let Decoded::Message(message) = decoded
                && message.kind().is_live()
            {
                events += u64::from(black_box(message.event()).is_some());
            }
        }
    }
    events
}

fn live(bytes: &[u8], each: bool) -> Counters {
    let mut live = Live::new(each);
    for piece in bytes.chunks(READ_BYTES) {
        live.push(piece);
    }
    live.switchboard.counters()
}

struct Live {
    decoder: Decoder,
    switchboard: Switchboard,
    output: Output,
    now: Timestamp,
    /// Changes are given out after every message, rather than after every read.
    each: bool,
}

impl Live {
    fn new(each: bool) -> Self {
        Live {
            decoder: Decoder::new(Limits::default()),
            switchboard: Switchboard::new(Settings::default()),
            output: Output::default(),
            now: Timestamp(1_795_223_054_000),
            each,
        }
    }

    fn push(&mut self, piece: &[u8]) {
        self.now.0 += 100;
        self.decoder.push(piece);
        while let Some(decoded) = self.decoder.next() {
            if let Decoded::Message(message) = decoded {
                self.switchboard.note(&message, self.now);
                if self.each {
                    self.give_out();
                }
            }
        }
        self.give_out();
    }

    fn give_out(&mut self) {
        self.switchboard.flush(&mut self.output);
        black_box(&self.output);
        self.output.clear();
    }
}
