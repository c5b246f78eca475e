//! Tokens from the command line of the server's machine, while the server runs.

use crate::support::{
    TestServer,
    program::{Ran, run},
    rest::Program,
};

async fn ran(server: &TestServer, arguments: &[&str]) -> Ran {
    run(server.folder.path(), arguments, "").await
}

#[tokio::test]
async fn a_token_is_made_used_listed_and_revoked() {
    let server = TestServer::start().await;
    ran(
        &server,
        &["user", "create", "ada", "--role", "admin", "--generate"],
    )
    .await
    .good();
    let make = [
        "token",
        "create",
        "ada",
        "wallboard",
        "--ability",
        "see_people",
        "--days",
        "7",
        "--json",
    ];
    let made = ran(&server, &make).await.good().json();
    let program = Program {
        address: server.address,
        token: made["token"].as_str().unwrap().to_owned(),
        from: [127, 0, 0, 1].into(),
    };
    program.json("/api/v1/extensions").await;
    program.get("/api/v1/users").await.problem(403);
    let listed = ran(&server, &["token", "list", "ada", "--json"])
        .await
        .good()
        .json();
    assert_eq!(listed[0]["state"], "good");
    assert_eq!(listed[0]["from"], "127.0.0.1");
    let listed = ran(&server, &["token", "list"]).await.good();
    assert!(
        listed.out.contains("wallboard") && !listed.out.contains(&program.token),
        "{listed:?}"
    );
    let mut stream = program.events(None).await;
    stream.next().await.unwrap();
    let id = made["id"].to_string();
    ran(&server, &["token", "revoke", &id]).await.good();
    let (name, _) = stream.next().await.unwrap();
    assert_eq!(name, "end");
    program.get("/api/v1/extensions").await.problem(401);
    assert_eq!(ran(&server, &["token", "revoke", &id]).await.exit, 3);

    let told = server.services.trail.newest(20).await.unwrap();
    let of = |action: &str| {
        told.iter()
            .any(|row| row.act.action == action && row.act.actor.starts_with("cli:"))
    };
    assert!(of("make_token") && of("revoke_token"), "{told:?}");
}

#[tokio::test]
async fn what_a_user_may_not_their_token_is_not_made_for() {
    let server = TestServer::start().await;
    for (name, role) in [("ada", "admin"), ("sue", "supervisor"), ("eve", "agent")] {
        ran(&server, &["user", "create", name, "--role", role, "--generate"])
            .await
            .good();
    }
    for (arguments, exit) in [
        (
            &["token", "create", "sue", "x", "--ability", "manage_users"][..],
            2,
        ),
        (&["token", "create", "sue", "x", "--ability", "see_calls=all"], 2),
        (&["token", "create", "sue", "x", "--ability", "fly"], 2),
        (&["token", "create", "sue", "x"], 2),
        (&["token", "create", "sue", "x", "--all", "--days", "91"], 2),
        (
            &["token", "create", "sue", "x", "--all", "--network", "office"],
            2,
        ),
        (&["token", "create", "eve", "x", "--all"], 2),
        (&["token", "create", "nobody", "x", "--all"], 3),
    ] {
        let refused = ran(&server, arguments).await;
        assert_eq!(refused.exit, exit, "{arguments:?}: {refused:?}");
    }
    ran(&server, &["token", "create", "sue", "x", "--all"])
        .await
        .good();
}
