//! A million events over loopback at full speed, through the client on its own thread to a consumer on another:
//! `cargo bench -p ami --features client --bench replay`. Prints what was lost (nothing may be), the client
//! thread's seconds on a core, and how long it ever was away from its socket.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops when it cannot run"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Instant;
use std::{env, fs, thread};

use ami::client::{self, ClientConfig, Clock, Notice};
use ami::{Kind, Secret};
use memchr::memmem;

const EVENTS: usize = 1_000_000;
const THREAD: &str = "ami-replay";

fn main() {
    // `cargo test --benches` only wants to know that it builds and runs.
    let events = if env::args().any(|argument| argument == "--bench") {
        EVENTS
    } else {
        1_000
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = ClientConfig {
        port: listener.local_addr().unwrap().port(),
        ..ClientConfig::new("127.0.0.1", "bench", Secret::new("bench"))
    };
    let peer = thread::spawn(move || serve(&listener, events));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(consume(config, events));
    peer.join().unwrap();
}

async fn consume(config: ClientConfig, events: usize) {
    let (handle, mut notices) = client::start_on_thread(THREAD, config, Clock::start()).unwrap();
    let started = Instant::now();
    let (mut received, mut live, mut lost, mut batch) = (0, 0, 0, Vec::new());
    while received < events && notices.recv_many(&mut batch, 4096).await > 0 {
        for notice in batch.drain(..) {
            match notice {
                Notice::Message(message, _) => {
                    received += usize::from(message.kind() != Kind::Response);
                    live += usize::from(message.kind().is_live());
                }
                Notice::Lost { messages } => lost += messages,
                Notice::Distrusted { events } => lost += events,
                Notice::Link(_) => {}
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let counters = handle.counters();
    println!(
        "{received} events ({live} live), {lost} lost, {:.0} events/s",
        received as f64 / seconds
    );
    println!(
        "client thread {:.3} CPU-s, peak memory {} MB",
        thread_seconds(),
        peak_megabytes()
    );
    println!(
        "longest time away from the socket {:.1} ms",
        counters.longest_turn_us as f64 / 1000.0
    );
    assert_eq!((received, lost, counters.bad_frames), (events, 0, 0));
    handle.stop().await;
}

fn serve(listener: &TcpListener, events: usize) {
    let capture =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/queue-connect-complete.ami"))
            .unwrap();
    let mut starts: Vec<usize> = memmem::find_iter(&capture, b"\r\n\r\nEvent: ")
        .map(|at| at + 4)
        .collect();
    starts.push(capture.len());
    let frames: Vec<&[u8]> = starts.windows(2).map(|pair| &capture[pair[0]..pair[1]]).collect();
    let only_events: Vec<&[u8]> = frames
        .into_iter()
        .filter(|frame| memmem::find(frame, b"Response: ").is_none())
        .collect();
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(ami::wire::BANNER).unwrap();
    let mut login = [0; 1024];
    let length = stream.read(&mut login).unwrap();
    let text = String::from_utf8_lossy(&login[..length]).into_owned();
    let id = text
        .split("ActionID: ")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .unwrap();
    stream
        .write_all(format!("Response: Success\r\nActionID: {id}\r\n\r\n").as_bytes())
        .unwrap();
    let mut out = Vec::new();
    for frame in only_events.iter().cycle().take(events) {
        out.extend_from_slice(frame);
        if out.len() > 1 << 16 {
            stream.write_all(&out).unwrap();
            out.clear();
        }
    }
    stream.write_all(&out).unwrap();
    // Until the client leaves.
    while stream.read(&mut login).is_ok_and(|length| length > 0) {}
}

/// Seconds the client's thread ran on a core.
fn thread_seconds() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let client = tasks
        .map(|task| task.path())
        .find(|path| fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == THREAD));
    let text = client
        .and_then(|path| fs::read_to_string(path.join("schedstat")).ok())
        .unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|first| first.parse::<f64>().ok())
        .map_or(f64::NAN, |nanoseconds| nanoseconds / 1e9)
}

fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}
