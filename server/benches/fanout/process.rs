//! What the kernel tells of this process, and a sign-in over plain HTTP.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{SystemTime, UNIX_EPOCH},
};

/// CPU seconds so far, user and system.
pub(crate) fn cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
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
