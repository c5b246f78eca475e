//! Callers who were not reached: who sees them, who is on them, and that they are closed by whoever reaches them.

use std::time::{Duration, Instant};

use app::{
    AppError,
    access::BuiltIn,
    live::note::Note,
    model::{
        UserId,
        lost::{Fate, LostCaller, LostMark, LostPage, LostQuery, LostRow, Wanted},
        people::TeamForm,
    },
};
use server::store::{HOLD_MS, MAX_CLAIMS};
use telephony::{
    CallId, Left, Outcome, Timestamp, Visit,
    lost::{Contact, Loss, Missed, Path},
};

use crate::{
    supervision::somebody,
    support::{
        Browser, eventually,
        http::Answer,
        live::Live,
        office::{Office, PBX},
    },
};

const DAY_MS: u64 = 24 * 3_600 * 1_000;

pub(crate) fn visit(queue: &str, number: &str, how: Left) -> Visit {
    let left = Timestamp(server::clock::wall_ms());
    Visit {
        queue: queue.into(),
        channel: format!("{queue}.{number}"),
        serial: 1,
        call: CallId(format!("{queue}.{number}")),
        number: number.into(),
        name: Some("Somebody outside".into()),
        joined: Timestamp(left.0 - 60_000),
        position: 1,
        rings: Vec::new(),
        more_rings: 0,
        left: Some((left, how)),
        talk: None,
        partial: false,
    }
}

/// Somebody gave up in a queue; the row.
async fn lose(office: &Office, queue: &str, number: &str) -> i64 {
    let mut recording = office.server.services.store.record().await.unwrap();
    let lost = visit(queue, number, Left::Abandoned);
    recording.visit(PBX, None, &lost).await.unwrap();
    let touched = recording.take_touched();
    recording.commit().await.unwrap();
    office.server.services.lost.told(touched.clone());
    *touched.rows.first().unwrap()
}

async fn miss(office: &Office, extension: &str, number: &str) -> i64 {
    let mut recording = office.server.services.store.record().await.unwrap();
    let now = server::clock::wall_ms();
    let missed = Missed {
        call: CallId(format!("{extension}.{number}")),
        number: number.into(),
        name: None,
        extensions: vec![extension.into()],
        began: Timestamp(now - 9_000),
        ended: Timestamp(now),
        how: Loss::Missed,
    };
    recording.missed(PBX, &missed).await.unwrap();
    let touched = recording.take_touched();
    recording.commit().await.unwrap();
    *touched.rows.first().unwrap()
}

fn today(wanted: Wanted) -> LostQuery {
    let now_ms = server::clock::wall_ms();
    LostQuery {
        from_ms: now_ms - DAY_MS,
        to_ms: now_ms + DAY_MS,
        wanted,
        // callers in tests are in a hurry
        short: true,
        limit: 50,
        ..LostQuery::default()
    }
}

