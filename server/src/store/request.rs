//! Commands by request id: what makes a double click one call, also across a restart.

use super::{Result, Store, ms};

/// How long a request id is remembered.
const KEEP_MS: u64 = 7 * 24 * 3600 * 1000;

/// Whether this request may go ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new and now ours.
    New,
    /// It was carried out: its command and its outcome as JSON.
    Done(String, String),
    /// It was begun and never finished.
    Unfinished(String),
}

impl Store {
    /// Claims a request id for a person, once.
    pub async fn claim_request(
        &self,
        user: i64,
        request: &str,
        pbx: i64,
        command: &str,
        is_call: bool,
        now_ms: u64,
    ) -> Result<Claim> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let before: Option<(String, Option<String>)> = sqlx::query_as(
            "SELECT command, outcome FROM command_request WHERE user_id = ? AND request_id = ?",
        )
        .bind(user)
        .bind(request)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some((command, outcome)) = before {
            transaction.rollback().await?;
            return Ok(match outcome {
                Some(outcome) => Claim::Done(command, outcome),
                None => Claim::Unfinished(command),
            });
        }
        sqlx::query("DELETE FROM command_request WHERE user_id = ? AND at_ms < ?")
            .bind(user)
            .bind(ms(now_ms.saturating_sub(KEEP_MS)))
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO command_request (user_id, request_id, pbx_id, command, is_call, at_ms)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(user)
        .bind(request)
        .bind(pbx)
        .bind(command)
        .bind(is_call)
        .bind(ms(now_ms))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Claim::New)
    }

    /// Gives a claim back: nothing was tried, the same id may come again.
    pub async fn release_request(&self, user: i64, request: &str) -> Result<()> {
        sqlx::query("DELETE FROM command_request WHERE user_id = ? AND request_id = ? AND outcome IS NULL")
            .bind(user)
            .bind(request)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Keeps what came of a request.
    pub async fn finish_request(&self, user: i64, request: &str, outcome: &str) -> Result<()> {
        sqlx::query("UPDATE command_request SET outcome = ? WHERE user_id = ? AND request_id = ?")
            .bind(outcome)
            .bind(user)
            .bind(request)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The command and outcome of a request that is over.
    pub async fn request_outcome(&self, user: i64, request: &str) -> Result<Option<(String, String)>> {
        Ok(sqlx::query_as(
            "SELECT command, outcome FROM command_request
             WHERE user_id = ? AND request_id = ? AND outcome IS NOT NULL",
        )
        .bind(user)
        .bind(request)
        .fetch_optional(&self.read)
        .await?)
    }

    /// When a person's calls since `since_ms` were asked for, oldest first.
    pub async fn calls_since(&self, user: i64, since_ms: u64) -> Result<Vec<u64>> {
        let times: Vec<i64> = sqlx::query_scalar(
            "SELECT at_ms FROM command_request WHERE user_id = ? AND is_call = 1 AND at_ms > ? ORDER BY at_ms",
        )
        .bind(user)
        .bind(ms(since_ms))
        .fetch_all(&self.read)
        .await?;
        Ok(times.into_iter().map(i64::unsigned_abs).collect())
    }
}
