//! Claims about the client, against a peer on loopback that speaks through the library's other end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use ami::action::call::Hangup;
use ami::action::list::CoreShowChannels;
use ami::action::system::CoreStatus;
use ami::client::{
    self, ClientConfig, Clock, DownReason, Handle, LinkState, Notice, Notices, ProbeError, Tls,
};
use ami::wire::{BANNER, MessageBuilder, Request, RequestDecoder};
use ami::{CloseReason, Kind, NotSent, Outcome, Secret, UnknownReason, Value};
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

struct Peer {
    listener: TcpListener,
}

impl Peer {
    async fn start() -> (Peer, ClientConfig) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = ClientConfig {
            port: listener.local_addr().unwrap().port(),
            ..ClientConfig::new("127.0.0.1", "gui", Secret::new("secret"))
        };
        (Peer { listener }, config)
    }

    async fn accept(&self) -> Session<TcpStream> {
        Session {
            stream: self.listener.accept().await.unwrap().0,
            decoder: RequestDecoder::new(),
        }
    }

    async fn log_in(&self) -> Session<TcpStream> {
        let mut session = self.accept().await;
        session.log_in().await;
        session
    }
}

struct Session<S> {
    stream: S,
    decoder: RequestDecoder,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    async fn request(&mut self) -> Option<Request> {
        loop {
            if let Some(request) = self.decoder.next() {
                return Some(request.unwrap());
            }
            if self.stream.read_buf(self.decoder.buffer_mut()).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// The next request that is no ping; pings are answered.
    async fn command(&mut self) -> Option<Request> {
        loop {
            let request = self.request().await?;
            if request.action() != "Ping" {
                return Some(request);
            }
            self.send(reply(&request, "Success").header("Ping", "Pong")).await;
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    async fn send(&mut self, message: MessageBuilder) {
        let mut out = BytesMut::new();
        message.write_to(&mut out).unwrap();
        self.write(&out).await;
    }

    async fn log_in(&mut self) {
        self.write(BANNER).await;
        let login = self.request().await.unwrap();
        assert_eq!(login.action(), "Login");
        let accepted = login.get("Secret").as_deref() == Some("secret");
        let (word, text) = if accepted {
            ("Success", "Authentication accepted")
        } else {
            ("Error", "Authentication failed")
        };
        self.send(reply(&login, word).header("Message", text)).await;
    }
}

fn reply(request: &Request, word: &str) -> MessageBuilder {
    MessageBuilder::response(word, request.action_id().as_deref())
}

fn hangup(n: u32) -> MessageBuilder {
    MessageBuilder::event("Hangup")
        .header("Privilege", "call,all")
        .header("Uniqueid", format!("1.{n}"))
}

async fn link(notices: &mut Notices) -> LinkState {
    loop {
        match notices.recv().await.unwrap() {
            Notice::Link(LinkState::Connecting { .. } | LinkState::LoggingIn)
            | Notice::Message(..)
            | Notice::Lost { .. }
            | Notice::Distrusted { .. } => {}
            Notice::Link(state) => return state,
        }
    }
}

async fn message(notices: &mut Notices) -> ami::Message {
    loop {
        match notices.recv().await.unwrap() {
            Notice::Message(message, _) => return message,
            Notice::Link(_) | Notice::Lost { .. } | Notice::Distrusted { .. } => {}
        }
    }
}

async fn down(notices: &mut Notices) -> DownReason {
    match link(notices).await {
        LinkState::Down { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

async fn connected() -> (Peer, Session<TcpStream>, Handle, Notices) {
    let (peer, config) = Peer::start().await;
    let (handle, mut notices) = client::start(config, Clock::start());
    let session = peer.log_in().await;
    assert_eq!(
        link(&mut notices).await,
        LinkState::Up {
            version: "11.0.0".to_owned()
        }
    );
    (peer, session, handle, notices)
}

#[tokio::test(start_paused = true)]
async fn events_and_items_come_in_order_and_outcomes_to_whoever_asked() {
    let (_peer, mut session, handle, mut notices) = connected().await;
    session.send(hangup(1)).await;
    let listing = tokio::spawn({
        let handle = handle.clone();
        async move { handle.list(CoreShowChannels {}).await }
    });
    let request = session.command().await.unwrap();
    assert_eq!(request.action(), "CoreShowChannels");
    let id = request.action_id().unwrap().into_owned();
    session
        .send(reply(&request, "Success").header("EventList", "start"))
        .await;
    session
        .send(
            MessageBuilder::event("CoreShowChannel")
                .header("ActionID", &id)
                .header("Channel", "PJSIP/1-1"),
        )
        .await;
    session
        .send(
            MessageBuilder::event("CoreShowChannelsComplete")
                .header("ActionID", &id)
                .header("EventList", "Complete"),
        )
        .await;
    session.send(hangup(2)).await;
    assert_eq!(listing.await.unwrap().unwrap().len(), 1);
    let mut kinds = Vec::new();
    for _ in 0..5 {
        let message = message(&mut notices).await;
        assert_eq!(handle.is_own(&message), message.kind() != Kind::Hangup);
        kinds.push(message.kind());
    }
    assert_eq!(
        kinds,
        [
            Kind::Hangup,
            Kind::Response,
            Kind::CoreShowChannel,
            Kind::CoreShowChannelsComplete,
            Kind::Hangup
        ]
    );

    let refused = handle.send(Hangup {
        channel: Value::new("channel", "x").unwrap(),
        cause: None,
    });
    let request = session.command().await.unwrap();
    session
        .send(reply(&request, "Error").header("Message", "No such channel"))
        .await;
    assert_eq!(
        refused.await,
        Outcome::Refused {
            message: "No such channel".to_owned()
        }
    );
    assert_eq!(handle.counters().bad_frames, 0);
}

#[tokio::test(start_paused = true)]
async fn a_cut_inside_a_message_is_told_and_what_was_in_flight_is_not_sent_again() {
    let (peer, mut session, handle, mut notices) = connected().await;
    let pending = handle.send(Hangup {
        channel: Value::new("channel", "PJSIP/1-1").unwrap(),
        cause: None,
    });
    assert_eq!(session.command().await.unwrap().action(), "Hangup");
    session.write(b"Event: Newchannel\r\nChannel: PJ").await;
    drop(session);
    assert_eq!(pending.await, Outcome::Unknown(UnknownReason::LinkLost));
    assert_eq!(down(&mut notices).await, CloseReason::CutMidFrame.into());
    assert_eq!(
        handle.send(CoreStatus {}).await,
        Outcome::NotSent(NotSent::LinkDown)
    );
    let mut session = peer.log_in().await;
    assert_eq!(
        link(&mut notices).await,
        LinkState::Up {
            version: "11.0.0".to_owned()
        }
    );
    let _status = handle.send(CoreStatus {});
    assert_eq!(session.command().await.unwrap().action(), "CoreStatus");
    assert_eq!((handle.counters().logins, handle.counters().sent), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn reconnecting_goes_on_for_ever_with_waits_up_to_thirty_seconds() {
    let (peer, config) = Peer::start().await;
    let (_handle, mut notices) = client::start(config, Clock::start());
    for round in 0..40u32 {
        drop(peer.accept().await);
        let LinkState::Down {
            reason, retry_in_ms, ..
        } = link(&mut notices).await
        else {
            panic!()
        };
        assert_eq!(reason, CloseReason::TurnedAway.into());
        assert!(
            retry_in_ms <= client::MAX_BACKOFF_MS.min(client::MIN_BACKOFF_MS << round.min(10)),
            "{round}: {retry_in_ms}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_tried_once_a_minute_even_when_asked_for() {
    let (peer, config) = Peer::start().await;
    let (handle, mut notices) = client::start(
        ClientConfig {
            secret: Secret::new("wrong"),
            ..config
        },
        Clock::start(),
    );
    drop(peer.log_in().await);
    let before = Instant::now();
    let LinkState::CredentialsRefused { message, retry_in_ms } = link(&mut notices).await else {
        panic!()
    };
    assert_eq!((message.as_str(), retry_in_ms), ("Authentication failed", 60_000));
    handle.reconnect();
    drop(peer.log_in().await);
    assert!(
        before.elapsed() >= Duration::from_secs(59),
        "{:?}",
        before.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_dead_after_twelve_seconds() {
    let (_peer, mut session, _handle, mut notices) = connected().await;
    let before = Instant::now();
    assert_eq!(down(&mut notices).await, CloseReason::HalfOpen.into());
    let silence = before.elapsed();
    assert!(
        silence >= Duration::from_secs(11) && silence <= Duration::from_millis(12_100),
        "{silence:?}"
    );
    assert_eq!(session.request().await.unwrap().action(), "Ping");
}

#[tokio::test(start_paused = true)]
async fn a_quiet_connection_that_answers_pings_stays_up() {
    let (_peer, mut session, handle, mut notices) = connected().await;
    let quiet = tokio::time::timeout(Duration::from_secs(120), session.command()).await;
    assert!(quiet.is_err());
    let mut none = Vec::new();
    assert_eq!(notices.try_recv_many(&mut none, 10), 0, "{none:?}");
    assert_eq!(handle.counters().attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn an_action_without_an_answer_is_unknown_after_ten_seconds() {
    let (_peer, mut session, handle, _notices) = connected().await;
    let before = Instant::now();
    let pending = handle.send(CoreStatus {});
    let outcome = tokio::select! {
        outcome = pending => outcome,
        _ = async { loop { session.command().await; } } => panic!("closed"),
    };
    assert_eq!(outcome, Outcome::Unknown(UnknownReason::Deadline));
    assert!(before.elapsed() >= Duration::from_secs(10) && before.elapsed() < Duration::from_secs(11));
}

#[tokio::test]
async fn monsters_are_dropped_and_the_link_stays_up() {
    let (_peer, mut session, handle, mut notices) = connected().await;
    let monsters = [
        format!("Event: X\r\nA: {}\r\n\r\n", "x".repeat(5_000_000)),
        format!("Event: X\r\n{}\r\n", "A: 1\r\n".repeat(100_000)),
        "no frame at all\r\nA: \u{0}\r\n\r\n".to_owned(),
    ];
    for (n, monster) in (0..).zip(&monsters) {
        session.write(monster.as_bytes()).await;
        session.send(hangup(n)).await;
        assert_eq!(
            message(&mut notices).await.get("Uniqueid").unwrap(),
            format!("1.{n}")
        );
    }
    let counters = handle.counters();
    assert_eq!(
        (counters.bad_frames, counters.attempts, counters.messages),
        (3, 1, 4)
    );
}

#[tokio::test]
async fn endless_garbage_ends_the_link() {
    let (_peer, mut session, handle, mut notices) = connected().await;
    let noise = b"\xff\xfe\x00garbage\r\n\r\n".repeat(10_000);
    for _ in 0..200 {
        if session.stream.write_all(&noise).await.is_err() {
            break;
        }
    }
    assert_eq!(down(&mut notices).await, CloseReason::Garbage.into());
    assert!(handle.counters().bytes < 10 << 20);
}

#[tokio::test]
async fn a_consumer_that_sleeps_loses_the_link_and_is_told() {
    let (peer, mut session, handle, mut notices) = connected().await;
    let mut burst = BytesMut::new();
    for n in 0..2_000 {
        hangup(n)
            .header("Filler", "x".repeat(400))
            .write_to(&mut burst)
            .unwrap();
    }
    for _ in 0..100 {
        if session.stream.write_all(&burst).await.is_err() {
            break;
        }
    }
    drop(session);
    let mut again = peer.log_in().await;
    let mut received = 0;
    let lost = loop {
        match notices.recv().await.unwrap() {
            Notice::Message(..) => received += 1,
            Notice::Lost { messages } => break messages,
            state @ (Notice::Link(_) | Notice::Distrusted { .. }) => panic!("{state:?}"),
        }
    };
    assert!(lost > 0 && received > 100_000, "{lost} {received}");
    assert_eq!(down(&mut notices).await, DownReason::Overrun);
    assert_eq!(
        link(&mut notices).await,
        LinkState::Up {
            version: "11.0.0".to_owned()
        }
    );
    // A message on the new link shows that its login was counted before.
    again.send(hangup(0)).await;
    message(&mut notices).await;
    let counters = handle.counters();
    assert_eq!((counters.overruns, counters.lost), (1, lost));
    assert_eq!(
        counters.messages,
        received + lost + 3,
        "every message is delivered or counted, as are two logins and this one"
    );
}

#[tokio::test(start_paused = true)]
async fn a_challenge_login_keeps_the_password_to_itself() {
    let (peer, config) = Peer::start().await;
    let (_handle, mut notices) = client::start(
        ClientConfig {
            challenge: true,
            ..config
        },
        Clock::start(),
    );
    let mut session = peer.accept().await;
    session.write(BANNER).await;
    let challenge = session.request().await.unwrap();
    assert_eq!(
        (challenge.action().as_ref(), challenge.get("AuthType").as_deref()),
        ("Challenge", Some("MD5"))
    );
    session
        .send(reply(&challenge, "Success").header("Challenge", "678555322"))
        .await;
    let login = session.request().await.unwrap();
    assert_eq!(
        login.get("Key").unwrap(),
        Secret::new("secret").answer("678555322").as_str()
    );
    assert_eq!(login.get("Secret"), None);
    session
        .send(reply(&login, "Success").header("Message", "Authentication accepted"))
        .await;
    assert!(matches!(link(&mut notices).await, LinkState::Up { .. }));
}

#[tokio::test(start_paused = true)]
async fn every_way_not_to_get_in_has_its_own_name() {
    let (peer, config) = Peer::start().await;
    let try_once = |config: ClientConfig| async move {
        let (_handle, mut notices) = client::start(config, Clock::start());
        down(&mut notices).await
    };
    let no_such_name = ClientConfig {
        host: "x".repeat(64),
        ..config.clone()
    };
    assert!(matches!(try_once(no_such_name).await, DownReason::Dns { .. }));

    let web = tokio::spawn(try_once(config.clone()));
    peer.accept()
        .await
        .write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        .await;
    let greeting = "HTTP/1.1 400 Bad Request".to_owned();
    assert_eq!(web.await.unwrap(), CloseReason::NotAmi { greeting }.into());

    let silent = tokio::spawn(try_once(config.clone()));
    let session = peer.accept().await;
    assert_eq!(silent.await.unwrap(), CloseReason::NoGreeting.into());
    drop(session);

    let stuck = tokio::spawn(try_once(config.clone()));
    let mut session = peer.accept().await;
    session.write(BANNER).await;
    assert_eq!(stuck.await.unwrap(), CloseReason::LoginTimeout.into());

    drop(peer);
    assert_eq!(try_once(config).await, DownReason::Refused);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_is_not_a_cut() {
    let (_peer, mut session, _handle, mut notices) = connected().await;
    session
        .send(
            MessageBuilder::event("Shutdown")
                .header("Privilege", "system,all")
                .header("Shutdown", "Cleanly")
                .header("Restart", "True"),
        )
        .await;
    drop(session);
    assert_eq!(
        down(&mut notices).await,
        CloseReason::Shutdown { restart: true }.into()
    );
}

#[tokio::test(start_paused = true)]
async fn a_dropped_future_neither_repeats_nor_takes_back_its_action() {
    let (_peer, mut session, handle, _notices) = connected().await;
    drop(handle.send(CoreStatus {}));
    let second = handle.send(CoreShowChannels {});
    assert_eq!(session.command().await.unwrap().action(), "CoreStatus");
    assert_eq!(session.command().await.unwrap().action(), "CoreShowChannels");
    drop(second);
}

#[tokio::test(start_paused = true)]
async fn stopping_logs_off() {
    let (_peer, mut session, handle, mut notices) = connected().await;
    handle.stop().await;
    assert_eq!(session.command().await.unwrap().action(), "Logoff");
    assert!(session.command().await.is_none());
    assert_eq!(link(&mut notices).await, LinkState::Stopped);
    assert_eq!(notices.recv().await, None);
    assert_eq!(
        handle.send(CoreStatus {}).await,
        Outcome::NotSent(NotSent::LinkDown)
    );
}

#[tokio::test(start_paused = true)]
async fn asked_to_reconnect_it_does_at_once() {
    let (peer, _session, handle, mut notices) = connected().await;
    handle.reconnect();
    assert_eq!(down(&mut notices).await, DownReason::Requested);
    let _session = peer.log_in().await;
    assert!(matches!(link(&mut notices).await, LinkState::Up { .. }));
}

#[test]
fn a_client_runs_on_a_thread_of_its_own() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (peer, config) = Peer::start().await;
        let (handle, mut notices) = client::start_on_thread("ami", config, Clock::start()).unwrap();
        let mut session = peer.log_in().await;
        session.send(hangup(7)).await;
        assert_eq!(message(&mut notices).await.kind(), Kind::Hangup);
        handle.stop().await;
    });
}

struct Authority {
    pem: String,
    acceptor: tokio_rustls::TlsAcceptor,
}

fn authority(name: &str) -> Authority {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
    Authority {
        pem: cert.pem(),
        acceptor: Arc::new(config).into(),
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_by_name_and_a_known_one_is_not() {
    let (peer, config) = Peer::start().await;
    let ours = authority("pbx.example");
    let verify = |server_name: &str, extra_ca_pem: Option<&String>| ClientConfig {
        tls: Tls::Verify {
            server_name: Some(server_name.to_owned()),
            extra_ca_pem: extra_ca_pem.cloned(),
        },
        ..config.clone()
    };
    for config in [
        verify("pbx.example", None),
        verify("other.example", Some(&ours.pem)),
    ] {
        let (_handle, mut notices) = client::start(config, Clock::start());
        let tcp = peer.accept().await.stream;
        assert!(ours.acceptor.accept(tcp).await.is_err());
        assert!(matches!(
            down(&mut notices).await,
            DownReason::TlsUntrusted { .. }
        ));
    }
    let (handle, mut notices) = client::start(verify("pbx.example", Some(&ours.pem)), Clock::start());
    let stream = ours.acceptor.accept(peer.accept().await.stream).await.unwrap();
    let mut session = Session {
        stream,
        decoder: RequestDecoder::new(),
    };
    session.log_in().await;
    assert!(matches!(link(&mut notices).await, LinkState::Up { .. }));
    handle.stop().await;

    let (_handle, mut notices) = client::start(verify("pbx.example", None), Clock::start());
    let mut plain = peer.accept().await;
    plain.write(BANNER).await;
    assert!(matches!(down(&mut notices).await, DownReason::TlsFailed { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_probe_reports_what_the_account_may_do() {
    let (peer, config) = Peer::start().await;
    let probing = tokio::spawn(client::probe(config.clone()));
    let mut session = peer.log_in().await;
    let settings = session.command().await.unwrap();
    session
        .send(
            reply(&settings, "Success")
                .header("AsteriskVersion", "22.10.1")
                .header("SystemName", ""),
        )
        .await;
    let commands = session.command().await.unwrap();
    let list = reply(&commands, "Success")
        .header("Atxfer", "Attended transfer.  (Priv: call,all)")
        .header("Hangup", "Hangup channel.  (Priv: system,call,all)")
        .header("QueueStatus", "Show queue status.  (Priv: <none>)");
    session.send(list).await;
    let report = probing.await.unwrap().unwrap();
    assert_eq!(
        (report.version.as_str(), report.asterisk_version.as_deref()),
        ("11.0.0", Some("22.10.1"))
    );
    assert_eq!(
        (report.system_name.as_ref(), report.write_classes.as_slice()),
        (None, &["call".to_owned()][..])
    );
    assert!(
        report.may("QueueStatus")
            && report.may("Hangup")
            && !report.may("Originate")
            && !report.is_dangerous()
    );

    let probing = tokio::spawn(client::probe(ClientConfig {
        secret: Secret::new("wrong"),
        ..config.clone()
    }));
    drop(peer.log_in().await);
    let message = "Authentication failed".to_owned();
    assert_eq!(
        probing.await.unwrap(),
        Err(ProbeError::CredentialsRefused { message })
    );
    drop(peer);
    assert_eq!(
        client::probe(config).await,
        Err(ProbeError::Link(DownReason::Refused))
    );
}
