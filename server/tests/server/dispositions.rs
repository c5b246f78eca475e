//! What came of calls, in a word: said on the desk or in the pane of the call, and the same wherever it is read.

use app::{
    access::BuiltIn,
    model::{
        history::{CallPage, CallSearch, CallTold, Turn},
        report::{By, Report, ReportQuery},
    },
};
use telephony::{FinishedCall, Left, Timestamp, Visit};

use crate::{
    call_exports::{MORNING_MS, call, keep},
    queues::visit,
    supervision::somebody,
    support::{
        TestServer,
        http::Answer,
        office::{Office, PBX},
    },
};

/// A call of the queue `support`, and the visit that it was.
fn of_support(at: u64) -> (FinishedCall, Visit) {
    let kept = FinishedCall {
        queue: Some("support".into()),
        ..call(at, "")
    };
    let visit = Visit {
        call: kept.id.clone(),
        ..visit("support", at as u32, kept.started.0 + 100, 4, Left::Answered)
    };
    (kept, visit)
}

async fn keep_visit(server: &TestServer, visit: &Visit) -> i64 {
    let mut recording = server.services.store.record().await.unwrap();
    let id = recording.visit(PBX, None, visit).await.unwrap();
    recording.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_word_said_on_the_desk_or_in_the_pane_is_the_same_one_wherever_it_is_read() {
    let mut office = Office::open().await;
    let rules = [
        ("pbx", "1"),
        ("queue", "support"),
        ("target_s", "20"),
        ("short_abandon_s", "5"),
        ("wrap_up_s", "0"),
        ("dispositions", "Sold\nCalls again"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let answer = office.browser.post("/api/save_queue_rules", &rules).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let (server, ada) = (&office.server, &mut office.browser);
    let store = &server.services.store;
    let now_ms = server::clock::wall_ms();
    // said while the call is up
    let (early, of_early) = of_support(0);
    let of_early = keep_visit(server, &of_early).await;
    store
        .say_of_visit(of_early, Some("Sold"), None, 1, now_ms)
        .await
        .unwrap();
    keep(server, [early]).await;
    // said after it, and changed
    let (late, of_late) = of_support(10);
    let of_late = keep_visit(server, &of_late).await;
    // a PBX whose clock was set back gave the name before
    let namesake = FinishedCall {
        started: Timestamp(MORNING_MS - 86_400_000),
        answered: None,
        ended: Timestamp(MORNING_MS - 86_390_000),
        ..late.clone()
    };
    keep(server, [late, namesake, call(20, "")]).await;
    for word in ["Calls again", "Sold"] {
        store
            .say_of_visit(of_late, Some(word), None, 1, now_ms)
            .await
            .unwrap();
    }
    let all: CallPage = ada
        .ask("/api/past_calls", &(CallSearch::default(), Turn::Newest))
        .await
        .value();
    let said: Vec<Option<&str>> = all.rows.iter().map(|row| row.disposition.as_deref()).collect();
    assert_eq!(said, [None, Some("Sold"), Some("Sold"), None]);
    let ids: Vec<String> = all.rows.iter().map(|row| row.id.to_string()).collect();
    // in the pane; a call that came through no queue has the words of all of them
    let told: CallTold = ada.ask("/api/past_call", &all.rows[0].id).await.value();
    assert_eq!(told.dispositions, ["Sold", "Calls again"]);
    let say = |id: &str, word: &str| [("id", id.to_owned()), ("disposition", word.to_owned())];
    for (id, word) in [
        (&ids[0], "Calls again"),
        (&ids[1], " Calls again "),
        (&ids[2], ""),
    ] {
        let answer = ada.post("/api/dispose_past_call", &say(id, word)).await;
        assert!(answer.status < 400, "{answer:?}");
    }
    let of = async |id| store.visit(id).await.unwrap().unwrap().disposition;
    assert_eq!(
        (of(of_late).await.as_deref(), of(of_early).await),
        (Some("Calls again"), None)
    );
    let answer = ada
        .post("/api/dispose_past_call", &say(&ids[0], "') OR 1=1 --"))
        .await;
    assert!(
        answer.status >= 400 && answer.body.contains("disposition"),
        "{answer:?}"
    );
    // found, added up, told to programs
    let search = CallSearch {
        disposition: "Calls again".into(),
        ..CallSearch::default()
    };
    let found: CallPage = ada.ask("/api/past_calls", &(search, Turn::Newest)).await.value();
    let told: Vec<String> = found.rows.iter().map(|row| row.id.to_string()).collect();
    assert_eq!((told.as_slice(), found.found), (&ids[..2], 2));
    let query = ReportQuery {
        search: CallSearch {
            from_ms: Some(MORNING_MS),
            to_ms: Some(MORNING_MS + 3_600_000),
            ..CallSearch::default()
        },
        by: By::Disposition,
        zone: "UTC".into(),
        ..ReportQuery::default()
    };
    let report: Report = ada.ask("/api/call_report", &query).await.value();
    let rows: Vec<(&str, u64)> = report
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.totals.calls()))
        .collect();
    assert_eq!(rows, [("Calls again", 2), ("Nothing said", 1)]);
    let Answer { body, .. } = ada
        .get("/calls/history/export?format=csv&zone=UTC&q=disposition%3A%22Calls%20again%22")
        .await;
    assert_eq!(body.matches("Calls again").count(), 2, "{body}");
    // whoever does not see the call says nothing of it
    let (_, mut stranger) = somebody(server, "eve", BuiltIn::Agent, "1999").await;
    let answer = stranger
        .post("/api/dispose_past_call", &say(&ids[0], "Sold"))
        .await;
    assert!(answer.status >= 400, "{answer:?}");
}
