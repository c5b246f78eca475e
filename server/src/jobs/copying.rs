//! Carries calls, and whatever changes of them, over to their copy, as long as there is one.

use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use crate::store::{CallCopy, Carried, Store};

/// How often it is looked for changes.
const TURN: Duration = Duration::from_millis(250);
/// A copy that has nothing to take is asked so often whether it is still there.
pub const ASKED: Duration = Duration::from_secs(3);
/// A copy that fails is tried again after this, then after twice as long,
const WAIT: Duration = Duration::from_secs(1);
/// up to this.
const MOST_WAIT: Duration = Duration::from_secs(60);

/// Runs for ever. Without a copy, changes are noted no more.
pub async fn run(store: Store) {
    let Some(copy) = store.copy().cloned() else {
        if let Err(error) = store.note_changes(false).await {
            tracing::warn!(%error, "changes of calls are still noted for a copy");
        }
        return;
    };
    let mut wait = WAIT;
    loop {
        let begun = Instant::now();
        let Err(error) = carry(&store, &copy).await;
        // it went well for a while
        if begun.elapsed() > MOST_WAIT {
            wait = WAIT;
        }
        let why = error.root_cause().to_string();
        tracing::warn!(why, "calls are not copied");
        copy.failed(why);
        if matches!(store.waits_for_too_many().await, Ok(true))
            && let Err(error) = store.note_changes(false).await
        {
            tracing::warn!(%error, "changes of calls are still noted for a copy");
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(MOST_WAIT);
    }
}

/// Carries over what there is, until something fails.
async fn carry(store: &Store, copy: &CallCopy) -> anyhow::Result<std::convert::Infallible> {
    store.note_changes(true).await?;
    copy.begin(store).await?;
    let mut turn = tokio::time::interval(TURN);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked: Option<Instant> = None;
    loop {
        turn.tick().await;
        let rested = asked.is_none_or(|asked| asked.elapsed() > ASKED);
        if rested || store.has_changes().await? {
            while copy.carry(store).await? == Carried::Some {}
            asked = Some(Instant::now());
        }
    }
}
