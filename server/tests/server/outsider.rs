//! What somebody without a session can get out of the server by asking oddly: nothing.

use app::AppError;

use crate::support::{PASSWORD, TestServer, http::Answer, setup_form};

const HEADERS: [&str; 8] = [
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "cache-control",
];

fn carries_every_header(what: &str, answer: &Answer) {
    for name in HEADERS {
        assert!(
            answer.header(name).is_some(),
            "{what}: {name} is missing: {answer:?}"
        );
    }
}

#[tokio::test]
async fn no_method_and_no_spelling_opens_a_closed_route() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for path in [
        "/",
        "/extensions",
        "/extensions/",
        "/extensions.",
        "/EXTENSIONS",
        "//extensions",
        "/%65xtensions",
        "/./extensions",
        "/sign-in/../extensions",
        "/sign-in%2f..%2fextensions",
        "/admin/pbx",
        "/admin/pbx/:id",
        "/admin/pbx/{id}",
        "/admin/pbx/*",
        "/calls/:pbx/:id",
        "/me",
        "/me%00",
        "/%ff",
        "/live",
        "/live/",
        "/api/frame",
        "/api//frame",
        "/api/frame/",
        "/api/sign_in/../frame",
        "/api/doorstep%2f..%2fframe",
        "/api/command",
        "/api/pbx_connections",
        "/api/nothing",
        "/pkg/../starboard.db",
        "/pkg/%2e%2e/starboard.db",
        "/pkg/..%2fstarboard.db",
        "/pkg/..%5cstarboard.db",
    ] {
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "ODD",
        ] {
            let what = format!("{method} {path}");
            let answer = browser.send(method, path, &[], "").await;
            let closed = matches!(answer.status, 303 | 401 | 404 | 405);
            assert!(closed, "{what}: {answer:?}");
            if answer.status == 303 {
                assert!(
                    answer.header("location").unwrap().starts_with("/sign-in"),
                    "{what}"
                );
            }
            assert!(!answer.body.contains("SQLite"), "{what}");
            carries_every_header(&what, &answer);
        }
    }
}

#[tokio::test]
async fn a_refusal_has_the_status_that_fits_and_says_when_to_come_back() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut stranger = server.browser();
    let form = |password: &str| vec![("username", "ada".to_owned()), ("password", password.to_owned())];
    let wrong = stranger.post("/api/sign_in", &form("wrong")).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    let soon = stranger.post("/api/sign_in", &form(PASSWORD)).await;
    assert_eq!(
        (soon.status, soon.header("retry-after")),
        (429, Some("1")),
        "{soon:?}"
    );
    let again = stranger.post("/api/set_up", &setup_form("0000", "eve")).await;
    assert_eq!(again.status, 409, "{again:?}");
    let gone = browser.post("/api/delete_pbx", &[("id", "77".to_owned())]).await;
    assert_eq!(gone.status, 404, "{gone:?}");
    carries_every_header("a refusal", &gone);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_nothing_of_the_inside_is_told() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let deep = "[".repeat(100_000);
    let deep_object = format!("{{\"request\":{}", "{\"a\":".repeat(20_000));
    for function in ["command", "save_pbx", "test_pbx", "delete_pbx", "save_profile"] {
        for (kind, body) in [
            ("application/json", deep.as_str()),
            ("application/json", deep_object.as_str()),
            ("application/json", "{}"),
            ("application/x-www-form-urlencoded", "\u{fffd}%ff%00&&&=[[[["),
            ("text/xml", "<a/>"),
        ] {
            let headers = [("Content-Type", kind), ("Accept", "application/json")];
            let answer = browser
                .send("POST", &format!("/api/{function}"), &headers, body)
                .await;
            assert_eq!(answer.status, 400, "{function} {kind}: {answer:?}");
            assert!(matches!(answer.value(), AppError::Internal { .. }), "{answer:?}");
            carries_every_header(function, &answer);
        }
    }
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_worth_nothing() {
    let server = TestServer::start().await;
    server.set_up().await;
    for planted in [
        "__Host-sid=AAAAAAAAAAAAAAAAAAAAAA",
        "__Host-sid=",
        "__Host-sid=%00",
        "__Host-sid=\"'; DROP TABLE session; --\"",
    ] {
        let mut victim = server.browser();
        victim.cookie = Some(planted.to_owned());
        let form = [("username", "ada".to_owned()), ("password", PASSWORD.to_owned())];
        let answer = victim.post("/api/sign_in", &form).await;
        assert_eq!(answer.status, 200, "{planted}: {answer:?}");
        assert_ne!(victim.cookie.as_deref(), Some(planted));
        let mut thief = server.browser();
        thief.cookie = Some(planted.to_owned());
        assert_eq!(thief.get("/").await.status, 303, "{planted}");
    }
}

#[tokio::test]
async fn two_origins_are_no_origin() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let foreign = [("Origin", "https://evil.example")];
    // the browser adds its own
    let answer = browser.send("POST", "/api/sign_out", &foreign, "").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(browser.get("/").await.status, 200, "still signed in");
}
