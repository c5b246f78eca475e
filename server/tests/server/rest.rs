//! `/api/v1`: who gets in, what they see of it, and how every refusal looks.

use std::collections::BTreeSet;

use app::{
    access::{Ability, BuiltIn, Reach, Scope},
    model::PbxId,
};
use serde_json::{Value, json};

use crate::support::{
    eventually,
    office::Office,
    rest::{Program, all_of, only, record, user},
};

/// The administrator of the office.
const ADA: i64 = 1;

#[tokio::test]
async fn only_a_token_gets_in_and_every_refusal_is_a_problem() {
    let mut office = Office::open().await;
    let program = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let stranger = Program {
        token: String::new(),
        ..program.clone()
    };
    for path in [
        "/api/v1/calls",
        "/api/v1/users/1",
        "/api/v1/events",
        "/api/v1/nothing",
        "/api/v1",
        "/api/v1/",
    ] {
        let refused = stranger.get(path).await;
        let problem = refused.problem(401);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        assert!(problem["detail"].as_str().unwrap().starts_with("Send a token"));
    }
    // the session of the very same person is no way in, and says so
    let with_cookie = office.browser.get("/api/v1/calls").await.problem(401);
    assert!(
        with_cookie["detail"]
            .as_str()
            .unwrap()
            .contains("Cookies are not accepted")
    );
    // and a token is no way into the pages
    let page = program.send("POST", "/api/people", &[], "").await;
    assert_eq!(page.status, 401, "{page:?}");

    let slip = Program {
        token: program.token.replace("sb_", "sb_0")[..52].to_owned(),
        ..program.clone()
    };
    assert!(
        slip.get("/api/v1/calls").await.problem(401)["detail"]
            .as_str()
            .unwrap()
            .contains("checksum")
    );

    program.get("/api/v1/nothing").await.problem(404);
    program.get("/api/v1/calls/1/none").await.problem(404);
    program.get("/api/v1/calls/one/none").await.problem(404);
    program.get("/api/v1/calls/1/%FF").await.problem(404);
    let wrong_method = program.send("DELETE", "/api/v1/calls", &[], "").await;
    wrong_method.problem(405);
    assert!(wrong_method.header("allow").unwrap().contains("GET"));
    let json_head = ("Content-Type", "application/json");
    let key = ("Idempotency-Key", "a-key-of-its-own");
    let post = async |headers: &[(&str, &str)], body: &str| {
        program.send("POST", "/api/v1/calls", headers, body).await
    };
    assert_eq!(
        post(&[json_head], "{}").await.problem(422)["errors"][0]["field"],
        "Idempotency-Key"
    );
    post(&[json_head, key], "{").await.problem(400);
    post(&[("Content-Type", "text/plain"), key], "{}")
        .await
        .problem(415);
    post(&[json_head, key], &"[".repeat(70_000)).await.problem(413);
    post(&[json_head, key], &"[".repeat(2_000_000)).await.problem(413);
    let unknown = post(&[json_head, key], r#"{"to":"1002","priority":1}"#)
        .await
        .problem(422);
    assert_eq!(unknown["errors"][0]["field"], "priority");
    let missing = post(&[json_head, key], "").await.problem(422);
    assert_eq!(missing["errors"][0]["field"], "to");
    let parameter = program.get("/api/v1/calls?limti=3").await.problem(422);
    assert_eq!(parameter["errors"][0]["field"], "limti");
    for limit in ["0", "501", "-1", "many"] {
        let wrong = program
            .get(&format!("/api/v1/calls?limit={limit}"))
            .await
            .problem(422);
        assert_eq!(wrong["errors"][0]["field"], "limit", "{limit}");
    }
    for cursor in ["x", "00", "7573657273203"] {
        let wrong = program
            .get(&format!("/api/v1/calls?cursor={cursor}"))
            .await
            .problem(422);
        assert_eq!(wrong["errors"][0]["field"], "cursor", "{cursor}");
    }
    // from another site, even with a token
    post(&[json_head, key, ("Origin", "https://evil.example")], "{}")
        .await
        .problem(403);
}

#[tokio::test]
async fn a_token_is_good_where_and_as_long_as_it_was_made_for() {
    let office = Office::open().await;
    let services = &office.server.services;
    let scope = only(&[(Ability::SeePeople, Reach::All)]);
    let made_for = record(ADA, scope);
    let network = server::store::TokenRecord {
        networks: vec!["127.0.0.2/31".parse().unwrap()],
        ..made_for.clone()
    };
    let (mut program, id) = Program::and_id(&office.server, network).await;
    let refused = program.get("/api/v1/extensions").await.problem(401);
    assert!(refused["detail"].as_str().unwrap().contains("this address"));
    program.from = [127, 0, 0, 3].into();
    program.json("/api/v1/extensions").await;

    let over = server::store::TokenRecord {
        name: "yearly".into(),
        expires_ms: server::clock::wall_ms() - 1,
        ..made_for.clone()
    };
    let over = Program::with(&office.server, over).await;
    let refused = over.get("/api/v1/extensions").await.problem(401);
    assert!(refused["detail"].as_str().unwrap().contains("expired"));

    // its use is written at once, and no more than once a minute
    let used = services.store.token(id).await.unwrap().unwrap();
    assert_eq!(used.used_address, "127.0.0.3");
    program.from = [127, 0, 0, 2].into();
    program.json("/api/v1/extensions").await;
    let again = services.store.token(id).await.unwrap().unwrap();
    assert_eq!(
        (again.used_ms, again.used_address),
        (used.used_ms, used.used_address)
    );

    assert!(
        services
            .store
            .revoke_token(id, server::clock::wall_ms())
            .await
            .unwrap()
    );
    let refused = program.get("/api/v1/extensions").await.problem(401);
    assert!(refused["detail"].as_str().unwrap().contains("revoked"));

    // both new addresses are in the trail, each before it was used, and so is each refusal
    let rows = services.trail.newest(50).await.unwrap();
    let of = |action: &str| {
        let found = rows.iter().filter(|row| row.act.action == action);
        found.map(|row| row.act.address.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("token_seen"), ["127.0.0.2", "127.0.0.3"]);
    assert_eq!(of("use_token").len(), 3, "{rows:?}");
    assert!(rows.iter().any(|row| row.act.actor == "ada with token nightly"));
}

#[tokio::test]
async fn a_token_does_what_was_ticked_and_never_more_than_its_owner() {
    let office = Office::open().await;
    let store = &office.server.services.store;
    let people = only(&[(Ability::SeePeople, Reach::All)]);
    let program = Program::with(&office.server, record(ADA, people)).await;
    assert!(
        !program.json("/api/v1/extensions").await["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(program.json("/api/v1/calls").await["items"], json!([]));
    program.get("/api/v1/users").await.problem(403);
    let place = program
        .post("/api/v1/calls", "not-ticked-1", &json!({"to": "1002"}))
        .await;
    place.problem(403);

    // an agent may not have what an administrator may, however it came into the database
    let agent = user(&office.server, "agent", BuiltIn::Agent, "1004").await;
    let theirs = Program::with(&office.server, record(agent, all_of(BuiltIn::Admin))).await;
    theirs.get("/api/v1/users").await.problem(401);

    // whoever is demoted takes their tokens along, at once
    let boss = user(&office.server, "boss", BuiltIn::Admin, "1005").await;
    let program = Program::with(&office.server, record(boss, all_of(BuiltIn::Admin))).await;
    program.json("/api/v1/users").await;
    let before = program.json("/api/v1/extensions").await["items"]
        .as_array()
        .unwrap()
        .len();
    assert!(
        store
            .set_role(boss, server::store::built_in_id(BuiltIn::Supervisor))
            .await
            .unwrap()
    );
    let seen = program.json("/api/v1/users").await;
    assert_eq!(
        seen["items"].as_array().unwrap().len(),
        1,
        "themselves: they are in no team"
    );
    program.get(&format!("/api/v1/users/{ADA}")).await.problem(404);
    let new = json!({"username": "eve", "display_name": "Eve", "role": 4});
    program
        .post("/api/v1/users", "after-demotion", &new)
        .await
        .problem(403);
    assert_eq!(
        program.json("/api/v1/extensions").await["items"]
            .as_array()
            .unwrap()
            .len(),
        before
    );
    assert!(store.set_disabled(boss, true).await.unwrap());
    program.get("/api/v1/extensions").await.problem(401);
}

#[tokio::test]
async fn a_token_for_one_pbx_sees_no_other_and_administers_nothing() {
    let office = Office::open().await;
    let elsewhere = Scope {
        pbx: Some(PbxId(1)),
        ..all_of(BuiltIn::Admin)
    };
    let here = Program::with(&office.server, record(ADA, elsewhere)).await;
    assert_eq!(
        here.json("/api/v1/pbxs").await["items"].as_array().unwrap().len(),
        1
    );
    here.json("/api/v1/extensions/1/1001").await;
    here.get("/api/v1/users").await.problem(403);
}

#[tokio::test]
async fn parts_of_a_list_are_the_whole_and_nothing_twice_while_it_changes() {
    let office = Office::open().await;
    let store = &office.server.services.store;
    for number in 0..25 {
        user(
            &office.server,
            &format!("before{number}"),
            BuiltIn::Viewer,
            "1010",
        )
        .await;
    }
    let program = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let stays: BTreeSet<i64> = (1..=26).filter(|id| *id != 20).collect();
    let mut path = "/api/v1/users?limit=4".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = program.get(&path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let part = answer.json();
        let items = part["items"].as_array().unwrap();
        assert!(items.len() <= 4);
        seen.extend(items.iter().map(|user| user["id"].as_i64().unwrap()));
        // meanwhile somebody is renamed, somebody is new
        let number = seen.len();
        let renamed = server::store::Wanted {
            record: server::store::UserRecord {
                display_name: format!("A{number}"),
                ..store.user(20).await.unwrap().unwrap()
            },
            teams: Vec::new(),
            invitation: None,
        };
        store.save_people(&[renamed], 1).await.unwrap();
        if number < 20 {
            user(
                &office.server,
                &format!("meanwhile{number}"),
                BuiltIn::Viewer,
                "1011",
            )
            .await;
        }
        let Some(next) = part["next"].as_str() else {
            assert_eq!(answer.header("link"), None);
            break;
        };
        let link = answer.header("link").unwrap();
        assert_eq!(
            link,
            format!("</api/v1/users?limit=4&cursor={next}>; rel=\"next\"")
        );
        path = format!("/api/v1/users?limit=4&cursor={next}");
    }
    let once: BTreeSet<i64> = seen.iter().copied().collect();
    assert_eq!(once.len(), seen.len(), "{seen:?}");
    assert!(once.is_superset(&stays), "{seen:?}");

    let all = program.json("/api/v1/extensions?limit=500").await;
    let mut parts = Vec::new();
    let mut cursor = String::new();
    loop {
        let part = program.json(&format!("/api/v1/extensions?limit=7{cursor}")).await;
        parts.extend(part["items"].as_array().unwrap().clone());
        match part["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(Value::Array(parts), all["items"]);
}

#[tokio::test]
async fn users_and_teams_are_made_by_the_rules_of_the_pages() {
    let office = Office::open().await;
    let program = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let new = json!({
        "username": "eve", "display_name": "Eve", "role": 3, "pbx": 1,
        "extensions": [{"pbx": 1, "number": "1007"}],
    });
    let made = program.post("/api/v1/users", "make-eve-once", &new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let eve = made.json();
    let id = eve["user"]["id"].as_i64().unwrap();
    assert_eq!(made.header("location"), Some(&*format!("/api/v1/users/{id}")));
    assert!(
        eve["invitation"]["link"]
            .as_str()
            .unwrap()
            .contains("/welcome?token=")
    );
    assert_eq!(eve["user"]["state"], "invited");

    let taken = program
        .post("/api/v1/users", "make-eve-twice", &new)
        .await
        .problem(422);
    assert_eq!(taken["errors"][0]["field"], "username");
    let wrong = json!({"username": "E V E", "display_name": "", "role": 99, "teams": [99]});
    let wrong = program
        .post("/api/v1/users", "make-wrong", &wrong)
        .await
        .problem(422);
    let fields: BTreeSet<&str> = wrong["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        BTreeSet::from(["display_name", "role", "teams", "username"])
    );

    let team = json!({"name": "Nights", "members": [id], "queues": [{"pbx": 1, "queue": "600"}]});
    let made = program.post("/api/v1/teams", "make-a-team", &team).await;
    assert_eq!(made.status, 201, "{made:?}");
    let team_id = made.json()["id"].as_i64().unwrap();
    let nobody = json!({"name": "Ghosts", "members": [4711]});
    let wrong = program
        .post("/api/v1/teams", "make-ghosts", &nobody)
        .await
        .problem(422);
    assert_eq!(wrong["errors"][0]["field"], "members");

    let changed = json!({"display_name": "Eve E.", "role": 4});
    let changed = program.put(&format!("/api/v1/users/{id}"), &changed).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let changed = changed.json();
    assert_eq!(
        (
            &changed["display_name"],
            &changed["extensions"],
            &changed["teams"]
        ),
        (&json!("Eve E."), &json!([]), &json!([]))
    );
    let disabled = program
        .post(&format!("/api/v1/users/{id}/disable"), "disable-eve", &json!({}))
        .await;
    assert_eq!(disabled.json()["state"], "disabled");
    program
        .post("/api/v1/users/4711/disable", "disable-nobody", &json!({}))
        .await
        .problem(404);
    program
        .post(
            &format!("/api/v1/users/{ADA}/disable"),
            "disable-myself",
            &json!({}),
        )
        .await
        .problem(409);
    let removed = program
        .send("DELETE", &format!("/api/v1/teams/{team_id}"), &[], "")
        .await;
    assert_eq!(removed.status, 204, "{removed:?}");
    program
        .get(&format!("/api/v1/teams/{team_id}"))
        .await
        .problem(404);
}

#[tokio::test]
async fn the_same_request_again_is_done_once_also_at_once_and_answered_the_same() {
    let office = Office::open().await;
    let program = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let new = json!({"username": "twin", "display_name": "Twin", "role": 4});
    let (one, two) = tokio::join!(
        program.post("/api/v1/users", "at-the-same-time", &new),
        program.post("/api/v1/users", "at-the-same-time", &new),
    );
    assert_eq!((one.status, &one.body), (201, &two.body));
    // later as well, with the one-time link, which lies in the database sealed
    let later = program.post("/api/v1/users", "at-the-same-time", &new).await;
    assert_eq!((later.status, &later.body), (201, &one.body));
    assert_eq!(later.header("location"), one.header("location"));
    let link = one.json()["invitation"]["link"].as_str().unwrap().to_owned();
    let secret = link.split_once("token=").unwrap().1.to_owned();
    office.server.services.store.ping().await.unwrap();
    for file in std::fs::read_dir(office.server.folder.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(
            !bytes
                .windows(secret.len())
                .any(|found| found == secret.as_bytes()),
            "{file:?}"
        );
    }
    // who may less is not given what was kept
    let less = Program::with(
        &office.server,
        record(ADA, only(&[(Ability::SeePeople, Reach::All)])),
    )
    .await;
    less.post("/api/v1/users", "at-the-same-time", &new)
        .await
        .problem(409);
    // for something else the key is spent, also at another address
    let other = json!({"username": "other", "display_name": "Other", "role": 4});
    program
        .post("/api/v1/users", "at-the-same-time", &other)
        .await
        .problem(409);
    program
        .post("/api/v1/teams", "at-the-same-time", &json!({"name": "Other"}))
        .await
        .problem(409);
    // what was refused changed nothing, and may come again
    let wrong = json!({"username": "third", "display_name": "", "role": 4});
    program
        .post("/api/v1/users", "mended-later", &wrong)
        .await
        .problem(422);
    let mended = json!({"username": "third", "display_name": "Third", "role": 4});
    assert_eq!(
        program
            .post("/api/v1/users", "mended-later", &mended)
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn too_many_requests_are_told_how_long_to_wait_and_others_are_not_held_back() {
    let simulator = crate::support::office::simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.api_per_minute = server::config::Count(30);
    config.pbx = vec![crate::support::pbx(
        simulator.bound().ami,
        "starboard",
        "quiet harbour",
    )];
    let server = crate::support::TestServer::start_with(folder, config).await;
    server.set_up().await;
    let scope = only(&[(Ability::SeePeople, Reach::All)]);
    let busy = Program::with(&server, record(ADA, scope)).await;
    let other = Program::with(&server, record(ADA, scope)).await;
    let first = busy.get("/api/v1/pbxs").await;
    assert_eq!(
        first.header("ratelimit-policy"),
        Some("\"token\";q=30;w=60, \"address\";q=120;w=60")
    );
    assert!(
        first
            .header("ratelimit")
            .unwrap()
            .starts_with("\"token\";r=29;t="),
        "{first:?}"
    );
    let refused = eventually("the limit", async || {
        let answer = busy.get("/api/v1/pbxs").await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    refused.problem(429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!(other.get("/api/v1/pbxs").await.status, 200);
    // an address has its own limit, whatever it shows
    let stranger = Program {
        token: String::new(),
        ..busy.clone()
    };
    let refused = eventually("the limit of an address", async || {
        let answer = stranger.get("/api/v1/pbxs").await;
        (answer.status != 401).then_some(answer)
    })
    .await;
    refused.problem(429);
    // a slow machine leaves time for one or two more
    let refused = eventually("the limit of the address holds for all of it", async || {
        let answer = other.get("/api/v1/pbxs").await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    refused.problem(429);
    let elsewhere = Program {
        from: [127, 0, 0, 9].into(),
        ..other
    };
    assert_eq!(elsewhere.get("/api/v1/pbxs").await.status, 200);
}
