//! Asterisk's own call records: each is kept once, what nobody saw is filled in from them, and what differs is shown.

use std::{fs, path::PathBuf};

use app::{
    access::BuiltIn,
    model::{
        PbxId,
        health::{Health, Sign},
        history::{CallPage, CallSearch, CallTold, Turn},
        records::{Class, RecordsPage, RecordsQuery, RecordsTold},
    },
};
use serde_json::Value;
use server::{cdr::sync::Reading, clock::wall_ms};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use telephony::{
    CallId, CallResult, Direction, FinishedCall, HungUpBy, Marks, Party, Story, Timestamp, cdr::When,
    finished::pack,
};

use crate::{
    matrix::somebody,
    queue_log::{NIGHT_S, SECOND, append, unseen},
    supervision::talk,
    support::{
        Browser, TestServer, eventually,
        office::{Office, PBX},
        pbx,
        program::{Ran, run},
    },
};

/// A record of the night, as cdr_csv writes it: 1001 calls 1002 and talks for ten seconds.
pub(crate) struct Made {
    /// Counts them: each begins a hundred seconds after the one before.
    number: u64,
    disposition: &'static str,
}

impl Made {
    pub(crate) fn unique(&self) -> String {
        format!("{}.{}", self.begins_s(), self.number)
    }

    pub(crate) fn begins_s(&self) -> u64 {
        NIGHT_S + self.number * 100
    }

    /// What is in the columns, by their names.
    pub(crate) fn columns(&self) -> Vec<(&'static str, String)> {
        let at = |seconds: u64| When::Wall(i64::try_from(seconds).unwrap()).to_string();
        let answered = self.disposition == "ANSWERED";
        let text = |text: &str| text.to_owned();
        vec![
            ("accountcode", String::new()),
            ("src", text("1001")),
            ("dst", text("1002")),
            ("dcontext", text("from-internal")),
            ("clid", text("\"Ann\" <1001>")),
            ("channel", format!("PJSIP/1001-{:08}", self.number)),
            ("dstchannel", format!("PJSIP/1002-{:08}", self.number)),
            ("lastapp", text("Dial")),
            ("lastdata", text("PJSIP/1002,10,tT")),
            ("start", at(self.begins_s())),
            (
                "answer",
                if answered {
                    at(self.begins_s() + 2)
                } else {
                    String::new()
                },
            ),
            ("end", at(self.begins_s() + 12)),
            ("duration", text("12")),
            ("billsec", text(if answered { "10" } else { "0" })),
            ("disposition", text(self.disposition)),
            ("amaflags", text("DOCUMENTATION")),
            ("uniqueid", self.unique()),
            ("userfield", String::new()),
            ("peeraccount", String::new()),
            ("linkedid", self.unique()),
            ("sequence", self.number.to_string()),
        ]
    }

    pub(crate) fn line(&self) -> String {
        let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        let texts: Vec<String> = self.columns().iter().map(|(_, text)| quoted(text)).collect();
        texts.join(",") + "\n"
    }
}

pub(crate) fn made(number: u64) -> Made {
    Made {
        number,
        disposition: "ANSWERED",
    }
}

/// A server whose PBX has a file of records in the server's folder.
pub(crate) async fn with_file(zone: &str, text: &str) -> (Office, PathBuf) {
    let office = Office::open().await;
    let file = office.server.folder.path().join("Master.csv");
    fs::write(&file, text).unwrap();
    let place = file.to_str().unwrap();
    let arguments = [
        "source", place, "--pbx", "Office", "--zone", zone, "--every", "never",
    ];
    cdr(&office.server, &arguments).await.good();
    (office, file)
}

/// Runs `starboard cdr ...`.
pub(crate) async fn cdr(server: &TestServer, arguments: &[&str]) -> Ran {
    cdr_with(server, arguments, "").await
}

/// The same with something on its standard input.
pub(crate) async fn cdr_with(server: &TestServer, arguments: &[&str], input: &str) -> Ran {
    let arguments: Vec<&str> = ["cdr"].iter().chain(arguments).copied().collect();
    run(server.folder.path(), &arguments, input).await
}

