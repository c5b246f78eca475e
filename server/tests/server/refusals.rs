//! What is refused leaves a row that says to whom, what and why; and nobody can flood the trail.

use app::access::BuiltIn;
use server::store::{Found, UserRecord};
use telephony::{CallId, Command};

use crate::support::{
    Browser, PASSWORD, TestServer,
    office::{Office, call, send},
};

/// A browser that this person is signed in with.
async fn signed_in(server: &TestServer, username: &str, role: BuiltIn) -> Browser {
    let services = &server.services;
    let user = UserRecord {
        password_hash: services.passwords.hash(PASSWORD).await.unwrap(),
        ..UserRecord::new(username, username, role, 0)
    };
    services.store.add_user(&user).await.unwrap();
    let mut browser = server.browser();
    let form = [
        ("username", username.to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    assert_eq!(browser.post("/api/sign_in", &form).await.status, 200);
    browser
}

async fn refused(server: &TestServer) -> Vec<Found> {
    let rows = server.services.trail.newest(1_000).await.unwrap();
    rows.into_iter()
        .filter(|row| row.outcome() == "refused")
        .collect()
}

fn told(row: &Found) -> (&str, &str, &str) {
    (&row.act.actor, &row.act.action, &row.act.object)
}

#[tokio::test]
async fn a_refused_command_is_told_with_who_what_and_why_and_repeated_it_is_counted() {
    let office = Office::open().await;
    let mut eve = signed_in(&office.server, "eve", BuiltIn::Viewer).await;
    let hang_up = || Command::HangUp {
        call: CallId("17.1".into()),
    };
    for click in 0..20 {
        let answer = send(&mut eve, &format!("click-{click}-x"), hang_up()).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    let rows = refused(&office.server).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(told(&rows[0]), ("eve", "hang_up", "pbx 1: call 17.1"));
    assert!(rows[0].act.actor_id.is_some());
    assert_eq!(rows[0].act.address, "127.0.0.1");
    assert_eq!(rows[0].act.detail, r#"{"why":"this does not exist any more"}"#);
    office.server.services.trail.sum_up(true).await;
    let rows = refused(&office.server).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].act.detail.contains(r#""times":"19""#), "{rows:?}");
    assert!(office.live.pbx().1.calls.is_empty());
}

#[tokio::test]
async fn whoever_tries_a_thousand_things_leaves_a_few_rows() {
    let office = Office::open().await;
    let mut eve = signed_in(&office.server, "eve", BuiltIn::Viewer).await;
    for number in 0..200 {
        let answer = send(
            &mut eve,
            &format!("number-{number}"),
            call("1001", &number.to_string()),
        )
        .await;
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    office.server.services.trail.sum_up(true).await;
    let rows = refused(&office.server).await;
    assert!(rows.len() <= 33, "{}", rows.len());
    let rest = rows
        .iter()
        .find(|row| row.act.detail.contains(r#""times":"169""#));
    assert_eq!(told(rest.unwrap()), ("eve", "request", "different things"));
}

#[tokio::test]
async fn a_refused_change_is_told_whatever_it_was_and_however_it_was_sent() {
    let server = TestServer::start().await;
    server.set_up().await;
    let mut eve = signed_in(&server, "eve", BuiltIn::Supervisor).await;
    let pbx = [
        ("id", "0".to_owned()),
        ("name", "Mine".to_owned()),
        ("host", "192.0.2.1".to_owned()),
        ("port", String::new()),
        ("ca_pem", String::new()),
        ("username", "a".to_owned()),
        ("secret", "do not tell".to_owned()),
        ("context", "x".to_owned()),
    ];
    assert_eq!(eve.post("/api/save_pbx", &pbx).await.status, 403);
    // a form without a script is sent back to where it came from
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "text/html"),
    ];
    let answer = eve.send("POST", "/api/delete_pbx", &headers, "id=7").await;
    assert_eq!(answer.status, 302, "{answer:?}");
    assert_eq!(eve.post("/api/pbx_connections", &[]).await.status, 403);
    let rows = refused(&server).await;
    let told: Vec<_> = rows.iter().map(told).collect();
    assert_eq!(
        told,
        [
            ("eve", "request", "/api/pbx_connections"),
            ("eve", "delete_pbx", "pbx 7"),
            ("eve", "add_pbx", "pbx Mine at 192.0.2.1:"),
        ]
    );
    assert!(rows.iter().all(|row| !format!("{row:?}").contains("do not tell")));
    assert!(server.services.store.pbxs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_failed_sign_in_is_told_with_the_name_as_typed_and_never_as_an_act_of_that_user() {
    let server = TestServer::start().await;
    server.set_up().await;
    let mut stranger = server.browser();
    let long = format!("eve\u{7}\u{202e}{}", "x".repeat(200));
    let form = [("username", long), ("password", "not this one".to_owned())];
    assert_eq!(stranger.post("/api/sign_in", &form).await.status, 422);
    let rows = refused(&server).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(
        (rows[0].act.actor.as_str(), rows[0].act.action.as_str()),
        ("", "sign_in")
    );
    assert!(
        rows[0].act.object.starts_with("eve⟨U+0007⟩⟨U+202E⟩xxx"),
        "{rows:?}"
    );
    assert!(rows[0].act.object.chars().count() <= 40);
    assert!(!format!("{rows:?}").contains("not this one"));
    // one who only knocks leaves nothing
    for path in ["/", "/admin/pbx", "/api/command", "/api/save_pbx"] {
        stranger.get(path).await;
        stranger.post(path, &[]).await;
    }
    assert_eq!(refused(&server).await.len(), 1);
}

#[tokio::test]
async fn what_is_done_is_told_old_and_new_and_secrets_are_not() {
    let office = Office::open().await;
    let mut browser = office.browser.clone();
    let form = [
        ("id", "1".to_owned()),
        ("name", "Harbour".to_owned()),
        ("host", "127.0.0.1".to_owned()),
        ("port", "1".to_owned()),
        ("ca_pem", String::new()),
        ("username", "starboard".to_owned()),
        ("secret", "another secret".to_owned()),
        ("context", "from-internal".to_owned()),
    ];
    let answer = browser.post("/api/save_pbx", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let rows = office.server.services.trail.newest(1).await.unwrap();
    assert_eq!(told(&rows[0]), ("ada", "change_pbx", "pbx Harbour"));
    assert_eq!(rows[0].outcome(), "done");
    let detail: serde_json::Value = serde_json::from_str(&rows[0].act.detail).unwrap();
    assert_eq!(
        detail["name"],
        serde_json::json!({"old": "Office", "new": "Harbour"})
    );
    assert_eq!(detail["port"]["new"], "1");
    assert_eq!(detail["connect"], serde_json::json!({"old": "yes", "new": "no"}));
    assert_eq!(detail["secret"], "replaced");
    assert!(detail.get("host").is_none());
    assert!(!rows[0].act.detail.contains("another secret"));
}
