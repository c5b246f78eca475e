//! What the kernel tells of this process, and a sign-in over plain HTTP.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{SystemTime, UNIX_EPOCH},
};

/// The kernel's unit of time for programs.
const TICKS_PER_S: f64 = 100.0;

/// CPU seconds of this process so far, user and system.
pub(crate) fn cpu_s() -> f64 {
    cpu_s_of("self")
}

/// The same of any process.
pub(crate) fn cpu_s_of(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS_PER_S
}

/// CPU seconds so far of the threads whose names begin so, from the scheduler's nanoseconds.
pub(crate) fn threads_cpu_s(name: &str) -> f64 {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let of_name = threads
        .map(|thread| thread.path())
        .filter(|path| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.starts_with(name)));
    let nanoseconds = of_name.filter_map(|path| {
        let stat = fs::read_to_string(path.join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e9
}

/// Seconds of all cores so far: busy, and altogether.
pub(crate) fn cores_s() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/stat").unwrap();
    let fields = stat.lines().next().unwrap().split_whitespace().skip(1);
    // what is run for guests, behind these eight, is in the first two already
    let fields: Vec<f64> = fields
        .take(8)
        .map(|field| field.parse::<f64>().unwrap() / TICKS_PER_S)
        .collect();
    let all: f64 = fields.iter().sum();
    (all - fields[3] - fields[4], all)
}

/// The load averages.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Resident memory.
pub(crate) fn rss_bytes() -> u64 {
    let pages: u64 = fs::read_to_string("/proc/self/statm")
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    pages * 4096
}

/// The wall clock, shared by both processes.
pub(crate) fn now_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
}

/// Makes the administrator and gives the cookie.
pub(crate) fn set_up(address: SocketAddr, token: &str, password: &str) -> String {
    let password = password.replace(' ', "+");
    let body =
        format!("token={token}&username=ada&display_name=Ada&password={password}&password_again={password}");
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "POST /api/set_up HTTP/1.0\r\nHost: {address}\r\nOrigin: http://{address}\r\nAccept: */*\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let cookie = answer
        .split("set-cookie: ")
        .nth(1)
        .unwrap_or_else(|| panic!("{answer}"));
    cookie.split(';').next().unwrap().to_owned()
}