/// What came of a reading: new, changed, known, damaged.
pub(crate) async fn sync(server: &TestServer, more: &[&str]) -> [u64; 4] {
    let arguments: Vec<&str> = ["sync", "--json"].iter().chain(more).copied().collect();
    let told = cdr(server, &arguments).await.good().json();
    ["new", "changed", "known", "damaged"].map(|name| told[name].as_u64().unwrap())
}

/// What came of a check: matched, repaired, entered now, only there, only here.
pub(crate) async fn check(server: &TestServer, more: &[&str]) -> [u64; 5] {
    let arguments: Vec<&str> = ["check", "--json", "--pbx", "Office"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    let told: Value = cdr(server, &arguments).await.good().json();
    ["matched", "repaired", "entered", "only_there", "only_here"].map(|name| told[name].as_u64().unwrap())
}

#[tokio::test]
async fn a_file_is_read_on_from_where_it_was_read_to_and_anew_changes_nothing() {
    let lines = |numbers: std::ops::Range<u64>| numbers.map(|number| made(number).line()).collect::<String>();
    let (office, file) = with_file("UTC", &lines(0..3)).await;
    let server = &office.server;
    assert_eq!(sync(server, &["--dry-run"]).await, [3, 0, 0, 0]);
    assert_eq!(server.services.store.count_records(PBX).await.unwrap(), 0);
    assert_eq!(sync(server, &[]).await, [3, 0, 0, 0]);
    assert_eq!(sync(server, &[]).await, [0; 4]);
    // a line is read when it has an end
    let whole = lines(3..4);
    let (half, rest) = whole.split_at(40);
    append(&file, half);
    assert_eq!(sync(server, &[]).await, [0; 4]);
    append(&file, rest);
    append(&file, "no line of Asterisk's\n");
    append(&file, &lines(4..5));
    assert_eq!(sync(server, &[]).await, [2, 0, 0, 1]);
    let anew = cdr(server, &["sync", "--since", "2000-01-01"]).await.good().out;
    assert!(anew.contains("new 0, changed 0, known 5"), "{anew}");
    assert!(anew.contains("line 5: there are 1 columns"), "{anew}");
    let since = When::Wall(i64::try_from(NIGHT_S + 250).unwrap()).to_string();
    assert_eq!(
        sync(server, &["--since", &since]).await,
        [0, 0, 2, 1],
        "what is older is left out"
    );
    // put aside and begun anew, with a row in both
    append(&file, &lines(5..6));
    fs::rename(&file, file.with_extension("csv.1")).unwrap();
    fs::write(&file, lines(6..7)).unwrap();
    assert_eq!(sync(server, &[]).await, [2, 0, 0, 0]);
    // cut, and written over by the same and something more
    fs::write(&file, lines(6..8)).unwrap();
    let [new, changed, _, damaged] = sync(server, &[]).await;
    assert_eq!((new, changed, damaged), (1, 0, 0));
    assert_eq!(server.services.store.count_records(PBX).await.unwrap(), 8);
    let acts = server.services.trail.newest(50).await.unwrap();
    let read = acts.iter().filter(|row| row.act.action == "read_records");
    assert!(read.count() >= 6, "every reading is told, a preview is none");
}

#[tokio::test]
async fn rows_without_a_name_are_told_apart_by_their_content_and_how_often_it_comes() {
    // the sixteen columns that every version writes
    let plain = |number: u64| {
        let line = made(number).line();
        let columns: Vec<&str> = line.trim_end().split("\",\"").collect();
        columns[..16].join("\",\"") + "\"\n"
    };
    let twice = [plain(1), plain(1), plain(2)].concat();
    let (office, file) = with_file("UTC", &twice).await;
    let server = &office.server;
    assert_eq!(sync(server, &[]).await, [3, 0, 0, 0]);
    append(&file, &plain(1));
    assert_eq!(
        sync(server, &[]).await,
        [1, 0, 0, 0],
        "one more of the same is one more"
    );
    assert_eq!(sync(server, &["--since", "2000-01-01"]).await, [0, 0, 4, 0]);
    assert_eq!(sync(server, &["--since", "2000-01-01"]).await, [0, 0, 4, 0]);
    assert_eq!(server.services.store.count_records(PBX).await.unwrap(), 4);
}

/// A call of the night that was seen as a whole.
pub(crate) fn seen(number: u64) -> FinishedCall {
    let made = made(number);
    let party = |number: &str| Party {
        number: number.into(),
        name: None,
        extension: Some(number.into()),
    };
    let started = Timestamp(made.begins_s() * SECOND + 400);
    FinishedCall {
        id: CallId(made.unique()),
        linked: made.unique(),
        direction: Direction::Internal,
        result: CallResult::Answered,
        caller: party("1001"),
        callee: party("1002"),
        dialled: "1002".into(),
        others: Vec::new(),
        queue: None,
        trunk: None,
        started,
        answered: Some(Timestamp(started.0 + 2 * SECOND)),
        ended: Timestamp(started.0 + 12 * SECOND),
        held_ms: 0,
        first_by: Some("1002".into()),
        last_by: Some("1002".into()),
        cause: 16,
        hung_up_by: HungUpBy::Caller,
        marks: Marks::default(),
        files: Vec::new(),
        quality: telephony::Quality::default(),
        told: pack(&[], &Story::default()),
    }
}

async fn keep(server: &TestServer, pbx: PbxId, calls: &[u64]) {
    let calls: Vec<_> = calls.iter().map(|number| (pbx, seen(*number))).collect();
    let mut recording = server.services.store.record().await.unwrap();
    recording.calls(&calls).await.unwrap();
    recording.commit().await.unwrap();
}

async fn calls(browser: &mut Browser) -> CallPage {
    let asked = (CallSearch::default(), Turn::Newest);
    browser.ask("/api/past_calls", &asked).await.value()
}

pub(crate) async fn records(browser: &mut Browser, query: &RecordsQuery) -> RecordsPage {
    let answer = browser.ask("/api/call_records", query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

#[tokio::test]
async fn what_nobody_saw_is_entered_from_records_and_what_was_seen_is_held_against_them() {
    // 1 was seen, 2 lies in a gap, 3 was not seen although the PBX was, and of 5 there is no record
    let lines: String = [1, 2, 3, 6].map(|number| made(number).line()).concat();
    let (mut office, _) = with_file("UTC", &lines).await;
    let server = &office.server;
    keep(server, PBX, &[1, 5, 6]).await;
    unseen(server, 195, 230).await;
    sync(server, &[]).await;
    assert_eq!(check(server, &["--dry-run"]).await, [2, 1, 1, 1, 1]);
    assert_eq!(
        calls(&mut office.browser).await.rows.len(),
        3,
        "a preview enters nothing"
    );
    assert_eq!(check(server, &[]).await, [2, 1, 1, 1, 1]);
    let page = calls(&mut office.browser).await;
    assert_eq!(page.rows.len(), 4);
    let entered = page.rows.iter().find(|row| row.marks.has(Marks::TOLD)).unwrap();
    assert_eq!(
        (&entered.call.0, entered.result),
        (&made(2).unique(), CallResult::Answered)
    );
    assert_eq!(
        (entered.caller.number.as_str(), entered.talk_ms),
        ("1001", 10 * SECOND)
    );
    assert_eq!(entered.started, Timestamp(made(2).begins_s() * SECOND));
    let told: CallTold = office.browser.ask("/api/past_call", &entered.id).await.value();
    assert_eq!((told.legs.len(), told.unreadable), (2, false));
    // again, and nothing changes
    assert_eq!(check(server, &[]).await, [2, 1, 0, 1, 1]);
    sync(server, &["--since", "2000-01-01"]).await;
    assert_eq!(check(server, &[]).await, [2, 1, 0, 1, 1]);
    assert_eq!(calls(&mut office.browser).await.rows.len(), 4);
    let held = records(&mut office.browser, &RecordsQuery::default()).await;
    assert_eq!(held.counts, [2, 1, 1, 1], "in the order of the classes");
    let classes: Vec<Class> = held.rows.iter().map(|row| row.class).collect();
    use Class::{Matched, OnlyHere, OnlyThere, Repaired};
    assert_eq!(
        classes,
        [Matched, OnlyHere, OnlyThere, Repaired, Matched],
        "the newest first"
    );
    let only = RecordsQuery {
        class: Some(OnlyThere),
        ..RecordsQuery::default()
    };
    let only = records(&mut office.browser, &only).await;
    assert_eq!((only.rows.len(), only.counts), (1, held.counts));
    assert_eq!((only.rows[0].call.is_none(), only.rows[0].records), (true, 1));
    let both: RecordsTold = office
        .browser
        .ask("/api/call_record", &held.rows[4].id)
        .await
        .value();
    assert_eq!(both.records.len(), 1);
    assert_eq!(both.records[0].disposition, "ANSWERED");
    assert!(both.records[0].by_source && both.row.call.is_some());
    let before = RecordsQuery {
        older_than: Some(held.rows[2].id),
        ..RecordsQuery::default()
    };
    assert_eq!(records(&mut office.browser, &before).await.rows, held.rows[3..]);
    let elsewhere = RecordsQuery {
        pbx: Some(PbxId(7)),
        ..RecordsQuery::default()
    };
    assert_eq!(records(&mut office.browser, &elsewhere).await.counts, [0; 4]);
}

#[tokio::test]
async fn a_record_that_comes_late_makes_a_match_of_what_was_only_here() {
    let (mut office, file) = with_file("UTC", &[made(1).line(), made(9).line()].concat()).await;
    let server = &office.server;
    keep(server, PBX, &[1, 2, 9]).await;
    sync(server, &[]).await;
    assert_eq!(check(server, &[]).await, [2, 0, 0, 0, 1]);
    append(&file, &made(2).line());
    assert_eq!(sync(server, &[]).await, [1, 0, 0, 0]);
    assert_eq!(check(server, &[]).await, [3, 0, 0, 0, 0]);
    let held = records(&mut office.browser, &RecordsQuery::default()).await;
    assert_eq!(held.counts, [3, 0, 0, 0]);
}

#[tokio::test]
async fn two_pbxs_whose_asterisks_give_the_same_ids_share_nothing() {
    let office = Office::open_with(|config| {
        let mut branch = pbx("127.0.0.1:9".parse().unwrap(), "starboard", "quiet harbour");
        branch.name = "Branch".into();
        config.pbx.push(branch);
    })
    .await;
    let server = &office.server;
    let folder = server.folder.path();
    for (name, numbers) in [("Office", vec![1, 2]), ("Branch", vec![1])] {
        let file = folder.join(format!("{name}.csv"));
        let lines: String = numbers.into_iter().map(|number| made(number).line()).collect();
        fs::write(&file, lines).unwrap();
        let arguments = ["source", file.to_str().unwrap(), "--pbx", name, "--zone", "UTC"];
        cdr(server, &arguments).await.good();
    }
    keep(server, PBX, &[1, 2]).await;
    cdr(server, &["sync"]).await.good();
    let store = &server.services.store;
    assert_eq!(store.count_records(PBX).await.unwrap(), 2);
    assert_eq!(store.count_records(PbxId(2)).await.unwrap(), 1);
    assert_eq!(check(server, &[]).await, [2, 0, 0, 0, 0]);
    // nobody ever saw the branch: its call is told by its records alone
    let branch = cdr(server, &["check", "--json", "--pbx", "Branch"])
        .await
        .good()
        .json();
    assert_eq!(
        (&branch["matched"], &branch["entered"]),
        (&0.into(), &1.into()),
        "{branch}"
    );
}

#[tokio::test]
async fn an_hour_that_clocks_show_twice_is_placed_by_what_else_a_record_says_or_says_that_it_is_not_known() {
    // 02:30 in Berlin, before and after the clocks are put back; the third says nothing that tells them apart
    let line = |unique: &str| {
        let clock = "\"2026-10-25 02:30:00\"";
        format!(
            "\"\",\"1001\",\"1002\",\"c\",\"1001\",\"PJSIP/1001-1\",\"\",\"Echo\",\"\",{clock},,\"2026-10-25 02:30:12\",12,0,\"ANSWERED\",\"DOCUMENTATION\",\"{unique}\",\"\",\"\",\"{unique}\",7\n"
        )
    };
    let lines = [line("1792888200.1"), line("1792891800.1"), line("odd")].concat();
    let (office, _) = with_file("Europe/Berlin", &lines).await;
    let told = cdr(&office.server, &["sync", "--json"]).await.good().json();
    assert_eq!(
        (&told["new"], &told["doubtful"]),
        (&3.into(), &1.into()),
        "{told}"
    );
    let store = &office.server.services.store;
    for (linked, start_s, doubtful) in [
        ("1792888200.1", 1_792_888_200, false),
        ("1792891800.1", 1_792_891_800, false),
        ("odd", 1_792_888_200, true),
    ] {
        let rows = store.records_of(PBX, linked).await.unwrap();
        let times = &rows[0].told.times;
        assert_eq!(
            (times.start.0, times.doubt.is_some()),
            (start_s * SECOND, doubtful),
            "{linked}"
        );
    }
}

#[tokio::test]
async fn records_are_for_who_sees_every_call_of_their_pbx() {
    let (mut office, _) = with_file("UTC", &made(1).line()).await;
    keep(&office.server, PBX, &[1]).await;
    sync(&office.server, &[]).await;
    check(&office.server, &[]).await;
    let held = records(&mut office.browser, &RecordsQuery::default()).await;
    for role in BuiltIn::EVERY {
        let mut browser = somebody(&office, role).await;
        let reach = role.abilities().reach(app::access::Ability::SeeCalls);
        let all = reach >= app::access::Reach::Pbx;
        let list = browser.ask("/api/call_records", &RecordsQuery::default()).await;
        let one = browser.ask("/api/call_record", &held.rows[0].id).await;
        assert_eq!(
            (list.status == 200, one.status == 200),
            (all, all),
            "{role:?} {list:?}"
        );
        assert!(
            all || (list.status == 403 && one.status == 403),
            "{role:?} {list:?}"
        );
    }
    let gone = office
        .browser
        .ask("/api/call_record", &(held.rows[0].id + 99))
        .await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_place_that_cannot_be_read_says_what_is_wrong_with_it() {
    let office = Office::open().await;
    let folder = office.server.folder.path();
    let file = folder.join("Master.csv");
    fs::write(&file, made(1).line()).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let bare = folder.join("bare.db");
    let options = SqliteConnectOptions::new()
        .filename(&bare)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE cdr (calldate, channel, duration, billsec, disposition)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let bare = bare.to_str().unwrap().to_owned();
    for (place, zone, table, exit, why) in [
        (
            "/nowhere/Master.csv",
            "UTC",
            "cdr",
            2,
            "/nowhere/Master.csv cannot be read",
        ),
        ("Master.csv", "UTC", "cdr", 2, "give the whole path"),
        (
            file.as_str(),
            "Europe/Atlantis",
            "cdr",
            2,
            "no time zone Europe/Atlantis",
        ),
        (bare.as_str(), "UTC", "calls", 2, "there is no table calls"),
        (
            bare.as_str(),
            "UTC",
            "cdr",
            2,
            "the table cdr has no column uniqueid",
        ),
        (
            bare.as_str(),
            "UTC",
            "cdr; DROP TABLE cdr",
            2,
            "a table's name has letters",
        ),
        (
            "mysql://reader:secret@localhost/cdr",
            "UTC",
            "cdr",
            2,
            "no password in it",
        ),
        ("mysql://localhost/cdr", "UTC", "cdr", 2, "says no user"),
        ("postgres://reader@localhost", "UTC", "cdr", 2, "says no database"),
        (
            "oracle://reader@localhost/cdr",
            "UTC",
            "cdr",
            2,
            "oracle is no kind of place",
        ),
        (
            "mysql://reader@127.0.0.1:9/cdr",
            "UTC",
            "cdr",
            2,
            "it cannot be reached",
        ),
    ] {
        let arguments = [
            "source",
            place,
            "--pbx",
            "Office",
            "--zone",
            zone,
            "--table",
            table,
            "--no-password",
        ];
        let ran = cdr(&office.server, &arguments).await;
        assert_eq!(ran.exit, exit, "{place} {table}: {ran:?}");
        assert!(ran.err.contains(why), "{place} {table}: {ran:?}");
        assert!(!ran.err.contains("secret"), "{ran:?}");
    }
    let elsewhere = cdr(
        &office.server,
        &["source", &file, "--pbx", "Elsewhere", "--zone", "UTC"],
    )
    .await;
    assert_eq!(elsewhere.exit, 3);
    assert_eq!(
        cdr(&office.server, &["sync"]).await.exit,
        3,
        "nobody has said where records are"
    );
    // a file that is gone later is told, and by which name
    cdr(
        &office.server,
        &["source", &file, "--pbx", "Office", "--zone", "UTC"],
    )
    .await
    .good();
    fs::remove_file(&file).unwrap();
    let ran = cdr(&office.server, &["sync"]).await;
    assert_eq!(
        (ran.exit, ran.err.contains("Master.csv cannot be read")),
        (2, true),
        "{ran:?}"
    );
    cdr(&office.server, &["source", "--pbx", "Office", "--forget"])
        .await
        .good();
    assert_eq!(office.server.services.store.cdr_sources().await.unwrap(), []);
}

#[tokio::test]
async fn a_table_of_sqlite_is_read_with_whatever_columns_it_has_and_rows_that_come_late_are_found() {
    let office = Office::open().await;
    let file = office.server.folder.path().join("master.db");
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    // as cdr_sqlite3_custom makes one: names of its own choice, no types
    sqlx::query(
        "CREATE TABLE cdr (AcctId INTEGER PRIMARY KEY, calldate, clid, src, dst, channel, dstchannel, lastapp, duration, billsec,
            disposition, uniqueid, linkedid, sequence, recordingfile, \"an odd; name\")",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let insert = async |connection: &mut sqlx::SqliteConnection, number: u64| {
        let columns = made(number).columns();
        let of = |name: &str| columns.iter().find(|(one, _)| *one == name).unwrap().1.clone();
        let named = [
            "start",
            "clid",
            "src",
            "dst",
            "channel",
            "dstchannel",
            "lastapp",
            "duration",
            "billsec",
            "disposition",
            "uniqueid",
            "linkedid",
            "sequence",
        ];
        let mut query = sqlx::query(
            "INSERT INTO cdr (calldate, clid, src, dst, channel, dstchannel, lastapp, duration, billsec, disposition, uniqueid,
                linkedid, sequence, recordingfile) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'call.wav')",
        );
        for name in named {
            query = query.bind(of(name));
        }
        query.execute(connection).await.unwrap();
    };
    for number in [2, 3, 4] {
        insert(&mut connection, number).await;
    }
    let server = &office.server;
    let arguments = [
        "source",
        file.to_str().unwrap(),
        "--pbx",
        "Office",
        "--zone",
        "UTC",
    ];
    cdr(server, &arguments).await.good();
    assert_eq!(sync(server, &[]).await, [3, 0, 0, 0]);
    // a long call: it began before what was read, and its row is written when it ends
    insert(&mut connection, 1).await;
    let [new, changed, _, damaged] = sync(server, &[]).await;
    assert_eq!((new, changed, damaged), (1, 0, 0));
    sqlx::query("UPDATE cdr SET recordingfile = 'other.wav' WHERE sequence = '3'")
        .execute(&mut connection)
        .await
        .unwrap();
    let [new, changed, ..] = sync(server, &[]).await;
    assert_eq!((new, changed), (0, 1), "the source has the last word");
    let rows = server
        .services
        .store
        .records_of(PBX, &made(3).unique())
        .await
        .unwrap();
    let row = &rows[0].told.row;
    assert_eq!(row.recording.as_deref(), Some("other.wav"));
    assert_eq!(rows[0].told.times.end.0 - rows[0].told.times.start.0, 12 * SECOND);
    assert_eq!(sync(server, &["--since", "2000-01-01"]).await, [0, 0, 4, 0]);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_file_and_a_table_that_a_real_asterisk_wrote_at_once_are_the_same_records() {
    let csv = include_str!("../../../crates/telephony/tests/captures/cdr/Master.csv");
    let (office, _) = with_file("UTC", csv).await;
    let server = &office.server;
    assert_eq!(sync(server, &[]).await, [7, 0, 0, 0]);
    let first = server
        .services
        .store
        .records_of(PBX, "harbour-1795749470.7")
        .await
        .unwrap();
    let table = server.folder.path().join("master.db");
    fs::write(&table, include_bytes!("cdr/master.sqlite")).unwrap();
    let arguments = [
        "source",
        table.to_str().unwrap(),
        "--pbx",
        "Office",
        "--zone",
        "UTC",
    ];
    cdr(server, &arguments).await.good();
    assert_eq!(sync(server, &[]).await, [0, 0, 7, 0]);
    let second = server
        .services
        .store
        .records_of(PBX, "harbour-1795749470.7")
        .await
        .unwrap();
    assert_eq!(second, first);
    assert_eq!(
        check(server, &[]).await,
        [0, 7, 7, 0, 0],
        "nobody saw that morning"
    );
}

#[tokio::test]
async fn where_supervision_is_private_records_of_phones_that_listened_are_for_who_may_listen() {
    let spied = made(1).line().replace("\"Dial\"", "\"ChanSpy\"");
    let (mut office, _) = with_file("UTC", &[spied, made(2).line()].concat()).await;
    sync(&office.server, &[]).await;
    assert_eq!(check(&office.server, &[]).await[1], 2);
    office.server.services.hub.set_private(PBX, true);
    let everything = records(&mut office.browser, &RecordsQuery::default()).await;
    assert_eq!(everything.counts[1], 2, "an administrator may listen");
    let spied = everything.rows[1].id;
    for role in BuiltIn::EVERY {
        let abilities = role.abilities();
        if abilities.reach(app::access::Ability::SeeCalls) < app::access::Reach::Pbx {
            continue;
        }
        let listens = abilities.reach(app::access::Ability::Listen) >= app::access::Reach::Pbx;
        let mut browser = somebody(&office, role).await;
        let seen = records(&mut browser, &RecordsQuery::default()).await;
        assert_eq!(seen.counts[1], if listens { 2 } else { 1 }, "{role:?}");
        let one = browser.ask("/api/call_record", &spied).await;
        assert_eq!(one.status, if listens { 200 } else { 404 }, "{role:?}");
    }
}

#[tokio::test]
async fn records_that_the_manager_tells_are_kept_and_are_of_the_calls_that_were_seen() {
    let mut office = Office::open().await;
    let (call, _) = talk(&mut office, "1002", "1003").await;
    office.pbx.hang_up("1003").await.unwrap();
    let store = office.server.services.store.clone();
    let rows = eventually("the record is kept", async || {
        let rows = store.records_of(PBX, &call.0).await.unwrap();
        (!rows.is_empty()).then_some(rows)
    })
    .await;
    assert!(rows[0].by_manager && !rows[0].by_source);
    let now = office.server.services.hub.clock().now();
    assert!(
        rows[0].told.times.end.0.abs_diff(now.0) < 60 * SECOND,
        "its clocks are known by when it tells"
    );
    eventually("the call is kept", async || {
        let page = calls(&mut office.browser).await;
        page.rows.iter().any(|row| row.call == call).then_some(())
    })
    .await;
    let [matched, repaired, entered, only_there, _] = check(&office.server, &[]).await;
    assert_eq!((matched, repaired, entered, only_there), (1, 0, 0, 0));
}

#[tokio::test]
async fn the_server_reads_what_is_new_by_itself_says_why_it_cannot_and_leaves_a_source_to_whoever_has_it() {
    let (mut office, file) = with_file("UTC", &made(1).line()).await;
    let place = file.to_str().unwrap().to_owned();
    for (every, exit) in [("9s", 2), ("2d", 2), ("often", 2), ("", 2), ("1h", 0)] {
        let arguments = [
            "source", &place, "--pbx", "Office", "--zone", "UTC", "--every", every,
        ];
        assert_eq!(cdr(&office.server, &arguments).await.exit, exit, "{every}");
    }
    let services = office.server.services.clone();
    let store = services.store.clone();
    // it is to be read at once, and not in an hour
    let now = async || {
        // the server may be reading it
        eventually("it is ours", async || {
            let taken = store.take_cdr_source(PBX, "us", wall_ms()).await.unwrap();
            taken.then_some(())
        })
        .await;
        store.leave_cdr_source(PBX, "us", None, 0).await.unwrap();
    };
    let source = async || store.cdr_sources().await.unwrap().remove(0);
    let records = async |many: u64| {
        eventually("they are read", async || {
            (store.count_records(PBX).await.unwrap() == many).then_some(())
        })
        .await;
    };
    now().await;
    records(1).await;
    let read = eventually("it is let go", async || {
        let source = source().await;
        (source.next_ms > 0).then_some(source)
    })
    .await;
    assert!(
        read.trouble.is_empty() && read.next_ms > wall_ms() + 3_000_000,
        "{read:?}"
    );
    append(&file, &made(2).line());
    now().await;
    records(2).await;
    // gone, and back
    let away = file.with_extension("away");
    fs::rename(&file, &away).unwrap();
    now().await;
    let trouble = eventually("it says why", async || {
        Some(source().await.trouble).filter(|trouble| !trouble.is_empty())
    })
    .await;
    assert!(trouble.contains("No such file"), "{trouble}");
    let health: Health = office.browser.ask("/api/health", &()).await.value();
    let part = health
        .parts
        .iter()
        .find(|part| part.name == "Call records of Office")
        .unwrap();
    assert!(
        part.sign == Sign::Broken && part.says.contains("No such file"),
        "{part:?}"
    );
    let page: RecordsPage = office
        .browser
        .ask("/api/call_records", &RecordsQuery::default())
        .await
        .value();
    assert_eq!(
        (page.sources[0].trouble.as_str(), page.sources[0].every_s),
        (trouble.as_str(), 3_600)
    );
    let listed = cdr(&office.server, &["sources"]).await.good().out;
    assert!(
        listed.contains("every 3600 s, not the last time: No such file"),
        "{listed}"
    );
    fs::rename(&away, &file).unwrap();
    append(&file, &made(3).line());
    // somebody else has it: nobody reads, and who had it before keeps nothing more
    assert!(store.take_cdr_source(PBX, "another", wall_ms()).await.unwrap());
    assert!(!store.take_cdr_source(PBX, "us", wall_ms()).await.unwrap());
    assert_eq!(store.cdr_turns(wall_ms() + 7_200_000).await.unwrap().len(), 1);
    assert_eq!(store.cdr_turns(wall_ms()).await.unwrap(), []);
    let ours = source().await;
    let reading = Reading {
        store: &store,
        source: &ours,
        password: None,
        by: "us",
        since: None,
        dry_run: false,
        progress: &|_| {},
        lost: None,
    };
    let error = format!("{:#}", reading.run().await.unwrap_err());
    assert!(error.contains("somebody else reads it now"), "{error}");
    assert_eq!(store.count_records(PBX).await.unwrap(), 2);
    store.leave_cdr_source(PBX, "another", None, 0).await.unwrap();
    records(3).await;
    assert_eq!(sync(&office.server, &[]).await, [0, 0, 0, 0]);
}
