//! Removes recordings that were kept for as long as is set: counted, marked and written down by whoever asks, or at night; then
//! gone on with until nothing is left, whatever is killed in between.

use std::time::Duration;

use crate::{
    clock::wall_ms,
    jobs::poked::turns,
    recordings::{Reaped, bucket::Bucket, sweep},
    report::{times::due_after, zone},
    services::Services,
    store::{Result, Store},
    trail::{Trail, Who},
};
use app::{
    audit::{Action, Fact, Outcome},
    model::{
        keeping::{CleanUp, Due, Nightly, size},
        mailing::Every,
    },
};

/// Between two tries of what could not be removed, and two looks at the clock.
const TURN: Duration = Duration::from_secs(60);
/// Counts that are taken before what changes all the time is left to the next night.
const TRIES: u32 = 5;
/// A day, for a zone whose calendar has an end.
const DAY_MS: u64 = 86_400_000;

/// What came of wanting to remove what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is marked, and goes.
    Marked(Due),
    /// Nothing is due that is not held.
    Nothing(Due),
    /// What is due is not what was counted.
    Other,
}

/// Marks what was due at a moment, where that is still what was counted. It is in the audit trail before it is anywhere else.
pub async fn begin(store: &Store, trail: &Trail, (who, address): (Who, &str), was: Due) -> Result<Begun> {
    let is = store.recordings_due(was.at_ms).await?;
    if (is.files, is.bytes) != (was.files, was.bytes) {
        return Ok(Begun::Other);
    }
    if is.files == 0 {
        return Ok(Begun::Nothing(is));
    }
    let facts = [
        Fact::told("due", is.files.to_string()),
        Fact::told("size", size(is.bytes)),
        Fact::told("held", is.held.to_string()),
    ];
    let act = trail
        .begin(who, address, Action::RemoveRecordings, "recordings", &facts)
        .await?;
    match store.begin_cleanup(&act, is, wall_ms()).await {
        Ok(Some(_)) => Ok(Begun::Marked(is)),
        Ok(None) => {
            let why = Fact::told("why", "what is due changed meanwhile");
            trail.end(act, Outcome::Refused, &[why]).await;
            Ok(Begun::Other)
        }
        Err(error) => {
            let why = Fact::told("why", error.to_string());
            trail.end(act, Outcome::Failed, &[why]).await;
            Err(error)
        }
    }
}

/// The same with what is due now, whatever that is.
pub async fn begin_now(store: &Store, trail: &Trail, who: &Who) -> Result<Begun> {
    for _ in 0..TRIES {
        let due = store.recordings_due(wall_ms()).await?;
        let begun = begin(store, trail, (who.clone(), ""), due).await?;
        if begun != Begun::Other {
            return Ok(begun);
        }
    }
    Ok(Begun::Other)
}

/// Goes on with every removal, and says how each is.
pub async fn go_on(store: &Store, bucket: Option<&Bucket>, trail: &Trail) -> Result<Vec<CleanUp>> {
    let open = store.open_cleanups().await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let mut reaped = Reaped::default();
    sweep(store, bucket, &mut reaped).await?;
    let why = reaped.why.unwrap_or_else(|| "it was not tried yet".into());
    let mut all = Vec::new();
    for one in open {
        all.extend(store.end_cleanup(one, &why, trail.keys(), wall_ms()).await?);
    }
    Ok(all)
}

/// The next time at which what is due is removed by itself.
pub fn next_night(now_ms: u64, at_minute: u16, zone_name: &str) -> u64 {
    let zone = zone(zone_name).ok();
    let due = zone.and_then(|zone| due_after(now_ms, Every::Day, at_minute, &zone));
    due.unwrap_or(now_ms + DAY_MS)
}

/// Goes on with removals, and begins one each night where that is set, for ever.
pub async fn run(services: Services) {
    let mut turns = turns(TURN);
    loop {
        services.keepings.next(&mut turns).await;
        if let Err(error) = look(&services).await {
            tracing::warn!(%error, "recordings are removed when the database takes it");
        }
    }
}

async fn look(services: &Services) -> Result<()> {
    let (store, trail) = (&services.store, &services.trail);
    if let Some(nightly) = store.nightly().await?.filter(|one| one.due_ms <= wall_ms()) {
        let Nightly { at_minute, zone, .. } = &nightly;
        let next_ms = next_night(wall_ms(), *at_minute, zone);
        if store.next_night(&nightly, next_ms).await? {
            begin_now(store, trail, &Who::itself()).await?;
        }
    }
    for one in go_on(store, services.bucket.as_ref(), trail).await? {
        if !one.left.is_empty() {
            tracing::warn!(
                removal = one.id,
                left = one.left,
                "recordings are left that are due"
            );
        }
    }
    Ok(())
}
