//! Calls in a real PostgreSQL, copied from this program's own database: read there, they are the same, whatever is asked.

#[path = "../../benches/history/generator.rs"]
#[allow(dead_code, reason = "the measurement needs all of it")]
mod generator;

use std::path::Path;

use app::model::{
    PbxId,
    history::{CallSearch, Turn},
};
use generator::{Dice, QUEUES, START_MS, YEAR_MS, Year};
use server::store::{CallCopy, Carried, Common, Every, Seen, Store};
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use telephony::{CallResult, Direction};

use crate::{
    cdr_databases::{SECRET, started},
    support::{
        eventually,
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
    for round in 0..60 {
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

/// Whatever is asked of both is answered alike.
async fn are_alike(ours: &Store, theirs: &Store) {
    for search in searches() {
        for seen in viewers() {
            let mut turn = Turn::Newest;
            for _ in 0..3 {
                let page = ours.calls(&search, &seen, turn).await.unwrap();
                let copied = theirs.calls(&search, &seen, turn).await.unwrap();
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
                let sums = ours.call_sums(&search, &seen, by).await.unwrap();
                assert_eq!(
                    theirs.call_sums(&search, &seen, by).await.unwrap(),
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
    let page = ours
        .calls(&CallSearch::default(), &Seen::Everything, Turn::Newest)
        .await
        .unwrap();
    for row in page.rows.iter().take(10) {
        let told = ours.finished_call(row.id).await.unwrap();
        assert!(told.is_some());
        assert_eq!(theirs.finished_call(row.id).await.unwrap(), told);
    }
}

#[tokio::test]
async fn whatever_is_asked_of_a_copy_in_postgresql_is_answered_as_here_also_after_calls_changed() {
    if root_of(DATABASES, "calls_in_postgresql").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _postgres = started("postgres", folder.path(), port);
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username("postgres")
        .password(SECRET)
        .database("postgres");
    let connection = eventually("PostgreSQL lets postgres in", async || {
        options.connect().await.ok()
    })
    .await;
    connection.close().await.unwrap();
    let store = filled(folder.path()).await;
    let copy = CallCopy::open(options).await.unwrap();
    store.note_changes(true).await.unwrap();
    copy.begin(&store).await.unwrap();
    carry(&copy, &store).await;
    copy.set_current(true);
    let theirs = store.clone().with_copy(copy.clone());
    are_alike(&store, &theirs).await;

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
    are_alike(&store, &theirs).await;
    assert_eq!(store.changes_behind().await.unwrap(), 0);

    // begun anew, nothing is carried over twice
    copy.begin(&store).await.unwrap();
    carry(&copy, &store).await;
    are_alike(&store, &theirs).await;
    // and it is nobody else's copy
    let other = Store::open(&folder.path().join("other.db")).await.unwrap();
    let error = copy.begin(&other).await.unwrap_err().to_string();
    assert!(error.contains("another Starboard"), "{error}");
}
