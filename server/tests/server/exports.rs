//! The audit trail as a page and as a file: whole, exactly what is filtered, and for nobody without the right.

use crate::support::{Browser, PASSWORD, TestServer, begun, eventually};
use app::{
    AppError,
    access::BuiltIn,
    audit::{Action, AuditList, AuditQuery, Outcome},
};
use server::{store::UserRecord, trail::Who};

/// More than an export reads at once.
const MANY: usize = 1_200;

async fn signed_in(server: &TestServer, role: BuiltIn) -> Browser {
    let services = &server.services;
    let user = UserRecord {
        password_hash: services.passwords.hash(PASSWORD).await.unwrap(),
        ..UserRecord::new(role.slug(), "Somebody", role, 1)
    };
    services.store.add_user(&user).await.unwrap();
    let mut browser = server.browser();
    let form = [
        ("username", role.slug().to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    assert_eq!(browser.post("/api/sign_in", &form).await.status, 200);
    browser
}

async fn with_many() -> (TestServer, Browser) {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    let trail = &server.services.trail;
    for call in 0..MANY {
        let object = format!("call {call}");
        let act = trail
            .begin(Who::user(1, "ada"), "192.0.2.1", Action::Call, &object, &[])
            .await
            .unwrap();
        if call % 2 == 0 {
            trail.end(act, Outcome::Unknown, &[]).await;
        }
    }
    (server, browser)
}

/// Numbers of the calls in a file of lines.
fn calls(body: &str) -> Vec<usize> {
    let lines = body
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines
        .filter_map(|line| line["object"].as_str()?.strip_prefix("call ")?.parse().ok())
        .collect()
}

#[tokio::test]
async fn an_export_is_everything_that_is_filtered_newest_first_and_nothing_twice() {
    let (server, mut browser) = with_many().await;
    let newest_first: Vec<usize> = (0..MANY).rev().collect();
    let answer = browser.get("/admin/audit/export?format=jsonl&action=call").await;
    assert_eq!(answer.status, 200, "{:?}", answer.headers);
    assert_eq!(
        answer.header("content-type"),
        Some("application/jsonl; charset=utf-8")
    );
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"starboard-audit.jsonl\"")
    );
    assert_eq!(calls(&answer.body), newest_first);
    let unknown = browser
        .get("/admin/audit/export?format=jsonl&outcome=unknown")
        .await;
    let every_other: Vec<usize> = newest_first
        .iter()
        .copied()
        .filter(|call| call % 2 == 0)
        .collect();
    assert_eq!(calls(&unknown.body), every_other);
    let csv = browser.get("/admin/audit/export?q=call+7&actor=ada").await;
    assert_eq!(
        csv.body.lines().count(),
        1 + 111,
        "the names, and 7, 70 to 79, 700 to 799"
    );
    assert!(csv.body.starts_with("id,at,actor,"), "{}", csv.body);
    let told = eventually("the exports are told", async || {
        let trail = server.services.trail.newest(3).await.unwrap();
        trail.iter().all(|row| row.outcome() == "done").then_some(trail)
    })
    .await;
    assert!(
        told.iter()
            .all(|row| row.act.action == "export_audit" && row.act.actor == "ada"),
        "{told:?}"
    );
    assert!(
        told[0]
            .ended_detail
            .as_deref()
            .unwrap()
            .contains(r#""entries":"111""#),
        "{told:?}"
    );
    assert!(told[0].act.detail.contains("q=call%207&actor=ada"), "{told:?}");
}

#[tokio::test]
async fn who_may_not_see_the_trail_sees_no_page_no_entry_and_no_file() {
    let server = TestServer::start().await;
    let mut admin = server.set_up().await;
    let everything = AuditQuery::default();
    for role in [BuiltIn::Supervisor, BuiltIn::Agent, BuiltIn::Viewer] {
        let mut browser = signed_in(&server, role).await;
        let answer = browser.ask("/api/audit", &everything).await;
        assert_eq!(
            (answer.status, answer.value::<AppError>()),
            (403, AppError::Forbidden),
            "{role:?}"
        );
        let answer = browser.get("/admin/audit/export").await;
        assert_eq!(answer.status, 403, "{role:?}: {answer:?}");
        assert!(!answer.body.contains("set_up"), "{answer:?}");
        let told = &server.services.trail.newest(1).await.unwrap()[0];
        assert_eq!(
            (told.act.actor.as_str(), told.act.action.as_str(), told.outcome()),
            (role.slug(), "export_audit", "refused")
        );
    }
    let mut stranger = server.browser();
    for path in ["/admin/audit/export", "/admin/audit/export?format=jsonl"] {
        assert_eq!(stranger.get(path).await.status, 303, "{path}");
    }
    assert_eq!(stranger.ask("/api/audit", &everything).await.status, 401);
    let list: AuditList = admin.ask("/api/audit", &everything).await.value();
    assert!(list.rows.iter().any(|row| row.outcome == "refused"), "{list:?}");
    assert!(!list.rows.iter().any(|row| row.object.contains(PASSWORD)));
}

#[tokio::test]
async fn a_download_that_is_broken_off_is_told_so() {
    let (server, browser) = with_many().await;
    drop(begun(&server, &browser, "/admin/audit/export?format=jsonl").await);
    let told = eventually("it is told", async || {
        let told = server.services.trail.newest(1).await.unwrap().remove(0);
        (told.outcome() != "begun").then_some(told)
    })
    .await;
    assert_eq!(told.outcome(), "failed", "{told:?}");
    assert!(
        told.ended_detail.as_deref().unwrap().contains("broken off"),
        "{told:?}"
    );
    assert_eq!(told.act.action, "export_audit");
}

#[tokio::test]
async fn pages_of_the_trail_join_and_a_search_for_nothing_ends() {
    let (_server, mut browser) = with_many().await;
    let mut query = AuditQuery {
        action: Some(Action::Call),
        ..AuditQuery::default()
    };
    let mut seen = Vec::new();
    loop {
        let list: AuditList = browser.ask("/api/audit", &query).await.value();
        assert!(list.rows.len() <= 100);
        seen.extend(list.rows.into_iter().map(|row| row.object));
        query.before = list.older;
        if query.before.is_none() {
            break;
        }
    }
    let all: Vec<String> = (0..MANY).rev().map(|call| format!("call {call}")).collect();
    assert_eq!(seen, all);
    query.text = "nowhere".into();
    let list: AuditList = browser.ask("/api/audit", &query).await.value();
    assert_eq!(
        (list.rows.len(), list.older, list.searched_to_ms),
        (0, None, None)
    );
}
