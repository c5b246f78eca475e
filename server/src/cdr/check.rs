//! Holds the records of a PBX against its calls, an hour of them at a time.

use anyhow::Result;
use app::model::PbxId;
use telephony::Timestamp;

use crate::{
    pace::Pace,
    store::{CheckTally, Store},
};

/// What began in so long a time is held against each other in one transaction.
const PIECE_MS: u64 = 3_600_000;

/// Holds what began in a time against each other; `None` where there are no records at all.
///
/// # Errors
/// The database's.
pub async fn check(
    store: &Store,
    pbx: PbxId,
    (from_ms, to_ms): (Option<u64>, Option<u64>),
    dry_run: bool,
) -> Result<Option<CheckTally>> {
    let Some(mut coverage) = store.record_coverage(pbx).await? else {
        return Ok(None);
    };
    let begin = from_ms.map_or(coverage.from, Timestamp).max(coverage.from);
    let end = Timestamp(to_ms.unwrap_or(u64::MAX).min(coverage.until.0.saturating_add(1)));
    let mut tally = CheckTally::default();
    let (mut from, mut pace) = (begin, Pace::begin());
    while from < end {
        let Some(next) = store.next_to_check(pbx, from).await? else {
            break;
        };
        from = from.max(next);
        let to = Timestamp((from.0 - from.0 % PIECE_MS).saturating_add(PIECE_MS)).min(end);
        if from >= to {
            break;
        }
        let mut recording = store.record().await?;
        tally += recording.hold_records(pbx, (from, to), &mut coverage).await?;
        if dry_run {
            recording.undo().await?;
        } else {
            recording.commit().await?;
        }
        from = to;
        pace.breathe().await;
    }
    Ok(Some(tally))
}
