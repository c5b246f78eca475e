//! The floor: the same bytes, framed beforehand, one send for each page every 50 ms. Nothing can be cheaper
//! that gives each page its own socket.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

const TICK: Duration = Duration::from_millis(50);
const ROUNDS: u32 = 100;
/// Changes in one batch at a hundred a second.
const CHANGES_PER_BATCH: f64 = 5.0;

/// Deliveries per CPU second of the sends alone; reading is not counted.
pub(crate) fn measure(clients: usize, frame_bytes: usize) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut readers: Vec<TcpStream> = Vec::new();
    let mut writers: Vec<TcpStream> = Vec::new();
    for _ in 0..clients {
        readers.push(TcpStream::connect(address).unwrap());
        let writer = listener.accept().unwrap().0;
        writer.set_nodelay(true).unwrap();
        writers.push(writer);
    }
    let frame = vec![7_u8; frame_bytes.max(1) + 4];
    let mut sink = vec![0_u8; 1 << 16];
    let mut sending_s = 0.0;
    let mut round_started = Instant::now();
    for _ in 0..ROUNDS {
        let before_s = thread_cpu_s();
        for writer in &mut writers {
            writer.write_all(&frame).unwrap();
        }
        sending_s += thread_cpu_s() - before_s;
        for reader in &mut readers {
            let _ = reader.read(&mut sink).unwrap();
        }
        std::thread::sleep(TICK.saturating_sub(round_started.elapsed()));
        round_started = Instant::now();
    }
    f64::from(ROUNDS) * clients as f64 * CHANGES_PER_BATCH / sending_s
}

/// CPU seconds of this thread alone, from the scheduler's nanoseconds.
fn thread_cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}
