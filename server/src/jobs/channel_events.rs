//! Removes channel events that were kept for as long as is set.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::{clock::wall_ms, store::Store};

/// How often it is looked for those that are old.
const TURN: Duration = Duration::from_secs(600);
/// Others have their turn with the database between two batches.
const BREATH: Duration = Duration::from_millis(20);
const DAY_MS: u64 = 86_400_000;

/// Runs for ever.
pub async fn run(store: Store, days: u64) {
    let mut turn = tokio::time::interval(TURN);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        let before_ms = wall_ms().saturating_sub(days.saturating_mul(DAY_MS));
        loop {
            match store.remove_channel_events(before_ms).await {
                Ok(0) => break,
                Ok(_) => tokio::time::sleep(BREATH).await,
                Err(error) => {
                    tracing::warn!(%error, "old channel events could not be removed");
                    break;
                }
            }
        }
    }
}
