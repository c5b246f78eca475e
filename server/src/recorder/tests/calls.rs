//! Calls: each is one row, however often the program is killed.

use super::*;

/// Recordings of every way in which a call goes.
const CALLS: [&str; 20] = [
    "attended-transfer-ami",
    "attended-transfer-refer",
    "basic-answered-call",
    "blind-transfer-ami",
    "blind-transfer-refer",
    "busy",
    "call-forward",
    "cancelled-by-caller",
    "chanspy-whisper",
    "confbridge",
    "dial-two-phones",
    "hold-unhold",
    "ivr-dtmf",
    "local-channels",
    "no-answer",
    "originate-success",
    "park-unpark",
    "pickup-by-code",
    "queue-connect-complete",
    "voicemail-left",
];

#[tokio::test]
async fn every_recorded_call_is_one_row_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for name in CALLS {
        let store = open(&folder, name).await;
        let messages = heard(&store, name).await;
        let truth = true_calls(&messages);
        let rows = kept_calls(&store).await;
        assert_eq!(rows.len(), truth.len(), "{name}");
        for row in rows {
            let call = &truth[&row.call.0];
            assert_eq!(
                (&row.caller, &row.callee, row.result),
                (&call.caller, &call.callee, call.result),
                "{name}"
            );
            assert_eq!(
                (row.duration_ms, row.talk_ms),
                (call.duration_ms(), call.talk_ms()),
                "{name}"
            );
            assert_eq!(
                (row.first_by, row.last_by),
                (call.first_by.clone(), call.last_by.clone()),
                "{name}"
            );
            let told = store.finished_call(row.id).await.unwrap().unwrap().told;
            let (legs, story) = telephony::finished::unpack(&call.told).unwrap();
            assert_eq!((told.legs, told.story), (legs, story.iter().collect()), "{name}");
        }
        assert!(store.calls_left_open(None).await.unwrap().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn killed_anywhere_every_call_is_one_row_and_what_was_not_seen_of_it_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut marked, mut whole) = (0, 0);
    for name in CALLS {
        let start = Clock::start().now();
        let messages = messages(name, start);
        let truth = true_calls(&messages);
        for cut in cuts(&messages, 12) {
            let at = format!("{name}, killed after {cut} messages");
            let store = open(&folder, &format!("calls-{name}-{cut}")).await;
            killed_after(&store, &messages, cut, start).await;
            let rows = kept_calls(&store).await;
            let named = |row: &CallRow| {
                (
                    row.call.0.clone(),
                    row.caller.number.clone(),
                    row.result,
                    row.marks,
                )
            };
            let rows_told: Vec<_> = rows.iter().map(named).collect();
            assert_eq!(rows.len(), truth.len(), "{at}: {rows_told:#?}");
            for row in &rows {
                if row.marks.is_partial() {
                    marked += 1;
                    continue;
                }
                whole += 1;
                let call = truth.get(&row.call.0).unwrap_or_else(|| panic!("{at}: {row:#?}"));
                assert_eq!(
                    (&row.caller.number, &row.callee.number, row.result),
                    (&call.caller.number, &call.callee.number, call.result),
                    "{at}"
                );
            }
            assert!(store.calls_left_open(None).await.unwrap().is_empty(), "{at}");
        }
    }
    assert!(marked > 50 && whole > 50, "{marked} {whole}");
}

#[tokio::test]
async fn a_call_that_ends_while_nothing_is_seen_is_closed_when_it_was_last_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "unseen").await;
    let mut first = Life::begin(&store).await;
    first.live();
    let now = first.hub.clock().now();
    let messages = messages("basic-answered-call", Timestamp(now.0 - 3_000));
    first.hear(&messages[..messages.len() / 2]);
    first.keep().await;
    first.recorder.seen().await;
    drop(first);
    assert!(kept_calls(&store).await.is_empty(), "it is up");
    let mut second = Life::begin(&store).await;
    second.keep().await;
    assert!(kept_calls(&store).await.is_empty(), "nobody knows yet");
    // the PBX is seen again, and has no call
    second.live();
    second.keep().await;
    let rows = kept_calls(&store).await;
    let [row] = rows.as_slice() else {
        panic!("{rows:#?}")
    };
    assert_eq!(
        (row.result, row.hung_up_by),
        (CallResult::Interrupted, HungUpBy::Nobody)
    );
    assert!(row.marks.has(Marks::LOST_TRACK) && row.caller.number == "1001");
    let ended = row.started.0 + row.duration_ms;
    assert!(
        ended <= second.hub.clock().now().0,
        "it did not end later than anybody knows"
    );
    // once
    second.keep().await;
    drop(second);
    let mut third = Life::begin(&store).await;
    third.live();
    third.keep().await;
    assert_eq!(kept_calls(&store).await.len(), 1);
}

#[tokio::test]
async fn while_the_database_takes_nothing_calls_wait_and_each_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "full-calls").await;
    let mut life = Life::begin(&store).await;
    life.live();
    life.recorder.drain().await;
    store.limit_pages(Some(1)).await.unwrap();
    let messages = messages("queue-connect-complete", life.hub.clock().now());
    let mut refused = false;
    for piece in messages.chunks(5) {
        life.hear(piece);
        refused |= !life.recorder.drain().await;
    }
    store.limit_pages(None).await.unwrap();
    assert!(life.recorder.drain().await && refused);
    assert_eq!(kept_calls(&store).await.len(), true_calls(&messages).len());
}
