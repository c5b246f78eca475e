//! For how long recordings are kept. What is to go is marked first, then its file is removed, then the row says so: whoever is
//! killed in between finds the marks again.

use app::model::{
    PbxId,
    recording::{Hold, State},
};
use sqlx::{Row, sqlite::SqliteRow};

use super::{SeenFile, seen};
use crate::store::{IN_A_MS, Result, Store, ms, visit::count};

/// A day.
const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// For how many days recordings are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of which PBX.
    pub pbx: PbxId,
    /// Of the calls of which queue; empty for all others.
    pub queue: String,
    /// The days.
    pub days: u32,
}

/// Somebody has the recordings of a call kept.
#[derive(Clone, Copy, Debug)]
pub struct NewHold<'a> {
    /// Who, by the name they have now.
    pub by: &'a str,
    /// Why.
    pub why: &'a str,
    /// When.
    pub at_ms: u64,
}

/// A recording that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reap {
    /// Its number.
    pub id: i64,
    /// Its name in the bucket.
    pub key: String,
    /// Of which PBX.
    pub pbx: PbxId,
    /// The folder that it is in.
    pub folder: String,
    /// A copy lies in the bucket,
    pub stored: bool,
    /// and there alone.
    pub only_there: bool,
    /// As it was taken in,
    pub seen: SeenFile,
    /// every byte of it.
    pub sha256: Vec<u8>,
}

/// What is older than the policy of its call's queue, else of its PBX. A recording is as old as its call, one that is of no call
/// as old as its file. What is still written to, and what is another file than the one that was taken in, is nobody's to remove.
fn due() -> String {
    format!(
        "FROM recording
         LEFT JOIN call ON call.id = recording.call_id
         LEFT JOIN call_kind ON call_kind.id = call.kind_id
         LEFT JOIN recording_policy AS theirs
            ON theirs.pbx_id = recording.pbx_id AND theirs.queue = call_kind.queue AND theirs.queue <> ''
         LEFT JOIN recording_policy AS others ON others.pbx_id = recording.pbx_id AND others.queue = ''
         WHERE recording.state IN ('ready', 'foreign', 'empty', 'damaged', 'gone')
           AND coalesce(call.id / {IN_A_MS}, recording.modified_ms) < ?1 - coalesce(theirs.days, others.days) * ?2"
    )
}

const HELD: &str =
    "(recording.held OR EXISTS (SELECT 1 FROM call_hold WHERE call_hold.call_id = recording.call_id))";

pub(super) fn reap(row: &SqliteRow) -> sqlx::Result<Reap> {
    let stored = row.try_get::<Option<i64>, _>("stored_ms")?.is_some();
    Ok(Reap {
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        stored,
        only_there: stored && !row.try_get::<bool, _>("in_folder")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        folder: row.try_get("folder")?,
        seen: seen(row)?,
        sha256: row.try_get::<Option<Vec<u8>>, _>("sha256")?.unwrap_or_default(),
    })
}

impl Store {
    /// Every policy.
    pub async fn recording_policies(&self) -> Result<Vec<Policy>> {
        let rows: Vec<(i64, String, u32)> =
            sqlx::query_as("SELECT pbx_id, queue, days FROM recording_policy ORDER BY pbx_id, queue")
                .fetch_all(&self.read)
                .await?;
        let policy = |(pbx, queue, days)| Policy {
            pbx: PbxId(pbx),
            queue,
            days,
        };
        Ok(rows.into_iter().map(policy).collect())
    }

