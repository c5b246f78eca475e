//! What waits on the disk while the database takes nothing, and who writes it after a kill.

use super::*;

const NAME: &str = "spooled";

/// A folder with a database, and where what waits is put.
async fn room() -> (tempfile::TempDir, Store, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, NAME).await;
    let spool = folder.path().join("spool");
    (folder, store, spool)
}

#[tokio::test]
async fn what_a_locked_database_did_not_take_is_there_once_after_a_kill() {
    let (folder, store, spool) = room().await;
    let mut life = Life::with(&store, Some(&spool)).await;
    let is_empty = || std::fs::read(&spool).unwrap().iter().all(|byte| *byte == 0);
    assert!(is_empty());
    let reserved = std::fs::metadata(&spool).unwrap();
    assert_eq!(reserved.len(), 8 << 20, "there is room before it is needed");
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&reserved.permissions()) & 0o777,
        0o600
    );
    life.live();
    life.recorder.drain().await;
    let other = open(&folder, NAME).await;
    let locking = other.record().await.unwrap();
    let messages = messages("queue-connect-complete", life.hub.clock().now());
    for piece in messages.chunks(messages.len().div_ceil(2)) {
        life.hear(piece);
        assert!(!life.recorder.drain().await);
    }
    // killed
    drop(life);
    locking.undo().await.unwrap();
    assert_eq!(kept_calls(&store).await.len(), 0);
    let left = std::fs::read(&spool).unwrap();
    let (calls, visits) = (true_calls(&messages), truth(&messages));
    let mut whole = 0;
    for lives in 1..=3 {
        drop(Life::with(&store, Some(&spool)).await);
        assert!(is_empty(), "nothing of it stays on the disk");
        for row in kept_calls(&store).await {
            let call = &calls[&row.call.0];
            assert_eq!(
                (row.result, row.started, row.marks),
                (call.result, call.started, call.marks)
            );
            whole += 1;
        }
        let kept = kept(&store).await;
        assert!(
            kept.iter()
                .all(|record| visits.values().any(|visit| *visit == record.visit))
        );
        assert_eq!((whole, kept.len()), (lives * calls.len(), visits.len()));
        // one that was killed after it had written, and before it had emptied the file
        std::fs::write(&spool, &left).unwrap();
    }
    // what a disk did to it is read up to there
    let mut damaged = left.clone();
    damaged[40] ^= 1;
    for other in [
        &damaged[..],
        &left[..20],
        b"",
        b"something else, and longer than a head is",
    ] {
        std::fs::write(&spool, other).unwrap();
        drop(Life::with(&store, Some(&spool)).await);
        assert!(is_empty());
        assert_eq!(kept_calls(&store).await.len(), calls.len());
    }
}

#[tokio::test]
async fn killed_before_the_database_took_that_a_pbx_is_seen_again_a_call_still_ends_when_it_was_last_there() {
    let (folder, store, spool) = room().await;
    let mut first = Life::with(&store, Some(&spool)).await;
    first.live();
    let now = first.hub.clock().now();
    let messages = messages("queue-connect-complete", Timestamp(now.0 - 60_000));
    for message in messages.chunks(1) {
        first.hear(message);
        let mut talks = false;
        first
            .hub
            .each(|_, board| talks |= board.calls.values().any(|call| call.answered.is_some()));
        if talks {
            break;
        }
    }
    first.keep().await;
    first.recorder.seen().await;
    let last_there = first.hub.clock().now();
    drop(first);
    assert_eq!(store.calls_left_open(None).await.unwrap().len(), 1);
    let mut second = Life::with(&store, Some(&spool)).await;
    let other = open(&folder, NAME).await;
    let locking = other.record().await.unwrap();
    // the PBX has no call any more
    second.live();
    second.recorder.seen().await;
    assert!(second.hub.clock().now() > last_there);
    drop(second);
    locking.undo().await.unwrap();
    assert!(kept_calls(&store).await.is_empty() && store.gaps(0, u64::MAX / 2).await.unwrap().len() == 1);
    let mut third = Life::with(&store, Some(&spool)).await;
    third.live();
    third.keep().await;
    assert_eq!(store.gaps(0, u64::MAX / 2).await.unwrap().len(), 2);
    let rows = kept_calls(&store).await;
    let [row] = rows.as_slice() else {
        panic!("{rows:#?}")
    };
    let ended = row.started.0 + row.duration_ms;
    assert!(
        row.marks.has(Marks::LOST_TRACK) && ended <= last_there.0,
        "{row:#?} {last_there:?}"
    );
    let visits = kept(&store).await;
    let left = |visit: &Visit| visit.left.as_ref().map(|(at, _)| at.0);
    assert!(
        visits
            .iter()
            .all(|one| left(&one.visit).is_some_and(|at| at <= last_there.0)),
        "{visits:#?}"
    );
}
