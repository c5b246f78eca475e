//! The event stream: snapshot and events are the board as the token sees it, also when it breaks off and goes on.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use app::access::BuiltIn;
use serde_json::{Value, json};

use crate::support::{
    PATIENCE, eventually,
    office::Office,
    rest::{EventStream, Program, all_of, record, user},
};

const ADA: i64 = 1;

/// What a program makes of a stream.
#[derive(Debug, Default)]
struct Fold {
    rows: BTreeMap<(String, i64, String), Value>,
    snapshots: usize,
    sequence: u64,
}

fn key(row: &Value) -> (String, i64, String) {
    let kind = row["kind"].as_str().unwrap().to_owned();
    if kind == "pbx" {
        let id = row["id"].as_i64().or_else(|| row["pbx"].as_i64());
        return (kind, id.unwrap(), String::new());
    }
    (
        kind,
        row["pbx"].as_i64().unwrap(),
        row["id"].as_str().unwrap().to_owned(),
    )
}

impl Fold {
    fn take(&mut self, (name, data): (String, Value)) {
        match name.as_str() {
            "snapshot" => {
                self.snapshots += 1;
                self.rows = data["rows"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| (key(row), row.clone()))
                    .collect();
            }
            "changes" => {
                let sequence = data["sequence"].as_u64().unwrap();
                assert!(sequence > self.sequence, "old news");
                for row in data["set"].as_array().unwrap() {
                    self.rows.insert(key(row), row.clone());
                }
                for row in data["gone"].as_array().unwrap() {
                    self.rows.remove(&key(row));
                }
            }
            other => panic!("{other}: {data}"),
        }
        self.sequence = data["sequence"].as_u64().unwrap();
    }

    /// The rows of a kind, as their list has them.
    fn list(&self, wanted: &str) -> Value {
        let rows = self.rows.iter().filter(|((kind, ..), _)| kind == wanted);
        rows.map(|(_, row)| {
            let mut row = row.clone();
            row.as_object_mut().unwrap().remove("kind");
            row
        })
        .collect()
    }

    /// Takes events in until the fold is what the lists say.
    async fn meets(&mut self, stream: &mut EventStream, program: &Program) {
        let started = Instant::now();
        loop {
            let mut same = true;
            for (kind, list) in [
                ("extension", "extensions"),
                ("call", "calls"),
                ("queue", "queues"),
                ("pbx", "pbxs"),
            ] {
                let listed = program.json(&format!("/api/v1/{list}?limit=500")).await;
                same &= self.list(kind) == listed["items"];
            }
            if same {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "never the same");
            if let Ok(event) = tokio::time::timeout(Duration::from_millis(200), stream.next()).await {
                self.take(event.expect("the stream ended"));
            }
        }
    }
}

async fn place(program: &Program, key: &str, from: &str, to: &str) {
    let answer = program
        .post("/api/v1/calls", key, &json!({"from": from, "to": to}))
        .await;
    assert_eq!(answer.status, 202, "{answer:?}");
}

async fn end_all(program: &Program, key: &str) {
    let calls = program.json("/api/v1/calls").await;
    for (at, call) in calls["items"].as_array().unwrap().iter().enumerate() {
        let path = format!("/api/v1/calls/1/{}/hangup", call["id"].as_str().unwrap());
        program.post(&path, &format!("{key}-{at}"), &json!({})).await;
    }
}

#[tokio::test]
async fn snapshot_and_events_are_the_board_as_the_token_sees_it() {
    let office = Office::open().await;
    let admin = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let agent = user(&office.server, "boss", BuiltIn::Supervisor, "1004").await;
    let some = Program::with(&office.server, record(agent, all_of(BuiltIn::Supervisor))).await;
    let (mut all_stream, mut some_stream) = (admin.events(None).await, some.events(None).await);
    let (mut all, mut seen) = (Fold::default(), Fold::default());
    all.take(all_stream.next().await.unwrap());
    seen.take(some_stream.next().await.unwrap());
    assert_eq!((all.snapshots, seen.snapshots), (1, 1));
    place(&admin, "event-call-1", "1001", "1002").await;
    all.meets(&mut all_stream, &admin).await;
    seen.meets(&mut some_stream, &some).await;
    assert_eq!(seen.list("call"), json!([]), "not theirs");
    place(&admin, "event-call-2", "1003", "1004").await;
    eventually("both calls", async || {
        let calls = admin.json("/api/v1/calls").await;
        (calls["items"].as_array()?.len() == 2).then_some(())
    })
    .await;
    all.meets(&mut all_stream, &admin).await;
    seen.meets(&mut some_stream, &some).await;
    end_all(&admin, "event-end").await;
    eventually("no call", async || {
        (admin.json("/api/v1/calls").await["items"] == json!([])).then_some(())
    })
    .await;
    all.meets(&mut all_stream, &admin).await;
    seen.meets(&mut some_stream, &some).await;
    assert_eq!((all.snapshots, seen.snapshots), (1, 1), "events alone did it");
}

