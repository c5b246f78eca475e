//! Calls by programs: placed, handed on and ended once, by the rules of the pages.

use app::access::{Ability, BuiltIn, Reach};
use serde_json::json;

use crate::support::{
    eventually,
    office::Office,
    rest::{Program, all_of, only, record, user},
};

const ADA: i64 = 1;

async fn until_calls(program: &Program, count: usize) -> Vec<serde_json::Value> {
    eventually("calls on the board", async || {
        let calls = program.json("/api/v1/calls").await;
        let calls = calls["items"].as_array().unwrap().clone();
        (calls.len() == count).then_some(calls)
    })
    .await
}

#[tokio::test]
async fn two_posts_with_one_key_are_one_call() {
    let office = Office::open().await;
    let program = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let place = json!({"to": "1002"});
    let (one, two) = tokio::join!(
        program.post("/api/v1/calls", "call-me-once", &place),
        program.post("/api/v1/calls", "call-me-once", &place),
    );
    assert_eq!((one.status, two.status), (202, 202), "{one:?} {two:?}");
    assert_eq!(one.json(), json!({"outcome": "accepted"}));
    let again = program.post("/api/v1/calls", "call-me-once", &place).await;
    assert_eq!((again.status, again.body), (202, one.body));
    program
        .post("/api/v1/calls", "call-me-once", &json!({"to": "1003"}))
        .await
        .problem(409);
    let calls = until_calls(&program, 1).await;
    assert_eq!(calls[0]["legs"][0]["party"]["extension"], "1001");

    // hung up, and hung up again: the same answer
    let id = calls[0]["id"].as_str().unwrap();
    let path = format!("/api/v1/calls/1/{id}/hangup");
    assert_eq!(program.post(&path, "end-it-please", &json!({})).await.status, 202);
    until_calls(&program, 0).await;
    assert_eq!(program.post(&path, "end-it-please", &json!({})).await.status, 202);
    program.post(&path, "end-it-again", &json!({})).await.problem(404);
}

#[tokio::test]
async fn what_cannot_be_called_is_refused_with_its_reason() {
    let office = Office::open().await;
    let program = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let post = async |key: &str, body| program.post("/api/v1/calls", key, &body).await;
    for (at, to) in ["", "1002\nAction: x", "12a4", &"1".repeat(33)]
        .into_iter()
        .enumerate()
    {
        let refused = post(&format!("number-{at}-{at}"), json!({"to": to}))
            .await
            .problem(422);
        assert_eq!(refused["errors"][0]["field"], "to", "{to:?}");
    }
    let elsewhere = post("on-another-pbx", json!({"to": "1002", "pbx": 99, "from": "1001"})).await;
    elsewhere.problem(404);
    post("no-phone-there", json!({"to": "1002", "pbx": 99}))
        .await
        .problem(422);
    // somebody else's phone does not ring for outside calls
    let foreign = json!({"to": "004912345", "from": "1002"});
    post("foreign-phone", foreign).await.problem(403);
}

#[tokio::test]
async fn what_a_token_does_not_see_is_not_there_for_its_commands() {
    let office = Office::open().await;
    let admin = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let place = json!({"to": "1003", "from": "1002"});
    assert_eq!(
        admin.post("/api/v1/calls", "two-of-ours", &place).await.status,
        202
    );
    let calls = until_calls(&admin, 1).await;
    let id = calls[0]["id"].as_str().unwrap().to_owned();
    let bystander = user(&office.server, "bystander", BuiltIn::Supervisor, "1009").await;
    let bystander = Program::with(&office.server, record(bystander, all_of(BuiltIn::Supervisor))).await;
    let path = format!("/api/v1/calls/1/{id}");
    bystander.get(&path).await.problem(404);
    for act in ["hangup", "park", "pickup"] {
        bystander
            .post(&format!("{path}/{act}"), &format!("not-mine-{act}"), &json!({}))
            .await
            .problem(404);
    }
    let to = json!({"to": "1009"});
    bystander
        .post(&format!("{path}/transfer"), "not-mine-transfer", &to)
        .await
        .problem(404);
    assert_eq!(bystander.json("/api/v1/calls").await["items"], json!([]));
    // who sees and may not: that is said
    let looks = only(&[(Ability::SeeCalls, Reach::All)]);
    let looks = Program::with(&office.server, record(ADA, looks)).await;
    looks
        .post(&format!("{path}/hangup"), "only-looking", &json!({}))
        .await
        .problem(403);
    until_calls(&admin, 1).await;
}
