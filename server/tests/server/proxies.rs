//! Who a request comes from: a trusted proxy is believed, everybody else speaks for themselves.

use app::AppError;
use server::config::Networks;

use crate::support::{self, Browser, PASSWORD, TestServer, eventually, http::Answer, live::connect};

async fn behind_a_proxy() -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let mut config = support::config(&folder);
    config.trusted_proxies = Networks(vec!["127.0.0.0/8".parse().unwrap()]);
    TestServer::start_with(folder, config).await
}

/// A sign-in as the proxy hands it on.
async fn sign_in(browser: &mut Browser, client: &str, password: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
        ("X-Forwarded-For", client),
    ];
    let body = format!("username=ada&password={}", password.replace(' ', "+"));
    browser.send("POST", "/api/sign_in", &headers, &body).await
}

async fn signed_in_from(server: &TestServer) -> Vec<String> {
    let trail = server.services.trail.newest(20).await.unwrap();
    let sign_ins = trail
        .into_iter()
        .filter(|row| row.act.action == "sign_in" && row.outcome() == "done");
    sign_ins.map(|row| row.act.address).collect()
}

#[tokio::test]
async fn a_trusted_proxy_speaks_for_its_browsers() {
    let server = behind_a_proxy().await;
    server.set_up().await;
    let mut browser = server.browser();
    let wrong = sign_in(&mut browser, "192.0.2.1", "wrong").await;
    assert!(matches!(wrong.value(), AppError::Invalid(_)), "{wrong:?}");
    let again = sign_in(&mut browser, "192.0.2.1", PASSWORD).await;
    assert!(matches!(again.value(), AppError::TooMany { .. }), "{again:?}");
    // what the client itself put before it changes nothing
    let again = sign_in(&mut browser, "198.51.100.9, 192.0.2.1", PASSWORD).await;
    assert!(matches!(again.value(), AppError::TooMany { .. }), "{again:?}");
    let other = sign_in(&mut browser, "198.51.100.7", PASSWORD).await;
    assert_eq!(other.status, 200, "another browser is not slowed down: {other:?}");
    assert_eq!(signed_in_from(&server).await, ["198.51.100.7"]);
}

#[tokio::test]
async fn the_header_of_a_foreign_peer_is_ignored() {
    let server = TestServer::start().await;
    server.set_up().await;
    let mut browser = server.browser();
    let wrong = sign_in(&mut browser, "192.0.2.1", "wrong").await;
    assert!(matches!(wrong.value(), AppError::Invalid(_)), "{wrong:?}");
    let again = sign_in(&mut browser, "198.51.100.7", PASSWORD).await;
    assert!(matches!(again.value(), AppError::TooMany { .. }), "{again:?}");
    eventually("signed in after the wait", async || {
        let answer = sign_in(&mut browser, "198.51.100.7", PASSWORD).await;
        (answer.status == 200).then_some(())
    })
    .await;
    assert_eq!(signed_in_from(&server).await, ["127.0.0.1"]);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_in_the_browser_is_ours() {
    let ours = [
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "board.example.org"),
    ];
    let server = behind_a_proxy().await;
    let mut browser = server.browser();
    browser.origin = Some("https://board.example.org".into());
    let answer = browser.send("POST", "/api/doorstep", &ours, "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("strict-transport-security").is_some());
    browser.origin = Some("https://evil.example".into());
    assert_eq!(browser.send("POST", "/api/doorstep", &ours, "").await.status, 403);

    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    browser.origin = Some("https://board.example.org".into());
    let answer = browser.send("POST", "/api/sign_out", &ours, "").await;
    assert_eq!(answer.status, 403, "a foreign peer opens no door: {answer:?}");
    assert!(answer.header("strict-transport-security").is_none());
    let socket = connect(
        server.address,
        browser.cookie.as_deref(),
        browser.origin.as_deref(),
    )
    .await;
    assert_eq!(socket.err(), Some(403));
}
