//! Who is on a lost caller: exactly one person, for as long as their browser says so.

use std::collections::BTreeSet;

use app::model::PbxId;
use sqlx::sqlite::SqliteQueryResult;

use crate::store::{Result, Store, ms};

/// A claim falls free so long after the last that was heard of it.
pub const HOLD_MS: u64 = 2 * 60 * 1_000;
/// Callers that one person is on at the same time.
pub const MAX_CLAIMS: i64 = 20;
/// While they are on the line a claim is prolonged so long before it would fall free.
const EARLY_MS: u64 = 30 * 1_000;

/// What came of asking for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is theirs now.
    Yes,
    /// Somebody else is on it.
    By(String),
    /// They are on as many as one can be.
    TooMany,
    /// Nobody has to call them any more, or there is no such row.
    Over,
}

impl Store {
    /// Takes a row, or keeps it: of several who ask, one gets it.
    pub async fn claim_lost(&self, id: i64, user: i64, now_ms: u64) -> Result<Claimed> {
        let claims = self.claims_of(user, now_ms).await?;
        if claims.len() as i64 >= MAX_CLAIMS && !claims.contains(&id) {
            return Ok(Claimed::TooMany);
        }
        let taken = sqlx::query(
            "UPDATE lost SET claimed_ms = CASE WHEN claimed_by = ?2 AND until_ms > ?3 THEN claimed_ms ELSE ?3 END,
                handed_by = CASE WHEN claimed_by = ?2 AND until_ms > ?3 THEN handed_by END,
                claimed_by = ?2, until_ms = ?4
             WHERE id = ?1 AND state = 'open' AND (claimed_by IS NULL OR claimed_by = ?2 OR until_ms <= ?3)",
        )
        .bind(id)
        .bind(user)
        .bind(ms(now_ms))
        .bind(ms(now_ms + HOLD_MS))
        .execute(&self.write)
        .await?;
        if taken.rows_affected() == 1 {
            return Ok(Claimed::Yes);
        }
        self.holder(id, user).await
    }

    /// Who is on it.
    async fn holder(&self, id: i64, not: i64) -> Result<Claimed> {
        let by: Option<String> = sqlx::query_scalar(
            "SELECT user.display_name FROM lost JOIN user ON user.id = lost.claimed_by
             WHERE lost.id = ? AND lost.state = 'open' AND lost.claimed_by <> ?",
        )
        .bind(id)
        .bind(not)
        .fetch_optional(&self.write)
        .await?;
        Ok(by.map_or(Claimed::Over, Claimed::By))
    }

    /// What they are on.
    pub async fn claims_of(&self, user: i64, now_ms: u64) -> Result<Vec<i64>> {
        let ids = sqlx::query_scalar(
            "SELECT id FROM lost WHERE claimed_by = ? AND state = 'open' AND until_ms > ? LIMIT ?",
        )
        .bind(user)
        .bind(ms(now_ms))
        .bind(2 * MAX_CLAIMS)
        .fetch_all(&self.write)
        .await?;
        Ok(ids)
    }

    /// Their browser is still there: this stays theirs. How many that are.
    pub async fn hold_lost(&self, id: i64, user: i64, now_ms: u64) -> Result<u64> {
        let held = sqlx::query(
            "UPDATE lost SET until_ms = ?3 WHERE claimed_by = ?1 AND state = 'open' AND until_ms > ?2 AND id = ?4",
        )
        .bind(user)
        .bind(ms(now_ms))
        .bind(ms(now_ms + HOLD_MS))
        .bind(id)
        .execute(&self.write)
        .await?;
        Ok(held.rows_affected())
    }

    /// Whether it was theirs to change; else who is on it.
    async fn came_of(&self, done: &SqliteQueryResult, id: i64, user: i64) -> Result<Claimed> {
        if done.rows_affected() == 1 {
            return Ok(Claimed::Yes);
        }
        self.holder(id, user).await
    }

    /// Lets it go. `anybodys`: also what somebody else is on.
    pub async fn release_lost(&self, id: i64, user: i64, anybodys: bool, now_ms: u64) -> Result<Claimed> {
        let done = sqlx::query(
            "UPDATE lost SET claimed_by = NULL, handed_by = NULL, until_ms = 0
             WHERE id = ?1 AND state = 'open' AND claimed_by IS NOT NULL AND (?3 OR claimed_by = ?2 OR until_ms <= ?4)",
        )
        .bind(id)
        .bind(user)
        .bind(anybodys)
        .bind(ms(now_ms))
        .execute(&self.write)
        .await?;
        self.came_of(&done, id, user).await
    }

    /// Gives it to somebody, who has as long to show up as for any claim.
    pub async fn hand_over_lost(
        &self,
        id: i64,
        (from, to): (i64, i64),
        anybodys: bool,
        now_ms: u64,
    ) -> Result<Claimed> {
        let done = sqlx::query(
            "UPDATE lost SET claimed_by = ?3, handed_by = ?2, claimed_ms = ?5, until_ms = ?6
             WHERE id = ?1 AND state = 'open'
                AND (claimed_by IS NULL OR ?4 OR claimed_by = ?2 OR until_ms <= ?5)",
        )
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(anybodys)
        .bind(ms(now_ms))
        .bind(ms(now_ms + HOLD_MS))
        .execute(&self.write)
        .await?;
        self.came_of(&done, id, from).await
    }

    /// Nobody calls them any more.
    pub async fn give_up_lost(
        &self,
        id: i64,
        (user, name): (i64, &str),
        reason: &str,
        anybodys: bool,
        now_ms: u64,
    ) -> Result<Claimed> {
        let done = sqlx::query(
            "UPDATE lost SET state = 'given_up', ended_ms = ?6, ended_by = ?3, reason = ?4
             WHERE id = ?1 AND state = 'open'
                AND (claimed_by IS NULL OR ?5 OR claimed_by = ?2 OR until_ms <= ?6)",
        )
        .bind(id)
        .bind(user)
        .bind(name)
        .bind(reason)
        .bind(anybodys)
        .bind(ms(now_ms))
        .execute(&self.write)
        .await?;
        self.came_of(&done, id, user).await
    }

    /// Lets go of claims of which nothing was heard for long; those of people who are on the line now are prolonged. The
    /// rows that are free now.
    pub async fn free_lost(&self, now_ms: u64, on_line: &BTreeSet<(PbxId, String)>) -> Result<Vec<i64>> {
        let due: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT id, pbx_id, person FROM lost
             WHERE state = 'open' AND claimed_by IS NOT NULL AND until_ms <= ? LIMIT 10000",
        )
        .bind(ms(now_ms + EARLY_MS))
        .fetch_all(&self.read)
        .await?;
        let mut free = Vec::new();
        for (id, pbx, person) in due {
            if on_line.contains(&(PbxId(pbx), person)) {
                sqlx::query(
                    "UPDATE lost SET until_ms = ?2 WHERE id = ?1 AND state = 'open' AND until_ms > ?3",
                )
                .bind(id)
                .bind(ms(now_ms + HOLD_MS))
                .bind(ms(now_ms))
                .execute(&self.write)
                .await?;
            }
            let done = sqlx::query(
                "UPDATE lost SET claimed_by = NULL, handed_by = NULL, until_ms = 0
                 WHERE id = ? AND state = 'open' AND until_ms <= ?",
            )
            .bind(id)
            .bind(ms(now_ms))
            .execute(&self.write)
            .await?;
            if done.rows_affected() == 1 {
                free.push(id);
            }
        }
        Ok(free)
    }
}
