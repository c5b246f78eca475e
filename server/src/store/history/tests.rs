//! What is kept of calls, and what a search finds of them.

mod anew;
mod search;

use app::model::{
    PbxId,
    history::{CallPage, CallSearch, PAGE, Turn},
};
use telephony::{
    CallId, CallResult, Direction, FinishedCall, HungUpBy, Marks, Party, Story, Timestamp, finished::pack,
};

use super::{Every, Seen};
use crate::store::Store;

const PBX: PbxId = PbxId(1);
const START: u64 = 1_795_220_000_000;

fn party(number: &str, name: &str) -> Party {
    let extension = (number.len() == 4).then(|| number.to_owned());
    Party {
        number: number.into(),
        name: (!name.is_empty()).then(|| name.to_owned()),
        extension,
    }
}

/// A call from outside, so many milliseconds after the start.
fn call(at: u64) -> FinishedCall {
    FinishedCall {
        id: CallId(format!("{at}.1")),
        linked: format!("{at}.1"),
        direction: Direction::Inbound,
        result: CallResult::Answered,
        caller: party("0301234567", "Çelik Özgür"),
        callee: party("1001", "Ann Anders"),
        dialled: "1001".into(),
        others: vec![party("1002", "Bob Brown")],
        queue: Some("sales".into()),
        trunk: Some("carrier".into()),
        started: Timestamp(START + at),
        answered: Some(Timestamp(START + at + 2_000)),
        ended: Timestamp(START + at + 62_000),
        held_ms: 10_000,
        first_by: Some("1001".into()),
        last_by: Some("1001".into()),
        cause: 16,
        hung_up_by: HungUpBy::Caller,
        marks: Marks::RECORDED,
        files: Vec::new(),
        quality: telephony::Quality::default(),
        told: pack(&[], &Story::default()),
    }
}

struct Kept {
    _folder: tempfile::TempDir,
    store: Store,
}

impl Kept {
    async fn of(calls: impl IntoIterator<Item = FinishedCall>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("calls.db")).await.unwrap();
        let kept = Self {
            _folder: folder,
            store,
        };
        kept.write(PBX, calls).await;
        kept
    }

    async fn write(&self, pbx: PbxId, calls: impl IntoIterator<Item = FinishedCall>) -> usize {
        let calls: Vec<_> = calls.into_iter().map(|call| (pbx, call)).collect();
        let mut recording = self.store.record().await.unwrap();
        let new = recording.calls(&calls).await.unwrap();
        recording.commit().await.unwrap();
        new
    }

    async fn page(&self, search: &CallSearch, seen: &Seen, turn: Turn) -> CallPage {
        self.store.calls(search, seen, turn).await.unwrap()
    }

    /// The names of what is found.
    async fn found(&self, search: CallSearch) -> Vec<String> {
        self.seen(search, &Seen::Everything).await
    }

    async fn seen(&self, search: CallSearch, seen: &Seen) -> Vec<String> {
        let page = self.page(&search, seen, Turn::Newest).await;
        assert_eq!(
            (page.found, page.more),
            (page.rows.len() as u64, false),
            "{search:?}"
        );
        page.rows.into_iter().map(|row| row.call.0).collect()
    }

    /// How many calls the hours and the days add up to.
    async fn totals(&self) -> [u64; 2] {
        let mut sums = [0; 2];
        for (at, every) in [Every::Hour, Every::Day].into_iter().enumerate() {
            let totals = self
                .store
                .call_totals(every, (0, u64::MAX / 2), None)
                .await
                .unwrap();
            sums[at] = totals.iter().map(|total| total.calls()).sum();
        }
        sums
    }
}

fn any() -> CallSearch {
    CallSearch::default()
}

#[tokio::test]
async fn a_call_is_read_back_as_it_was_written() {
    let kept = Kept::of([call(7)]).await;
    let page = kept.page(&any(), &Seen::Everything, Turn::Newest).await;
    let row = &page.rows[0];
    let written = call(7);
    assert_eq!(
        (&row.caller, &row.callee, &row.call),
        (&written.caller, &written.callee, &written.id)
    );
    assert_eq!((row.started, row.answered), (written.started, written.answered));
    assert_eq!(
        (row.duration_ms, row.talk_ms, row.held_ms),
        (62_000, 50_000, 10_000)
    );
    assert_eq!(
        (row.direction, row.result, row.hung_up_by),
        (Direction::Inbound, CallResult::Answered, HungUpBy::Caller)
    );
    assert_eq!(
        (row.queue.as_deref(), row.trunk.as_deref()),
        (Some("sales"), Some("carrier"))
    );
    assert!(row.marks.has(Marks::RECORDED));
    let one = kept.store.finished_call(row.id).await.unwrap().unwrap();
    assert!(!one.told.unreadable && one.extensions == ["1001"]);
    assert!(kept.store.finished_call(row.id + 1).await.unwrap().is_none());
}

