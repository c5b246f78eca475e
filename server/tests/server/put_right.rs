//! Calls that nobody saw end are told to their end by Asterisk's own records, and what was seen of them stays.

use app::model::{
    UserId,
    history::{CallSearch, CallTold},
    records::{Class, RecordsQuery},
};
use server::store::{Every, Seen, Siblings, ToldBy};
use telephony::{
    CallId, CallResult, FinishedCall, Leg, LegId, LegRole, LegState, Marks, Party, Story, Timestamp,
    cdr::Told,
    finished::pack,
    lost::{Loss, Missed},
};

use crate::{
    cdr::{cdr, check, made, records, seen, sync, with_file},
    queue_log::{NIGHT_S, SECOND, append, unseen},
    support::{TestServer, office::PBX},
};

/// The same call, of which sight was lost a second after it began, while it rang.
fn lost(number: u64) -> FinishedCall {
    let whole = seen(number);
    let leg = |id: &str, party: &Party, role| Leg {
        id: LegId(id.into()),
        channel: format!("PJSIP/{}-{number:08}", party.number),
        party: party.clone(),
        role,
        state: LegState::Ringing,
        since: whole.started,
        answered: None,
        trunk: None,
    };
    let legs = [
        leg(&whole.id.0, &whole.caller, LegRole::Caller),
        leg(&format!("{}9", whole.id.0), &whole.callee, LegRole::Callee),
    ];
    FinishedCall {
        result: CallResult::Interrupted,
        answered: None,
        ended: Timestamp(whole.started.0 + SECOND),
        first_by: None,
        last_by: None,
        cause: 0,
        hung_up_by: telephony::HungUpBy::Nobody,
        marks: Marks::LOST_TRACK,
        told: pack(&legs, &Story::default()),
        ..whole
    }
}

pub(crate) async fn keep(server: &TestServer, calls: &[FinishedCall]) {
    let calls: Vec<_> = calls.iter().map(|call| (PBX, call.clone())).collect();
    let mut recording = server.services.store.record().await.unwrap();
    recording.calls(&calls).await.unwrap();
    recording.commit().await.unwrap();
}

/// Calls are kept and sight of them was lost: nothing was seen for half a minute from a second after each began.
pub(crate) async fn lose(server: &TestServer, numbers: &[u64]) {
    for number in numbers {
        keep(server, &[lost(*number)]).await;
        unseen(server, number * 100 + 1, number * 100 + 30).await;
    }
}

/// Every call, whole, in the order of time.
pub(crate) async fn told(server: &TestServer) -> Vec<CallTold> {
    let store = &server.services.store;
    let turn = app::model::history::Turn::Newest;
    let page = store
        .calls(&CallSearch::default(), &Seen::Everything, turn)
        .await
        .unwrap();
    let mut told = Vec::new();
    for row in page.rows.iter().rev() {
        told.push(store.finished_call(row.id).await.unwrap().unwrap().told);
    }
    told
}

/// Answered, interrupted, and how long people talked, over all hours.
async fn totals(server: &TestServer) -> [u64; 3] {
    let time = (0, u64::MAX / 4);
    let store = &server.services.store;
    let hours = store.call_totals(Every::Hour, time, None).await.unwrap();
    let days = store.call_totals(Every::Day, time, None).await.unwrap();
    let sums = |all: &[app::model::history::CallTotals]| {
        all.iter().fold([0; 3], |[answered, interrupted, talk], one| {
            [
                answered + one.answered,
                interrupted + one.interrupted,
                talk + one.talk_ms,
            ]
        })
    };
    assert_eq!(sums(&hours), sums(&days));
    sums(&hours)
}

