//! Removals of what was kept for long enough: counted and marked in one transaction, and held against what was counted before.

use app::{
    audit::{Fact, Outcome},
    model::keeping::{CleanUp, Due, Nightly},
};
use sqlx::{Row, SqliteExecutor, sqlite::SqliteRow};

use super::keep::{DAY_MS, HELD, due};
use crate::{
    store::{Result, Store, ms, trail::add_with, visit::count},
    trail::{Act, Who, keys::ChainKeys},
};

/// Removals that are listed.
const LISTED: i64 = 20;

/// What the trail says of one that is over.
fn facts(over: &CleanUp) -> Vec<Fact> {
    [("removed", over.removed), ("other files", over.spared)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| Fact::told(name, count.to_string()))
        .collect()
}

fn shown(row: &SqliteRow) -> sqlx::Result<CleanUp> {
    let tally = |name: &str| row.try_get::<i64, _>(name).map(count);
    Ok(CleanUp {
        id: row.try_get("id")?,
        by: row.try_get("actor")?,
        began_ms: tally("began_ms")?,
        done_ms: row.try_get::<Option<i64>, _>("done_ms")?.map(count),
        marked: tally("marked")?,
        bytes: tally("bytes")?,
        held: tally("held")?,
        removed: tally("removed")?,
        spared: tally("spared")?,
        left: row.try_get("left_over")?,
    })
}

async fn counted(executor: impl SqliteExecutor<'_>, at_ms: u64) -> Result<Due> {
    let query = format!(
        "SELECT coalesce(sum(NOT {HELD}), 0), coalesce(sum(iif({HELD}, 0, recording.bytes)), 0), coalesce(sum({HELD}), 0) {}",
        due()
    );
    let (files, bytes, held): (i64, i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(ms(at_ms))
        .bind(ms(DAY_MS))
        .fetch_one(executor)
        .await?;
    Ok(Due {
        files: count(files),
        bytes: count(bytes),
        held: count(held),
        at_ms,
    })
}

impl Store {
    /// What is due at a moment.
    pub async fn recordings_due(&self, at_ms: u64) -> Result<Due> {
        counted(&self.read, at_ms).await
    }

    /// Marks what is due, if that is what was counted: from here on it is not heard, and goes. None where it is something else.
    pub async fn begin_cleanup(&self, act: &Act, was: Due, now_ms: u64) -> Result<Option<i64>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let is = counted(&mut *transaction, was.at_ms).await?;
        if (is.files, is.bytes) != (was.files, was.bytes) {
            return Ok(None);
        }
        let id = sqlx::query(
            "INSERT INTO recording_cleanup (act_id, user_id, actor, began_ms, marked, bytes, held) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(act.id())
        .bind(act.who().id)
        .bind(&act.who().name)
        .bind(ms(now_ms))
        .bind(ms(is.files))
        .bind(ms(is.bytes))
        .bind(ms(is.held))
        .execute(&mut *transaction)
        .await?
        .last_insert_rowid();
        let mark = format!(
            "UPDATE recording SET state = 'doomed', why = '', cleanup_id = ?3
             WHERE id IN (SELECT recording.id {} AND NOT {HELD})",
            due()
        );
        sqlx::query(sqlx::AssertSqlSafe(mark))
            .bind(ms(was.at_ms))
            .bind(ms(DAY_MS))
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Removals that have not come to their end, each with its row of the audit trail.
    pub async fn open_cleanups(&self) -> Result<Vec<(i64, Act)>> {
        let rows = sqlx::query(
            "SELECT id, act_id, user_id, actor FROM recording_cleanup WHERE done_ms IS NULL ORDER BY id",
        )
        .fetch_all(&self.read)
        .await?;
        let open = |row: &SqliteRow| -> sqlx::Result<(i64, Act)> {
            let who = Who {
                id: row.try_get("user_id")?,
                name: row.try_get("actor")?,
            };
            let act = Act::begun(row.try_get("act_id")?, who, app::audit::Action::RemoveRecordings);
            Ok((row.try_get("id")?, act))
        };
        Ok(rows.iter().map(open).collect::<sqlx::Result<_>>()?)
    }

    /// Ends a removal, if nothing is left of it, and the trail has its end with it; else it says what is left, and why. None where
    /// another one ended it.
    pub async fn end_cleanup(
        &self,
        (id, act): (i64, Act),
        why: &str,
        keys: &ChainKeys,
        now_ms: u64,
    ) -> Result<Option<CleanUp>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM recording WHERE cleanup_id = ? AND state = 'doomed'")
                .bind(id)
                .fetch_one(&mut *transaction)
                .await?;
        let left = match left {
            0 => String::new(),
            1 => format!("1 file could not be removed: {why}"),
            left => format!("{left} files could not be removed: {why}"),
        };
        let row = sqlx::query(
            "UPDATE recording_cleanup SET left_over = ?2, done_ms = CASE ?2 WHEN '' THEN ?3 END,
                removed = (SELECT count(*) FROM recording WHERE cleanup_id = ?1 AND state = 'deleted'),
                spared = (SELECT count(*) FROM recording WHERE cleanup_id = ?1 AND state = 'changed')
             WHERE id = ?1 AND done_ms IS NULL RETURNING *",
        )
        .bind(id)
        .bind(left)
        .bind(ms(now_ms))
        .fetch_optional(&mut *transaction)
        .await?;
        let now = row.as_ref().map(shown).transpose()?;
        let told = match &now {
            Some(now) if now.done_ms.is_some() => {
                let line = act.ended(Outcome::Done, &facts(now));
                add_with(&mut transaction, keys, line).await?
            }
            _ => 0,
        };
        transaction.commit().await?;
        keys.written(told);
        Ok(now)
    }

    /// Removals, the latest first.
    pub async fn cleanups(&self) -> Result<Vec<CleanUp>> {
        let rows = sqlx::query("SELECT * FROM recording_cleanup ORDER BY id DESC LIMIT ?")
            .bind(LISTED)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(shown).collect::<sqlx::Result<_>>()?)
    }

    /// When what is due is removed by itself.
    pub async fn nightly(&self) -> Result<Option<Nightly>> {
        let row: Option<(u16, String, i64)> =
            sqlx::query_as("SELECT at_minute, zone, due_ms FROM recording_nightly")
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(|(at_minute, zone, due_ms)| Nightly {
            at_minute,
            zone,
            due_ms: count(due_ms),
        }))
    }

    /// Sets it; None for never.
    pub async fn set_nightly(&self, nightly: Option<&Nightly>) -> Result<()> {
        let Some(Nightly {
            at_minute,
            zone,
            due_ms,
        }) = nightly
        else {
            sqlx::query("DELETE FROM recording_nightly")
                .execute(&self.write)
                .await?;
            return Ok(());
        };
        sqlx::query(
            "INSERT INTO recording_nightly (id, at_minute, zone, due_ms) VALUES (1, ?, ?, ?)
             ON CONFLICT DO UPDATE SET at_minute = excluded.at_minute, zone = excluded.zone, due_ms = excluded.due_ms",
        )
        .bind(at_minute)
        .bind(zone)
        .bind(ms(*due_ms))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Moves its next time on, if it is the one that was seen: whoever does so removes what is due.
    pub async fn next_night(&self, seen: &Nightly, due_ms: u64) -> Result<bool> {
        let done = sqlx::query("UPDATE recording_nightly SET due_ms = ? WHERE due_ms = ? AND at_minute = ?")
            .bind(ms(due_ms))
            .bind(ms(seen.due_ms))
            .bind(seen.at_minute)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
