//! What one peer can take up: connections, time, memory; each has an end.

use std::time::{Duration, Instant};

use futures::SinkExt;
use server::config::Count;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{self, PATIENCE, TestServer, eventually, live::Live};

async fn with_room_for(connections: usize) -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let mut config = support::config(&folder);
    config.max_connections = Count(connections);
    TestServer::start_with(folder, config).await
}

async fn status(server: &TestServer) -> Option<u16> {
    let status = server.browser().get("/healthz").await.status;
    (status != 0).then_some(status)
}

#[tokio::test]
async fn one_connection_too_many_is_told_and_the_next_is_served_again() {
    let server = with_room_for(3).await;
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    let answer = eventually("turned away", async || {
        let answer = server.browser().get("/healthz").await;
        (answer.status == 503).then_some(answer)
    })
    .await;
    assert_eq!(answer.header("retry-after"), Some("10"));
    assert!(answer.body.contains("Too many connections"), "{answer:?}");
    idle.pop();
    eventually("served", async || {
        status(&server).await.filter(|status| *status == 200)
    })
    .await;
}

#[tokio::test]
async fn a_live_socket_keeps_its_place_until_it_is_closed() {
    let server = with_room_for(2).await;
    let browser = server.set_up().await;
    // the connections of the set-up are closed
    let live = eventually("a socket", async || {
        let (cookie, origin) = (browser.cookie.as_deref(), browser.origin.as_deref());
        support::live::connect(server.address, cookie, origin).await.ok()
    })
    .await;
    let idle = TcpStream::connect(server.address).await.unwrap();
    eventually("turned away", async || {
        status(&server).await.filter(|status| *status == 503)
    })
    .await;
    drop(live);
    eventually("served", async || {
        status(&server).await.filter(|status| *status == 200)
    })
    .await;
    drop(idle);
}

#[tokio::test]
async fn a_request_that_never_ends_its_head_is_closed() {
    let server = TestServer::start().await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .unwrap();
    let started = Instant::now();
    let mut drip = tokio::time::interval(Duration::from_millis(500));
    let mut answer = Vec::new();
    loop {
        tokio::select! {
            read = socket.read_buf(&mut answer) => match read {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            },
            _ = drip.tick() => drop(socket.write_all(b"x").await),
        }
        assert!(started.elapsed() < PATIENCE, "still open");
    }
    assert!(
        !answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert_eq!(status(&server).await, Some(200));
}

#[tokio::test]
async fn a_head_or_a_path_without_measure_is_refused() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let long = "x".repeat(100_000);
    for (path, headers) in [
        ("/sign-in".to_owned(), vec![("X-Long", long.as_str())]),
        (format!("/{long}"), vec![]),
        ("/sign-in".to_owned(), vec![("X-Many", "x"); 1000]),
    ] {
        let answer = browser.send("GET", &path, &headers, "").await;
        assert!(matches!(answer.status, 414 | 431), "{}", answer.status);
    }
    assert_eq!(status(&server).await, Some(200));
}

#[tokio::test]
async fn a_page_that_answers_no_ping_is_gone_and_one_that_does_stays() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    let silent = Live::open(&browser).await;
    let mut lively = Live::open(&browser).await;
    assert_eq!(server.services.ends.sockets(), 2);
    let lane = server.services.hub.lane(false);
    for _ in 0..12 {
        let before = lively.pulses;
        lane.pulse();
        lively.until("the pulse", |live| live.pulses > before).await;
    }
    eventually("one is left", async || {
        (server.services.ends.sockets() == 1).then_some(())
    })
    .await;
    let before = lively.pulses;
    lane.pulse();
    lively.until("one more pulse", |live| live.pulses > before).await;
    drop(silent);
}

#[tokio::test]
async fn a_page_that_pings_and_never_reads_is_cut_off() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    let flood = async { while live.socket.send(Message::Ping(vec![0; 125].into())).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, flood)
        .await
        .expect("never cut off");
    eventually("gone", async || {
        (server.services.ends.sockets() == 0).then_some(())
    })
    .await;
}
