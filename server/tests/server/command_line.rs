//! The command line looks after an installation while its server runs, says what it did, and every change is in the trail.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::support::{
    Browser, PASSWORD, TestServer,
    live::Live,
    program::{Ran, run},
};

const NEW_PASSWORD: &str = "eleven brass lanterns";

struct Installation {
    server: TestServer,
    folder: PathBuf,
}

impl Installation {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let folder = server.folder.path().to_owned();
        Self { server, folder }
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        run(&self.folder, arguments, "").await
    }

    async fn make(&self, username: &str) -> Ran {
        let arguments = [
            "user",
            "create",
            username,
            "--name",
            "Eve Adams",
            "--password-stdin",
        ];
        run(&self.folder, &arguments, &format!("{PASSWORD}\n")).await
    }

    async fn sign_in(&self, username: &str, password: &str) -> Option<Browser> {
        let mut browser = self.server.browser();
        let form = [
            ("username", username.to_owned()),
            ("password", password.to_owned()),
        ];
        let answer = browser.post("/api/sign_in", &form).await;
        (answer.status == 200).then_some(browser)
    }

    /// What the command line did, newest first: action, object, outcome.
    async fn told(&self) -> Vec<(String, String, String)> {
        let rows = self.server.services.trail.newest(100).await.unwrap();
        let by_hand = rows.into_iter().filter(|row| row.act.actor.starts_with("cli:"));
        by_hand
            .map(|row| {
                assert!(
                    row.act.actor.len() > 4 && row.act.actor_id.is_none() && row.act.address.is_empty(),
                    "{row:?}"
                );
                let outcome = row.outcome().to_owned();
                (row.act.action, row.act.object, outcome)
            })
            .collect()
    }
}

fn row(action: &str, object: &str) -> (String, String, String) {
    (action.into(), object.into(), "done".into())
}