#[tokio::test]
async fn a_stream_goes_on_where_it_broke_off_and_begins_anew_where_it_cannot() {
    let office = Office::open().await;
    let admin = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let mut fold = Fold::default();
    let mut stream = admin.events(None).await;
    fold.take(stream.next().await.unwrap());
    place(&admin, "resume-call-1", "1001", "1002").await;
    fold.meets(&mut stream, &admin).await;
    let last = stream.last.clone().unwrap();
    drop(stream);
    // what happens meanwhile is told afterwards, without a snapshot
    place(&admin, "resume-call-2", "1003", "1004").await;
    let mut stream = admin.events(Some(&last)).await;
    fold.meets(&mut stream, &admin).await;
    assert_eq!(fold.snapshots, 1);
    let last = stream.last.clone().unwrap();
    let (sequence, stamp) = last.split_once('-').unwrap();
    drop(stream);
    // the same place by a parameter
    let answer = admin.get("/api/v1/events?last_event=1").await;
    answer.problem(422);
    // too long ago, from the future, of other rights, of another run, nonsense
    let ahead = format!("{}-{stamp}", sequence.parse::<u64>().unwrap() + 1_000_000);
    let old = format!("1-{stamp}");
    for cannot in [
        old.as_str(),
        &ahead,
        &format!("{sequence}-000000000000"),
        "nonsense",
        "-",
        "",
    ] {
        let mut stream = admin.events(Some(cannot)).await;
        let mut anew = Fold::default();
        anew.take(stream.next().await.unwrap());
        assert_eq!(anew.snapshots, 1, "{cannot:?}");
        anew.meets(&mut stream, &admin).await;
    }
}

#[tokio::test]
async fn a_revoked_token_ends_its_streams_within_five_seconds() {
    let office = Office::open().await;
    let services = &office.server.services;
    let (admin, id) = Program::and_id(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let mut stream = admin.events(None).await;
    stream.next().await.unwrap();
    // in the database alone, as the command line does
    let revoked = Instant::now();
    services
        .store
        .revoke_token(id, server::clock::wall_ms())
        .await
        .unwrap();
    let (name, data) = stream.next().await.unwrap();
    assert_eq!((name.as_str(), &data["reason"]), ("end", &json!("token_ended")));
    assert!(
        revoked.elapsed() < Duration::from_secs(5),
        "{:?}",
        revoked.elapsed()
    );
    assert_eq!(stream.next().await, None);
    eventually("its place is free", async || {
        (services.api.streams.open() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn rights_that_change_replace_what_a_stream_shows() {
    let office = Office::open().await;
    let services = &office.server.services;
    let admin = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    place(&admin, "before-demotion", "1001", "1002").await;
    let boss = user(&office.server, "boss", BuiltIn::Admin, "1005").await;
    let theirs = Program::with(&office.server, record(boss, all_of(BuiltIn::Admin))).await;
    let mut stream = theirs.events(None).await;
    let mut fold = Fold::default();
    fold.take(stream.next().await.unwrap());
    fold.meets(&mut stream, &theirs).await;
    assert_eq!(fold.list("call").as_array().unwrap().len(), 1);
    let supervisor = server::store::built_in_id(BuiltIn::Supervisor);
    services.store.set_role(boss, supervisor).await.unwrap();
    services.current.look(&services.store).await;
    while fold.snapshots < 2 {
        fold.take(stream.next().await.unwrap());
    }
    fold.meets(&mut stream, &theirs).await;
    assert_eq!(fold.list("call"), json!([]));
    let viewer = server::store::built_in_id(BuiltIn::Viewer);
    services.store.set_role(boss, viewer).await.unwrap();
    services.current.look(&services.store).await;
    let (name, _) = stream.next().await.unwrap();
    assert_eq!(name, "end", "viewers use no programs");
}

#[tokio::test]
async fn a_token_has_so_many_streams_and_a_server_that_stops_says_so() {
    let mut office = Office::open().await;
    let admin = Program::with(&office.server, record(ADA, all_of(BuiltIn::Admin))).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut stream = admin.events(None).await;
        stream.next().await.unwrap();
        streams.push(stream);
    }
    admin.get("/api/v1/events").await.problem(429);
    office.server.ask_to_stop();
    for mut stream in streams {
        let (name, data) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), &data["reason"]), ("end", &json!("restarting")));
        assert_eq!(stream.next().await, None);
    }
}
