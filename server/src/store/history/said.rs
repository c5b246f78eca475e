//! What people say of calls: notes, and tags that they are found by.

use std::collections::BTreeMap;

use app::model::{
    UserId,
    history::{CallNote, MAX_NOTES, MAX_TAGS},
};
use sqlx::Row;

use super::words::whole;
use crate::store::{Result, Store, ms, visit::count};

/// Tags that are offered.
const OFFERED: i64 = 100;

/// What came of saying something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is kept.
    Kept,
    /// There is no such call.
    NoCall,
    /// As much is said of it as may be.
    Full,
}

impl Store {
    /// Keeps a note on a call.
    pub async fn note_call(
        &self,
        call: i64,
        (by, name): (UserId, &str),
        text: &str,
        now_ms: u64,
    ) -> Result<Said> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let notes: Option<i64> = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM call_note WHERE call_id = call.id) FROM call WHERE id = ?",
        )
        .bind(call)
        .fetch_optional(&mut *transaction)
        .await?;
        match notes {
            None => return Ok(Said::NoCall),
            Some(notes) if notes >= i64::from(MAX_NOTES) => return Ok(Said::Full),
            Some(_) => {}
        }
        sqlx::query(
            "INSERT INTO call_note (call_id, at_ms, user_id, by, said, folded) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(call)
        .bind(ms(now_ms))
        .bind(by.0)
        .bind(name)
        .bind(whole(text))
        .bind(whole(text).to_lowercase())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Said::Kept)
    }

    /// The call that a note of this writer is on.
    pub async fn noted_call(&self, note: i64, by: UserId) -> Result<Option<i64>> {
        let call = sqlx::query_scalar("SELECT call_id FROM call_note WHERE id = ? AND user_id = ?")
            .bind(note)
            .bind(by.0)
            .fetch_optional(&self.read)
            .await?;
        Ok(call)
    }

    /// Removes a note of this writer; false where there is none.
    pub async fn unnote_call(&self, note: i64, by: UserId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM call_note WHERE id = ? AND user_id = ?")
            .bind(note)
            .bind(by.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts a tag on a call.
    pub async fn tag_call(&self, call: i64, tag: &str) -> Result<Said> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let tags: Option<i64> = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM call_tag WHERE call_id = call.id AND tag <> ?) FROM call WHERE id = ?",
        )
        .bind(tag)
        .bind(call)
        .fetch_optional(&mut *transaction)
        .await?;
        match tags {
            None => return Ok(Said::NoCall),
            Some(tags) if tags >= i64::from(MAX_TAGS) => return Ok(Said::Full),
            Some(_) => {}
        }
        sqlx::query("INSERT INTO call_tag (tag, call_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(tag)
            .bind(call)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Said::Kept)
    }

    /// Takes a tag off a call; false where it was not there.
    pub async fn untag_call(&self, call: i64, tag: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM call_tag WHERE tag = ? AND call_id = ?")
            .bind(tag)
            .bind(call)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The notes on a call, the oldest first.
    pub(super) async fn notes_of(&self, call: i64) -> Result<Vec<CallNote>> {
        let rows =
            sqlx::query("SELECT id, at_ms, user_id, by, said FROM call_note WHERE call_id = ? ORDER BY id")
                .bind(call)
                .fetch_all(&self.read)
                .await?;
        let note = |row: &sqlx::sqlite::SqliteRow| -> sqlx::Result<CallNote> {
            Ok(CallNote {
                id: row.try_get("id")?,
                at_ms: count(row.try_get("at_ms")?),
                by: UserId(row.try_get("user_id")?),
                name: row.try_get("by")?,
                lines: row
                    .try_get::<String, _>("said")?
                    .lines()
                    .map(str::to_owned)
                    .collect(),
            })
        };
        Ok(rows.iter().map(note).collect::<sqlx::Result<_>>()?)
    }

    /// The tags of these calls, and how many notes each has.
    pub(super) async fn said_of(&self, calls: &[i64]) -> Result<BTreeMap<i64, (Vec<String>, u32)>> {
        let rows: Vec<(i64, String, i64)> = sqlx::query_as(
            "SELECT asked.value, coalesce((SELECT json_group_array(tag) FROM call_tag WHERE call_id = asked.value), '[]'),
                    (SELECT count(*) FROM call_note WHERE call_id = asked.value)
             FROM json_each(?) AS asked",
        )
        .bind(serde_json::to_string(calls).unwrap_or_default())
        .fetch_all(&self.read)
        .await?;
        let said = rows.into_iter().map(|(call, tags, notes)| {
            let tags: Vec<String> = serde_json::from_str(&tags).unwrap_or_default();
            (call, (tags, u32::try_from(notes).unwrap_or_default()))
        });
        Ok(said
            .filter(|(_, (tags, notes))| !tags.is_empty() || *notes > 0)
            .collect())
    }

    /// Tags that are in use, in their order.
    pub async fn call_tags(&self) -> Result<Vec<String>> {
        // from each tag to the next one: as many steps as there are tags, not calls
        let tags = sqlx::query_scalar(
            "WITH RECURSIVE used (tag) AS (
                SELECT min(tag) FROM call_tag
                UNION ALL SELECT (SELECT min(tag) FROM call_tag WHERE tag > used.tag) FROM used WHERE used.tag IS NOT NULL
             ) SELECT tag FROM used WHERE tag IS NOT NULL LIMIT ?",
        )
        .bind(OFFERED)
        .fetch_all(&self.read)
        .await?;
        Ok(tags)
    }
}