/// The socket ends within so long; what it still says before is read.
async fn ends_within(live: &mut Live, most: Duration) {
    let begun = Instant::now();
    while live.frame().await.is_some() {}
    assert!(begun.elapsed() < most, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_user_is_made_listed_disabled_and_let_in_again() {
    let place = Installation::open().await;
    let made = place.make("eve").await.good();
    assert_eq!(made.out, "eve was made (Agent).\n");
    let browser = place.sign_in("eve", PASSWORD).await.unwrap();
    let mut live = Live::open(&browser).await;
    let listed = place.run(&["user", "list"]).await.good();
    assert!(
        listed.out.contains("eve") && listed.out.contains("active") && listed.out.contains("Eve Adams"),
        "{listed:?}"
    );

    let disabled = place.run(&["user", "disable", "eve"]).await;
    // somebody must be left who can let others in; nobody is an administrator here yet
    assert_eq!(disabled.exit, 4, "{disabled:?}");
    let arguments = ["user", "create", "ada", "--role", "admin", "--generate", "--json"];
    let made = place.run(&arguments).await.good().json();
    assert!(
        place
            .sign_in("ada", made["password"].as_str().unwrap())
            .await
            .is_some(),
        "{made}"
    );
    place.run(&["user", "disable", "eve"]).await.good();
    ends_within(&mut live, Duration::from_secs(5)).await;
    assert_eq!(browser.clone().get("/").await.status, 303, "the session is over");
    let listed = place.run(&["user", "list", "--json"]).await.good().json();
    assert_eq!(listed[1]["username"], "eve");
    assert_eq!(listed[1]["disabled"], true);
    place.run(&["user", "enable", "eve"]).await.good();
    assert!(place.sign_in("eve", PASSWORD).await.is_some());
    let told = place.told().await;
    assert_eq!(told[0], row("enable_user", "user eve"));
    assert_eq!(told[1], row("disable_user", "user eve"));
    assert_eq!(told[2], row("add_user", "user ada"));
    assert_eq!(
        told[3],
        ("disable_user".into(), "user eve".into(), "failed".into())
    );
    assert_eq!(told[4], row("add_user", "user eve"));
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one_and_is_told_nowhere() {
    let place = Installation::open().await;
    place.make("eve").await.good();
    let browser = place.sign_in("eve", PASSWORD).await.unwrap();
    let mut live = Live::open(&browser).await;
    let reset = ["user", "reset-password", "eve", "--password-stdin"];
    let done = run(&place.folder, &reset, &format!("{NEW_PASSWORD}\n"))
        .await
        .good();
    assert!(!done.out.contains(NEW_PASSWORD), "{done:?}");
    ends_within(&mut live, Duration::from_secs(5)).await;
    assert!(place.sign_in("eve", PASSWORD).await.is_none());
    let generated = place
        .run(&["user", "reset-password", "eve", "--generate"])
        .await
        .good();
    let password = generated
        .out
        .lines()
        .last()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(password.len(), 23, "{generated:?}");
    // what failed before waits its second
    let signed_in =
        crate::support::eventually("signed in", async || place.sign_in("eve", &password).await).await;
    assert!(signed_in.cookie.is_some());
    let rows = format!("{:?}", place.server.services.trail.newest(100).await.unwrap());
    for secret in [PASSWORD, NEW_PASSWORD, &password] {
        assert!(!rows.contains(secret), "{rows}");
    }
}

#[tokio::test]
async fn the_first_administrator_can_be_made_by_hand_and_others_later() {
    let place = Installation::open().await;
    place.make("eve").await.good();
    let promoted = place.run(&["user", "make-admin", "eve"]).await.good();
    assert_eq!(promoted.out, "eve is an administrator now.\n");
    let mut browser = place.sign_in("eve", PASSWORD).await.unwrap();
    assert_eq!(browser.post("/api/pbx_connections", &[]).await.status, 200);
    assert_eq!(place.told().await[0], row("make_admin", "user eve"));
}

#[tokio::test]
async fn what_cannot_be_done_names_the_field_and_ends_as_documented() {
    let place = Installation::open().await;
    place.make("eve").await.good();
    for (arguments, input, exit, says) in [
        (&["user", "create", "eve", "--generate"][..], "", 4, "eve"),
        (&["user", "create", "Eve Adams", "--generate"], "", 2, "username"),
        (
            &["user", "create", "mia", "--name", "\u{7}", "--generate"],
            "",
            2,
            "name",
        ),
        (
            &["user", "create", "mia", "--role", "king", "--generate"],
            "",
            2,
            "role",
        ),
        (
            &["user", "create", "mia", "--password-stdin"],
            "short\n",
            2,
            "password",
        ),
        (&["user", "create", "mia"], "", 2, "password"),
        (
            &["user", "create", "mia", "--password", PASSWORD],
            "",
            2,
            "--password",
        ),
        (&["user", "disable", "nobody"], "", 3, "nobody"),
        (
            &["user", "reset-password", "nobody", "--generate"],
            "",
            3,
            "nobody",
        ),
        (&["audit", "export", "--action", "fly"], "", 2, "fly"),
        (
            &["audit", "verify", "--database", "/nonexistent/starboard.db"],
            "",
            3,
            "/nonexistent/starboard.db",
        ),
        (
            &["key", "rotate", "--config", "/nonexistent.toml"],
            "",
            1,
            "/nonexistent.toml",
        ),
    ] {
        let ran = run(&place.folder, arguments, input).await;
        assert_eq!(ran.exit, exit, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {ran:?}");
        assert!(ran.out.is_empty(), "{arguments:?}: {ran:?}");
    }
    let ran = place
        .run(&["user", "create", "mia", "--role", "king", "--generate", "--json"])
        .await;
    let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(error["field"], "role");
    assert_eq!(place.told().await.len(), 1, "nothing was done");
}

#[tokio::test]
async fn the_trail_is_verified_and_exported_beside_the_server_and_a_forged_row_is_named() {
    let place = Installation::open().await;
    place.make("eve").await.good();
    let whole = place.run(&["audit", "verify"]).await.good();
    assert!(whole.out.starts_with("The trail is whole: "), "{whole:?}");
    let whole = place.run(&["audit", "verify", "--json"]).await.good().json();
    assert_eq!((&whole["whole"], &whole["first"]), (&true.into(), &1.into()));

    let exported = place
        .run(&["audit", "export", "--action", "add_user"])
        .await
        .good();
    let lines: Vec<&str> = exported.out.lines().collect();
    assert_eq!(lines.len(), 2, "{exported:?}");
    assert!(
        lines[0].starts_with("id,at,actor,") && lines[1].contains(",add_user,user eve,done,"),
        "{lines:?}"
    );
    let file = place.folder.join("trail.jsonl");
    let to_file = [
        "audit",
        "export",
        "--format",
        "jsonl",
        "--output",
        file.to_str().unwrap(),
    ];
    place.run(&to_file).await.good();
    let written = std::fs::read_to_string(&file).unwrap();
    let newest: serde_json::Value = serde_json::from_str(written.lines().next().unwrap()).unwrap();
    assert_eq!(
        newest["action"], "export_audit",
        "the export before is in it, this one is not"
    );
    assert_eq!(newest["outcome_detail"]["entries"], "1");
    assert_eq!(
        place.run(&to_file).await.exit,
        1,
        "a file that is there is not written over"
    );
    assert_eq!(place.told().await[0], row("export_audit", "audit trail"));

    let id = newest["id"].as_i64().unwrap();
    crate::trail::forge(
        &place.folder.join("starboard.db"),
        &[
            "DROP TRIGGER audit_is_not_changed",
            &format!("UPDATE audit SET object = 'nothing' WHERE id = {id}"),
        ],
    )
    .await;
    let broken = place.run(&["audit", "verify"]).await;
    assert_eq!(broken.exit, 5, "{broken:?}");
    assert!(broken.err.contains(&format!("broken at row {id}:")), "{broken:?}");
}
