//! Postcard or JSON on the live socket: bytes, bytes after Brotli, and CPU to write and to read, for a
//! snapshot of 200 calls and 2,000 extensions and for the message that a busy tick makes.
//!
//! `cargo bench -p server --bench encoding`. Calls and changes come from the recorded busy minute.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement: it may stop at the first surprise, and it prints figures"
)]

use std::{fs::File, hint::black_box, io::Read, path::Path, time::Instant};

use ami::{Decoded, Decoder, Limits};
use app::{
    live::protocol::{LinkStatus, LiveChange, LiveSnapshot, PbxRow, PbxSnapshot, ServerFrame},
    model::PbxId,
};
use server::hub::message::Format;
use telephony::{Output, Settings, Switchboard, Timestamp};

const CALLS: usize = 200;
const EXTENSIONS: usize = 2_000;
/// Changes in the message of a tick, at 100 changes a second and at 2,000.
const TICKS: [usize; 2] = [5, 100];
const PBX: PbxId = PbxId(1);
const ROUNDS: usize = 7;

fn main() {
    let (snapshot, changes) = recorded();
    measure("snapshot", &ServerFrame::Snapshot(snapshot), 40);
    for count in TICKS {
        let frame = ServerFrame::Changes {
            after: 70_000,
            upto: 70_000 + count as u64,
            changes: changes[..count].to_vec(),
        };
        measure(&format!("{count} changes"), &frame, 4_000);
    }
}

/// The board of the recording, with extensions added, when 200 calls are up, and the changes that follow.
fn recorded() -> (LiveSnapshot, Vec<LiveChange>) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/telephony/tests/captures/busy-minute.ami.gz");
    let mut bytes = Vec::new();
    let mut recording = flate2::read::GzDecoder::new(File::open(path).unwrap());
    recording.read_to_end(&mut bytes).unwrap();
    let mut decoder = Decoder::new(Limits::default());
    let mut switchboard = Switchboard::new(Settings::default());
    let mut output = Output::default();
    let mut snapshot = None;
    let mut changes = Vec::new();
    decoder.push(b"Asterisk Call Manager/11.0.0\r\n");
    for number in 0..EXTENSIONS {
        let hint = format!(
            "Event: ExtensionStatus\r\nPrivilege: call,all\r\nExten: {number:04}\r\nContext: from-internal\r\n\
             Hint: PJSIP/{number:04}\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n"
        );
        decoder.push(hint.as_bytes());
    }
    // the recording's own banner is cut off: there is one already
    let begin = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    for (piece, part) in bytes[begin..].chunks(64 << 10).enumerate() {
        decoder.push(part);
        while let Some(decoded) = decoder.next() {
            let Decoded::Message(message) = decoded else {
                continue;
            };
            output.clear();
            switchboard.observe(&message, Timestamp(1_760_000_000_000 + piece as u64), &mut output);
            if let Some(taken) = &snapshot {
                let rows = output.changes.drain(..);
                changes.extend(rows.map(|change| LiveChange::Row { pbx: PBX, change }));
                if changes.len() >= 100 {
                    return (LiveSnapshot::clone(taken), changes);
                }
            } else if switchboard.board().calls.len() >= CALLS {
                snapshot = Some(snapshot_of(&switchboard));
            }
        }
    }
    panic!("the recording has never {CALLS} calls")
}

fn snapshot_of(switchboard: &Switchboard) -> LiveSnapshot {
    let board = switchboard.board().clone();
    LiveSnapshot {
        build: "0123456789abcdef".into(),
        now: Timestamp(1_760_000_000_000),
        sequence: 70_000,
        pbxs: vec![PbxSnapshot {
            pbx: PbxRow {
                id: PBX,
                name: "Office".into(),
                link: LinkStatus::Live,
                blind_spots: Vec::new(),
            },
            board,
            notes: Vec::new(),
        }],
    }
}

fn measure(name: &str, frame: &ServerFrame, times: usize) {
    println!(
        "{name:14} {:>10} {:>12} {:>12} {:>12}",
        "bytes", "brotli 4", "write, us", "read, us"
    );
    for format in [Format::Postcard, Format::Json] {
        let message = format.message(frame);
        let payload = message.payload();
        let write_us = best(times, || {
            black_box(format.message(black_box(frame)));
        });
        let read_us = best(times, || {
            let read: ServerFrame = match format {
                Format::Postcard => postcard::from_bytes(black_box(payload)).unwrap(),
                Format::Json => serde_json::from_slice(black_box(payload)).unwrap(),
            };
            black_box(read);
        });
        println!(
            "  {:12} {:>10} {:>12} {write_us:>12.1} {read_us:>12.1}",
            format!("{format:?}").to_lowercase(),
            payload.len(),
            brotli_bytes(payload)
        );
    }
}

fn brotli_bytes(payload: &[u8]) -> usize {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 4,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &payload[..], &mut packed, &parameters).unwrap();
    packed.len()
}

/// Microseconds for one, the best of some rounds.
fn best(times: usize, mut work: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        for _ in 0..times {
            work();
        }
        started.elapsed().as_secs_f64() * 1e6 / times as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}
