//! Links by which somebody without an account hears a recording.

use app::model::recording::{MAX_LINKS, RecordingLink};
use sqlx::{Row, sqlite::SqliteRow};

use crate::store::{Result, Store, ms, visit::count};

/// Links that are listed.
const LISTED: i64 = 50;
/// Whether a link can be heard once more, at `?2`.
const GOOD: &str = "revoked_ms IS NULL AND expires_ms > ?2 AND (most IS NULL OR heard < most)";

/// A link that is about to be made.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    /// The hash of its token.
    pub hash: [u8; 32],
    /// The recording.
    pub recording: i64,
    /// Who makes it.
    pub by: (i64, &'a str),
    /// What for.
    pub purpose: &'a str,
    /// Until when it is good.
    pub expires_ms: u64,
    /// How often it can be heard.
    pub most: Option<u32>,
}

/// A link that somebody came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRecord {
    /// As lists show it.
    pub shown: RecordingLink,
    /// Whose it is.
    pub user: i64,
    /// The name that addresses have for the recording.
    pub recording: String,
    /// It was not revoked and has not run out, however often it was heard.
    pub is_open: bool,
}

fn link(row: &SqliteRow) -> sqlx::Result<RecordingLink> {
    Ok(RecordingLink {
        id: row.try_get("id")?,
        by: row.try_get("by")?,
        purpose: row.try_get("purpose")?,
        expires_ms: count(row.try_get("expires_ms")?),
        most: row.try_get("most")?,
        heard: row.try_get("heard")?,
        over: !row.try_get::<bool, _>("is_good")?,
    })
}

impl Store {
    /// Keeps a link; false where there are as many good ones as may be.
    pub async fn add_link(&self, new: &NewLink<'_>, now_ms: u64) -> Result<bool> {
        let query = format!(
            "INSERT INTO recording_link (recording_id, made_ms, hash, user_id, by, purpose, expires_ms, most)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
             WHERE (SELECT count(*) FROM recording_link WHERE recording_id = ?1 AND {GOOD}) < ?9"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(new.recording)
            .bind(ms(now_ms))
            .bind(&new.hash[..])
            .bind(new.by.0)
            .bind(new.by.1)
            // the database ends a text where a zero byte is
            .bind(new.purpose.replace('\0', "\u{2400}"))
            .bind(ms(new.expires_ms))
            .bind(new.most)
            .bind(ms(MAX_LINKS as u64))
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The links of a recording, the latest first.
    pub async fn links_of(&self, recording: i64, now_ms: u64) -> Result<Vec<RecordingLink>> {
        let query = format!(
            "SELECT *, {GOOD} AS is_good FROM recording_link WHERE recording_id = ?1 ORDER BY id DESC LIMIT ?3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(recording)
            .bind(ms(now_ms))
            .bind(LISTED)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(link).collect::<sqlx::Result<_>>()?)
    }

    /// The recording of a link: its number, and its name in addresses.
    pub async fn linked_recording(&self, id: i64) -> Result<Option<(i64, String)>> {
        let found = sqlx::query_as(
            "SELECT recording.id, key FROM recording_link JOIN recording ON recording.id = recording_id
             WHERE recording_link.id = ?",
        )
        .bind(id)
        .fetch_optional(&self.read)
        .await?;
        Ok(found)
    }

    /// The link of a token.
    pub async fn link_by(&self, hash: &[u8; 32], now_ms: u64) -> Result<Option<LinkRecord>> {
        let query = format!(
            "SELECT recording_link.*, key, {GOOD} AS is_good, revoked_ms IS NULL AND expires_ms > ?2 AS is_open
             FROM recording_link JOIN recording ON recording.id = recording_id WHERE hash = ?1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(&hash[..])
            .bind(ms(now_ms))
            .fetch_optional(&self.read)
            .await?;
        let record = |row: SqliteRow| -> sqlx::Result<LinkRecord> {
            Ok(LinkRecord {
                shown: link(&row)?,
                user: row.try_get("user_id")?,
                recording: row.try_get("key")?,
                is_open: row.try_get("is_open")?,
            })
        };
        Ok(row.map(record).transpose()?)
    }

    /// A link is heard once more; false where it cannot be.
    pub async fn hear_link(&self, id: i64, now_ms: u64) -> Result<bool> {
        let query = format!("UPDATE recording_link SET heard = heard + 1 WHERE id = ?1 AND {GOOD}");
        let done = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id)
            .bind(ms(now_ms))
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A link is good no more; false where it was revoked before.
    pub async fn revoke_link(&self, id: i64, now_ms: u64) -> Result<bool> {
        let done =
            sqlx::query("UPDATE recording_link SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL")
                .bind(ms(now_ms))
                .bind(id)
                .execute(&self.write)
                .await?;
        Ok(done.rows_affected() == 1)
    }
}
