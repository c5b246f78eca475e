//! Calls that records tell are derived anew from the records as they are kept, and nothing that was said of them is lost.

use app::model::UserId;
use serde_json::Value;
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use telephony::Marks;

use crate::{
    cdr::{check, made, seen, sync, with_file},
    put_right::{keep, lose, told},
    support::{
        TestServer, eventually,
        program::{run, start},
    },
};

/// Runs `starboard history rebuild …`.
async fn rebuild(server: &TestServer, more: &[&str]) -> Value {
    let arguments = ["history", "rebuild", "--pbx", "Office", "--json"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    run(server.folder.path(), &arguments, "").await.good().json()
}

/// How many changed: told by records alone, put right, left as they were, left alone because of an erasure.
async fn changed(server: &TestServer, more: &[&str]) -> [u64; 4] {
    let told = rebuild(server, more).await;
    ["told", "put_right", "same", "erased"].map(|name| told[name].as_u64().unwrap())
}

/// Where sums differed: hours, days, what calls have in common.
async fn totals(server: &TestServer, more: &[&str]) -> [u64; 3] {
    let arguments: Vec<&str> = ["--totals"].iter().chain(more).copied().collect();
    let told = rebuild(server, &arguments).await;
    ["hours", "days", "kinds"].map(|name| told[name].as_u64().unwrap())
}

async fn database(server: &TestServer) -> SqliteConnection {
    let file = server.folder.path().join("starboard.db");
    SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .unwrap()
}

async fn execute(server: &TestServer, statements: &[&str]) {
    let mut connection = database(server).await;
    for statement in statements {
        sqlx::raw_sql(sqlx::AssertSqlSafe(*statement))
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

/// Everything that is made of calls, by what it says and not by numbers that mean nothing.
async fn made_of_calls(server: &TestServer) -> Vec<String> {
    let mut connection = database(server).await;
    let mut rows = Vec::new();
    for query in [
        "SELECT json_array(call.id, linked, dialled, answered_ms, duration_ms, talk_ms, held_ms, first_by, last_by, cause, hung_up_by,
            marks, hex(told), direction, result, queue, trunk, recorded, length, calls)
         FROM call JOIN call_story ON call_story.id = call.id JOIN call_kind AS kind ON kind.id = kind_id ORDER BY call.id",
        "SELECT json_array(call_party.call_id, role, number, name, extension, call_party.kind_id = call.kind_id) FROM call_party
         JOIN party ON party.id = party_id JOIN call ON call.id = call_party.call_id ORDER BY 1",
        "SELECT json_array('hour', hour, direction, answered, missed, interrupted, duration_ms, talk_ms) FROM call_hour ORDER BY 1",
        "SELECT json_array('day', day, direction, answered, missed, interrupted, duration_ms, talk_ms) FROM call_day ORDER BY 1",
        "SELECT json_array(call_id, said) FROM call_note ORDER BY 1",
        "SELECT json_array(call_id, tag) FROM call_tag ORDER BY 1",
        "SELECT json_array(id, seen, told) FROM call_seen ORDER BY 1",
    ] {
        let told: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap();
        rows.extend(told);
    }
    rows
}

/// As a logic that took nobody for having answered would have left every call that records tell, with its sums.
const OLDER: [&str; 5] = [
    "INSERT INTO call_kind (pbx_id, direction, result, queue, trunk, recorded, length, calls)
     SELECT pbx_id, direction, 'missed', queue, trunk, recorded, length,
        (SELECT count(*) FROM call WHERE kind_id = kind.id AND marks & 12288 <> 0)
     FROM call_kind AS kind WHERE result = 'answered'",
    "UPDATE call_kind SET calls = calls - (SELECT count(*) FROM call WHERE kind_id = call_kind.id AND marks & 12288 <> 0)
     WHERE result = 'answered'",
    "UPDATE call SET answered_ms = NULL, talk_ms = 0, first_by = NULL, last_by = NULL,
        kind_id = (SELECT other.id FROM call_kind AS other JOIN call_kind AS mine ON mine.id = call.kind_id
            WHERE other.result = 'missed' AND other.length = mine.length AND other.direction = mine.direction)
     WHERE marks & 12288 <> 0",
    "UPDATE call_party SET kind_id = (SELECT kind_id FROM call WHERE call.id = call_party.call_id);
     DELETE FROM call_kind WHERE calls = 0",
    "DELETE FROM call_hour; DELETE FROM call_day",
];

#[tokio::test]
async fn what_an_older_logic_left_is_derived_anew_under_the_same_number_and_then_nothing_more() {
    assert_eq!(Marks::TOLD.0 | Marks::HEALED.0, 12_288);
    let lines: String = [1, 2, 3].map(|number| made(number).line()).concat();
    let (office, _) = with_file("UTC", &lines).await;
    let server = &office.server;
    // 1 was seen as a whole, 2 by nobody, and of 3 sight was lost
    keep(server, &[seen(1)]).await;
    crate::queue_log::unseen(server, 195, 230).await;
    lose(server, &[3]).await;
    sync(server, &[]).await;
    assert_eq!(check(server, &[]).await, [1, 2, 1, 0, 0]);
    let calls = told(server).await;
    assert!(calls[1].row.marks.has(Marks::TOLD) && calls[2].row.marks.has(Marks::HEALED));
    let store = &server.services.store;
    for call in &calls {
        store
            .note_call(call.row.id, (UserId(1), "Ada"), "They call again.", 1)
            .await
            .unwrap();
        store.tag_call(call.row.id, "vip").await.unwrap();
    }
    assert_eq!(changed(server, &[]).await, [0, 0, 2, 0]);
    assert_eq!(totals(server, &["--dry-run"]).await, [0; 3]);
    let right = made_of_calls(server).await;

    execute(server, &OLDER).await;
    assert_eq!(totals(server, &[]).await, [1, 1, 0], "sums follow their calls");
    let wrong = made_of_calls(server).await;
    assert_ne!(wrong, right);
    let preview = rebuild(server, &["--dry-run"]).await;
    assert_eq!((&preview["told"], &preview["put_right"]), (&1.into(), &1.into()));
    let fields: Vec<&str> = preview["differences"][0]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["result", "answered_ms", "talk_ms", "first_by", "last_by"]
    );
    assert_eq!(made_of_calls(server).await, wrong, "a preview changes nothing");

    // those that began at another time are left as they are
    assert_eq!(changed(server, &["--to", "2020-01-01T00:00"]).await, [0; 4]);
    assert_eq!(made_of_calls(server).await, wrong);
    assert_eq!(changed(server, &[]).await, [1, 1, 0, 0]);
    assert_eq!(made_of_calls(server).await, right);
    assert_eq!(
        changed(server, &[]).await,
        [0, 0, 2, 0],
        "again, and nothing changes"
    );
    assert_eq!(made_of_calls(server).await, right);
    assert_eq!(totals(server, &["--dry-run"]).await, [0; 3]);

    // sums that do not fit their calls are said, and put right
    execute(
        server,
        &["UPDATE call_day SET talk_ms = 7, missed = missed + 1; UPDATE call_kind SET calls = calls + 1"],
    )
    .await;
    let [hours, days, kinds] = totals(server, &["--dry-run"]).await;
    assert_eq!((hours, days), (0, 1));
    assert!(kinds >= 1);
    assert_eq!(totals(server, &[]).await, [hours, days, kinds]);
    assert_eq!(made_of_calls(server).await, right);

    // whose number was erased stays nobody, whatever records say
    execute(
        server,
        &[
            "INSERT INTO party (pbx_id, number, name, extension, digits, folded) VALUES (1, '', 'Erased 7', '', '', 'erased 7');
             UPDATE call SET caller_id = (SELECT id FROM party WHERE name = 'Erased 7'),
                caller_number = '', caller_name = 'Erased 7', caller_extension = '' WHERE marks & 12288 <> 0",
        ],
    )
    .await;
    let erased = made_of_calls(server).await;
    assert_eq!(changed(server, &[]).await, [0, 0, 0, 2]);
    assert_eq!(made_of_calls(server).await, erased);
    let acts = server.services.trail.newest(50).await.unwrap();
    let rebuilt = acts.iter().filter(|row| row.act.action == "rebuild_history");
    assert!(rebuilt.count() >= 5, "each is told, a preview is none");
    let ran = run(
        server.folder.path(),
        &["history", "rebuild", "--pbx", "Nowhere"],
        "",
    )
    .await;
    assert_eq!(
        (ran.exit, ran.err.contains("there is no PBX Nowhere")),
        (3, true),
        "{ran:?}"
    );
}

#[tokio::test]
async fn whoever_is_killed_while_calls_are_derived_is_gone_on_with_from_there() {
    const MANY: u64 = 3_000;
    let lines: String = (0..MANY).map(|number| made(number).line()).collect();
    let (office, _) = with_file("UTC", &lines).await;
    let server = &office.server;
    sync(server, &[]).await;
    assert_eq!(check(server, &[]).await[2], MANY);
    let right = made_of_calls(server).await;
    execute(server, &OLDER).await;
    totals(server, &[]).await;
    let mut got = 0_i64;
    for _ in 0..3 {
        let arguments = ["history", "rebuild", "--pbx", "Office"];
        let mut child = start(server.folder.path(), &arguments);
        let after = eventually("it gets on", async || {
            let mut connection = database(server).await;
            let after: Option<i64> =
                sqlx::query_scalar("SELECT after FROM history_rebuild WHERE done_ms IS NULL")
                    .fetch_optional(&mut connection)
                    .await
                    .unwrap();
            let ended = child.try_wait().unwrap().is_some();
            assert!(!ended, "it was to be killed before its end");
            after.filter(|after| *after > got)
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        got = after;
        assert_eq!(
            totals(server, &["--dry-run"]).await,
            [0; 3],
            "sums fit calls at every moment"
        );
    }
    let done = rebuild(server, &[]).await;
    assert_eq!(
        (&done["looked_at"], &done["told"], &done["same"]),
        (&MANY.into(), &MANY.into(), &0.into()),
        "each once, whoever did it"
    );
    assert_eq!(made_of_calls(server).await, right);
    let begun: i64 = sqlx::query_scalar("SELECT count(*) FROM history_rebuild")
        .fetch_one(&mut database(server).await)
        .await
        .unwrap();
    assert_eq!(begun, 1);
    let verdict = run(server.folder.path(), &["audit", "verify"], "").await;
    assert_eq!(verdict.exit, 0, "{verdict:?}");
}

/// What calls that records tell say, by their numbers.
async fn told_by_records(server: &TestServer) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT json_array(call.id, call_id, answered_ms, duration_ms, talk_ms, first_by, last_by, result) FROM call
         JOIN call_kind AS kind ON kind.id = kind_id WHERE marks & 12288 <> 0 ORDER BY call.id",
    )
    .fetch_all(&mut database(server).await)
    .await
    .unwrap()
}

#[tokio::test]
async fn calls_that_end_while_others_are_derived_anew_are_all_there_and_every_sum_fits() {
    const TOLD: u64 = 1_500;
    const SEEN: u64 = 200;
    let lines: String = (0..TOLD).map(|number| made(number).line()).collect();
    let (office, _) = with_file("UTC", &lines).await;
    let server = &office.server;
    sync(server, &[]).await;
    assert_eq!(check(server, &[]).await[2], TOLD);
    let right = told_by_records(server).await;
    assert_eq!(right.len() as u64, TOLD);
    execute(server, &OLDER).await;
    totals(server, &[]).await;
    assert_ne!(told_by_records(server).await, right);
    let ending = async {
        for number in 0..SEEN {
            keep(server, &[seen(TOLD + number)]).await;
        }
    };
    let (done, ()) = tokio::join!(rebuild(server, &[]), ending);
    assert_eq!((&done["looked_at"], &done["told"]), (&TOLD.into(), &TOLD.into()));
    assert_eq!(told_by_records(server).await, right);
    let calls: i64 = sqlx::query_scalar("SELECT count(*) FROM call")
        .fetch_one(&mut database(server).await)
        .await
        .unwrap();
    assert_eq!(calls.unsigned_abs(), TOLD + SEEN);
    assert_eq!(totals(server, &["--dry-run"]).await, [0; 3]);
}
