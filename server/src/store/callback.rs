//! Callers who keep their place in a queue and hang up: how queues call back, who asked, and what was called.

use app::{access::QueueOn, model::PbxId};
use sqlx::{Row, SqliteConnection};
use telephony::{
    Left, Timestamp, Visit,
    callback::{Policy, Request, RequestId},
};

use super::{Recording, Result, Store, ms, visit::count};
use crate::records::KeptPlace;

/// Ended requests are kept so long, heard wishes and calls as long as limits look back.
const KEEP_ENDED_MS: u64 = 90 * 24 * 3_600 * 1_000;
const KEEP_COUNTED_MS: u64 = 2 * 24 * 3_600 * 1_000;

/// A wish as it was heard.
#[derive(Clone, Debug)]
pub struct HeardWish<'a> {
    /// Where.
    pub queue: &'a QueueOn,
    /// The number to call.
    pub number: &'a str,
    /// The second of the PBX.
    pub stamp: u64,
}

/// Calls of the last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallsOfDay {
    /// To one number.
    pub number: u64,
    /// Of the whole PBX.
    pub pbx: u64,
}

impl Store {
    /// How each queue calls back that was ever set up to.
    pub async fn callback_policies(&self) -> Result<Vec<(QueueOn, Policy)>> {
        let rows: Vec<(i64, String, bool, i64, i64, String)> = sqlx::query_as(
            "SELECT pbx_id, queue, is_on, attempts, pause_ms, prefixes FROM callback_policy ORDER BY pbx_id, queue",
        )
        .fetch_all(&self.read)
        .await?;
        let policies = rows
            .into_iter()
            .map(|(pbx, queue, on, attempts, pause_ms, prefixes)| {
                let policy = Policy {
                    on,
                    attempts: u8::try_from(attempts).unwrap_or(1),
                    pause_ms: count(pause_ms),
                    // our own JSON; what cannot be read allows no number
                    prefixes: serde_json::from_str(&prefixes).unwrap_or_default(),
                    ..Policy::default()
                };
                ((PbxId(pbx), queue), policy)
            });
        Ok(policies.collect())
    }

