//! Calls as a file: exactly those of the list, for those who see them and as long as they do, and nothing left behind.

use app::{AppError, access::BuiltIn, model::export::ExportState};
use telephony::{
    CallId, CallResult, Direction, FinishedCall, HungUpBy, Marks, Party, Timestamp, finished::pack,
};
use tokio::io::AsyncReadExt;

use crate::{
    supervision::somebody,
    support::{
        Browser, TestServer, begun, eventually,
        office::{Office, PBX},
    },
};

/// More than an export reads at once.
const MANY: u64 = 5_000;
/// 2026-11-26, ten in the morning, UTC.
pub(crate) const MORNING_MS: u64 = 1_795_687_200_000;

pub(crate) fn party(number: &str, name: &str, extension: Option<&str>) -> Party {
    Party {
        number: number.into(),
        name: Some(name.into()).filter(|name: &String| !name.is_empty()),
        extension: extension.map(str::to_owned),
    }
}

/// A call to 1003, one each second.
pub(crate) fn call(at: u64, name: &str) -> FinishedCall {
    let started = MORNING_MS + at * 1_000;
    FinishedCall {
        id: CallId(format!("1795687200.{at}")),
        linked: format!("1795687200.{at}"),
        direction: Direction::Inbound,
        result: if at.is_multiple_of(2) {
            CallResult::Answered
        } else {
            CallResult::Missed
        },
        caller: party(&format!("+4930{:07}", at), name, None),
        callee: party("1003", "Grace", Some("1003")),
        dialled: "1003".into(),
        others: Vec::new(),
        queue: None,
        trunk: Some("carrier".into()),
        started: Timestamp(started),
        answered: (at.is_multiple_of(2)).then_some(Timestamp(started + 5_000)),
        ended: Timestamp(started + 65_500),
        held_ms: 0,
        first_by: None,
        last_by: None,
        cause: 16,
        hung_up_by: HungUpBy::Caller,
        marks: Marks(0),
        files: Vec::new(),
        quality: telephony::Quality::default(),
        told: pack(&[], &telephony::Story::default()),
    }
}

pub(crate) async fn keep(server: &TestServer, calls: impl IntoIterator<Item = FinishedCall>) {
    let calls: Vec<_> = calls.into_iter().map(|call| (PBX, call)).collect();
    let mut recording = server.services.store.record().await.unwrap();
    recording.calls(&calls).await.unwrap();
    recording.commit().await.unwrap();
}

async fn with_many() -> (TestServer, Browser) {
    let server = TestServer::start().await;
    let browser = server.set_up().await;
    keep(&server, (0..MANY).map(|at| call(at, ""))).await;
    (server, browser)
}

