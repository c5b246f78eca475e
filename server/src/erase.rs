//! Erases what is kept of telephone numbers: begun by somebody, gone on with until nothing is left, whatever is killed in between.

use std::time::Duration;

use crate::{
    clock::wall_ms,
    jobs::poked::turns,
    pace::Pace,
    recordings::{Reaped, bucket::Bucket, sweep},
    services::Services,
    store::{ErasurePhase, NewErasure, Number, Result, Store},
    trail::{Trail, Who},
};
use app::{
    audit::{Action, Fact, Outcome},
    model::erase::{Erasure, Preview},
};

/// Between two tries of what could not be ended: a recording that is still written, a folder that is not there.
const TURN: Duration = Duration::from_secs(60);

/// Who has something erased, and why.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Who.
    pub who: Who,
    /// From where.
    pub address: &'a str,
    /// What.
    pub number: &'a Number,
    /// Why.
    pub purpose: &'a str,
}

/// Begins an erasure, which is in the audit trail before it is anywhere else; or finds the one of this number that is under way.
pub async fn begin(store: &Store, trail: &Trail, asked: Asked<'_>, preview: &Preview) -> Result<i64> {
    let Asked {
        who,
        address,
        number,
        purpose,
    } = asked;
    if let Some(under_way) = store.erasure_of(number).await? {
        return Ok(under_way);
    }
    let mut facts = vec![Fact::told("found", preview.tally.says())];
    if preview.held > 0 {
        facts.push(Fact::told("held", preview.held.to_string()));
    }
    if !purpose.is_empty() {
        facts.push(Fact::told("purpose", purpose));
    }
    let act = trail
        .begin(who, address, Action::EraseNumber, &number.hint(), &facts)
        .await?;
    let new = NewErasure {
        number,
        purpose,
        act: &act,
        held: preview.held,
    };
    let begun = store.begin_erasure(new, wall_ms()).await;
    match begun {
        Ok(Some(id)) => Ok(id),
        Ok(None) => {
            let why = Fact::told("why", "it is being erased already");
            trail.end(act, Outcome::Refused, &[why]).await;
            Ok(store.erasure_of(number).await?.unwrap_or_default())
        }
        Err(error) => {
            let why = Fact::told("why", error.to_string());
            trail.end(act, Outcome::Failed, &[why]).await;
            Err(error)
        }
    }
}

/// Goes on with an erasure until it is over, or until what keeps it from its end has to be waited for.
pub async fn go_on(
    store: &Store,
    bucket: Option<&Bucket>,
    trail: &Trail,
    id: i64,
) -> Result<Option<Erasure>> {
    let mut pace = Pace::begin();
    while let Some(run) = store.erasing(id).await? {
        if run.phase != ErasurePhase::Files {
            store.erase_some(id, wall_ms()).await?;
            pace.breathe().await;
            continue;
        }
        let mut reaped = Reaped::default();
        loop {
            sweep(store, bucket, &mut reaped).await?;
            if store.doom_erased(id).await? == 0 {
                break;
            }
        }
        let why = reaped.why.unwrap_or_default();
        let of = (id, run.act);
        let ended = store.end_erasure(of, &why, trail.keys(), wall_ms()).await?;
        if ended.is_some_and(|erasure| erasure.done_ms.is_some()) {
            store.write_back().await?;
        }
        break;
    }
    store.erasure(id).await
}

/// Goes on with every erasure, for ever.
pub async fn run(services: Services) {
    let mut turns = turns(TURN);
    loop {
        services.erasures.next(&mut turns).await;
        if let Err(error) = all(&services).await {
            tracing::warn!(%error, "erasing goes on when the database takes it");
        }
    }
}

async fn all(services: &Services) -> Result<()> {
    let store = &services.store;
    for id in store.open_erasures().await? {
        let erasure = go_on(store, services.bucket.as_ref(), &services.trail, id).await?;
        // pages that show who was lost
        services.lost.touched(store.lost_erased(id).await?);
        if let Some(left) = erasure.filter(|one| !one.left.is_empty()) {
            tracing::warn!(
                erasure = id,
                left = left.left,
                "an erasure has not come to its end"
            );
        }
    }
    Ok(())
}
