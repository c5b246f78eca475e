//! The matrix of `/api/v1`: every operation with tokens that have one ability each, against the table below. What is not
//! in it is not reachable, or this test fails.

use std::collections::BTreeSet;

use app::access::{ABILITIES, Ability, BuiltIn, Group, Reach, Scope};
use serde_json::{Value, json};
use server::store::TokenRecord;

use crate::rest_docs::{document, operations};
use crate::support::{
    eventually,
    http::Answer,
    office::Office,
    rest::{Program, all_of, only, record},
};

const ADA: i64 = 1;

/// Whom an operation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Any token: what is in the answer is filtered. `rest_events` walks the stream.
    Any,
    /// A list: empty for everybody but those with this ability.
    Seers(Ability),
    /// One thing: not there for everybody but those with this ability.
    Finders(Ability),
    /// Refused to everybody but those with one of these.
    Holders(&'static [Ability]),
    /// A command, about what is seen: refused to everybody but those with one of these.
    Commanders(&'static [Ability]),
}

type Operation = (&'static str, &'static str, For);

/// Every operation.
#[rustfmt::skip]
const OPERATIONS: &[Operation] = {
    use Ability::*;
    use For::*;
    &[
        ("GET", "/events", Any),
        ("GET", "/pbxs", Any),
        ("GET", "/extensions", Seers(SeePeople)),
        ("GET", "/extensions/{pbx}/{id}", Finders(SeePeople)),
        ("GET", "/calls", Seers(SeeCalls)),
        ("GET", "/calls/{pbx}/{id}", Finders(SeeCalls)),
        ("GET", "/history", Holders(&[SeeCalls])),
        ("GET", "/history/{id}", Holders(&[SeeCalls])),
        ("GET", "/queues", Seers(SeeQueues)),
        ("GET", "/parked", Seers(SeeParked)),
        ("GET", "/users", Holders(&[SeeUsers, ManageUsers, ManageTeams])),
        ("GET", "/users/{id}", Holders(&[SeeUsers, ManageUsers, ManageTeams])),
        ("GET", "/teams", Holders(&[SeeUsers, ManageUsers, ManageTeams])),
        ("GET", "/teams/{id}", Holders(&[SeeUsers, ManageUsers, ManageTeams])),
        ("GET", "/roles", Holders(&[SeeUsers, ManageUsers, ManageTeams, ManageRoles])),
        ("POST", "/users", Holders(&[ManageUsers])),
        ("PUT", "/users/{id}", Holders(&[ManageUsers])),
        ("POST", "/users/{id}/disable", Holders(&[ManageUsers])),
        ("POST", "/users/{id}/enable", Holders(&[ManageUsers])),
        ("POST", "/users/{id}/invite", Holders(&[ManageUsers])),
        ("POST", "/users/{id}/end-sessions", Holders(&[ManageUsers])),
        ("POST", "/teams", Holders(&[ManageTeams])),
        ("PUT", "/teams/{id}", Holders(&[ManageTeams])),
        ("DELETE", "/teams/{id}", Holders(&[ManageTeams])),
        // from the own phone; two other people are connected in `access::rules`
        ("POST", "/calls", Commanders(&[PlaceCalls])),
        ("POST", "/parked/{pbx}/{lot}/{space}/take", Commanders(&[TakeParked])),
        ("POST", "/calls/{pbx}/{id}/pickup", Commanders(&[PickUp])),
        ("POST", "/calls/{pbx}/{id}/transfer", Commanders(&[MoveCalls])),
        ("POST", "/calls/{pbx}/{id}/park", Commanders(&[MoveCalls])),
        ("POST", "/calls/{pbx}/{id}/hangup", Commanders(&[EndCalls])),
    ]
};

/// What there is to ask for.
struct Things {
    call: String,
    leg: String,
    lot: String,
    space: String,
}

impl Things {
    /// A call that rings at 1002, and one that is parked.
    async fn made(office: &Office, admin: &Program) -> Self {
        let place = async |key: &str, from: &str, to: &str| {
            let body = json!({"from": from, "to": to});
            assert_eq!(admin.post("/api/v1/calls", key, &body).await.status, 202);
            office.pbx.answer(from).await.unwrap();
            eventually("the call", async || {
                let calls = admin.json("/api/v1/calls").await;
                let calls = calls["items"].as_array().unwrap().clone();
                let to_them = |call: &Value| {
                    let legs = call["legs"].as_array().unwrap();
                    legs.iter().any(|leg| leg["party"]["extension"] == to)
                };
                calls.into_iter().find(to_them)
            })
            .await
        };
        let to_park = place("one-to-be-parked", "1003", "1004").await;
        office.pbx.answer("1004").await.unwrap();
        let (id, leg) = (to_park["id"].as_str().unwrap(), &to_park["legs"][0]["id"]);
        let parked = eventually("the parked call", async || {
            let path = format!("/api/v1/calls/1/{id}/park");
            admin.post(&path, "park-it-please", &json!({"leg": leg})).await;
            let parked = admin.json("/api/v1/parked").await;
            parked["items"].as_array().unwrap().first().cloned()
        })
        .await;
        let ringing = place("one-that-rings", "1001", "1002").await;
        Self {
            call: ringing["id"].as_str().unwrap().to_owned(),
            leg: ringing["legs"][0]["id"].as_str().unwrap().to_owned(),
            lot: parked["lot"].as_str().unwrap().to_owned(),
            space: parked["space"].as_str().unwrap().to_owned(),
        }
    }

    /// The address, with something that is there in the place of each parameter; people and teams are nobody's.
    fn at(&self, path: &str) -> String {
        let id = match path.split('/').nth(1) {
            Some("calls") => &self.call,
            Some("extensions") => "1001",
            _ => "99",
        };
        let path = path.replace("{pbx}", "1").replace("{id}", id);
        let path = path.replace("{lot}", &self.lot).replace("{space}", &self.space);
        format!("/api/v1{path}")
    }

    fn body(&self, path: &str, who: &str) -> Value {
        match path {
            "/users" => {
                json!({"username": format!("by-{}", who.replace('_', "-")), "display_name": "Somebody", "role": 4})
            }
            "/users/{id}" => json!({"display_name": "Somebody", "role": 4, "extensions": [], "teams": []}),
            "/teams" | "/teams/{id}" => json!({"name": format!("By {who}"), "members": [], "queues": []}),
            "/calls" => json!({"to": "1005"}),
            "/calls/{pbx}/{id}/transfer" => json!({"to": "1006", "leg": self.leg}),
            "/calls/{pbx}/{id}/park" => json!({"leg": self.leg}),
            _ => json!({}),
        }
    }

    async fn ask(&self, program: &Program, (method, path, _): Operation, who: &str) -> Answer {
        let address = self.at(path);
        let body = self.body(path, who);
        match method {
            "GET" => program.get(&address).await,
            "PUT" => program.put(&address, &body).await,
            "DELETE" => program.send("DELETE", &address, &[], "").await,
            _ => {
                let key = format!(
                    "{}{}",
                    who.replace('_', "-"),
                    path.replace(['/', '{', '}'], "-").replace('_', "-")
                );
                program.post(&address, &key, &body).await
            }
        }
    }
}

/// A token with one ability as far as an administrator has it, and what is seen beside it.
async fn token(office: &Office, ability: Ability, seeing: bool) -> (Program, i64) {
    let all = BuiltIn::Admin.abilities();
    let mut scope: Scope = only(&[(ability, all.reach(ability))]);
    for info in ABILITIES
        .iter()
        .filter(|info| seeing && info.group == Group::Seeing)
    {
        scope.abilities.set(info.ability, Reach::All);
    }
    let named = TokenRecord {
        name: ability.info().slug.into(),
        ..record(ADA, scope)
    };
    let (mut program, id) = Program::and_id(&office.server, named).await;
    // a place of its own: so many requests from one are too many
    program.from = [127, 0, 2, ability as u8].into();
    (program, id)
}

#[tokio::test]
async fn every_operation_is_in_the_table() {
    let office = Office::open().await;
    let there = operations(&document(&office.server).await);
    let there = there.iter().map(|(method, path, _)| {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        (method.as_str(), path)
    });
    let there: BTreeSet<_> = there.collect();
    let known = OPERATIONS.iter().map(|(method, path, _)| (*method, *path));
    assert_eq!(there, known.collect(), "left: served, right: in this table");
}

#[tokio::test]
async fn a_token_is_answered_as_the_table_says_and_every_refusal_is_told() {
    let office = Office::open().await;
    let services = &office.server.services;
    let admin = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let things = Things::made(&office, &admin).await;
    let board = async || {
        let mut seen = Vec::new();
        for path in ["calls", "parked", "users", "teams"] {
            let list = admin.json(&format!("/api/v1/{path}")).await;
            seen.extend(
                list["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["id"].clone()),
            );
        }
        seen
    };
    let before = board().await;

    let mut let_through = Vec::new();
    for info in &ABILITIES {
        let (ability, slug) = (info.ability, info.slug);
        let (alone, alone_id) = token(&office, ability, false).await;
        let (seeing, seeing_id) = token(&office, ability, true).await;
        let mut refused = false;
        for operation in OPERATIONS.iter().copied().skip(1) {
            let what = format!("{slug}: {} {}", operation.0, operation.1);
            match operation.2 {
                For::Any => assert_eq!(things.ask(&alone, operation, slug).await.status, 200, "{what}"),
                For::Seers(needed) => {
                    let list = things.ask(&alone, operation, slug).await.json();
                    let empty = list["items"].as_array().unwrap().is_empty();
                    assert_eq!(!empty, ability == needed, "{what}: {list}");
                }
                For::Finders(needed) => {
                    let answer = things.ask(&alone, operation, slug).await;
                    assert_eq!(answer.status == 200, ability == needed, "{what}: {answer:?}");
                    assert!([200, 404].contains(&answer.status), "{what}: {answer:?}");
                }
                For::Holders(any) | For::Commanders(any) if any.contains(&ability) => {
                    let_through.push((operation, slug, alone.clone(), seeing.clone()));
                }
                For::Holders(_) | For::Commanders(_) => {
                    let asking = match operation.2 {
                        For::Commanders(_) => &seeing,
                        _ => &alone,
                    };
                    let answer = things.ask(asking, operation, slug).await;
                    assert_eq!(answer.status, 403, "{what}: {}", answer.body);
                    answer.problem(403);
                    refused = true;
                }
            }
        }
        let told = services.trail.newest(100).await.unwrap();
        let actor = format!("ada with token {slug}");
        let told = told
            .iter()
            .any(|row| row.act.actor == actor && row.outcome() == "refused");
        assert_eq!(told, refused, "{slug}: a refusal leaves a row");
        // nobody has as many tokens at once as there are abilities
        if let_through.iter().all(|(_, of, _, _)| *of != slug) {
            for id in [alone_id, seeing_id] {
                services.store.revoke_token(id, 1).await.unwrap();
            }
        }
    }
    assert_eq!(board().await, before, "what was refused had no effect");

    // those who may, in the order of the table: what was a call ends with the last of them
    let place = |operation: &Operation| OPERATIONS.iter().position(|one| one == operation);
    let_through.sort_by_key(|(operation, ..)| place(operation));
    for (operation, slug, alone, seeing) in let_through {
        let program = match operation.2 {
            For::Commanders(_) => &seeing,
            _ => &alone,
        };
        let answer = things.ask(program, operation, slug).await;
        let what = format!("{slug}: {} {}: {answer:?}", operation.0, operation.1);
        assert!(![401, 403, 500, 503].contains(&answer.status), "{what}");
    }
}

#[tokio::test]
async fn without_a_token_every_operation_is_refused() {
    let office = Office::open().await;
    let nobody = Program {
        address: office.server.address,
        token: String::new(),
        from: [127, 0, 3, 1].into(),
    };
    let nowhere = Things {
        call: "1".into(),
        leg: "1".into(),
        lot: "default".into(),
        space: "701".into(),
    };
    for operation in OPERATIONS {
        nowhere.ask(&nobody, *operation, "nobody").await.problem(401);
    }
}
