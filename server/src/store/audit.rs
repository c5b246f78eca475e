//! Who did what: a row before the effect, its outcome afterwards.

use super::{Result, Store, ms};

/// What is about to happen.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// When.
    pub at_ms: u64,
    /// Sign-in name of the one who asks.
    pub actor: &'a str,
    /// Where from.
    pub address: &'a str,
    /// A fixed word.
    pub action: &'a str,
    /// On what.
    pub object: &'a str,
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TrailRow {
    /// Sign-in name of the one who asked.
    pub actor: String,
    /// Where from.
    pub address: String,
    /// A fixed word.
    pub action: String,
    /// On what.
    pub object: String,
    /// How it went, once that is known.
    pub outcome: Option<String>,
}

impl Store {
    /// Writes what is about to happen. Without this row nothing may happen.
    pub async fn audit(&self, entry: Entry<'_>) -> Result<i64> {
        let done =
            sqlx::query("INSERT INTO audit (at_ms, actor, address, action, object) VALUES (?, ?, ?, ?, ?)")
                .bind(ms(entry.at_ms))
                .bind(entry.actor)
                .bind(entry.address)
                .bind(entry.action)
                .bind(entry.object)
                .execute(&self.write)
                .await?;
        Ok(done.last_insert_rowid())
    }

    /// Adds how it went, once.
    pub async fn audit_outcome(&self, id: i64, outcome: &str) -> Result<()> {
        sqlx::query("UPDATE audit SET outcome = ? WHERE id = ? AND outcome IS NULL")
            .bind(outcome)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The newest rows, newest first.
    pub async fn audit_tail(&self, rows: u32) -> Result<Vec<TrailRow>> {
        let query = "SELECT actor, address, action, object, outcome FROM audit ORDER BY id DESC LIMIT ?";
        Ok(sqlx::query_as(query).bind(rows).fetch_all(&self.read).await?)
    }
}
