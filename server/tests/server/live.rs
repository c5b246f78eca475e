//! The live socket: who gets one, what comes first, how ranges join, what ends it.

use crate::support::{
    TestServer,
    live::{Live, connect},
};
use app::live::protocol::{ByeReason, ClientFrame, LinkStatus, PbxRow, ServerFrame};
use app::model::PbxId;
use telephony::Settings;

pub(crate) fn row(id: i64, name: &str) -> PbxRow {
    PbxRow {
        id: PbxId(id),
        name: name.into(),
        link: LinkStatus::Connecting,
        blind_spots: Vec::new(),
    }
}

/// Makes `count` changes of the row of PBX 1.
fn change(server: &TestServer, from: u64, count: u64) {
    for number in from..from + count {
        server
            .services
            .hub
            .set_row(PbxId(1), |row| row.name = format!("name {number}"));
    }
}

#[tokio::test]
async fn only_our_own_signed_in_pages_get_a_socket() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    let (cookie, origin) = (browser.cookie.as_deref(), browser.origin.as_deref());
    assert_eq!(connect(server.address, None, origin).await.err(), Some(401));
    assert_eq!(connect(server.address, cookie, None).await.err(), Some(403));
    for foreign in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
    ] {
        assert_eq!(
            connect(server.address, cookie, Some(foreign)).await.err(),
            Some(403),
            "{foreign}"
        );
    }
    assert!(connect(server.address, cookie, origin).await.is_ok());
}

#[tokio::test]
async fn a_snapshot_comes_first_then_changes_whose_ranges_join() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    server.services.hub.add(row(1, "Office"), Settings::default());
    let mut live = Live::open(&browser).await;
    assert_eq!(live.pbx().0.name, "Office");
    assert!(!live.build.is_empty());
    for round in 0..20 {
        change(&server, round * 50, 50);
        tokio::task::yield_now().await;
    }
    live.until("the last change", |live| live.pbx().0.name == "name 999")
        .await;
    assert_eq!(live.snapshots, 1, "a page that keeps up needs no second snapshot");
    assert_eq!(
        live.sequence,
        server
            .services
            .hub
            .snapshot(&server::access::Sight::everything())
            .sequence
    );
}

#[tokio::test]
async fn a_snapshot_is_given_when_asked_for() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    live.say(ClientFrame::SnapshotPlease).await;
    live.until("a second snapshot", |live| live.snapshots == 2).await;
}

#[tokio::test]
async fn a_page_that_does_not_read_gets_a_snapshot_and_slows_nobody() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    server.services.hub.add(row(1, "Office"), Settings::default());
    let mut slow = Live::open(&browser).await;
    let mut quick = Live::open(&browser).await;
    // each name is long: the sockets' buffers fill, then the ring turns over
    let long = "x".repeat(60_000);
    let mut sent = 0;
    while sent < 400 {
        sent += 1;
        server
            .services
            .hub
            .set_row(PbxId(1), |row| row.name = format!("{sent} {long}"));
        let before = quick.sequence;
        quick
            .until("the next change", |live| live.sequence > before)
            .await;
    }
    assert_eq!(quick.snapshots, 1);
    let wanted = format!("{sent} {long}");
    slow.until("the last change", |live| live.pbx().0.name == wanted)
        .await;
    assert!(slow.snapshots >= 2, "the backlog was replaced");
}

#[tokio::test]
async fn a_hidden_page_gets_at_most_one_message_a_second_and_all_when_it_is_shown() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    server.services.hub.add(row(1, "Office"), Settings::default());
    let mut live = Live::open(&browser).await;
    live.say(ClientFrame::Visible(false)).await;
    // the answer to a question shows that the page is known to be hidden
    live.say(ClientFrame::SnapshotPlease).await;
    live.until("the answer", |live| live.snapshots == 2).await;
    let started = std::time::Instant::now();
    let mut messages = 0;
    let mut pace = tokio::time::interval(std::time::Duration::from_millis(50));
    for round in 0..40 {
        pace.tick().await;
        change(&server, round, 1);
    }
    while live.pbx().0.name != "name 39" {
        let frame = live.frame().await.unwrap();
        messages += u32::from(matches!(frame, ServerFrame::Changes { .. }));
        live.fold(frame);
    }
    let seconds = started.elapsed().as_secs_f64();
    assert!(
        f64::from(messages) <= seconds + 1.5,
        "{messages} messages in {seconds} s"
    );
    live.say(ClientFrame::Visible(true)).await;
    live.until("a snapshot when shown", |live| live.snapshots == 3)
        .await;
}

#[tokio::test]
async fn signing_out_ends_the_socket_with_a_word() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    assert_eq!(browser.post("/api/sign_out", &[]).await.status, 200);
    assert_eq!(bye(&mut live).await, ByeReason::SignedOut);
    assert_eq!(live.frame().await, None);
}

#[tokio::test]
async fn a_session_that_ends_in_the_database_ends_its_sockets_within_seconds() {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    let user = server.services.store.user_named("ada").await.unwrap().unwrap();
    let started = std::time::Instant::now();
    server.services.store.delete_sessions_of(user.id).await.unwrap();
    assert_eq!(bye(&mut live).await, ByeReason::SignedOut);
    assert!(
        started.elapsed() <= std::time::Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_stopping_server_says_that_it_comes_back() {
    let mut server = TestServer::start().await;
    let browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    server.ask_to_stop();
    assert_eq!(bye(&mut live).await, ByeReason::Restarting);
    server.stop().await;
}

#[tokio::test]
async fn a_page_that_talks_nonsense_is_cut_off() {
    use futures::SinkExt;
    use tokio_tungstenite::tungstenite::Message;
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    for nonsense in [
        Message::Binary(vec![0xff; 40].into()),
        Message::Binary(vec![0; 100_000].into()),
    ] {
        let mut live = Live::open(&browser).await;
        // the server may close before all of it is sent
        let _ = live.socket.send(nonsense).await;
        while live.frame().await.is_some() {}
    }
}

async fn bye(live: &mut Live) -> ByeReason {
    loop {
        if let ServerFrame::Bye(reason) = live.frame().await.expect("closed without a word") {
            return reason;
        }
    }
}