#[tokio::test]
async fn a_call_that_nobody_saw_end_is_told_to_its_end_once_and_what_was_said_of_it_stays() {
    let (mut office, _) = with_file("UTC", &[made(1).line(), made(2).line()].concat()).await;
    let server = &office.server;
    keep(server, &[seen(1)]).await;
    lose(server, &[2]).await;
    let before = told(server).await;
    let id = before[1].row.id;
    let store = server.services.store.clone();
    store
        .note_call(id, (UserId(1), "Ada"), "They were cut off.", 1)
        .await
        .unwrap();
    store.tag_call(id, "vip").await.unwrap();
    assert_eq!(totals(server).await, [1, 1, 10 * SECOND]);
    let preview = cdr(server, &["sync", "--json", "--dry-run"]).await.good().json();
    assert_eq!(preview["put_right"], 1);
    assert_eq!(
        told(server).await[1].row,
        before[1].row,
        "a preview changes nothing"
    );

    let done = cdr(server, &["sync", "--json"]).await.good().json();
    assert_eq!((&done["new"], &done["put_right"]), (&2.into(), &1.into()));
    let after = told(server).await;
    assert_eq!(after[0].row, before[0].row, "what was seen as a whole stays");
    let (row, began) = (&after[1].row, made(2).begins_s() * SECOND);
    assert_eq!((row.id, row.started), (id, Timestamp(began + 400)));
    assert_eq!(row.result, CallResult::Answered);
    assert_eq!(row.answered, Some(Timestamp(began + 2 * SECOND)));
    assert_eq!(row.started.0 + row.duration_ms, began + 12 * SECOND);
    assert_eq!(
        (row.talk_ms, row.first_by.as_deref()),
        (10 * SECOND, Some("1002"))
    );
    assert_eq!(row.marks, Marks::HEALED);
    assert_eq!(
        (after[1].notes.len(), after[1].tags.as_slice()),
        (1, &["vip".to_owned()][..])
    );
    assert!(
        after[1]
            .legs
            .iter()
            .all(|leg| matches!(leg.state, LegState::Ended(_)))
    );
    assert_eq!(totals(server).await, [2, 0, 20 * SECOND]);
    // told again, anew, and held against each other: nothing changes
    for _ in 0..2 {
        assert_eq!(sync(server, &["--since", "2000-01-01"]).await[0], 0);
        assert_eq!(check(server, &[]).await, [1, 1, 0, 0, 0]);
        assert_eq!(told(server).await[1], after[1]);
    }
    let held = records(&mut office.browser, &RecordsQuery::default()).await;
    let classes: Vec<Class> = held.rows.iter().map(|row| row.class).collect();
    assert_eq!(classes, [Class::Repaired, Class::Matched]);
    let page = office
        .browser
        .get(&format!("/calls/history?call={id}"))
        .await
        .body;
    assert!(
        page.contains("Not all of it was seen: the rest is told"),
        "{page}"
    );
}

#[tokio::test]
async fn records_that_tell_of_what_cannot_have_been_change_nothing_and_are_shown_beside_it() {
    // 3 is said to have ended before it was last seen, 4 after the PBX was seen without it
    let early = made(3).line().replace(&clock(3, 12), &clock(3, 0));
    let late = made(4).line().replace(&clock(4, 12), &clock(4, 90));
    let hostile = made(5).line().replace("Ann", "'); DROP TABLE call; --");
    let (mut office, _) = with_file("UTC", &[early, late, hostile].concat()).await;
    let server = &office.server;
    let long = lost(3);
    let long = FinishedCall {
        ended: Timestamp(long.started.0 + 8 * SECOND),
        ..long
    };
    keep(server, &[long]).await;
    unseen(server, 308, 330).await;
    lose(server, &[4]).await;
    keep(server, &[seen(5)]).await;
    unseen(server, 500, 530).await;
    let before: Vec<_> = told(server).await.into_iter().map(|told| told.row).collect();
    let [new, _, _, damaged] = sync(server, &[]).await;
    assert_eq!((new, damaged), (3, 0));
    assert_eq!(check(server, &[]).await, [3, 0, 0, 0, 0]);
    let after: Vec<_> = told(server).await.into_iter().map(|told| told.row).collect();
    assert_eq!(after, before);
    let held = records(&mut office.browser, &RecordsQuery::default()).await;
    assert!(
        held.rows.iter().all(|row| row.class == Class::Matched),
        "{held:#?}"
    );
}

/// What a clock shows so many seconds after a call of the night began.
fn clock(number: u64, second: u64) -> String {
    let at = NIGHT_S + number * 100 + second;
    telephony::cdr::When::Wall(i64::try_from(at).unwrap()).to_string()
}

