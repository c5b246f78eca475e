//! Which recordings lie in the bucket, and which still in their folder.

use sqlx::sqlite::SqliteRow;

use super::{Reap, keep::reap};
use crate::store::{Result, Store, ms};

const ROW: &str =
    "SELECT id, key, pbx_id, folder, file, bytes, modified_ms, sha256, stored_ms, in_folder FROM recording";

impl Store {
    async fn in_order(&self, wanted: &str, bound: [i64; 3]) -> Result<Vec<Reap>> {
        let query = format!("{ROW} WHERE {wanted}");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(query));
        for bound in bound {
            query = query.bind(bound);
        }
        let rows: Vec<SqliteRow> = query.fetch_all(&self.read).await?;
        Ok(rows.iter().map(reap).collect::<sqlx::Result<_>>()?)
    }

    /// Recordings that are whole and not in the bucket yet, after one of them; so many at most.
    pub async fn recordings_to_store(&self, after: i64, most: i64) -> Result<Vec<Reap>> {
        let wanted = "stored_ms IS NULL AND state IN ('ready', 'foreign') AND id > ?1 AND ?2 = ?2 ORDER BY id LIMIT ?3";
        self.in_order(wanted, [after, 0, most]).await
    }

    /// How many there are.
    pub async fn count_to_store(&self) -> Result<u64> {
        let many: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM recording WHERE stored_ms IS NULL AND state IN ('ready', 'foreign')",
        )
        .fetch_one(&self.read)
        .await?;
        Ok(many.unsigned_abs())
    }

    /// Recordings that are in the bucket since before a moment, and in their folder still; after one of them.
    pub async fn recordings_to_lighten(&self, before_ms: u64, after: i64, most: i64) -> Result<Vec<Reap>> {
        let wanted = "stored_ms < ?2 AND in_folder = 1 AND state IN ('ready', 'foreign') AND id > ?1 ORDER BY id LIMIT ?3";
        self.in_order(wanted, [after, ms(before_ms), most]).await
    }

    /// A recording is in the bucket, as it was taken in. False where it is another one by now.
    pub async fn recording_stored(&self, one: &Reap, now_ms: u64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE recording SET stored_ms = ? WHERE id = ? AND sha256 = ? AND state IN ('ready', 'foreign')",
        )
        .bind(ms(now_ms))
        .bind(one.id)
        .bind(&one.sha256)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What lies in the bucket is not the recording, which is in its folder still.
    pub async fn recording_not_stored(&self, id: i64) -> Result<()> {
        sqlx::query("UPDATE recording SET stored_ms = NULL WHERE id = ? AND in_folder = 1")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Whether the file of a recording that is in the bucket is in its folder, too.
    pub async fn recording_in_folder(&self, id: i64, there: bool) -> Result<()> {
        sqlx::query("UPDATE recording SET in_folder = ? WHERE id = ? AND stored_ms IS NOT NULL")
            .bind(there)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
