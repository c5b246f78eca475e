//! One's own password and sessions, and showing again who one is.

use std::time::{Duration, Instant};

use app::{
    AppError,
    access::BuiltIn,
    live::protocol::{ByeReason, ServerFrame},
    model::sign_in::{Security, SignedIn},
};

use crate::support::{Browser, PASSWORD, TestServer, http::Answer, live::Live, person::credentials};

const NEW: &str = "eight yellow herons";
/// What is ended is gone after so long.
const PROMISED: Duration = Duration::from_secs(5);

fn change(now: &str, new: &str) -> Vec<(&'static str, String)> {
    vec![
        ("password_now", now.to_owned()),
        ("password", new.to_owned()),
        ("password_again", new.to_owned()),
    ]
}

fn field(answer: &Answer) -> String {
    match answer.value() {
        AppError::Invalid(fields) => fields[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

async fn sessions(browser: &mut Browser) -> Vec<SignedIn> {
    let security: Security = browser.post("/api/security", &[]).await.value();
    security.sessions
}

/// The socket is told that its session is over, in time.
async fn ends(live: &mut Live) {
    let started = Instant::now();
    loop {
        match live.frame().await {
            Some(ServerFrame::Bye(reason)) => {
                assert_eq!(reason, ByeReason::SignedOut);
                break;
            }
            Some(frame) => live.fold(frame),
            None => break,
        }
    }
    assert!(started.elapsed() < PROMISED, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_every_other_session() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut here = Live::open(&browser).await;
    let mut other = server.signed_in("ada").await;
    let mut there = Live::open(&other).await;
    let before = browser.cookie.clone();

    let wrong = browser
        .post("/api/change_password", &change("not it at all", NEW))
        .await;
    assert_eq!(field(&wrong), "password_now");
    let changed = crate::support::eventually("the wait after a wrong one is over", async || {
        let answer = browser.post("/api/change_password", &change(PASSWORD, NEW)).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(changed.value::<u32>(), 1);
    ends(&mut there).await;
    assert_eq!(other.get("/").await.status, 303);
    // this one goes on under another id, and so does its socket
    assert_ne!(browser.cookie, before);
    assert_eq!(browser.get("/").await.status, 200);
    let pulses = here.pulses;
    here.until("a sign of life", |live| live.pulses > pulses + 1)
        .await;
    let mut thief = server.browser();
    thief.cookie = before;
    assert_eq!(thief.get("/").await.status, 303);

    let mut later = server.browser();
    let old = later.post("/api/sign_in", &credentials("ada", PASSWORD)).await;
    assert_eq!(old.status, 422);
    let mut new = server.browser();
    new.origin.clone_from(&later.origin);
    crate::support::eventually("the wait after the old one is over", async || {
        let answer = new.post("/api/sign_in", &credentials("ada", NEW)).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_bad_new_password_is_refused_at_its_field_and_changes_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    for bad in ["short", "qwertyqwerty", "starboard 1234", "ada", PASSWORD] {
        let refused = browser.post("/api/change_password", &change(PASSWORD, bad)).await;
        assert_eq!(field(&refused), "password", "{bad}");
    }
    let mut differ = change(PASSWORD, NEW);
    differ[2].1.push('x');
    let refused = browser.post("/api/change_password", &differ).await;
    assert_eq!(field(&refused), "password_again");
    server.signed_in("ada").await;
}

#[tokio::test]
async fn sessions_are_told_apart_and_ended_one_by_one_or_all_at_once() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut phone = server.browser();
    let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "*/*"),
        ("User-Agent", agent),
    ];
    let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let answer = phone.send("POST", "/api/sign_in", &headers, &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut live = Live::open(&phone).await;
    let all = sessions(&mut browser).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all.iter().filter(|one| one.here).count(), 1);
    let there = all.iter().find(|one| !one.here).unwrap();
    assert_eq!(
        (there.device.as_str(), there.address.as_str()),
        ("Safari on iPhone", "127.0.0.1")
    );
    // nobody ends what belongs to somebody else
    server.add("ann", BuiltIn::Agent).await;
    let mut ann = server.signed_in("ann").await;
    let id = [("id", there.id.clone())];
    assert_eq!(ann.post("/api/end_session", &id).await.status, 404);
    assert_eq!(browser.post("/api/end_session", &id).await.status, 200);
    ends(&mut live).await;
    assert_eq!(phone.get("/").await.status, 303);

    let mut one = server.signed_in("ada").await;
    let mut two = server.signed_in("ada").await;
    let ended = browser.post("/api/end_other_sessions", &[]).await;
    assert_eq!(ended.value::<u32>(), 2);
    assert_eq!((one.get("/").await.status, two.get("/").await.status), (303, 303));
    assert_eq!(sessions(&mut browser).await.len(), 1);
    assert_eq!(ann.get("/").await.status, 200);
}

#[tokio::test]
async fn of_six_sessions_the_oldest_ends_and_the_sixth_is_told() {
    let server = TestServer::start().await;
    let mut first = server.set_up().await;
    let mut live = Live::open(&first).await;
    for _ in 0..4 {
        assert!(
            !server
                .signed_in("ada")
                .await
                .get("/")
                .await
                .body
                .contains("oldest session")
        );
    }
    let (mut sixth, _) = server.password("ada").await;
    ends(&mut live).await;
    assert_eq!(first.get("/").await.status, 303);
    let page = sixth.get("/").await;
    assert!(
        page.body
            .contains("Your oldest session was ended: Another program, 127.0.0.1.")
    );
    assert!(!sixth.get("/").await.body.contains("oldest session"), "said once");
}

#[tokio::test]
async fn something_sensitive_asks_again_who_one_is_and_then_is_done() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    let pbx = |host: &str, secret: &str| {
        vec![
            ("id", "0".to_owned()),
            ("name", "Office".to_owned()),
            ("host", host.to_owned()),
            ("port", "5038".to_owned()),
            ("ca_pem", String::new()),
            ("username", "starboard".to_owned()),
            ("secret", secret.to_owned()),
            ("context", "from-internal".to_owned()),
        ]
    };
    server.long_ago(&browser).await;
    let asks = |answer: Answer| {
        assert_eq!(
            (answer.status, answer.value::<AppError>()),
            (401, AppError::Reauthenticate)
        );
    };
    for path in [
        "/api/begin_app",
        "/api/ask_new_passkey",
        "/api/remove_app",
        "/api/renew_codes",
    ] {
        asks(browser.post(path, &[]).await);
    }
    let named = [("id", "1".to_owned()), ("name", "x".to_owned())];
    asks(browser.post("/api/remove_passkey", &named).await);
    asks(browser.post("/api/rename_passkey", &named).await);
    asks(
        browser
            .post("/api/save_pbx", &pbx("127.0.0.1", "hush hush"))
            .await,
    );
    assert!(server.services.store.pbxs().await.unwrap().is_empty());

    let wrong = browser
        .post("/api/confirm", &[("proof", "not it at all".to_owned())])
        .await;
    assert_eq!(field(&wrong), "proof");
    let before = browser.cookie.clone();
    crate::support::eventually("the wait after a wrong one is over", async || {
        let answer = browser
            .post("/api/confirm", &[("proof", PASSWORD.to_owned())])
            .await;
        (answer.status == 200).then_some(())
    })
    .await;
    assert_ne!(browser.cookie, before, "a new id");
    assert_eq!(
        browser
            .post("/api/save_pbx", &pbx("127.0.0.1", "hush hush"))
            .await
            .status,
        200
    );
    // the socket that was open before goes on
    live.until("the new connection", |live| !live.boards.is_empty())
        .await;

    // a name alone is nothing sensitive, another host is
    server.long_ago(&browser).await;
    let mut form = pbx("127.0.0.1", "");
    form[0].1 = "1".to_owned();
    form[1].1 = "Head office".to_owned();
    assert_eq!(browser.post("/api/save_pbx", &form).await.status, 200);
    form[2].1 = "192.0.2.9".to_owned();
    asks(browser.post("/api/save_pbx", &form).await);
}

#[tokio::test]
async fn guesses_at_a_confirmation_are_as_few_as_at_a_sign_in() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let guess = [("proof", "not it at all".to_owned())];
    assert_eq!(browser.post("/api/confirm", &guess).await.status, 422);
    let soon = browser.post("/api/confirm", &guess).await;
    assert_eq!(soon.value::<AppError>(), AppError::TooMany { retry_after_s: 1 });
    let soon = browser
        .post("/api/change_password", &change("not it either", NEW))
        .await;
    assert_eq!(soon.status, 429, "counted together");
}

#[tokio::test]
async fn a_session_lives_by_what_people_do_and_not_by_what_pages_ask_for() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let seen_ms = async |browser: &mut Browser| sessions(browser).await[0].seen_ms;
    let page = [("Sec-Fetch-Mode", "navigate"), ("Accept", "text/html")];
    let script = [("Sec-Fetch-Mode", "cors"), ("Accept", "*/*")];
    for (method, path, headers, is_use) in [
        ("GET", "/queues", page, true),
        ("POST", "/used", script, true),
        ("GET", "/live", script, false),
        ("POST", "/api/alarms", script, false),
        ("POST", "/api/doorstep", script, false),
        ("GET", "/queues", script, false),
    ] {
        let long_ago_ms = server.seen_long_ago(&browser).await;
        assert_eq!(seen_ms(&mut browser).await, long_ago_ms);
        browser.send(method, path, &headers, "").await;
        assert_eq!(
            seen_ms(&mut browser).await > long_ago_ms,
            is_use,
            "{path} {headers:?}"
        );
    }
    // what is not used for half an hour is over, whatever a page asks for meanwhile
    let mut live = Live::open(&browser).await;
    server
        .seen_at(&browser, server::clock::wall_ms() - 30 * 60_000)
        .await;
    ends(&mut live).await;
}
