//! Derives calls anew from Asterisk's own records, and holds sums against calls: begun by somebody, gone on with by the next one
//! where it was killed, while the server runs or not.

use app::{
    audit::{Action, Fact, Outcome},
    model::PbxId,
};
use telephony::Timestamp;

use crate::{
    clock::wall_ms,
    pace::Pace,
    store::{Anew, NewRebuild, Rebuild, Recounted, Result, Store},
    trail::{Trail, Who},
};

/// Changed calls that are told one by one.
const MOST_TOLD: usize = 20;
const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// The calls of one PBX that began from a moment on, and before another.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which PBX,
    pub pbx: PbxId,
    /// as people call it,
    pub name: String,
    /// and when.
    pub time: (Timestamp, Timestamp),
}

/// Derives them anew, or says what would come of it; the first changed calls are told.
///
/// # Errors
/// The database's. What was done before stays, and the next one goes on from there.
pub async fn rebuild(
    store: &Store,
    trail: &Trail,
    who: &Who,
    asked: &Asked,
    dry_run: bool,
) -> Result<(Rebuild, Vec<Anew>)> {
    let mut at = match dry_run {
        true => Rebuild::preview(asked.pbx, asked.time),
        false => begun(store, trail, who, asked).await?,
    };
    let (mut told, mut pace) = (Vec::new(), Pace::begin());
    while !at.over {
        at = store.rebuild_some(at, trail.keys(), wall_ms()).await?;
        told.extend(at.told.drain(..).take(MOST_TOLD - told.len()));
        pace.breathe().await;
    }
    Ok((at, told))
}

/// The one of this time that is under way, else a new one.
async fn begun(store: &Store, trail: &Trail, who: &Who, asked: &Asked) -> Result<Rebuild> {
    let under_way = || store.rebuild_of(asked.pbx, asked.time);
    if let Some(rebuild) = under_way().await? {
        return Ok(rebuild);
    }
    let object = format!("pbx {}", asked.name);
    let act = trail
        .begin(who.clone(), "", Action::RebuildHistory, &object, &[])
        .await?;
    let new = NewRebuild {
        pbx: asked.pbx,
        time: asked.time,
        act: &act,
    };
    if !store.begin_rebuild(new, wall_ms()).await? {
        let why = Fact::told("why", "it is under way already");
        trail.end(act, Outcome::Refused, &[why]).await;
    }
    // the other one may have ended in between: then nothing is left
    let nothing = (asked.time.1, asked.time.1);
    let begun = under_way().await?;
    Ok(begun.unwrap_or_else(|| Rebuild::preview(asked.pbx, nothing)))
}

/// Holds the sums of hours and days against the calls, and puts them right where they differ.
///
/// # Errors
/// The database's.
pub async fn recount(store: &Store, asked: &Asked, only_look: bool) -> Result<Recounted> {
    let mut counted = store.recount_kinds(asked.pbx, only_look).await?;
    let (from, to) = asked.time;
    let (mut day, mut pace) = (from.0 / DAY_MS, Pace::begin());
    while let Some(next) = store.next_to_recount(asked.pbx, day).await? {
        if next.saturating_mul(DAY_MS) >= to.0 {
            break;
        }
        counted += store.recount_day(asked.pbx, next, only_look).await?;
        day = next + 1;
        pace.breathe().await;
    }
    Ok(counted)
}