/// A column of a CSV file.
fn column(body: &str, name: &str) -> Vec<String> {
    let mut read = csv::Reader::from_reader(body.as_bytes());
    let at = read
        .headers()
        .unwrap()
        .iter()
        .position(|one| one == name)
        .unwrap();
    read.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

#[tokio::test]
async fn the_file_has_every_call_of_the_list_newest_first_and_none_twice() {
    let (server, mut browser) = with_many().await;
    let answer = browser.get("/calls/history/export?format=csv").await;
    assert_eq!(answer.status, 200, "{:?}", answer.headers);
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let saved_as = answer.header("content-disposition").unwrap();
    assert!(
        saved_as.starts_with("attachment; filename=\"starboard-calls-2") && saved_as.ends_with(".csv\""),
        "{saved_as}"
    );
    let newest_first: Vec<String> = (0..MANY).rev().map(|at| format!("1795687200.{at}")).collect();
    assert_eq!(column(&answer.body, "call"), newest_first);
    // what is asked of the list is asked of the file, and a page of it is not
    let half = browser
        .get("/calls/history/export?q=missed&before=7&call=9")
        .await;
    assert_eq!(column(&half.body, "result").len() as u64, MANY / 2);
    let some = format!(
        "/calls/history/export?q=missed&since={}&until={}",
        MORNING_MS + 10_000,
        MORNING_MS + 20_000
    );
    let some = browser.get(&some).await;
    assert_eq!(
        column(&some.body, "call"),
        [19, 17, 15, 13, 11].map(|at| format!("1795687200.{at}"))
    );
    let told = eventually("the exports are told", async || {
        let trail = server.services.trail.newest(3).await.unwrap();
        trail.iter().all(|row| row.outcome() == "done").then_some(trail)
    })
    .await;
    assert!(
        told.iter().all(|row| row.act.action == "export_calls"),
        "{told:?}"
    );
    let counted: Vec<_> = told.iter().map(|row| row.ended_detail.clone().unwrap()).collect();
    assert!(
        counted[0].contains(r#""calls":"5""#) && counted[2].contains(r#""calls":"5000""#),
        "{counted:?}"
    );
    assert!(told[0].act.detail.contains("q=missed"), "{told:?}");
}

#[tokio::test]
async fn times_are_told_in_the_zone_that_was_asked_for_and_a_zone_that_is_none_is_named() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    keep(&server, [call(0, "")]).await;
    for (zone, began) in [
        ("", "2026-11-26T10:00:00.000+00:00"),
        ("&zone=Europe/Berlin", "2026-11-26T11:00:00.000+01:00"),
        ("&zone=Asia/Kolkata", "2026-11-26T15:30:00.000+05:30"),
    ] {
        let answer = browser
            .get(&format!("/calls/history/export?format=csv{zone}"))
            .await;
        assert_eq!(column(&answer.body, "began"), [began]);
        assert_eq!(column(&answer.body, "took_s"), ["65.500"]);
    }
    for (wrong, said) in [
        ("zone=Mars/Olympus", "There is no such time zone."),
        ("zone=../../etc/passwd", "There is no such time zone."),
        ("since=x&until=1", "Milliseconds since 1970."),
    ] {
        let answer = browser.get(&format!("/calls/history/export?{wrong}")).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert!(answer.body.contains(said), "{answer:?}");
    }
}

#[tokio::test]
async fn crafted_names_of_callers_are_texts_in_every_file() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let names = [
        "=HYPERLINK(\"http://x\")",
        "@SUM(1)",
        "a,\"b\"\r\nc",
        "<t>x</t>",
        "'; DROP TABLE call;--",
    ];
    keep(&server, (0..).zip(names).map(|(at, name)| call(at, name))).await;
    let csv = browser.get("/calls/history/export?format=csv").await;
    let cells = column(&csv.body, "caller_name");
    for (cell, name) in cells.iter().rev().zip(names) {
        assert!(cell == name || *cell == format!("'{name}"), "{cell}");
        assert!(!cell.starts_with(['=', '@']), "{cell}");
    }
    assert_eq!(column(&csv.body, "caller_number")[0], "+49300000004");
    let book = browser.get("/calls/history/export?format=xlsx").await;
    assert!(book.status == 200 && book.body.starts_with("PK"), "{book:?}");
    // every filter takes whatever is typed
    for text in [
        "%27%3B%20DROP%20TABLE%20call--",
        "from:%22%27%20OR%201%3D1%22",
        "queue:%25",
    ] {
        let answer = browser.get(&format!("/calls/history/export?q={text}")).await;
        assert_eq!(answer.status, 200);
    }
    let all = browser.get("/calls/history/export").await;
    assert_eq!(column(&all.body, "call").len(), names.len());
}

