//! What changed of calls and waits to be copied, and the rows themselves, read from the own database.

use super::{
    BATCH, MOST_WAITING,
    tables::{self, Table},
};
use crate::store::{Result, Store};

impl Store {
    /// By what a copy knows this database, and since when changes are noted.
    pub(super) async fn copy_source(&self) -> Result<(String, i64)> {
        let source = sqlx::query_as("SELECT name, generation FROM copy_source")
            .fetch_one(&self.read)
            .await?;
        Ok(source)
    }

    /// The last change that was ever noted.
    pub(super) async fn last_change(&self) -> Result<i64> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'copy_change'")
                .fetch_optional(&self.read)
                .await?;
        Ok(last.unwrap_or_default())
    }

    /// Has changes noted from now on, or no more. A copy that was begun before that is begun anew.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_changes(&self, on: bool) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let noted: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'copy_call_insert')",
        )
        .fetch_one(&mut *transaction)
        .await?;
        if noted == on {
            return Ok(());
        }
        for statement in tables::triggers(on) {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&mut *transaction)
                .await?;
        }
        for statement in [
            "DELETE FROM copy_change",
            "UPDATE copy_source SET generation = generation + 1",
        ] {
            sqlx::query(statement).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// How far a call is from the first to the last, of a thousand parts.
    pub(super) async fn per_mille(&self, call: i64) -> Result<u16> {
        let ends: (Option<i64>, Option<i64>) =
            sqlx::query_as("SELECT (SELECT min(id) FROM call), (SELECT max(id) FROM call)")
                .fetch_one(&self.read)
                .await?;
        let (Some(first), Some(last)) = ends else {
            return Ok(1_000);
        };
        let (done, all) = (
            i128::from(call) - i128::from(first),
            i128::from(last) - i128::from(first),
        );
        Ok(u16::try_from(done.max(0) * 1_000 / all.max(1)).unwrap_or(1_000))
    }

    /// Whether changes wait to be carried over.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_changes(&self) -> Result<bool> {
        let has = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM copy_change)")
            .fetch_one(&self.read)
            .await?;
        Ok(has)
    }

    /// Whether more wait than a copy that is away is waited for.
    ///
    /// # Errors
    /// The database's.
    pub async fn waits_for_too_many(&self) -> Result<bool> {
        let ends: (Option<i64>, Option<i64>) =
            sqlx::query_as("SELECT (SELECT min(id) FROM copy_change), (SELECT max(id) FROM copy_change)")
                .fetch_one(&self.read)
                .await?;
        Ok(matches!(ends, (Some(first), Some(last)) if last - first > MOST_WAITING))
    }

    pub(super) async fn copy_changes(&self, after: i64, most: i64) -> Result<Vec<(i64, i64, i64)>> {
        let changes =
            sqlx::query_as("SELECT id, what, key FROM copy_change WHERE id > ? ORDER BY id LIMIT ?")
                .bind(after)
                .bind(most)
                .fetch_all(&self.read)
                .await?;
        Ok(changes)
    }

    pub(super) async fn forget_changes(&self, until: i64) -> Result<()> {
        sqlx::query("DELETE FROM copy_change WHERE id <= ?")
            .bind(until)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    pub(super) async fn keys_after(&self, table: &str, after: i64) -> Result<Vec<i64>> {
        let query = format!("SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?");
        let keys = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(after)
            .bind(BATCH)
            .fetch_all(&self.read)
            .await?;
        Ok(keys)
    }

    pub(super) async fn all_keys(&self, table: &str, key: &str) -> Result<Vec<i64>> {
        let query = format!("SELECT DISTINCT {key} FROM {table}");
        let keys = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_all(&self.read)
            .await?;
        Ok(keys)
    }

    /// Rows of a table by their keys, as JSON, for each of its statements.
    pub(super) async fn rows_of(&self, table: &Table, keys: &[i64]) -> Result<Vec<String>> {
        let keys = serde_json::to_string(keys).unwrap_or_default();
        let mut all = Vec::new();
        for statement in table.read() {
            let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
                .bind(&keys)
                .fetch_one(&self.read)
                .await?;
            all.push(rows);
        }
        Ok(all)
    }
}