    /// Sets how a queue calls back.
    pub async fn save_callback_policy(&self, queue: &QueueOn, policy: &Policy) -> Result<()> {
        sqlx::query(
            "INSERT INTO callback_policy (pbx_id, queue, is_on, attempts, pause_ms, prefixes) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET is_on = excluded.is_on, attempts = excluded.attempts,
                 pause_ms = excluded.pause_ms, prefixes = excluded.prefixes",
        )
        .bind(queue.0.0)
        .bind(&queue.1)
        .bind(policy.on)
        .bind(i64::from(policy.attempts))
        .bind(ms(policy.pause_ms))
        .bind(serde_json::to_string(&policy.prefixes).unwrap_or_default())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The requests that are open.
    pub async fn open_callbacks(&self) -> Result<Vec<(QueueOn, Request)>> {
        let rows = sqlx::query(
            "SELECT id, pbx_id, queue, number, name, joined_ms, asked_ms, since_ms, state, miss, serial, attempts
             FROM callback_request WHERE over = 0 ORDER BY id",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(request).collect()
    }

    /// The number of the next request: none is given twice.
    pub async fn next_callback(&self) -> Result<i64> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'callback_request'")
                .fetch_optional(&self.read)
                .await?;
        Ok(last.unwrap_or(0) + 1)
    }

    /// Keeps requests of a queue as they are now, with the wish that one of them came of. False when that wish was heard
    /// before: nothing is changed then.
    pub async fn keep_callbacks(
        &self,
        queue: &QueueOn,
        requests: &[Request],
        wish: Option<HeardWish<'_>>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(wish) = wish {
            let done = sqlx::query(
                "INSERT INTO callback_wish (pbx_id, queue, number, stamp, heard_ms) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT DO NOTHING",
            )
            .bind(wish.queue.0.0)
            .bind(&wish.queue.1)
            .bind(wish.number)
            .bind(ms(wish.stamp))
            .bind(ms(now.0))
            .execute(&mut *transaction)
            .await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
        }
        for one in requests {
            keep(&mut transaction, queue, one).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes a call that is about to be placed, and counts those of the last day with it.
    pub async fn count_callback(
        &self,
        pbx: PbxId,
        number: &str,
        attempt: telephony::callback::Attempt,
        now_ms: u64,
        day_ms: u64,
    ) -> Result<CallsOfDay> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO callback_call (pbx_id, number, request_id, serial, at_ms) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(pbx.0)
        .bind(number)
        .bind(attempt.request.0)
        .bind(attempt.serial)
        .bind(ms(now_ms))
        .execute(&mut *transaction)
        .await?;
        let (all, one): (i64, i64) = sqlx::query_as(
            "SELECT count(*), count(CASE WHEN number = ? THEN 1 END) FROM callback_call
             WHERE pbx_id = ? AND at_ms > ?",
        )
        .bind(number)
        .bind(pbx.0)
        .bind(ms(now_ms.saturating_sub(day_ms)))
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(CallsOfDay {
            number: count(one),
            pbx: count(all),
        })
    }

    /// Removes what nobody looks at any more.
    pub async fn tidy_callbacks(&self, now_ms: u64) -> Result<()> {
        let counted = ms(now_ms.saturating_sub(KEEP_COUNTED_MS));
        for (sql, before) in [
            ("DELETE FROM callback_wish WHERE heard_ms < ?", counted),
            ("DELETE FROM callback_call WHERE at_ms < ?", counted),
            (
                "DELETE FROM callback_request WHERE over = 1 AND since_ms < ?",
                ms(now_ms.saturating_sub(KEEP_ENDED_MS)),
            ),
        ] {
            sqlx::query(sql).bind(before).execute(&self.write).await?;
        }
        Ok(())
    }
}

/// Between pressing the key and asking lies the time to type a number.
const ASKS_WITHIN_MS: u64 = 120_000;
/// Clocks may differ by so much.
const APART_MS: u64 = 2_000;

impl Recording {
    /// A caller who left by a key is one who keeps their place.
    pub(crate) async fn kept_place(&mut self, pbx: PbxId, kept: &KeptPlace) -> Result<()> {
        sqlx::query(
            "UPDATE visit SET left_how = 'kept_place' WHERE id = (
                SELECT id FROM visit WHERE pbx_id = ?1 AND queue = ?2 AND left_how = 'key'
                    AND left_ms BETWEEN ?5 AND ?6
                    AND CASE WHEN ?3 IS NULL THEN number = ?4 ELSE channel = ?3 END
                ORDER BY left_ms DESC LIMIT 1)",
        )
        .bind(pbx.0)
        .bind(&kept.queue)
        .bind(&kept.channel)
        .bind(&kept.number)
        .bind(ms(kept.at.0.saturating_sub(ASKS_WITHIN_MS)))
        .bind(ms(kept.at.0.saturating_add(APART_MS)))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Whether somebody who left by a key, as the log of the PBX tells, asked to be called back.
    pub(super) async fn asked_to_be_called(&mut self, pbx: PbxId, visit: &Visit) -> Result<bool> {
        let Some((left, Left::Key)) = visit.left else {
            return Ok(false);
        };
        let asked = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM callback_wish WHERE pbx_id = ? AND queue = ? AND number = ?
                AND stamp * 1000 BETWEEN ? AND ?)",
        )
        .bind(pbx.0)
        .bind(&visit.queue)
        .bind(&visit.number)
        .bind(ms(left.0.saturating_sub(APART_MS)))
        .bind(ms(left.0.saturating_add(ASKS_WITHIN_MS)))
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(asked)
    }
}

async fn keep(connection: &mut SqliteConnection, queue: &QueueOn, one: &Request) -> Result<()> {
    let state = serde_json::to_string(&one.state).map_err(anyhow::Error::from)?;
    let miss = one.miss.map(|miss| serde_json::to_string(&miss)).transpose();
    sqlx::query(
        "INSERT INTO callback_request (id, pbx_id, queue, number, name, joined_ms, asked_ms, since_ms, state, miss,
                                       serial, attempts, over)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET joined_ms = excluded.joined_ms, since_ms = excluded.since_ms,
             state = excluded.state, miss = excluded.miss, serial = excluded.serial,
             attempts = excluded.attempts, over = excluded.over",
    )
    .bind(one.id.0)
    .bind(queue.0.0)
    .bind(&queue.1)
    .bind(&one.number)
    .bind(&one.name)
    .bind(ms(one.joined.0))
    .bind(ms(one.asked.0))
    .bind(ms(one.since.0))
    .bind(state)
    .bind(miss.map_err(anyhow::Error::from)?)
    .bind(one.serial)
    .bind(i64::from(one.attempts))
    .bind(one.is_over())
    .execute(connection)
    .await?;
    Ok(())
}

fn request(row: &sqlx::sqlite::SqliteRow) -> Result<(QueueOn, Request)> {
    let time = |name: &str| row.try_get(name).map(|at| Timestamp(count(at)));
    let miss: Option<String> = row.try_get("miss")?;
    let state: String = row.try_get("state")?;
    let request = Request {
        id: RequestId(row.try_get("id")?),
        number: row.try_get("number")?,
        name: row.try_get("name")?,
        joined: time("joined_ms")?,
        asked: time("asked_ms")?,
        state: serde_json::from_str(&state).map_err(anyhow::Error::from)?,
        since: time("since_ms")?,
        serial: row.try_get("serial")?,
        attempts: u8::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u8::MAX),
        miss: miss.and_then(|miss| serde_json::from_str(&miss).ok()),
    };
    Ok(((PbxId(row.try_get("pbx_id")?), row.try_get("queue")?), request))
}