#[tokio::test]
async fn everybody_takes_the_calls_that_they_see_and_strangers_none() {
    let mut office = Office::open().await;
    keep(&office.server, [call(1, "")]).await;
    let other = FinishedCall {
        callee: party("1005", "Dana", Some("1005")),
        ..call(2, "")
    };
    keep(&office.server, [other]).await;
    let (_, mut agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    let answer = agent.get("/calls/history/export?format=csv").await;
    assert_eq!(column(&answer.body, "call"), ["1795687200.1"]);
    let answer = office.browser.get("/calls/history/export?format=csv").await;
    assert_eq!(column(&answer.body, "call").len(), 2);
    let mut stranger = office.server.browser();
    assert_eq!(stranger.get("/calls/history/export").await.status, 303);
    // how far it is, and calling it off, is for whoever began it
    let answer = office.browser.get("/calls/history/export?name=mine").await;
    assert_eq!(answer.status, 200);
    let state = eventually("it is over", async || {
        let state: ExportState = office.browser.ask("/api/export_state", &"mine").await.value();
        state.ended.is_some().then_some(state)
    })
    .await;
    assert_eq!((state.rows, state.ended), (2, Some(Ok(()))));
    for path in ["/api/export_state", "/api/call_off_export"] {
        let answer = agent.ask(path, &"mine").await;
        assert_eq!(
            (answer.status, answer.value::<AppError>()),
            (404, AppError::NotFound)
        );
        assert_eq!(stranger.ask(path, &"mine").await.status, 401, "{path}");
    }
}

/// The newest export in the trail, once it is over: its outcome, and what was told.
async fn told(server: &TestServer) -> (String, String) {
    eventually("it is told", async || {
        let trail = server.services.trail.newest(8).await.unwrap();
        let told = trail.into_iter().find(|row| row.act.action == "export_calls")?;
        let outcome = told.outcome().to_owned();
        (outcome != "begun").then(|| (outcome, told.ended_detail.unwrap_or_default()))
    })
    .await
}

/// A long name: with so many of them a file is larger than what fits between the two ends of a connection, some 4 MiB in
/// the kernel and 3 MB in our parts.
fn long_name() -> String {
    "A name of some length to fill what lies between. ".repeat(5)
}

/// Enough that a download cannot be read ahead.
async fn with_very_many() -> (TestServer, Browser) {
    let (server, browser) = with_many().await;
    keep(&server, (MANY..30_000).map(|at| call(at, &long_name()))).await;
    (server, browser)
}

#[tokio::test]
async fn an_export_that_is_called_off_or_broken_off_leaves_nothing_and_looks_like_it() {
    let (server, mut browser) = with_very_many().await;
    let mut socket = begun(&server, &browser, "/calls/history/export?format=csv&name=off").await;
    assert_eq!(browser.ask("/api/call_off_export", &"off").await.status, 200);
    // its end is missing
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await.unwrap();
    assert!(!rest.ends_with(b"0\r\n\r\n"), "it looks whole");
    let (outcome, why) = told(&server).await;
    assert!(
        outcome == "failed" && why.contains("called off"),
        "{outcome} {why}"
    );
    let state: ExportState = browser.ask("/api/export_state", &"off").await.value();
    assert_eq!(state.ended, Some(Err("it was called off".into())));
    drop(begun(&server, &browser, "/calls/history/export?format=csv").await);
    eventually("both places are free", async || {
        let places: Vec<_> = (0..2).map(|_| server.services.exports.place(1)).collect();
        places.iter().all(Option::is_some).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_third_export_of_one_person_waits_its_turn() {
    let (server, mut browser) = with_very_many().await;
    let first = begun(&server, &browser, "/calls/history/export?format=csv").await;
    let second = begun(&server, &browser, "/calls/history/export?format=csv").await;
    let answer = browser.get("/calls/history/export").await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(browser.get("/admin/audit/export").await.status, 429);
    drop((first, second));
    eventually("there is a place", async || {
        (browser.get("/calls/history/export?q=nobody").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_see_them_any_more_does_not_get_the_rest() {
    let office = Office::open().await;
    let server = &office.server;
    keep(server, (0..30_000).map(|at| call(at, &long_name()))).await;
    let (vic, viewer) = somebody(server, "vic", BuiltIn::Viewer, "1031").await;
    let mut socket = begun(server, &viewer, "/calls/history/export?format=csv").await;
    let store = &server.services.store;
    assert!(store.set_disabled(vic, true).await.unwrap());
    server.services.current.look(store).await;
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await.unwrap();
    assert!(!rest.ends_with(b"0\r\n\r\n"), "it looks whole");
    let (outcome, why) = told(server).await;
    assert!(
        outcome == "failed" && why.contains("taken away"),
        "{outcome} {why}"
    );
}
