//! How long the PBX's socket can be read before it is read. One write after the other, each into an empty socket:
//! the clock starts before the write and stops when the link's thread has read it, so that the time in which the
//! system gives that thread no core is inside. The floor is a bare thread that does nothing but read.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use ami::client::Clock;
use app::model::PbxId;
use server::services::Services;

use crate::peer::{NO_CHANGE, Peer};

/// One write goes to the link and one to the floor in this time.
const PACE: Duration = Duration::from_millis(2);
/// Each so many writes to the link change something: a hundred a second.
const WRITES_PER_CHANGE: usize = 5;

/// Microseconds from each write to its read.
#[derive(Debug)]
pub(crate) struct Gaps {
    pub(crate) link: Vec<u64>,
    pub(crate) floor: Vec<u64>,
    /// Changes among the writes to the link.
    pub(crate) changes: usize,
}

/// The thread that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Gaps>,
}

impl Writer {
    /// Begins to write as the PBX.
    pub(crate) fn start(peer: Peer, services: &Services) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let (services, stopped) = (services.clone(), stop.clone());
        let thread = thread::spawn(move || write(peer, &services, &stopped));
        Self { stop, thread }
    }

    /// Ends it.
    pub(crate) fn finish(self) -> Gaps {
        self.stop.store(true, Relaxed);
        self.thread.join().unwrap()
    }
}

fn write(mut peer: Peer, services: &Services, stop: &AtomicBool) -> Gaps {
    let clock = services.hub.clock().monotonic();
    let mut link = Line::new(peer.socket(), clock);
    let (floor_out, floor_read_us) = floor(clock);
    let mut floor = Line::new(floor_out, clock);
    let (mut writes, mut next) = (0, Instant::now());
    while !stop.load(Relaxed) {
        next += PACE / 2;
        thread::sleep(next.saturating_duration_since(Instant::now()));
        if floor.is_read(floor_read_us.load(Relaxed)) {
            floor.write(b"\0");
        }
        next += PACE / 2;
        thread::sleep(next.saturating_duration_since(Instant::now()));
        if link.is_read(services.links.counters(PbxId(1)).unwrap().last_read_us) {
            writes += 1;
            match writes % WRITES_PER_CHANGE {
                0 => link.write(peer.next_change().as_bytes()),
                _ => link.write(NO_CHANGE),
            }
        }
    }
    Gaps {
        link: link.gaps_us,
        floor: floor.gaps_us,
        changes: writes / WRITES_PER_CHANGE,
    }
}

/// A socket that is written to when it is empty.
struct Line {
    out: TcpStream,
    clock: Clock,
    written_us: Option<u64>,
    gaps_us: Vec<u64>,
}

impl Line {
    fn new(out: TcpStream, clock: Clock) -> Self {
        Self {
            out,
            clock,
            written_us: None,
            gaps_us: Vec::new(),
        }
    }

    /// Whether what was written is read. The socket was empty: a read since then is the read of it.
    fn is_read(&mut self, last_read_us: u64) -> bool {
        if let Some(written_us) = self.written_us {
            if last_read_us < written_us {
                return false;
            }
            self.gaps_us.push(last_read_us - written_us);
            self.written_us = None;
        }
        true
    }

    fn write(&mut self, bytes: &[u8]) {
        self.written_us = Some(self.clock.now_us());
        self.out.write_all(bytes).unwrap();
    }
}

/// A thread that reads until its socket is closed; when it last did.
fn floor(clock: Clock) -> (TcpStream, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut read = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let write = listener.accept().unwrap().0;
    write.set_nodelay(true).unwrap();
    let read_us = Arc::<AtomicU64>::default();
    let last = read_us.clone();
    thread::spawn(move || {
        while read.read(&mut [0; 64]).is_ok_and(|bytes| bytes > 0) {
            last.store(clock.now_us(), Relaxed);
        }
    });
    (write, read_us)
}
