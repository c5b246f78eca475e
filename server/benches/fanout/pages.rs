//! The pages: sockets that read frames, count changes and note when some of them came.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{ChildStdout, Command, Stdio},
};

use app::live::protocol::ServerFrame;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
};

use crate::process::{cpu_s_of, now_us};

/// Pages whose frames are timed.
const SAMPLED: usize = 20;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) changes: u64,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// For some pages: changes so far and the time, for each frame.
    pub(crate) samples: Vec<Vec<(u64, u64)>>,
}

impl Report {
    pub(crate) fn bytes_per_frame(&self) -> usize {
        (self.bytes / self.frames.max(1)) as usize
    }
}

/// The process with the pages.
pub(crate) struct Child {
    process: std::process::Child,
    out: BufReader<ChildStdout>,
}

impl Child {
    /// Starts it and waits until every page has its snapshot.
    pub(crate) fn start(address: SocketAddr, cookie: &str, clients: usize) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["pages", &address.to_string(), cookie, &clients.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { process, out }
    }

    /// CPU seconds of the pages so far.
    pub(crate) fn cpu_s(&self) -> f64 {
        cpu_s_of(&self.process.id().to_string())
    }

    /// Has the pages close, and takes what they saw.
    pub(crate) fn finish(mut self) -> Report {
        drop(self.process.stdin.take());
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        self.process.wait().unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

pub(crate) fn run(arguments: &[String]) {
    let [address, cookie, clients] = arguments else {
        panic!("ADDRESS COOKIE CLIENTS")
    };
    let (address, clients): (SocketAddr, usize) = (address.parse().unwrap(), clients.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let mut pages = Vec::new();
        for page in 0..clients {
            let socket = open(address, cookie).await;
            pages.push(tokio::spawn(read(socket, page < SAMPLED, stopped.clone())));
        }
        println!("ready");
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        end.await.unwrap().unwrap();
        stop.send(true).unwrap();
        let mut report = Report::default();
        for page in pages {
            let one = page.await.unwrap();
            report.changes += one.changes;
            report.frames += one.frames;
            report.bytes += one.bytes;
            report.samples.extend(one.samples);
        }
        println!("{}", serde_json::to_string(&report).unwrap());
    });
}

async fn open(address: SocketAddr, cookie: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /live HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    assert!(
        head.starts_with(b"HTTP/1.1 101"),
        "{}",
        String::from_utf8_lossy(&head)
    );
    // the snapshot
    frame(&mut socket).await.unwrap();
    socket
}

async fn frame(socket: &mut TcpStream) -> Option<Vec<u8>> {
    loop {
        let head = socket.read_u16().await.ok()?;
        let length = match head & 0x7f {
            126 => usize::from(socket.read_u16().await.ok()?),
            127 => socket.read_u64().await.ok()? as usize,
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        socket.read_exact(&mut payload).await.ok()?;
        // pings carry nothing and are not answered: the measurement is over before that matters
        if head >> 8 & 0xf == 2 {
            return Some(payload);
        }
    }
}

async fn read(mut socket: TcpStream, sampled: bool, mut stop: watch::Receiver<bool>) -> Report {
    let mut report = Report::default();
    let mut sample = Vec::new();
    let mut first = BTreeMap::new();
    loop {
        let payload = tokio::select! {
            payload = frame(&mut socket) => payload,
            _ = stop.changed() => break,
        };
        let Some(payload) = payload else { break };
        let at_us = now_us();
        if let Ok(ServerFrame::Changes { after, upto, .. }) = postcard::from_bytes::<ServerFrame>(&payload) {
            let base = *first.entry(()).or_insert(after);
            report.changes += upto - after;
            report.frames += 1;
            report.bytes += payload.len() as u64;
            if sampled {
                sample.push((upto - base, at_us));
            }
        }
    }
    if sampled {
        report.samples.push(sample);
    }
    report
}
