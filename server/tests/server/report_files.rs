//! Reports, and calls, as files: what the page says, for whoever sees it, and told in the audit trail.

use app::{access::BuiltIn, model::export::ExportState};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use telephony::{FinishedCall, Mes, Quality};

use crate::{
    call_exports::{MORNING_MS, call, keep},
    supervision::somebody,
    support::{TestServer, eventually, office::Office, program::run},
};

const DAY_MS: u64 = 86_400_000;

fn address(words: &str) -> String {
    let (from, to) = (MORNING_MS - DAY_MS, MORNING_MS + DAY_MS);
    format!("/calls/reports/export?since={from}&until={to}&{words}")
}

#[tokio::test]
async fn a_report_is_taken_as_csv_workbook_or_document_and_each_is_told_in_the_trail() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let measured = |at| FinishedCall {
        quality: Quality {
            pdd_ms: Some(1_200),
            mes: Mes::of_tenths(881),
        },
        ..call(at, "")
    };
    keep(&server, (0..40).map(measured)).await;
    let csv = ada
        .get(&address("by=trunk&format=csv&zone=Europe/Berlin&q=answered"))
        .await;
    assert_eq!(
        csv.body,
        "what,calls,answered,answered_share,missed,busy,failed,gave_up,interrupted,voicemail,service,average_talk_s,talked_s,pdd_s,mes,calls_before,answered_before,average_talk_before_s\r\n\
         carrier,20,20,1.0000,0,0,0,0,0,0,0,60.500,1210.000,1.200,88.1,0,0,\r\n\
         All,20,20,1.0000,0,0,0,0,0,0,0,60.500,1210.000,1.200,88.1,0,0,\r\n"
    );
    let saved_as = csv.header("content-disposition").unwrap();
    assert!(
        saved_as.starts_with("attachment; filename=\"starboard-report-trunk-2"),
        "{saved_as}"
    );
    for (format, kind, begins) in [
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "PK",
        ),
        ("pdf", "application/pdf", "%PDF-"),
    ] {
        let file = ada.get(&address(&format!("by=hour&format={format}"))).await;
        assert_eq!((file.status, file.header("content-type")), (200, Some(kind)));
        assert!(file.body.starts_with(begins), "{}", &file.body[..40]);
    }
    let told = server.services.trail.newest(3).await.unwrap();
    assert!(
        told.iter()
            .all(|row| row.act.action == "export_report" && row.outcome() == "done"),
        "{told:?}"
    );
    assert!(told[2].act.detail.contains("q=answered") && told[2].act.object == "Calls for each trunk");
}

#[tokio::test]
async fn a_file_holds_what_its_reader_sees_and_what_cannot_be_told_is_refused_by_name() {
    let office = Office::open().await;
    let mut ada = office.browser.clone();
    let mut elsewhere = call(7, "");
    elsewhere.callee.extension = Some("1005".into());
    keep(&office.server, [call(0, ""), call(2, ""), elsewhere]).await;
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    for (browser, calls) in [(&mut ada, 3), (&mut grace, 2)] {
        let file = browser.get(&address("by=day&format=csv")).await;
        let last = file.body.lines().last().unwrap();
        assert!(last.starts_with(&format!("All,{calls},")), "{}", file.body);
    }
    for (words, said) in [
        ("by=day&zone=Moon&since=0", "There is no such time zone."),
        ("by=day&since=x", "Milliseconds since 1970."),
        ("by=hour&since=1", "At most 31 days."),
        ("by=hour", "Choose from when to when."),
    ] {
        let answer = ada
            .get(&format!("/calls/reports/export?until={MORNING_MS}&{words}"))
            .await;
        assert!(
            (400..500).contains(&answer.status) && answer.body.contains(said),
            "{answer:?}"
        );
    }
    let mut nobody = office.server.browser();
    assert!(nobody.get(&address("by=day")).await.status >= 300);
}

