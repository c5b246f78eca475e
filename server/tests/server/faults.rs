//! Faults and bad input, each with a designed answer, and nothing lost or wrong afterwards.

use std::sync::Arc;

use app::{
    AppError,
    live::protocol::LinkStatus,
    model::{StepState, TestStep},
};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::support::{
    self, Browser, TestServer, eventually,
    http::Answer,
    live::Live,
    office::{Office, call},
    pbx,
    peer::{Peer, Wire, extension},
};

/// A server whose only PBX is told what to say.
struct Told {
    _server: TestServer,
    browser: Browser,
    live: Live,
    peer: Peer,
    wire: Wire,
}

impl Told {
    async fn open() -> Self {
        let peer = Peer::listen().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = support::config(&folder);
        config.pbx = vec![pbx(peer.address, "starboard", "quiet harbour")];
        let server = TestServer::start_with(folder, config).await;
        let wire = peer.log_in().await;
        let browser = server.set_up().await;
        let mut live = Live::open(&browser).await;
        wire.introduce("1001").await;
        live.until("live", |live| {
            live.pbx().0.link == LinkStatus::Live && live.pbx().1.extensions.contains_key("1001")
        })
        .await;
        Self {
            _server: server,
            browser,
            live,
            peer,
            wire,
        }
    }

    /// The next thing the PBX says is understood, over the very same link.
    async fn still_understands(&mut self, number: &str) {
        self.wire.introduce(number).await;
        self.live
            .until(number, |live| live.pbx().1.extensions.contains_key(number))
            .await;
        assert_eq!(self.live.pbx().0.link, LinkStatus::Live);
    }
}

#[tokio::test]
async fn a_link_cut_in_mid_frame_is_told_and_what_was_cut_off_is_not_believed() {
    let mut told = Told::open().await;
    let whole = extension("1002");
    told.wire.say(&whole[..whole.len() - 20]).await;
    told.wire = {
        let Told { peer, wire, live, .. } = &mut told;
        drop(std::mem::replace(wire, Wire::none()));
        live.until("down", |live| {
            matches!(&live.pbx().0.link, LinkStatus::Down { reason, .. } if reason.contains("mid-sentence"))
        })
        .await;
        assert!(
            live.pbx().1.extensions.contains_key("1001"),
            "the last known board stays"
        );
        assert!(!live.pbx().1.extensions.contains_key("1002"));
        peer.log_in().await
    };
    told.live
        .until("live again", |live| live.pbx().0.link == LinkStatus::Live)
        .await;
    told.still_understands("1002").await;
}

#[tokio::test]
async fn a_header_of_five_megabytes_is_dropped_and_the_next_event_counts() {
    let mut told = Told::open().await;
    let mut monster = b"Event: ExtensionStatus\r\nExten: 6666\r\nLong: ".to_vec();
    monster.extend(vec![b'x'; 5 << 20]);
    monster.extend(b"\r\n\r\n");
    told.wire.say(&monster).await;
    told.still_understands("1002").await;
    assert!(
        !told.live.pbx().1.extensions.contains_key("6666"),
        "nothing of it is believed"
    );
}

#[tokio::test]
async fn a_hundred_kilobytes_of_garbage_are_dropped_and_the_next_event_counts() {
    let mut told = Told::open().await;
    // every byte there is, in an order that repeats late
    let mut state = 1_u32;
    let mut garbage: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(100_000)
    .collect();
    garbage.extend(b"\r\n\r\n");
    told.wire.say(&garbage).await;
    told.still_understands("1002").await;
    assert_eq!(told.live.pbx().1.extensions.len(), 2);
}

