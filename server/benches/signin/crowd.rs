//! People who sign in, many a second, from as many addresses as there are people.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Stdio},
    time::Duration,
};

use app::access::BuiltIn;
use server::{services::Services, store::UserRecord};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, oneshot},
};

use crate::{PASSWORD, SIGN_INS_PER_S, process::now_us};

/// People that sign in in turn.
const PEOPLE: usize = 200;
/// Outcomes that wait to be counted.
const OUTCOMES: usize = 4_096;

/// Makes them.
pub(crate) async fn add(services: &Services) -> usize {
    let password_hash = services.passwords.hash(PASSWORD).await.unwrap();
    for number in 0..PEOPLE {
        let name = format!("person{number}");
        let user = UserRecord {
            password_hash: password_hash.clone(),
            ..UserRecord::new(&name, &name, BuiltIn::Agent, 0)
        };
        services.store.add_user(&user).await.unwrap();
    }
    PEOPLE
}

/// The process with the people.
pub(crate) struct Child {
    process: std::process::Child,
}

impl Child {
    pub(crate) fn start(address: SocketAddr, people: usize) -> Self {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["crowd", &address.to_string(), &people.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self { process }
    }

    /// Has nobody begin any more, and tells what came of it.
    pub(crate) fn finish(mut self) -> String {
        drop(self.process.stdin.take());
        let mut line = String::new();
        BufReader::new(self.process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        self.process.wait().unwrap();
        line.trim().to_owned()
    }
}

pub(crate) fn run(arguments: &[String]) {
    let [address, people] = arguments else {
        panic!("ADDRESS PEOPLE")
    };
    let (address, people): (SocketAddr, usize) = (address.parse().unwrap(), people.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (stop, mut stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            // until the one who started us lets go
            let mut line = String::new();
            let _ = std::io::stdin().read_line(&mut line);
            drop(stop);
        });
        let (tell, mut told) = mpsc::channel::<(u16, u64)>(OUTCOMES);
        let mut pace = tokio::time::interval(Duration::from_secs(1) / SIGN_INS_PER_S);
        let mut begun = 0;
        loop {
            tokio::select! {
                _ = pace.tick() => {}
                _ = &mut stopped => break,
            }
            let tell = tell.clone();
            let person = begun % people;
            begun += 1;
            tokio::spawn(async move {
                let started_us = now_us();
                let status = sign_in(address, person).await.unwrap_or(0);
                let _ = tell.send((status, now_us() - started_us)).await;
            });
        }
        drop(tell);
        let (mut good, mut busy, mut other) = (Vec::new(), 0, 0);
        while let Some((status, took_us)) = told.recv().await {
            match status {
                200 => good.push(took_us),
                503 => busy += 1,
                _ => other += 1,
            }
        }
        good.sort_unstable();
        let median_ms = good.get(good.len() / 2).copied().unwrap_or_default() / 1000;
        println!(
            "{begun} sign-ins: {} done (median {median_ms} ms), {busy} told to come back, {other} otherwise",
            good.len()
        );
    });
}

async fn sign_in(address: SocketAddr, person: usize) -> Option<u16> {
    let password = PASSWORD.replace(' ', "+");
    let body = format!("username=person{person}&password={password}");
    let mut socket = TcpStream::connect(address).await.ok()?;
    let request = format!(
        "POST /api/sign_in HTTP/1.0\r\nHost: {address}\r\nOrigin: http://{address}\r\nAccept: */*\r\n\
         X-Forwarded-For: 10.1.{}.{}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        person / 200,
        person % 200 + 1,
        body.len()
    );
    socket.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}
