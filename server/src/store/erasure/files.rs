//! Recordings of a number that is erased: marked like those that were kept for long enough, and their files removed the same way.

use sqlx::{Sqlite, Transaction};

use super::{Next, Step, found::is_held};
use crate::store::{Result, Store};

/// Marked at once.
const BATCH: i64 = 200;

impl Step<'_, '_> {
    /// Those of its calls, and those that are named by it. One that was removed before keeps no name either.
    pub(super) async fn mark(&mut self) -> Result<Next> {
        let query = format!(
            "UPDATE recording SET erasure_id = ?1 WHERE id IN (
                SELECT id FROM recording WHERE erasure_id IS NULL AND NOT held AND NOT {}
                    AND (call_id IN (SELECT call_id FROM call_party WHERE party_id IN (SELECT value FROM json_each(?2)))
                        OR id IN (SELECT value FROM json_each(?3)))
                LIMIT ?4)",
            is_held("recording.call_id")
        );
        let marked = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(self.run.id)
            .bind(&self.look.parties)
            .bind(&self.look.files)
            .bind(BATCH)
            .execute(&mut **self.transaction)
            .await?;
        sqlx::query("UPDATE recording SET folder = '', file = '', unique_id = NULL WHERE erasure_id = ? AND state = 'deleted'")
            .bind(self.run.id)
            .execute(&mut **self.transaction)
            .await?;
        let comments = sqlx::query(
            "DELETE FROM recording_comment WHERE recording_id IN (SELECT id FROM recording WHERE erasure_id = ?)",
        )
        .bind(self.run.id)
        .execute(&mut **self.transaction)
        .await?;
        self.tally.notes += comments.rows_affected();
        sqlx::query(
            "DELETE FROM recording_link WHERE recording_id IN (SELECT id FROM recording WHERE erasure_id = ?)",
        )
        .bind(self.run.id)
        .execute(&mut **self.transaction)
        .await?;
        Ok(if marked.rows_affected() == BATCH as u64 {
            Next::More(0)
        } else {
            Next::Over
        })
    }
}

/// Recordings that were not removed.
pub(super) async fn left(transaction: &mut Transaction<'static, Sqlite>, erasure: i64) -> Result<i64> {
    let left =
        sqlx::query_scalar("SELECT count(*) FROM recording WHERE erasure_id = ? AND state <> 'deleted'")
            .bind(erasure)
            .fetch_one(&mut **transaction)
            .await?;
    Ok(left)
}

impl Store {
    /// Marks recordings of an erasure as about to be removed, so many at most. What lies in the place of one and is another file
    /// is not it: the recording is as good as gone.
    pub async fn doom_erased(&self, erasure: i64) -> Result<u64> {
        sqlx::query(
            "UPDATE recording SET state = 'deleted', folder = '', file = '', unique_id = NULL, drawn = x'', silences = '[]'
             WHERE erasure_id = ? AND state = 'changed'",
        )
        .bind(erasure)
        .execute(&self.write)
        .await?;
        let done = sqlx::query(
            "UPDATE recording SET state = 'doomed', why = '' WHERE id IN (
                SELECT id FROM recording WHERE erasure_id = ? AND state IN ('ready', 'foreign', 'empty', 'damaged', 'gone')
                ORDER BY id LIMIT ?)",
        )
        .bind(erasure)
        .bind(BATCH)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected())
    }
}
