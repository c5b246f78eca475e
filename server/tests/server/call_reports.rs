//! Calls added up, whatever was looked for: the sums are those of the list, for everybody of what they see.

use app::{
    access::BuiltIn,
    model::{
        history::{CallPage, CallSearch, CallTotals, Turn},
        report::{About, By, Measure, Report, ReportQuery, Than},
    },
};
use telephony::{CallResult, Direction, FinishedCall, Mes, Quality, Timestamp};

use crate::{
    call_exports::{MORNING_MS, call, keep, party},
    supervision::somebody,
    support::{Browser, TestServer, office::Office},
};

const DAY_MS: u64 = 86_400_000;
/// The midnight of that day in Berlin.
const MIDNIGHT_MS: u64 = MORNING_MS - 11 * 3_600_000;

/// Forty calls of three days, of every kind.
fn calls() -> Vec<FinishedCall> {
    let results = [
        CallResult::Answered,
        CallResult::Missed,
        CallResult::Busy,
        CallResult::Failed,
        CallResult::Abandoned,
        CallResult::Voicemail,
        CallResult::Service,
        CallResult::Interrupted,
    ];
    let one = |at: u64| {
        let base = call(at, "");
        let started = MIDNIGHT_MS + at * 6_500_000 - DAY_MS;
        let answered = at.is_multiple_of(2);
        FinishedCall {
            result: results[at as usize % results.len()],
            direction: [Direction::Inbound, Direction::Outbound, Direction::Internal][at as usize % 3],
            queue: (at % 4 == 1).then(|| "sales".into()),
            trunk: (at % 3 != 2).then(|| "carrier".into()),
            started: Timestamp(started),
            answered: answered.then_some(Timestamp(started + 5_000)),
            ended: Timestamp(started + 65_500),
            first_by: answered.then(|| {
                if at.is_multiple_of(4) {
                    "1003".into()
                } else {
                    "1005".into()
                }
            }),
            callee: if at.is_multiple_of(4) {
                party("1003", "Grace", Some("1003"))
            } else {
                party("1005", "Dana", Some("1005"))
            },
            quality: Quality {
                pdd_ms: (at % 3 == 1).then_some(at * 100),
                mes: answered.then(|| Mes::of_tenths(700 + at)).flatten(),
            },
            ..base
        }
    };
    (0..40).map(one).collect()
}

fn asked(by: By) -> ReportQuery {
    ReportQuery {
        search: CallSearch {
            from_ms: Some(MIDNIGHT_MS - DAY_MS),
            to_ms: Some(MIDNIGHT_MS + 2 * DAY_MS),
            ..CallSearch::default()
        },
        by,
        measure: Measure::Calls,
        than: Than::Before,
        zone: "Europe/Berlin".into(),
    }
}

async fn report(browser: &mut Browser, query: &ReportQuery) -> Report {
    let answer = browser.ask("/api/call_report", query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

async fn counted(browser: &mut Browser, search: &CallSearch) -> u64 {
    let page: CallPage = browser
        .ask("/api/past_calls", &(search, Turn::Newest))
        .await
        .value();
    assert!(!page.more);
    page.found
}

fn together(report: &Report) -> CallTotals {
    let mut all = CallTotals::default();
    report.rows.iter().for_each(|row| all.add(&row.totals));
    all
}

#[tokio::test]
async fn how_fast_a_trunk_puts_calls_through_and_how_they_sound_is_told_of_those_that_were_measured() {
    let office = Office::open().await;
    let mut ada = office.browser.clone();
    keep(&office.server, calls()).await;
    let told = report(&mut ada, &asked(By::Trunk)).await;
    let rows: Vec<_> = told
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.totals))
        .collect();
    let (carrier, none) = (rows[0], rows[1]);
    assert_eq!((carrier.0, none.0), ("carrier", "No trunk"));
    // every third call went out: 1, 4, 7 up to 37
    assert_eq!((carrier.1.pdd_ms.of, carrier.1.pdd_ms.sum), (13, 24_700));
    assert_eq!(Measure::Delay.of(&carrier.1), Some(1.9));
    assert_eq!(Measure::Delay.of(&none.1), None);
    assert_eq!(told.whole.mes.of, 20);
    assert_eq!(Measure::Voice.of(&told.whole), Some(71.9));
    for measure in [Measure::Delay, Measure::Voice] {
        let query = ReportQuery {
            measure,
            ..asked(By::Day)
        };
        let told = report(&mut ada, &query).await;
        assert!(
            told.drawn.iter().all(|svg| svg.starts_with("<svg")),
            "{measure:?}"
        );
    }
}

