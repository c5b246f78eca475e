//! What decoding costs, beside what the cheapest thinkable ways cost in the same run: `cargo bench -p ami`.
//!
//! Recordings are repeated up to a million events. Seconds are those this thread spent on a core, so a busy
//! machine disturbs the figures less; the ratios disturb least.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops when it cannot run"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;
use std::{env, fs};

use ami::{Decoded, Decoder, Event, Kind, Limits, Message, Output, Secret, Session, SessionConfig};
use memchr::memmem::Finder;

const EVENTS: usize = 1_000_000;
const CHUNK_BYTES: usize = 64 << 10;
const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` only wants to know that it builds and runs.
    let events = if env::args().any(|argument| argument == "--bench") {
        EVENTS
    } else {
        1_000
    };
    let (stream, count) = stream(events);
    println!("{count} frames, {} bytes each on average", stream.len() / count);

    let floor = best(|| cut(&stream));
    row("memchr: cut frames (floor)", floor, floor);
    let split = best(|| split(&stream));
    row("split every header without copying", split, floor);
    row("decode and kind", best(|| decode(&stream, count)), floor);
    let typed = best(|| decode_typed(&stream));
    row("decode, type what is live", typed, floor);
    row("  the same over the split of every header", typed, split);
    row(
        "session: decode, match, hand over",
        best(|| session(&stream)),
        floor,
    );
    newstate(events);
}

fn row(name: &str, seconds: f64, floor: f64) {
    println!("{name:<44} {seconds:>7.3} CPU-s  {:>5.2} x", seconds / floor);
}

/// The captures, repeated, without greetings and answers.
fn stream(events: usize) -> (Vec<u8>, usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut frames = Vec::new();
    for name in [
        "queue-connect-complete.ami",
        "local-channels.ami",
        "attended-transfer-ami.ami",
        "park-unpark.ami",
    ] {
        let mut decoder = Decoder::new(Limits::default());
        decoder.push(&fs::read(folder.join(name)).unwrap());
        while let Some(decoded) = decoder.next() {
            if let Decoded::Message(message) = decoded
                && !message.is_response()
                && message.kind() != Kind::TestEvent
            {
                frames.push(message);
            }
        }
    }
    let mut out = bytes::BytesMut::new();
    for message in frames.iter().cycle().take(events) {
        message.write_to(&mut out);
    }
    (out.to_vec(), events)
}

/// Seconds this thread ran on a core.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ')
        .next()?
        .parse::<f64>()
        .ok()
        .map(|nanoseconds| nanoseconds / 1e9)
}

fn best(mut work: impl FnMut() -> u64) -> f64 {
    let once = |work: &mut dyn FnMut() -> u64| {
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        black_box(work());
        match (cpu, cpu_seconds()) {
            (Some(before), Some(after)) => after - before,
            _ => wall.elapsed().as_secs_f64(),
        }
    };
    (0..ROUNDS).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

fn cut(stream: &[u8]) -> u64 {
    Finder::new(b"\r\n\r\n").find_iter(stream).count() as u64
}

fn split(stream: &[u8]) -> u64 {
    let blank = Finder::new(b"\r\n\r\n");
    let (mut from, mut sum) = (0, 0);
    for end in blank.find_iter(stream) {
        let frame = &stream[from..end];
        let mut rest = frame;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            sum += memchr::memchr(b':', &rest[..at]).unwrap_or(0) as u64;
            rest = &rest[at + 1..];
        }
        from = end + 4;
    }
    sum
}

fn each(stream: &[u8], mut take: impl FnMut(Message)) {
    let mut decoder = Decoder::new(Limits::default());
    for chunk in stream.chunks(CHUNK_BYTES) {
        decoder.push(chunk);
        while let Some(decoded) = decoder.next() {
            if let Decoded::Message(message) = decoded {
                take(message);
            }
        }
    }
}

fn decode(stream: &[u8], count: usize) -> u64 {
    let (mut live, mut all) = (0, 0);
    each(stream, |message| {
        all += 1;
        live += u64::from(message.kind().is_live());
    });
    assert_eq!(all, count);
    live
}

fn decode_typed(stream: &[u8]) -> u64 {
    let mut sum = 0;
    each(stream, |message| {
        if message.kind().is_live() {
            sum += match black_box(message.event()) {
                Some(Event::Hangup(hangup)) => {
                    hangup.channel.uniqueid.map_or(0, |id| id.as_str().len() as u64)
                }
                Some(_) => 1,
                None => 0,
            };
        }
    });
    sum
}

fn session(stream: &[u8]) -> u64 {
    let config = SessionConfig {
        username: "bench".to_owned(),
        secret: Secret::new("bench"),
        challenge: false,
        events: true,
        action_prefix: "b-".to_owned(),
        limits: Limits::default(),
    };
    let mut session = Session::new(config, 0);
    session.push(ami::wire::BANNER, 0);
    session.push(
        b"Response: Success\r\nActionID: b-0\r\nMessage: Authentication accepted\r\n\r\n",
        0,
    );
    let mut messages = 0;
    for chunk in stream.chunks(CHUNK_BYTES) {
        session.push(chunk, 0);
        while let Some(output) = session.poll() {
            messages += u64::from(matches!(output, Output::Message(_)));
        }
    }
    messages
}

/// One parse of a typical state change.
fn newstate(rounds: usize) {
    let frame = b"Event: Newstate\r\nPrivilege: call,all\r\nChannel: PJSIP/1001-00000000\r\nChannelState: 6\r\n\
        ChannelStateDesc: Up\r\nCallerIDNum: 1001\r\nCallerIDName: Alice Anderson\r\nConnectedLineNum: 1002\r\n\
        ConnectedLineName: Bob Brown\r\nLanguage: en\r\nAccountCode: \r\nContext: from-internal\r\nExten: 1002\r\n\
        Priority: 3\r\nUniqueid: 1795220591.0\r\nLinkedid: 1795220591.0";
    let message = Message::from_frame(bytes::Bytes::from_static(frame)).unwrap();
    let seconds = best(|| {
        for _ in 0..rounds {
            black_box(black_box(&message).event());
        }
        rounds as u64
    });
    println!("one Newstate, typed: {:.0} ns", seconds / rounds as f64 * 1e9);
}
