//! Reads records as often as is set, and holds them against calls, without anybody asking.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use app::model::PbxId;
use tokio::{task::JoinSet, time::MissedTickBehavior};

use super::{
    check,
    sync::{Reading, Report, reader},
};
use crate::{
    clock::wall_ms,
    services::Services,
    store::{CDR_PASSWORD_COLUMN, Turn},
};

/// How often it is looked for sources that are to be read.
const TICK: Duration = Duration::from_secs(1);
/// A reading is given up then; what it kept stays, and the next one goes on from there.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A source that cannot be read is tried less and less often, down to this.
const MOST_WAIT_MS: u64 = 30 * 60_000;
/// Records and calls are held against each other so often,
const CHECK_MS: u64 = 3_600_000;
/// over a little more than what is new; calls last long,
const AGAIN_MS: u64 = 3 * CHECK_MS;
/// so that once a day it is more.
const DAILY_MS: u64 = 50 * CHECK_MS;
const DAY_MS: u64 = 24 * CHECK_MS;

/// Runs for ever.
pub async fn run(services: Services) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // one for each PBX at most: whoever has a source has it to themselves
    let mut readings: JoinSet<()> = JoinSet::new();
    let by = reader("server");
    loop {
        tick.tick().await;
        while readings.try_join_next().is_some() {}
        let turns = services.store.cdr_turns(wall_ms()).await;
        let turns = turns.unwrap_or_else(|error| {
            tracing::warn!(%error, "sources of call records could not be looked at");
            Vec::new()
        });
        for turn in turns {
            let taken = services.store.take_cdr_source(turn.pbx, &by, wall_ms()).await;
            if matches!(taken, Ok(true)) {
                readings.spawn(one(services.clone(), turn, by.clone()));
            }
        }
    }
}

async fn one(services: Services, turn: Turn, by: String) {
    let read = tokio::time::timeout(PATIENCE, read(&services, turn.pbx, &by)).await;
    let read = read.unwrap_or_else(|_| Err(anyhow!("it took longer than a quarter of an hour")));
    let (trouble, wait_ms) = match &read {
        Ok(_) => (None, u64::from(turn.every_s) * 1_000),
        Err(error) => {
            // what is at the bottom of it; the rest says where, which is known
            let why = error.root_cause().to_string();
            if turn.failures == 0 {
                tracing::warn!(pbx = turn.pbx.0, why, "call records cannot be read");
            }
            (Some(why), wait_ms(turn))
        }
    };
    let next_ms = wall_ms() + wait_ms;
    let left = services
        .store
        .leave_cdr_source(turn.pbx, &by, trouble.as_deref(), next_ms);
    if let Err(error) = left.await {
        tracing::warn!(%error, "that call records were read could not be kept");
    }
    if read.is_ok()
        && let Err(error) = hold(&services, turn).await
    {
        tracing::warn!(%error, "call records could not be held against calls");
    }
}

/// How long a source waits that could not be read.
fn wait_ms(turn: Turn) -> u64 {
    let every_ms = u64::from(turn.every_s) * 1_000;
    let longer = every_ms.saturating_mul(1 << turn.failures.min(10));
    longer.min(MOST_WAIT_MS.max(every_ms))
}

async fn read(services: &Services, pbx: PbxId, by: &str) -> Result<Report> {
    let sources = services.store.cdr_sources().await?;
    let source = sources.iter().find(|source| source.pbx == pbx);
    let source = source.context("it is not there any more")?;
    let unseal = |sealed: &Vec<u8>| services.seal.unseal(CDR_PASSWORD_COLUMN, pbx.0, sealed);
    let password = source.password_sealed.as_ref().map(unseal).transpose()?;
    let reading = Reading {
        store: &services.store,
        source,
        password: password.as_ref(),
        by,
        since: None,
        dry_run: false,
        progress: &|_| {},
        lost: Some(&services.lost),
    };
    reading.run().await
}

async fn hold(services: &Services, turn: Turn) -> Result<()> {
    let (now_ms, before_ms) = (wall_ms(), turn.checked_ms);
    if now_ms.saturating_sub(before_ms) < CHECK_MS {
        return Ok(());
    }
    // the first time everything is
    let from_ms = (before_ms > 0).then(|| {
        let back = if now_ms / DAY_MS == before_ms / DAY_MS {
            AGAIN_MS
        } else {
            DAILY_MS
        };
        before_ms.saturating_sub(back)
    });
    check::check(&services.store, turn.pbx, (from_ms, None), false).await?;
    services.store.records_checked(turn.pbx, now_ms).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_cannot_be_read_is_tried_less_and_less_often_and_never_given_up() {
        let turn = |every_s, failures| Turn {
            pbx: PbxId(1),
            every_s,
            failures,
            checked_ms: 0,
        };
        let waits: Vec<u64> = (0..7)
            .map(|failures| wait_ms(turn(60, failures)) / 60_000)
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(wait_ms(turn(60, u32::MAX)), MOST_WAIT_MS);
        // one that is read twice a day is not tried more often for that
        assert_eq!(wait_ms(turn(43_200, 3)), 43_200_000);
    }
}