#[tokio::test]
async fn every_way_to_tell_calls_apart_adds_up_to_the_same_and_each_row_to_its_list() {
    let office = Office::open().await;
    let mut ada = office.browser.clone();
    keep(&office.server, calls()).await;
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    for (browser, all) in [(&mut ada, 40), (&mut grace, 10)] {
        let query = asked(By::Day);
        assert_eq!(counted(browser, &query.search).await, all);
        let days = report(browser, &query).await;
        assert_eq!((days.rows.len(), days.cut, days.whole.calls()), (3, false, all));
        for by in [
            By::Day,
            By::Hour,
            By::Queue,
            By::Agent,
            By::Trunk,
            By::Way,
            By::Pbx,
        ] {
            let told = report(browser, &asked(by)).await;
            assert_eq!((together(&told), told.whole), (days.whole, days.whole), "{by:?}");
            assert_eq!(told.week.iter().flatten().sum::<u64>(), all, "{by:?}");
            assert!(told.drawn.iter().all(|svg| svg.starts_with("<svg")), "{by:?}");
            for row in &told.rows {
                let mut search = query.search.clone();
                match (by, &row.about) {
                    (_, About::Time(from, to)) => (search.from_ms, search.to_ms) = (Some(*from), Some(*to)),
                    (By::Queue, About::Word(word)) if !word.is_empty() => search.queue.clone_from(word),
                    (By::Agent, About::Word(word)) if !word.is_empty() => search.answered_by.clone_from(word),
                    (By::Trunk, About::Word(word)) if !word.is_empty() => search.trunk.clone_from(word),
                    _ => continue,
                }
                assert_eq!(
                    counted(browser, &search).await,
                    row.totals.calls(),
                    "{by:?} {row:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_report_is_of_what_was_looked_for_and_compares_with_the_time_before() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    keep(&server, calls()).await;
    let mut query = asked(By::Queue);
    query.search.results = vec![CallResult::Missed];
    let told = report(&mut ada, &query).await;
    assert_eq!((told.whole.missed, told.whole.calls()), (5, 5));
    assert_eq!(told.rows[0].name, "sales");
    // one day, and the day before
    let mut query = asked(By::Hour);
    (query.search.from_ms, query.search.to_ms) = (Some(MIDNIGHT_MS), Some(MIDNIGHT_MS + DAY_MS));
    let told = report(&mut ada, &query).await;
    (query.search.from_ms, query.search.to_ms) = (Some(MIDNIGHT_MS - DAY_MS), Some(MIDNIGHT_MS));
    assert_eq!(told.before, report(&mut ada, &query).await.whole);
    assert_eq!(told.rows.len(), 24);
    assert!(told.rows.iter().any(|row| row.before.calls() > 0));
    assert_eq!(
        told.rows.iter().map(|row| row.before.calls()).sum::<u64>(),
        told.before.calls(),
        "each hour beside the same hour"
    );
    // what is kept by the hour and what is counted call by call is the same
    let mut counted = query.clone();
    counted.search.shorter_s = Some(3_600);
    let (kept, counted) = (report(&mut ada, &query).await, report(&mut ada, &counted).await);
    assert_eq!(
        (kept.rows, kept.whole, kept.week),
        (counted.rows, counted.whole, counted.week)
    );
}

#[tokio::test]
async fn a_report_is_held_against_the_day_before_row_by_row() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    keep(&server, calls()).await;
    let day = |by, from_ms| {
        let mut query = asked(by);
        query.than = Than::Day;
        query.measure = Measure::Talked;
        (query.search.from_ms, query.search.to_ms) = (Some(from_ms), Some(from_ms + DAY_MS));
        query
    };
    for by in [By::Hour, By::Queue, By::Agent] {
        let told = report(&mut ada, &day(by, MIDNIGHT_MS)).await;
        let before = report(&mut ada, &day(by, MIDNIGHT_MS - DAY_MS)).await;
        assert!(before.whole.calls() > 0);
        assert_eq!(told.before, before.whole, "{by:?}");
        for row in &told.rows {
            let then = before.rows.iter().find(|then| then.name == row.name);
            assert_eq!(
                row.before,
                then.map(|then| then.totals).unwrap_or_default(),
                "{by:?} {}",
                row.name
            );
        }
        assert!(told.drawn[0].contains("data-series=\"Before\""), "{by:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_is_refused_by_name() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let with = |change: fn(&mut ReportQuery)| {
        let mut query = asked(By::Hour);
        change(&mut query);
        query
    };
    for (query, field) in [
        (with(|query| query.zone = "Moon".into()), "zone"),
        (with(|query| query.search.to_ms = None), "time"),
        (with(|query| query.search.to_ms = query.search.from_ms), "time"),
        (with(|query| query.search.to_ms = Some(u64::MAX)), "time"),
        (with(|query| query.search.from_ms = Some(0)), "time"),
        (with(|query| query.search.queue = "q".repeat(100)), "q"),
    ] {
        let answer = ada.ask("/api/call_report", &query).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        let error: app::AppError = answer.value();
        assert!(format!("{error:?}").contains(field), "{error:?}");
    }
    let page = ada.get("/calls/reports?by=queue&q=missed").await;
    assert!(
        page.status == 200 && page.body.contains("There were no calls"),
        "{page:?}"
    );
}
