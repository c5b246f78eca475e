//! Calls in a real PostgreSQL, copied from this program's own database: read there, they are the same, whatever is asked.

#[path = "../../benches/history/generator.rs"]
#[allow(dead_code, reason = "the measurement needs all of it")]
mod generator;

use std::{io::Read, path::Path};

use app::model::{
    PbxId,
    health::{Health, Part, Sign},
    history::{CallPage, CallSearch, Turn},
};
use flate2::read::GzDecoder;
use generator::{Dice, QUEUES, START_MS, YEAR_MS, Year};
use secrecy::SecretString;
use serde_json::Value;
use server::{
    config::{Flag, PostgresConfig},
    store::{CallCopy, Carried, Common, Every, Seen, Store},
};
use sqlx::{ConnectOptions, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use telephony::{CallResult, Direction};

use crate::{
    cdr_databases::{SECRET, postgres},
    history::talked,
    support::{
        Browser, eventually,
        office::Office,
        program::run,
        servers::{DATABASES, free_port, root_of},
    },
};

const CALLS: u64 = 3_000;

async fn filled(folder: &Path) -> Store {
    let store = Store::open(&folder.join("starboard.db")).await.unwrap();
    let calls: Vec<_> = Year::new(CALLS).collect();
    for some in calls.chunks(1_000) {
        let mut recording = store.record().await.unwrap();
        recording.calls(some).await.unwrap();
        recording.commit().await.unwrap();
    }
    store
}

async fn carry(copy: &CallCopy, store: &Store) {
    while copy.carry(store).await.unwrap() == Carried::Some {}
}

/// Searches of every kind, and some of several kinds at once.
fn searches() -> Vec<CallSearch> {
    let any = CallSearch::default;
    let number = generator::number(7);
    let mut all = vec![
        any(),
        CallSearch {
            anyone: number[3..8].into(),
            ..any()
        },
        CallSearch {
            anyone: number[4..7].into(),
            ..any()
        },
        CallSearch {
            anyone: number.clone(),
            ..any()
        },
        CallSearch {
            caller: "+49".into(),
            ..any()
        },
        CallSearch {
            anyone: "an".into(),
            ..any()
        },
        CallSearch {
            anyone: "özg".into(),
            ..any()
        },
        CallSearch {
            anyone: "100%_\\'; DROP TABLE call;--".into(),
            ..any()
        },
        CallSearch {
            callee: "schmi".into(),
            ..any()
        },
        CallSearch {
            extension: "1042".into(),
            ..any()
        },
        CallSearch {
            answered_by: "1042".into(),
            ..any()
        },
        CallSearch {
            phones: Some(vec![(PbxId(1), "1042".into()), (PbxId(1), "1100".into())]),
            ..any()
        },
        CallSearch {
            queue: "sales,support".into(),
            ..any()
        },
        CallSearch {
            trunk: "carrier-a".into(),
            ..any()
        },
        CallSearch {
            pbx: Some(PbxId(2)),
            ..any()
        },
        CallSearch {
            results: vec![CallResult::Missed, CallResult::Busy],
            ..any()
        },
        CallSearch {
            recorded: Some(true),
            ..any()
        },
        CallSearch {
            longer_s: Some(61),
            shorter_s: Some(333),
            ..any()
        },
        CallSearch {
            tag: "vip".into(),
            ..any()
        },
        CallSearch {
            noted: true,
            queue: "sales".into(),
            ..any()
        },
        CallSearch {
            disposition: "Sold".into(),
            ..any()
        },
    ];
    for round in 0..24 {
        let mut dice = Dice::new(round);
        let which = dice.below(128);
        let has = |bit: u64| which & (1 << bit) != 0;
        let mut search = any();
        if has(0) {
            let from = START_MS + dice.below(YEAR_MS);
            (search.from_ms, search.to_ms) = (Some(from), Some(from + dice.below(90 * 86_400_000)));
        }
        if has(1) {
            search.queue = dice.pick(&QUEUES).into();
        }
        if has(2) {
            search.direction = Some([Direction::Inbound, Direction::Outbound][dice.below(2) as usize]);
        }
        if has(3) {
            search.results = vec![CallResult::Answered];
        }
        if has(4) {
            search.longer_s = Some(dice.below(400) as u32);
        }
        if has(5) {
            let number = generator::number(dice.below(400));
            search.caller = number[2..2 + 3 + dice.below(4) as usize].into();
        }
        if has(6) {
            search.extension = (1_000 + dice.below(800)).to_string();
        }
        all.push(search);
    }
    all
}

/// Whoever sees everything, a team, and an agent.
fn viewers() -> [Seen; 3] {
    let of = |extensions: Vec<(PbxId, String)>, queues: Vec<(PbxId, String)>| Seen::Of {
        pbxs: Vec::new(),
        extensions,
        queues,
    };
    [
        Seen::Everything,
        of(
            (0..40).map(|at| (PbxId(1), (1_100 + at).to_string())).collect(),
            vec![(PbxId(1), "support".into()), (PbxId(1), "press".into())],
        ),
        of(vec![(PbxId(1), "1042".into())], Vec::new()),
    ]
}

/// Whatever these viewers ask of both is answered alike.
async fn are_alike(ours: &Store, theirs: &Store, viewers: &[Seen]) {
    for search in searches() {
        for seen in viewers {
            let mut turn = Turn::Newest;
            for _ in 0..3 {
                let page = ours.calls(&search, seen, turn).await.unwrap();
                let copied = theirs.calls(&search, seen, turn).await.unwrap();
                assert_eq!(copied, page, "{search:?} {seen:?} {turn:?}");
                let (Some(first), Some(last)) = (page.rows.first(), page.rows.last()) else {
                    break;
                };
                turn = if turn == Turn::Newest {
                    Turn::Older(last.id)
                } else {
                    Turn::Newer(first.id)
                };
            }
            for by in [Common::Quarter, Common::Queue, Common::Agent] {
                let sums = ours.call_sums(&search, seen, by).await.unwrap();
                assert_eq!(
                    theirs.call_sums(&search, seen, by).await.unwrap(),
                    sums,
                    "{search:?} {by:?}"
                );
            }
        }
    }
    for every in [Every::Hour, Every::Day] {
        let time = (START_MS, START_MS + YEAR_MS);
        for pbx in [None, Some(PbxId(1)), Some(PbxId(9))] {
            let totals = ours.call_totals(every, time, pbx).await.unwrap();
            assert_eq!(theirs.call_totals(every, time, pbx).await.unwrap(), totals);
        }
    }
}

#[tokio::test]
async fn whatever_is_asked_of_a_copy_in_postgresql_is_answered_as_here_also_after_calls_changed() {
    if root_of(DATABASES, "calls_in_postgresql").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (_postgres, options) = postgres(folder.path(), port).await;
    let store = filled(folder.path()).await;
    let copy = CallCopy::new(&at(port)).unwrap();
    store.note_changes(true).await.unwrap();
    copy.begin(&store).await.unwrap();
    carry(&copy, &store).await;
    let theirs = store.clone().with_copy(copy.clone());
    are_alike(&store, &theirs, &viewers()).await;

    // more calls come, and something is said of some
    let later: Vec<_> = Year::new(CALLS)
        .take(200)
        .map(|(pbx, mut call)| {
            call.id.0.push('x');
            call.started.0 += YEAR_MS;
            call.ended.0 += YEAR_MS;
            call.answered = call.answered.map(|at| telephony::Timestamp(at.0 + YEAR_MS));
            (pbx, call)
        })
        .collect();
    let mut recording = store.record().await.unwrap();
    recording.calls(&later).await.unwrap();
    recording.commit().await.unwrap();
    let page = store
        .calls(&CallSearch::default(), &Seen::Everything, Turn::Newest)
        .await
        .unwrap();
    for row in page.rows.iter().step_by(7) {
        let by = (app::model::UserId(1), "Ada");
        store
            .note_call(row.id, by, "Wants the blue one", 1)
            .await
            .unwrap();
        store.tag_call(row.id, "vip").await.unwrap();
        store.dispose_call(row.id, by, Some("Sold"), 1).await.unwrap();
    }
    carry(&copy, &store).await;
    are_alike(&store, &theirs, &viewers()).await;

    // changes were not noted for a while: it is emptied and filled anew
    store.note_changes(false).await.unwrap();
    let mut recording = store.record().await.unwrap();
    let again = later.into_iter().map(|(pbx, mut call)| {
        call.id.0.push('y');
        (pbx, call)
    });
    recording.calls(&again.collect::<Vec<_>>()).await.unwrap();
    recording.commit().await.unwrap();
    store.note_changes(true).await.unwrap();
    copy.begin(&store).await.unwrap();
    carry(&copy, &store).await;
    are_alike(&store, &theirs, &viewers()[..1]).await;
    // a database that was restored from a backup knows less than its copy
    let file = folder.path().join("starboard.db");
    let mut ours = SqliteConnectOptions::new()
        .filename(&file)
        .connect()
        .await
        .unwrap();
    for statement in [
        "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'copy_change'",
        "UPDATE call SET dialled = 'as it was'",
        "DELETE FROM copy_change",
    ] {
        sqlx::query(statement).execute(&mut ours).await.unwrap();
    }
    sqlx::query("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'copy_change'")
        .execute(&mut ours)
        .await
        .unwrap();
    number(&options, "UPDATE copied SET position = 100 RETURNING 1::bigint").await;
    copy.begin(&store).await.unwrap();
    carry(&copy, &store).await;
    are_alike(&store, &theirs, &viewers()[..1]).await;
    // what was carried over and not forgotten keeps nobody from the copy
    sqlx::query("INSERT INTO copy_change (what, key) VALUES (4, 1)")
        .execute(&mut ours)
        .await
        .unwrap();
    number(
        &options,
        "UPDATE copied SET position = 1000000 RETURNING 1::bigint",
    )
    .await;
    carry(&copy, &store).await;
    assert!(!store.has_changes().await.unwrap());
    // and it is nobody else's copy
    let other = Store::open(&folder.path().join("other.db")).await.unwrap();
    let error = copy.begin(&other).await.unwrap_err().to_string();
    assert!(error.contains("another Starboard"), "{error}");
}

/// The same for settings.
fn at(port: u16) -> PostgresConfig {
    PostgresConfig {
        address: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        password: Some(SecretString::from(SECRET)),
        password_file: None,
        search: Flag(true),
        ca_file: None,
    }
}

/// What the copy's database answers, one number.
async fn number(options: &PgConnectOptions, query: &'static str) -> i64 {
    let mut connection = options.connect().await.unwrap();
    sqlx::query_scalar(query)
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

async fn copy_part(browser: &mut Browser) -> Part {
    let health: Health = browser.ask("/api/health", &()).await.value();
    let found = health.parts.into_iter().find(|part| part.name == "Copy of calls");
    found.unwrap()
}

async fn becomes(browser: &mut Browser, sign: Sign, says: &str) {
    eventually(says, async || {
        let part = copy_part(browser).await;
        (part.sign == sign && part.says.contains(says)).then_some(())
    })
    .await;
}

/// How many calls there are, and what the latest of them dialled.
async fn page(browser: &mut Browser) -> (usize, String) {
    let answer = browser
        .ask("/api/past_calls", &(CallSearch::default(), Turn::Newest))
        .await;
    let page: CallPage = answer.value();
    (page.rows.len(), page.rows[0].dialled.clone())
}

#[tokio::test]
async fn a_server_looks_in_its_copy_and_in_its_own_database_while_that_is_away_behind_or_lacks_months() {
    if root_of(DATABASES, "a_server_looks_in_its_copy").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (running, options) = postgres(folder.path(), port).await;
    let mut office = Office::open_with(|config| {
        config.postgres = Some(at(port));
    })
    .await;
    let mut ada = office.browser.clone();
    becomes(&mut ada, Sign::Well, "Calls are looked for in it").await;
    // a call is there the moment it ends, and a moment later in the copy
    talked(&mut office, "1002", "1003").await;
    let count = "SELECT count(*) FROM call";
    eventually("the call is in the copy", async || {
        (number(&options, count).await == 1).then_some(())
    })
    .await;
    let mut theirs = options.connect().await.unwrap();
    sqlx::query("UPDATE call SET dialled = 'as the copy has it'")
        .execute(&mut theirs)
        .await
        .unwrap();
    eventually("it is looked for in the copy", async || {
        (page(&mut ada).await == (1, "as the copy has it".to_owned())).then_some(())
    })
    .await;
    drop(theirs);

    // away: whoever asks is answered all the same, and by the truth
    drop(running);
    eventually(
        "its last connections end, and every page is answered",
        async || (page(&mut ada).await == (1, "1003".to_owned())).then_some(()),
    )
    .await;
    becomes(&mut ada, Sign::Broken, "Connection refused").await;
    talked(&mut office, "1004", "1005").await;
    // another one in its place is empty, and is filled
    let other = tempfile::tempdir().unwrap();
    let (_other, _) = postgres(other.path(), port).await;
    becomes(&mut ada, Sign::Well, "Calls are looked for in it").await;
    assert_eq!(number(&options, count).await, 2);

    // its months
    let settings = folder.path().join("starboard.toml");
    let address = at(port).address;
    let text = format!("[postgres]\naddress = {address:?}\npassword = {SECRET:?}\n");
    std::fs::write(&settings, text).unwrap();
    let command = async |arguments: &[&str]| {
        let mut all = vec!["history", "copy"];
        all.extend(arguments);
        all.extend(["--json", "--config", settings.to_str().unwrap()]);
        run(office.server.folder.path(), &all, "").await
    };
    let months = command(&["months"]).await.good().json();
    assert_eq!(months["months"][0]["calls"], 2, "{months}");
    let into = folder.path().to_str().unwrap();
    let archive = ["archive", "--before", "2999-01", "--to", into];
    let written = command(&archive).await.good().json();
    let file = written["files"][0]["file"].as_str().unwrap().to_owned();
    let mut lines = String::new();
    GzDecoder::new(std::fs::File::open(&file).unwrap())
        .read_to_string(&mut lines)
        .unwrap();
    let calls: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[1]["parties"][0]["number"], "1004", "{calls:?}");
    assert_eq!(calls[1]["result"], "answered");
    let sum = std::fs::read_to_string(format!("{file}.sha256")).unwrap();
    assert!(
        sum.starts_with(written["files"][0]["sha256"].as_str().unwrap()),
        "{sum}"
    );
    let again = command(&archive).await;
    assert!(
        again.exit != 0 && again.err.contains("is there already"),
        "{again:?}"
    );
    let refused = command(&["drop", "--before", "January"]).await;
    assert!(
        refused.exit == 2 && refused.err.contains("2026-01"),
        "{refused:?}"
    );
    let dropped = command(&["drop", "--before", "2999-01"]).await.good().json();
    assert_eq!((&dropped["months"], &dropped["calls"]), (&1.into(), &2.into()));
    talked(&mut office, "1002", "1003").await;
    assert_eq!(page(&mut ada).await.0, 3, "they stay in the own database");
    eventually("what is new was looked at", async || {
        (!office.server.services.store.has_changes().await.unwrap()).then_some(())
    })
    .await;
    assert_eq!(
        number(&options, count).await,
        0,
        "a month that was dropped takes in nothing"
    );
}