#[tokio::test]
async fn a_hostile_caller_name_is_shown_and_does_nothing() {
    let mut told = Told::open().await;
    let mut event =
        b"Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-00000001\r\nChannelState: 4\r\n\
        ChannelStateDesc: Ring\r\nCallerIDNum: 0309000001\r\nCallerIDName: "
            .to_vec();
    event.extend("<script>alert(1)</script>\u{202e}\u{1b}[31m".as_bytes());
    event.extend(b"\xff\xfe\"'>");
    event.extend(
        b"\r\nConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nAccountCode: \r\n\
        Context: from-trunk\r\nExten: 1001\r\nPriority: 1\r\nUniqueid: 1700000000.1\r\nLinkedid: 1700000000.1\r\n\r\n",
    );
    told.wire.say(&event).await;
    told.live
        .until("the call", |live| !live.pbx().1.calls.is_empty())
        .await;
    let page = told.browser.get("/").await.body;
    assert!(page.contains("alert(1)"), "the name is shown: {page}");
    assert!(!page.contains("<script>alert(1)"), "as text");
    for hidden in ['\u{202e}', '\u{1b}', '\u{0}'] {
        assert!(!page.contains(hidden), "{hidden:?} is made visible");
    }
    told.still_understands("1002").await;
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_by_name_and_the_secret_is_not_sent() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![key.cert.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into()),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let peer = Peer::listen().await;
    let port = peer.address.port();
    tokio::spawn(async move {
        loop {
            let (socket, _) = peer.listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(socket) = acceptor.accept(socket).await {
                    Wire::over(socket).await;
                }
            });
        }
    });
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut form = vec![
        ("id", "0".to_owned()),
        ("name", "Office".to_owned()),
        ("host", "localhost".to_owned()),
        ("port", port.to_string()),
        ("tls", "true".to_owned()),
        ("ca_pem", String::new()),
        ("username", "starboard".to_owned()),
        ("secret", "quiet harbour".to_owned()),
        ("context", "from-internal".to_owned()),
        ("enabled", "true".to_owned()),
    ];
    let failed = |answer: Answer| {
        let steps: Vec<TestStep> = answer.value();
        let failed = steps.into_iter().find(|step| step.state == StepState::Failed);
        failed.map(|step| (step.name, step.detail))
    };
    let (name, detail) = failed(browser.post("/api/test_pbx", &form).await).unwrap();
    assert_eq!(name, "Encrypt");
    assert!(
        detail.contains("is not trusted") && detail.contains("Add its authority"),
        "{detail}"
    );
    // the running link says the same
    assert!(browser.post("/api/save_pbx", &form).await.status < 400);
    let mut live = Live::open(&browser).await;
    live.until("refused", |live| {
        matches!(&live.boards.values().next().unwrap().0.link,
            LinkStatus::Down { reason, .. } if reason.contains("is not trusted"))
    })
    .await;
    // with its authority it is trusted, and only the missing rights of this PBX are left to say
    form[5].1 = key.cert.pem();
    let left = failed(browser.post("/api/test_pbx", &form).await);
    assert!(
        left.as_ref().is_none_or(|(name, _)| name == "See calls"),
        "{left:?}"
    );
}

#[tokio::test]
async fn with_a_full_disk_nothing_is_sent_to_the_pbx_and_the_board_lives_on() {
    let mut office = Office::open().await;
    let store = office.server.services.store.clone();
    store.limit_pages(Some(1)).await.unwrap();
    // fills what is left of the last page
    let mut form = vec![
        ("display_name", "Ada ".to_owned() + &"L".repeat(70)),
        ("own", "1:1001".to_owned()),
    ];
    eventually("the disk is full", async || {
        form[0].1.push('x');
        form[0].1.truncate(79);
        (office.browser.post("/api/save_profile", &form).await.status == 503).then_some(())
    })
    .await;
    let refused = office.send("full-disk-call", call("1001", "1002")).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    let AppError::Unavailable(text) = refused.value() else {
        panic!("{refused:?}")
    };
    assert!(
        text.contains("disk is full") && text.contains("Nothing was changed"),
        "{text}"
    );
    // the live view goes on, and the refused call was never placed
    office.pbx.call("1003", "1004").await.unwrap();
    office.sees("another call", |board| !board.calls.is_empty()).await;
    assert_eq!(office.live.pbx().1.calls.len(), 1);
    // nobody is signed in by halves
    let mut other = office.server.browser();
    let form = [
        ("username", "ada".to_owned()),
        ("password", support::PASSWORD.to_owned()),
    ];
    let answer = other.post("/api/sign_in", &form).await;
    assert_eq!((answer.status, other.cookie), (503, None), "{answer:?}");
    // space again: all is well without a restart
    store.limit_pages(None).await.unwrap();
    assert_eq!(
        office.outcome("full-disk-over", call("1001", "1002")).await,
        telephony::Outcome::Accepted
    );
}