#[tokio::test]
async fn calls_that_an_earlier_version_wrote_show_who_was_on_them() {
    let kept = Kept::of([call(7), call(9)]).await;
    let page = async || kept.page(&any(), &Seen::Everything, Turn::Newest).await;
    let before = page().await;
    let columns = ["number", "name", "extension"].map(|of| format!("caller_{of} = NULL, callee_{of} = NULL"));
    let forget = format!("UPDATE call SET {} WHERE id = ?", columns.join(", "));
    sqlx::query(sqlx::AssertSqlSafe(forget))
        .bind(before.rows[1].id)
        .execute(&kept.store.write)
        .await
        .unwrap();
    assert_eq!(page().await, before);
    let mut recording = kept.store.record().await.unwrap();
    for (row, told) in before.rows.iter().zip([call(9), call(7)]) {
        assert_eq!(
            recording.differences(row.id, &told).await.unwrap(),
            Some(Vec::new())
        );
    }
}

#[tokio::test]
async fn the_same_call_told_again_changes_nothing_and_a_name_given_twice_is_two_calls() {
    let kept = Kept::of([call(1), call(2), call(1)]).await;
    assert_eq!(kept.write(PBX, [call(1), call(2)]).await, 0);
    assert_eq!(kept.totals().await, [2, 2]);
    // a PBX whose clock was set back gives the name again
    let again = FinishedCall {
        id: call(1).id,
        ..call(9_000_000)
    };
    assert_eq!(kept.write(PBX, [again]).await, 1);
    // and another PBX has names of its own
    assert_eq!(kept.write(PbxId(2), [call(1)]).await, 1);
    assert_eq!(kept.found(any()).await.len(), 4);
    assert_eq!(kept.totals().await, [4, 4]);
}

#[tokio::test]
async fn pages_of_calls_that_began_at_one_moment_lose_none_and_show_none_twice() {
    let calls = (0..230).map(|at| FinishedCall {
        id: CallId(at.to_string()),
        ..call(at / 40)
    });
    let kept = Kept::of(calls).await;
    for search in [
        any(),
        CallSearch {
            caller: "1234567".into(),
            ..any()
        },
        CallSearch {
            queue: "sales".into(),
            ..any()
        },
    ] {
        let (mut turn, mut all, mut pages) = (Turn::Newest, Vec::new(), Vec::new());
        loop {
            let page = kept.page(&search, &Seen::Everything, turn).await;
            assert_eq!((page.found, page.more), (230, false));
            all.extend(page.rows.iter().map(|row| row.id));
            pages.push(page.clone());
            let Some(last) = page.rows.last().filter(|_| page.older) else {
                break;
            };
            turn = Turn::Older(last.id);
        }
        assert!(all.is_sorted_by(|one, other| one > other) && all.len() == 230);
        // and back again: the same pages
        for pair in pages.windows(2) {
            let back = kept
                .page(&search, &Seen::Everything, Turn::Newer(pair[1].rows[0].id))
                .await;
            assert_eq!(back.rows, pair[0].rows[pair[0].rows.len() - PAGE..]);
            assert!(back.older);
        }
        assert!(!pages[0].newer && pages[1].newer);
    }
}

#[tokio::test]
async fn hours_and_days_add_up_to_the_calls() {
    const HOUR: u64 = 3_600_000;
    let missed = |at| FinishedCall {
        result: CallResult::Missed,
        answered: None,
        ..call(at)
    };
    let kept = Kept::of([call(0), call(1), missed(2), missed(HOUR * 30)]).await;
    let hours = kept
        .store
        .call_totals(Every::Hour, (0, u64::MAX / 2), Some(PBX))
        .await
        .unwrap();
    assert_eq!(hours.len(), 2);
    assert_eq!((hours[0].answered, hours[0].missed, hours[0].calls()), (2, 1, 3));
    assert_eq!((hours[0].duration_ms, hours[0].talk_ms), (3 * 62_000, 100_000));
    assert_eq!(hours[0].at_ms, START / HOUR * HOUR);
    assert_eq!(kept.totals().await, [4, 4]);
    assert!(
        kept.store
            .call_totals(Every::Hour, (0, u64::MAX / 2), Some(PbxId(2)))
            .await
            .unwrap()
            .is_empty()
    );
}