    /// Keeps recordings for so many days from now on; None for ever.
    pub async fn set_recording_policy(&self, pbx: PbxId, queue: &str, days: Option<u32>) -> Result<()> {
        let query = match days {
            Some(_) => {
                "INSERT INTO recording_policy (pbx_id, queue, days) VALUES (?, ?, ?)
                 ON CONFLICT DO UPDATE SET days = excluded.days"
            }
            None => "DELETE FROM recording_policy WHERE pbx_id = ? AND queue = ? AND ? IS NULL",
        };
        sqlx::query(query)
            .bind(pbx.0)
            .bind(queue)
            .bind(days)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Holds a recording, or lets it go. False where there is none.
    pub async fn hold_recording(&self, key: &str, held: bool) -> Result<bool> {
        let done =
            sqlx::query("UPDATE recording SET held = ? WHERE key = ? AND state NOT IN ('doomed', 'deleted')")
                .bind(held)
                .bind(key)
                .execute(&self.write)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Holds every recording of a call, also those that are found later; what was said of it first counts. What is marked to go
    /// because it is old, and is there still, stays: its folder is looked at once more. False where there is no such call.
    pub async fn hold_call(&self, call: i64, hold: NewHold<'_>) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "INSERT INTO call_hold (call_id, at_ms, by, why) SELECT id, ?, ?, ? FROM call WHERE id = ?
             ON CONFLICT DO UPDATE SET at_ms = at_ms",
        )
        .bind(ms(hold.at_ms))
        .bind(hold.by)
        .bind(hold.why)
        .bind(call)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE recording SET state = iif(in_folder = 1, 'growing', 'ready')
             WHERE call_id = ? AND state = 'doomed' AND erasure_id IS NULL",
        )
        .bind(call)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets the recordings of a call go. False where they were not held.
    pub async fn release_call(&self, call: i64) -> Result<bool> {
        let done = sqlx::query("DELETE FROM call_hold WHERE call_id = ?")
            .bind(call)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Since when the recordings of a call are held, because of whom and why.
    pub async fn hold_of(&self, call: i64) -> Result<Option<Hold>> {
        let found: Option<(i64, String, String)> =
            sqlx::query_as("SELECT at_ms, by, why FROM call_hold WHERE call_id = ?")
                .bind(call)
                .fetch_optional(&self.read)
                .await?;
        let hold = |(at_ms, by, why)| Hold {
            since_ms: count(at_ms),
            by,
            why,
        };
        Ok(found.map(hold))
    }

    /// Every call whose recordings are held, the latest first; so many at most.
    pub async fn holds(&self, most: i64) -> Result<Vec<(i64, Hold)>> {
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT call_id, at_ms, by, why FROM call_hold ORDER BY at_ms DESC, call_id LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        let hold = |(call, at_ms, by, why)| {
            let hold = Hold {
                since_ms: count(at_ms),
                by,
                why,
            };
            (call, hold)
        };
        Ok(rows.into_iter().map(hold).collect())
    }

    /// How many recordings are due, and how many of them are held.
    pub async fn recordings_due(&self, now_ms: u64) -> Result<(u64, u64)> {
        let query = format!("SELECT count(*), coalesce(sum({HELD}), 0) {}", due());
        let (due, held): (i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(ms(now_ms))
            .bind(ms(DAY_MS))
            .fetch_one(&self.read)
            .await?;
        Ok((due.unsigned_abs(), held.unsigned_abs()))
    }

    /// Marks recordings that are due, so many at most: from here on they are not heard, and go.
    pub async fn doom_recordings(&self, now_ms: u64, most: i64) -> Result<u64> {
        let query = format!(
            "UPDATE recording SET state = 'doomed', why = '' WHERE id IN (
                SELECT recording.id {} AND NOT {HELD} ORDER BY recording.id LIMIT ?3
             )",
            due()
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(ms(now_ms))
            .bind(ms(DAY_MS))
            .bind(most)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected())
    }

    /// Recordings that are marked, after one of them.
    pub async fn doomed_recordings(&self, after: i64, most: i64) -> Result<Vec<Reap>> {
        let rows = sqlx::query(
            "SELECT id, key, pbx_id, folder, file, bytes, modified_ms, sha256, stored_ms, in_folder FROM recording
             WHERE state = 'doomed' AND id > ? ORDER BY id LIMIT ?",
        )
        .bind(after)
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.iter().map(reap).collect::<sqlx::Result<_>>()?)
    }

    /// Their files are gone; that they were there, and who heard them, stays. What is erased keeps no name.
    pub async fn recordings_deleted(&self, ids: &[i64]) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let ids = serde_json::to_string(ids).unwrap_or_default();
        sqlx::query("DELETE FROM recording_comment WHERE recording_id IN (SELECT value FROM json_each(?))")
            .bind(&ids)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "UPDATE recording SET state = 'deleted', drawn = x'', silences = '[]',
                folder = iif(erasure_id IS NULL, folder, ''), file = iif(erasure_id IS NULL, file, ''),
                unique_id = iif(erasure_id IS NULL, unique_id, NULL)
             WHERE state = 'doomed' AND id IN (SELECT value FROM json_each(?))",
        )
        .bind(ids)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A mark is taken back: what lies there is not what was to go.
    pub async fn spare_recording(&self, id: i64, why: &str) -> Result<()> {
        let changed = super::state_word(State::Changed);
        sqlx::query("UPDATE recording SET state = ?, why = ? WHERE id = ? AND state = 'doomed'")
            .bind(changed)
            .bind(why)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