#[tokio::test]
async fn whichever_record_comes_first_it_comes_to_the_same_and_what_the_source_takes_back_is_taken_back() {
    // the first try found a busy phone, the second one was answered
    let busy = made(6)
        .line()
        .replace("ANSWERED", "BUSY")
        .replace(&format!("\"{}\"", clock(6, 2)), "\"\"")
        .replace(&clock(6, 12), &clock(6, 3));
    let second = made(6)
        .line()
        .replace(&clock(6, 0), &clock(6, 3))
        .replace(&clock(6, 2), &clock(6, 5))
        .replace("PJSIP/1002-", "PJSIP/1003-")
        .replace("\"6\"\n", "\"7\"\n");
    let mut ends = Vec::new();
    for order in [[&busy, &second], [&second, &busy]] {
        let (office, file) = with_file("UTC", order[0]).await;
        let server = &office.server;
        lose(server, &[6]).await;
        sync(server, &[]).await;
        let first = told(server).await[0].row.clone();
        assert!(first.marks.has(Marks::HEALED), "{first:#?}");
        append(&file, order[1]);
        sync(server, &[]).await;
        let mut both = told(server).await.remove(0);
        assert_eq!(
            (both.row.result, both.row.first_by.as_deref()),
            (CallResult::Answered, Some("1003"))
        );
        both.known_tags.clear();
        ends.push(both);
        // it never was answered, says the source now: it has the last word on what records say, and not on what was seen
        let wrong = [busy.clone(), second.replace("ANSWERED", "NO ANSWER")].concat();
        std::fs::write(&file, wrong.replace(&format!("\"{}\"", clock(6, 5)), "\"\"")).unwrap();
        sync(server, &["--since", "2000-01-01"]).await;
        let row = told(server).await[0].row.clone();
        assert_eq!((row.result, row.answered), (CallResult::Missed, None));
        assert_eq!(totals(server).await, [0, 0, 0]);
    }
    assert_eq!(ends[0], ends[1]);
}

#[tokio::test]
async fn a_record_that_the_manager_told_before_a_call_was_given_up_puts_it_right() {
    let (office, file) = with_file("UTC", "").await;
    let server = &office.server;
    let _ = file;
    let call = lost(7);
    let times = |second: u64| Timestamp((NIGHT_S + 700 + second) * SECOND);
    let mut row = telephony::cdr::CdrRow::default();
    for (name, text) in made(7).columns() {
        let column = telephony::cdr::Column::of_name(name).unwrap();
        row.set(column, &text).unwrap();
    }
    let record = Told {
        row,
        times: telephony::cdr::Times {
            start: times(0),
            answer: Some(times(2)),
            end: times(12),
            doubt: None,
        },
    };
    let mut recording = server.services.store.record().await.unwrap();
    recording
        .records(PBX, &[record], ToldBy::Manager, &mut Siblings::anew())
        .await
        .unwrap();
    recording.commit().await.unwrap();
    lose(server, &[7]).await;
    let mut recording = server.services.store.record().await.unwrap();
    let names = || [call.id.0.as_str()].into_iter();
    assert_eq!(recording.put_right(PBX, names()).await.unwrap(), 1);
    assert_eq!(recording.put_right(PBX, names()).await.unwrap(), 0);
    recording.commit().await.unwrap();
    assert_eq!(told(server).await[0].row.result, CallResult::Answered);
}

#[tokio::test]
async fn a_lost_caller_is_reached_by_what_records_tell_and_waits_on_when_they_take_it_back() {
    const CALLER: &str = "0405550177";
    let right = made(8).line();
    let wrong = right
        .replace("ANSWERED", "NO ANSWER")
        .replace(&format!("\"{}\"", clock(8, 2)), "\"\"");
    let (office, file) = with_file("UTC", &right).await;
    let server = &office.server;
    let call = FinishedCall {
        direction: telephony::Direction::Inbound,
        caller: Party {
            number: CALLER.into(),
            name: None,
            extension: None,
        },
        ..lost(8)
    };
    let before = Timestamp(call.started.0 - 60 * SECOND);
    let missed = Missed {
        call: CallId("a call before".into()),
        number: CALLER.into(),
        name: None,
        extensions: vec!["1002".into()],
        began: before,
        ended: Timestamp(before.0 + 10 * SECOND),
        how: Loss::Missed,
    };
    let mut recording = server.services.store.record().await.unwrap();
    recording.missed(PBX, &missed).await.unwrap();
    recording.commit().await.unwrap();
    keep(server, &[call]).await;
    unseen(server, 801, 830).await;
    let state = async || {
        let file = server.folder.path().join("starboard.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        let states: Vec<(String, bool)> =
            sqlx::query_as("SELECT state, ended_ms IS NULL AND contact_id IS NULL FROM lost")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        states
    };
    let (open, reached) = (
        vec![("open".to_owned(), true)],
        vec![("reached".to_owned(), false)],
    );
    assert_eq!(state().await, open);
    for (text, then) in [(&right, &reached), (&wrong, &open), (&right, &reached)] {
        std::fs::write(&file, text).unwrap();
        sync(server, &["--since", "2000-01-01"]).await;
        assert_eq!(&state().await, then);
    }
}
