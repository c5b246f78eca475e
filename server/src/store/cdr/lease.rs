//! Who reads a source, and when it is read next. A reading counts what is the same in it, so that two at once would not come to the
//! same: whoever reads has it to themselves for a while, and says so again with every piece.

use app::model::PbxId;

use crate::store::{Recording, Result, Store, ms, visit::count};

/// For how long a source is somebody's after they last kept something of it: who was killed lets it go after that.
const LEASE_MS: u64 = 120_000;

/// A source that the server reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Of which PBX.
    pub pbx: PbxId,
    /// How often it is read, in seconds.
    pub every_s: u32,
    /// How often in a row it could not be.
    pub failures: u32,
    /// Up to when records and calls were held against each other.
    pub checked_ms: u64,
}

impl Store {
    /// Sources that are to be read now.
    pub async fn cdr_turns(&self, now_ms: u64) -> Result<Vec<Turn>> {
        let rows: Vec<(i64, u32, u32, i64)> = sqlx::query_as(
            "SELECT pbx_id, every_s, failures, checked_ms FROM cdr_source
             WHERE every_s > 0 AND next_ms <= ?1 AND lease_ms <= ?1 ORDER BY next_ms",
        )
        .bind(ms(now_ms))
        .fetch_all(&self.read)
        .await?;
        let turn = |(pbx, every_s, failures, checked_ms)| Turn {
            pbx: PbxId(pbx),
            every_s,
            failures,
            checked_ms: count(checked_ms),
        };
        Ok(rows.into_iter().map(turn).collect())
    }

    /// Takes a source to read it; false while it is somebody else's.
    pub async fn take_cdr_source(&self, pbx: PbxId, by: &str, now_ms: u64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE cdr_source SET lease_ms = ?1, lease_by = ?2 WHERE pbx_id = ?3 AND (lease_ms <= ?4 OR lease_by = ?2)",
        )
        .bind(ms(now_ms + LEASE_MS))
        .bind(by)
        .bind(pbx.0)
        .bind(ms(now_ms))
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets it go, read or not: why not, and when it is to be read next.
    pub async fn leave_cdr_source(
        &self,
        pbx: PbxId,
        by: &str,
        trouble: Option<&str>,
        next_ms: u64,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE cdr_source SET lease_ms = 0, lease_by = '', trouble = coalesce(?1, ''), next_ms = ?2,
                failures = CASE WHEN ?1 IS NULL THEN 0 ELSE failures + 1 END
             WHERE pbx_id = ?3 AND lease_by = ?4",
        )
        .bind(trouble)
        .bind(ms(next_ms))
        .bind(pbx.0)
        .bind(by)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Records and calls were held against each other up to here.
    pub async fn records_checked(&self, pbx: PbxId, at_ms: u64) -> Result<()> {
        sqlx::query("UPDATE cdr_source SET checked_ms = ? WHERE pbx_id = ?")
            .bind(ms(at_ms))
            .bind(pbx.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

impl Recording {
    /// Whoever reads goes on to. False: the source is not theirs any more.
    pub async fn keep_cdr_source(&mut self, pbx: PbxId, by: &str, now_ms: u64) -> Result<bool> {
        let done = sqlx::query("UPDATE cdr_source SET lease_ms = ? WHERE pbx_id = ? AND lease_by = ?")
            .bind(ms(now_ms + LEASE_MS))
            .bind(pbx.0)
            .bind(by)
            .execute(&mut *self.transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
