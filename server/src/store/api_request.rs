//! Requests of programs by their key: the same one again is answered with what the first one was.

use super::{Result, Store, ms};

/// How long a key is remembered.
const KEEP_MS: u64 = 24 * 3600 * 1000;
/// Keys that are remembered of one person.
const MAX_PER_USER: i64 = 5_000;

/// Whether a request may go ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is new; the row that will hold its answer.
    New(i64),
    /// It was answered: the row, the status, the sealed answer.
    Answered(i64, u16, Vec<u8>),
    /// It was begun and never finished.
    Unfinished,
    /// The key was used for something else.
    Other,
    /// So many keys are remembered that there is no room for another.
    Full,
}

/// A row: its id, what was asked, and the answer.
type Before = (i64, Vec<u8>, Option<i64>, Option<Vec<u8>>);

impl Store {
    /// Claims a key for what is asked, once.
    pub async fn claim_key(&self, user: i64, key: &str, asked: &[u8; 32], now_ms: u64) -> Result<Asked> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM api_request WHERE user_id = ? AND at_ms < ?")
            .bind(user)
            .bind(ms(now_ms.saturating_sub(KEEP_MS)))
            .execute(&mut *transaction)
            .await?;
        let before: Option<Before> = sqlx::query_as(
            "SELECT id, asked, status, answer_sealed FROM api_request WHERE user_id = ? AND key = ?",
        )
        .bind(user)
        .bind(key)
        .fetch_optional(&mut *transaction)
        .await?;
        let claim = match before {
            Some((_, before, ..)) if before != asked => Asked::Other,
            Some((id, _, Some(status), Some(answer))) => {
                Asked::Answered(id, u16::try_from(status).unwrap_or(500), answer)
            }
            Some(_) => Asked::Unfinished,
            None => {
                let made = sqlx::query(
                    "INSERT INTO api_request (user_id, key, asked, at_ms) SELECT ?1, ?2, ?3, ?4
                     WHERE (SELECT count(*) FROM api_request WHERE user_id = ?1) < ?5",
                )
                .bind(user)
                .bind(key)
                .bind(&asked[..])
                .bind(ms(now_ms))
                .bind(MAX_PER_USER)
                .execute(&mut *transaction)
                .await?;
                match made.rows_affected() {
                    1 => Asked::New(made.last_insert_rowid()),
                    _ => Asked::Full,
                }
            }
        };
        transaction.commit().await?;
        Ok(claim)
    }

    /// Keeps the answer of a request.
    pub async fn answer_key(&self, id: i64, status: u16, answer_sealed: &[u8]) -> Result<()> {
        sqlx::query("UPDATE api_request SET status = ?, answer_sealed = ? WHERE id = ?")
            .bind(i64::from(status))
            .bind(answer_sealed)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Gives a key back: nothing was changed, the same one may come again.
    pub async fn release_key(&self, id: i64) -> Result<()> {
        sqlx::query("DELETE FROM api_request WHERE id = ? AND status IS NULL")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
