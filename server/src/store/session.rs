//! Sessions, under the hash of their id.

use app::model::people::RoleId;
use sqlx::Row;

use super::{Result, Store, ms};

/// Sessions one person may have; the oldest goes.
const MAX_PER_USER: i64 = 5;
/// Ends every session of the person `?1`, also one that is halfway in with their password.
pub(super) const END_ALL: &str = "DELETE FROM session WHERE user_id = ?1 OR (user_id IS NULL AND json_extract(data, '$.halfway.user') = ?1)";

/// Ends what is halfway in as the person `?1`.
pub(super) const END_HALFWAY: &str =
    "DELETE FROM session WHERE user_id IS NULL AND json_extract(data, '$.halfway.user') = ?1";

/// A session as stored.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    /// SHA-256 of the id.
    pub id_hash: [u8; 32],
    /// Whose, once signed in.
    pub user_id: Option<i64>,
    /// JSON.
    pub data: String,
    /// Ends when unused for so long.
    pub idle_ms: u64,
    /// Ends then in any case.
    pub absolute_ms: u64,
}

/// A session of a person, as they see it.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// SHA-256 of the id.
    pub id_hash: Vec<u8>,
    /// JSON.
    pub data: String,
    /// Last used at.
    pub seen_ms: u64,
}

impl Store {
    /// Makes a session. False when the id is in use already.
    pub async fn create_session(&self, session: &SessionRecord, now_ms: u64) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM session WHERE absolute_ms <= ?1 OR seen_ms + idle_ms <= ?1")
            .bind(ms(now_ms))
            .execute(&mut *transaction)
            .await?;
        let made = sqlx::query(
            "INSERT OR IGNORE INTO session (id_hash, user_id, data, created_ms, seen_ms, idle_ms, absolute_ms)
             VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
        )
        .bind(&session.id_hash[..])
        .bind(session.user_id)
        .bind(&session.data)
        .bind(ms(now_ms))
        .bind(ms(session.idle_ms))
        .bind(ms(session.absolute_ms))
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if let Some(user) = session.user_id {
            sqlx::query(
                "DELETE FROM session WHERE user_id = ?1 AND id_hash NOT IN
                 (SELECT id_hash FROM session WHERE user_id = ?1 ORDER BY created_ms DESC, id_hash LIMIT ?2)",
            )
            .bind(user)
            .bind(MAX_PER_USER)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(made == 1)
    }

    /// Changes a session that is there; one that ended in between stays ended.
    pub async fn update_session(&self, session: &SessionRecord, now_ms: u64) -> Result<()> {
        sqlx::query(
            "UPDATE session SET user_id = ?, data = ?, seen_ms = ?, idle_ms = ?, absolute_ms = ? WHERE id_hash = ?",
        )
        .bind(session.user_id)
        .bind(&session.data)
        .bind(ms(now_ms))
        .bind(ms(session.idle_ms))
        .bind(ms(session.absolute_ms))
        .bind(&session.id_hash[..])
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// A session that is not over.
    pub async fn session(&self, id_hash: &[u8; 32], now_ms: u64) -> Result<Option<SessionRecord>> {
        let row = sqlx::query(
            "SELECT user_id, data, idle_ms, absolute_ms FROM session
             WHERE id_hash = ?1 AND absolute_ms > ?2 AND seen_ms + idle_ms > ?2",
        )
        .bind(&id_hash[..])
        .bind(ms(now_ms))
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SessionRecord {
            id_hash: *id_hash,
            user_id: row.try_get("user_id")?,
            data: row.try_get("data")?,
            idle_ms: row.try_get::<i64, _>("idle_ms")?.unsigned_abs(),
            absolute_ms: row.try_get::<i64, _>("absolute_ms")?.unsigned_abs(),
        }))
    }

    /// Notes that a session is in use. Writes only where the last note is older than `grain_ms`.
    pub async fn touch_session(&self, id_hash: &[u8; 32], now_ms: u64, grain_ms: u64) -> Result<()> {
        let due: Option<i64> = sqlx::query_scalar("SELECT 1 FROM session WHERE id_hash = ? AND seen_ms < ?")
            .bind(&id_hash[..])
            .bind(ms(now_ms.saturating_sub(grain_ms)))
            .fetch_optional(&self.read)
            .await?;
        if due.is_some() {
            sqlx::query("UPDATE session SET seen_ms = ? WHERE id_hash = ?")
                .bind(ms(now_ms))
                .bind(&id_hash[..])
                .execute(&self.write)
                .await?;
        }
        Ok(())
    }

    /// Ends a session.
    pub async fn delete_session(&self, id_hash: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE id_hash = ?")
            .bind(&id_hash[..])
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Ends every session of a person, as disabling them does.
    pub async fn delete_sessions_of(&self, user: i64) -> Result<()> {
        sqlx::query(END_ALL).bind(user).execute(&self.write).await?;
        Ok(())
    }

    /// Ends every session of everybody who has a role.
    pub async fn end_sessions_of_role(&self, role: RoleId) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE user_id IN (SELECT id FROM user WHERE role_id = ?)")
            .bind(role.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The sessions of a person that are not over, the latest used first.
    pub async fn sessions_of(&self, user: i64, now_ms: u64) -> Result<Vec<SessionRow>> {
        let rows = sqlx::query(
            "SELECT id_hash, data, seen_ms FROM session
             WHERE user_id = ?1 AND absolute_ms > ?2 AND seen_ms + idle_ms > ?2 ORDER BY seen_ms DESC, id_hash",
        )
        .bind(user)
        .bind(ms(now_ms))
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SessionRow {
                    id_hash: row.try_get("id_hash")?,
                    data: row.try_get("data")?,
                    seen_ms: row.try_get::<i64, _>("seen_ms")?.unsigned_abs(),
                })
            })
            .collect()
    }

    /// Ends a session of a person and no one else's.
    pub async fn end_session_of(&self, user: i64, id_hash: &[u8]) -> Result<bool> {
        let ended = sqlx::query("DELETE FROM session WHERE user_id = ? AND id_hash = ?")
            .bind(user)
            .bind(id_hash)
            .execute(&self.write)
            .await?;
        Ok(ended.rows_affected() == 1)
    }

    /// Ends every session of a person but one; gives those that ended.
    pub async fn end_other_sessions(&self, user: i64, kept: &[u8; 32]) -> Result<Vec<Vec<u8>>> {
        Ok(
            sqlx::query_scalar("DELETE FROM session WHERE user_id = ? AND id_hash <> ? RETURNING id_hash")
                .bind(user)
                .bind(&kept[..])
                .fetch_all(&self.write)
                .await?,
        )
    }

    /// Every session of a person who may be here, and every screen of one, by its hash.
    pub async fn sessions_alive(&self, now_ms: u64) -> Result<Vec<Vec<u8>>> {
        Ok(sqlx::query_scalar(
            "SELECT session.id_hash FROM session JOIN user ON user.id = session.user_id
             WHERE NOT user.disabled AND absolute_ms > ?1 AND seen_ms + idle_ms > ?1
             UNION ALL
             SELECT screen.token_hash FROM screen JOIN user ON user.id = screen.user_id WHERE NOT user.disabled",
        )
        .bind(ms(now_ms))
        .fetch_all(&self.read)
        .await?)
    }
}