#[tokio::test]
async fn calls_on_paper_are_five_thousand_at_most_and_more_is_said_to_be_too_long() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    keep(&server, (0..5_000).map(|at| call(at, "Zoë"))).await;
    let file = ada.get("/calls/history/export?format=pdf").await;
    assert!(
        file.status == 200 && file.body.starts_with("%PDF-"),
        "{:?}",
        file.headers
    );
    assert!(file.body.trim_end().ends_with("%%EOF"));
    keep(&server, [call(5_001, "")]).await;
    let request = format!(
        "GET /calls/history/export?format=pdf&name=long HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
        server.address,
        ada.cookie.as_deref().unwrap()
    );
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // it may be cut off at once
    let _ = socket.read_to_end(&mut answer).await;
    assert!(!answer.ends_with(b"0\r\n\r\n"), "it looks whole");
    let state: ExportState = eventually("it has ended", async || {
        let state: ExportState = ada.ask("/api/export_state", &"long").await.value();
        state.ended.is_some().then_some(state)
    })
    .await;
    let why = state.ended.unwrap().unwrap_err();
    assert!(why.contains("no more than 5,000 rows"), "{why}");
}

#[tokio::test]
async fn a_report_whose_reader_goes_away_meanwhile_is_told_to_its_end() {
    let server = TestServer::start().await;
    let ada = server.set_up().await;
    // two are added up at once, so that the next one waits
    let turns = [
        server.services.adding_up.turn().await.unwrap(),
        server.services.adding_up.turn().await.unwrap(),
    ];
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
        address("by=hour&format=pdf"),
        server.address,
        ada.cookie.as_deref().unwrap()
    );
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let outcome = async || {
        let told = &server.services.trail.newest(1).await.unwrap()[0];
        (told.act.action == "export_report").then(|| told.outcome().to_owned())
    };
    let has = async |wanted: &str| (outcome().await? == wanted).then_some(());
    eventually("it has begun", async || has("begun").await).await;
    drop(socket);
    drop(turns);
    eventually("its end is told", async || has("done").await).await;
}

#[tokio::test]
async fn whoever_runs_the_server_has_a_report_written_to_a_file_or_told_to_a_program() {
    let server = TestServer::start().await;
    keep(&server, (0..40).map(|at| call(at, ""))).await;
    let folder = server.folder.path();
    let path = folder.join("november.pdf");
    let days = [
        "--from",
        "2026-11-26",
        "--to",
        "2026-11-26",
        "--zone",
        "Europe/Berlin",
    ];
    let ran = async |more: &[&str]| {
        let arguments: Vec<&str> = ["reports", "generate"]
            .iter()
            .chain(more)
            .chain(&days)
            .copied()
            .collect();
        run(folder, &arguments, "").await
    };
    let told = ran(&["trunk", "--out", path.to_str().unwrap()]).await.good().out;
    assert!(told.contains("40 calls"), "{told}");
    assert!(std::fs::read(&path).unwrap().starts_with(b"%PDF-"));
    let told = ran(&["agent", "--json", "--find", "answered"])
        .await
        .good()
        .json();
    assert_eq!(told["rows"].as_array().unwrap().last().unwrap()["calls"], 20);
    let csv = ran(&["daily", "--format", "csv", "--out", "-"]).await.good().out;
    assert!(csv.contains("Thu 26 Nov,40,20,0.5000,"), "{csv}");
    for (wrong, said) in [
        (
            ["trunk", "--find", "longer:soon"],
            "longer:soon is not understood",
        ),
        (
            ["trunk", "--find", "user:ada"],
            "find: people, teams and days are chosen on the page",
        ),
        (
            ["trunk", "--out", "/nowhere/x.pdf"],
            "/nowhere/x.pdf cannot be written",
        ),
    ] {
        let ran = ran(&wrong).await;
        assert!(ran.exit != 0 && ran.err.contains(said), "{ran:?}");
    }
    let trail = server.services.trail.newest(10).await.unwrap();
    assert_eq!(
        trail
            .iter()
            .filter(|row| row.act.action == "export_report")
            .count(),
        4
    );
}