async fn page(browser: &mut Browser, query: &LostQuery) -> LostPage {
    let answer = browser.ask("/api/lost_callers", query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

async fn numbers(browser: &mut Browser) -> Vec<String> {
    let page = page(browser, &today(Wanted::All)).await;
    let mut numbers: Vec<String> = page.rows.into_iter().map(|row| row.number).collect();
    numbers.sort();
    numbers
}

async fn ask(browser: &mut Browser, path: &str, id: i64) -> Answer {
    browser.post(path, &[("id", id.to_string())]).await
}

fn team(members: &[i64], queues: &[&str]) -> TeamForm {
    TeamForm {
        id: None,
        name: format!("Team of {}", queues.concat()),
        members: members.iter().copied().map(UserId).collect(),
        queues: queues.iter().map(|name| (PBX, (*name).to_owned())).collect(),
    }
}

/// The claim that everybody sees on a row.
async fn holder(browser: &mut Browser, id: i64) -> Option<String> {
    let page = page(browser, &today(Wanted::Open)).await;
    let row = page.rows.into_iter().find(|row| row.id == id).unwrap();
    match row.fate {
        Fate::Open(claim) => claim.map(|claim| claim.by),
        fate => panic!("{fate:?}"),
    }
}

#[tokio::test]
async fn everybody_sees_the_lost_callers_that_are_theirs_to_call_and_no_others() {
    let mut office = Office::open().await;
    let support = lose(&office, "support", "0401000001").await;
    let sales = lose(&office, "sales", "0401000002").await;
    let own = miss(&office, "1004", "0401000003").await;
    miss(&office, "1030", "0401000004").await;
    // grace serves support; sam supervises sales; vic only looks; out is in no queue
    let (grace, mut agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let (sam, mut supervisor) = somebody(&office.server, "sam", BuiltIn::Supervisor, "1005").await;
    let (_, mut viewer) = somebody(&office.server, "vic", BuiltIn::Viewer, "1032").await;
    let (_, mut outsider) = somebody(&office.server, "out", BuiltIn::Agent, "1033").await;
    let store = &office.server.services.store;
    store.save_team(&team(&[sam], &["sales"]), 1).await.unwrap();
    assert_eq!(numbers(&mut office.browser).await.len(), 4);
    assert_eq!(numbers(&mut agent).await, ["0401000001", "0401000003"]);
    assert_eq!(numbers(&mut supervisor).await, ["0401000002"]);
    assert!(numbers(&mut outsider).await.is_empty());
    let refused = viewer.ask("/api/lost_callers", &today(Wanted::All)).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let stranger = office
        .server
        .browser()
        .ask("/api/lost_callers", &today(Wanted::All))
        .await;
    assert_eq!(stranger.status, 401, "{stranger:?}");
    // what is not seen is not there
    for path in ["/api/claim_lost", "/api/release_lost"] {
        for (browser, id) in [
            (&mut agent, sales),
            (&mut supervisor, support),
            (&mut outsider, own),
        ] {
            let answer = ask(browser, path, id).await;
            assert_eq!(answer.status, 404, "{path} {id}: {answer:?}");
        }
    }
    let hand = [("id", sales.to_string()), ("to", grace.to_string())];
    assert_eq!(agent.post("/api/hand_over_lost", &hand).await.status, 404);
    // sam may, and grace could not call them back
    let answer = supervisor.post("/api/hand_over_lost", &hand).await;
    assert!(answer.status != 200 && answer.body.contains("to"), "{answer:?}");
    let whole = office.browser.ask("/api/lost_caller", &support).await;
    let whole: LostCaller = whole.value();
    let able: Vec<&str> = whole.colleagues.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(able, ["grace"]);
    assert_eq!((whole.row.id, whole.tries.len()), (support, 1));
    for (browser, id) in [
        (&mut agent, sales),
        (&mut supervisor, support),
        (&mut outsider, own),
    ] {
        assert_eq!(browser.ask("/api/lost_caller", &id).await.status, 404);
    }
    assert_eq!(viewer.ask("/api/lost_caller", &support).await.status, 403);
}

#[tokio::test]
async fn a_row_shows_of_a_person_only_what_was_tried_where_its_viewer_sees_it() {
    let mut office = Office::open().await;
    lose(&office, "sales", "0401000001").await;
    lose(&office, "support", "0401000001").await;
    let (_, mut agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let of = |page: LostPage| -> LostRow { page.rows.into_iter().next().unwrap() };
    let all = of(page(&mut office.browser, &today(Wanted::All)).await);
    assert_eq!(
        (all.calls, all.queues),
        (2, vec!["sales".into(), "support".into()])
    );
    let theirs = of(page(&mut agent, &today(Wanted::All)).await);
    assert_eq!((theirs.calls, theirs.queues), (1, vec!["support".into()]));
    // and asked of one queue alone
    let sales = LostQuery {
        queues: vec![(PBX, "sales".into())],
        ..today(Wanted::All)
    };
    let of_sales = page(&mut office.browser, &sales).await;
    assert_eq!(of_sales.figures.people, 1);
    assert_eq!(of(of_sales).queues, ["sales"]);
    assert_eq!(page(&mut agent, &sales).await.figures.people, 0);
}

#[tokio::test]
async fn two_who_claim_at_once_are_one_and_somebody_who_is_told_who() {
    let office = Office::open().await;
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let (_, mut henry) = somebody(&office.server, "henry", BuiltIn::Agent, "1006").await;
    for number in ["0401000001", "0401000002", "0401000003"] {
        let id = lose(&office, "support", number).await;
        let (one, other) = tokio::join!(
            ask(&mut grace, "/api/claim_lost", id),
            ask(&mut henry, "/api/claim_lost", id)
        );
        let (winner, told) = if one.status == 200 {
            ("grace", other)
        } else {
            ("henry", one)
        };
        assert_eq!(told.status, 409, "{told:?}");
        let expected = AppError::Conflict(format!("{winner} is on it already."));
        assert_eq!(told.value::<AppError>(), expected);
        assert_eq!(holder(&mut grace, id).await.as_deref(), Some(winner));
    }
    let trail = office.server.services.trail.newest(30).await.unwrap();
    let claims: Vec<_> = trail
        .iter()
        .filter(|row| row.act.action == "claim_lost")
        .collect();
    let refused = claims.iter().filter(|row| row.outcome() == "refused").count();
    assert_eq!((claims.len(), refused), (6, 3), "{trail:?}");
}

#[tokio::test]
async fn a_claim_is_handed_over_let_go_and_given_up_by_whose_it_is_or_whoever_manages_callers() {
    let mut office = Office::open().await;
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let (henry_id, mut henry) = somebody(&office.server, "henry", BuiltIn::Agent, "1006").await;
    let id = lose(&office, "support", "0401000001").await;
    assert_eq!(ask(&mut grace, "/api/claim_lost", id).await.status, 200);
    let held: u64 = grace.post("/api/hold_lost", &[]).await.value();
    assert_eq!(held, 1);
    assert_eq!(ask(&mut henry, "/api/release_lost", id).await.status, 409);
    let hand = [("id", id.to_string()), ("to", henry_id.to_string())];
    assert_eq!(grace.post("/api/hand_over_lost", &hand).await.status, 200);
    assert_eq!(holder(&mut grace, id).await.as_deref(), Some("henry"));
    let mine = page(&mut henry, &today(Wanted::Mine)).await;
    let Fate::Open(Some(claim)) = &mine.rows[0].fate else {
        panic!("{mine:?}");
    };
    assert!(claim.mine && claim.from.as_deref() == Some("grace"), "{claim:?}");
    let held: u64 = grace.post("/api/hold_lost", &[]).await.value();
    assert_eq!(held, 0);
    // Ada manages callers
    assert_eq!(
        ask(&mut office.browser, "/api/release_lost", id).await.status,
        200
    );
    assert_eq!(holder(&mut grace, id).await, None);
    let why = |reason: &str| [("id", id.to_string()), ("reason", reason.to_owned())];
    for bad in ["", "   ", &"x".repeat(201)] {
        let answer = grace.post("/api/give_up_lost", &why(bad)).await;
        assert!(
            answer.status != 200 && answer.body.contains("reason"),
            "{answer:?}"
        );
    }
    assert_eq!(
        grace.post("/api/give_up_lost", &why("Wrong number")).await.status,
        200
    );
    assert_eq!(ask(&mut henry, "/api/claim_lost", id).await.status, 409);
    let given = page(&mut henry, &today(Wanted::GivenUp)).await;
    assert!(
        matches!(&given.rows[0].fate, Fate::GivenUp { by, reason, .. } if by == "grace" && reason == "Wrong number"),
        "{given:?}"
    );
    assert_eq!((given.figures.people, given.figures.given_up), (1, 1));
}

#[tokio::test]
async fn a_claim_of_which_nothing_is_heard_falls_free_and_everybody_hears_of_it() {
    let office = Office::open().await;
    let (grace_id, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let id = lose(&office, "support", "0401000001").await;
    // claimed so long ago that it is over in this very moment
    let store = &office.server.services.store;
    let long_ago = server::clock::wall_ms() - HOLD_MS;
    store.claim_lost(id, grace_id, long_ago).await.unwrap();
    assert_eq!(holder(&mut grace, id).await, None);
    let held: u64 = grace.post("/api/hold_lost", &[]).await.value();
    assert_eq!(held, 0, "what fell free is not taken back by itself");
    let mut live = Live::open(&grace).await;
    live.until("it is told", |live| marks(live) == ["queue support"])
        .await;
}

fn marks(live: &Live) -> Vec<String> {
    let kind = format!("{}/", LostMark::KIND);
    let names = live.notes.keys().filter_map(|(_, name)| name.strip_prefix(&kind));
    names.map(str::to_owned).collect()
}

/// What the newest mark says.
fn revision(live: &Live) -> u64 {
    let kind = format!("{}/", LostMark::KIND);
    let marks = live.notes.iter().filter(|((_, name), _)| name.starts_with(&kind));
    let revisions = marks.map(|(_, says)| app::packed::unpack::<LostMark>(says).unwrap().revision);
    revisions.max().unwrap_or_default()
}

#[tokio::test]
async fn a_caller_who_gave_up_is_called_from_the_row_and_it_closes_by_itself() {
    let mut office = Office::open().await;
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let mut live = Live::open(&grace).await;
    office.pbx.queue_call("03012345678", "support").await.unwrap();
    office
        .sees("one waits", |board| board.queues["support"].waiting.len() == 1)
        .await;
    let left = Instant::now();
    office.pbx.script("abandon 03012345678").await.unwrap();
    live.until("it is told", |live| revision(live) > 0).await;
    assert!(left.elapsed() < Duration::from_secs(1), "{:?}", left.elapsed());
    let row = page(&mut grace, &today(Wanted::Open)).await.rows.remove(0);
    assert_eq!(
        (row.number.as_str(), row.how, row.calls),
        ("03012345678", Loss::Abandoned, 1)
    );
    let form = [
        ("id", row.id.to_string()),
        ("request_id", "call-from-the-row".to_owned()),
    ];
    let answer = grace.post("/api/call_lost", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.value::<Outcome>(), Outcome::Accepted);
    assert_eq!(
        holder(&mut office.browser, row.id).await.as_deref(),
        Some("grace")
    );
    office
        .sees("her phone rings", |board| {
            !board.extensions["1004"].engagements.is_empty()
        })
        .await;
    office.pbx.answer("1004").await.unwrap();
    office
        .sees("the outside is called", |board| {
            board
                .calls
                .values()
                .any(|call| call.direction == telephony::Direction::Outbound)
        })
        .await;
    assert!(page(&mut grace, &today(Wanted::Open)).await.rows[0].on_line);
    office.pbx.answer("03012345678").await.unwrap();
    let found = reached(&mut grace, row.id).await;
    let Fate::Reached { path, by, .. } = found.fate else {
        panic!("{found:?}");
    };
    assert_eq!(path, Path::Out);
    assert!(by.is_some());
    let figures = page(&mut grace, &today(Wanted::All)).await.figures;
    assert_eq!((figures.people, figures.reached, figures.open), (1, 1, 0));
    assert!(figures.median_ms().is_some());
}

async fn reached(browser: &mut Browser, id: i64) -> LostRow {
    eventually("the row is closed", async || {
        let page = page(browser, &today(Wanted::Reached)).await;
        page.rows.into_iter().find(|row| row.id == id)
    })
    .await
}

#[tokio::test]
async fn who_calls_again_and_is_answered_has_been_reached_through_the_queue_and_a_new_try_is_a_new_row() {
    let mut office = Office::open().await;
    let gives_up = async |office: &mut Office| {
        office.pbx.queue_call("03012345678", "support").await.unwrap();
        office
            .sees("they wait", |board| board.queues["support"].waiting.len() == 1)
            .await;
        office.pbx.script("abandon 03012345678").await.unwrap();
        office.sees("they are gone", |board| board.calls.is_empty()).await;
    };
    gives_up(&mut office).await;
    let first = eventually("a row", async || {
        page(&mut office.browser, &today(Wanted::Open)).await.rows.pop()
    })
    .await;
    office.pbx.queue_call("03012345678", "support").await.unwrap();
    office
        .sees("1003 rings", |board| {
            !board.extensions["1003"].engagements.is_empty()
        })
        .await;
    assert!(page(&mut office.browser, &today(Wanted::Open)).await.rows[0].on_line);
    office.pbx.answer("1003").await.unwrap();
    let row = reached(&mut office.browser, first.id).await;
    let expected = (Path::Queue, Some("support".to_owned()));
    assert!(
        matches!(&row.fate, Fate::Reached { path, queue, .. } if (*path, queue.clone()) == expected),
        "{row:?}"
    );
    office.pbx.hang_up("1003").await.unwrap();
    office.sees("it is over", |board| board.calls.is_empty()).await;
    gives_up(&mut office).await;
    let second = eventually("another row", async || {
        page(&mut office.browser, &today(Wanted::Open)).await.rows.pop()
    })
    .await;
    assert!(second.id > first.id && second.calls == 1, "{second:?}");
}

#[tokio::test]
async fn a_call_from_outside_that_nobody_answers_is_theirs_to_return_whose_phone_rang() {
    let mut office = Office::open().await;
    // 1037 has no voicemail
    let (_, mut agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1037").await;
    let (_, mut other) = somebody(&office.server, "henry", BuiltIn::Agent, "1038").await;
    office.pbx.script("inbound 03087654321 1037").await.unwrap();
    office
        .sees("it rings", |board| {
            !board.extensions["1037"].engagements.is_empty()
        })
        .await;
    office.pbx.hang_up("03087654321").await.unwrap();
    let row = eventually("a row", async || {
        page(&mut agent, &today(Wanted::Open)).await.rows.pop()
    })
    .await;
    assert_eq!((row.how, row.extensions), (Loss::Missed, vec!["1037".to_owned()]));
    assert!(numbers(&mut other).await.is_empty());
    // they call again, and get somebody else of ours
    let mut recording = office.server.services.store.record().await.unwrap();
    let contact = Contact {
        call: CallId("later".into()),
        person: telephony::lost::person_of("03087654321").unwrap(),
        path: Path::In,
        extension: Some("1038".into()),
        began: Timestamp(server::clock::wall_ms()),
        ended: None,
    };
    recording.contact(PBX, &contact, &[]).await.unwrap();
    recording.commit().await.unwrap();
    reached(&mut agent, row.id).await;
}

#[tokio::test]
async fn a_question_about_no_time_or_too_much_of_it_is_refused() {
    let mut office = Office::open().await;
    for (from_ms, to_ms) in [(1, 1), (2, 1), (0, 401 * DAY_MS)] {
        let query = LostQuery {
            from_ms,
            to_ms,
            ..LostQuery::default()
        };
        let answer = office.browser.ask("/api/lost_callers", &query).await;
        assert!(
            answer.status != 200 && answer.body.contains("to_ms"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn nobody_keeps_what_they_may_not_see_any_more_nor_more_than_they_can_call() {
    let office = Office::open().await;
    let (grace_id, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let mut ids = Vec::new();
    for number in 0..=MAX_CLAIMS {
        ids.push(lose(&office, "support", &format!("04010001{number:02}")).await);
    }
    for id in &ids[1..] {
        assert_eq!(ask(&mut grace, "/api/claim_lost", *id).await.status, 200);
    }
    assert_eq!(ask(&mut grace, "/api/claim_lost", ids[0]).await.status, 409);
    assert_eq!(
        grace.post("/api/hold_lost", &[]).await.value::<u64>(),
        MAX_CLAIMS as u64
    );
    // whoever has no phone in the queue serves it no more
    let store = &office.server.services.store;
    store.save_profile(grace_id, "Grace", &[]).await.unwrap();
    assert_eq!(grace.post("/api/hold_lost", &[]).await.value::<u64>(), 0);
}

#[tokio::test]
async fn what_a_caller_sends_as_their_number_is_neither_a_feature_code_nor_somebody_elses() {
    let mut office = Office::open().await;
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1004").await;
    let id = lose(&office, "support", "*7200990123456").await;
    let order = [
        ("id", id.to_string()),
        ("request_id", "0123456789abcdef".to_owned()),
    ];
    let answer = grace.post("/api/call_lost", &order).await;
    assert!(
        answer.status != 200 && answer.body.contains("number"),
        "{answer:?}"
    );
    lose(&office, "support", "+420777123456").await;
    lose(&office, "sales", "00882135000000777123456").await;
    lose(&office, "service", "777123456").await;
    let rows = page(&mut office.browser, &today(Wanted::All)).await.rows;
    let numbers: Vec<_> = rows.iter().map(|row| row.number.as_str()).collect();
    assert!(numbers.contains(&"777123456"), "{numbers:?}");
    assert!(
        !numbers.iter().any(|number| number.starts_with("00882")),
        "{numbers:?}"
    );
}
