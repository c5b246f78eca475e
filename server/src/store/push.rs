//! Browsers that are told of alarms while no page of Starboard is open, and the key that Starboard shows push services.

use std::net::IpAddr;

use secrecy::SecretString;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store, ms};
use crate::seal::Seal;

/// Browsers that one person may have; the oldest give way.
const MAX_PER_USER: i64 = 10;
/// A browser that no session names yet is left alone for so long: its session may be about to.
const GRACE_MS: u64 = 60 * 1000;
const KEY_COLUMN: &str = "push_key.key_sealed";

/// A browser as its push service knows it.
#[derive(Clone, Debug)]
pub struct PushDevice {
    /// Id; ignored when inserting.
    pub id: i64,
    /// Whose.
    pub user: i64,
    /// Where its push service takes messages for it.
    pub endpoint: String,
    /// Its public key: an uncompressed point of P-256.
    pub p256dh: Vec<u8>,
    /// Its secret that goes with it.
    pub auth: Vec<u8>,
    /// As it called itself.
    pub device: String,
    /// From where it subscribed.
    pub address: IpAddr,
    /// When.
    pub created_ms: u64,
    /// When its push service last took something for it.
    pub told_ms: Option<u64>,
}

/// Those whose session is not over at `?1`.
const ALIVE: &str = "EXISTS (SELECT 1 FROM session WHERE session.user_id = push_device.user_id
    AND json_extract(session.data, '$.push') = push_device.id AND absolute_ms > ?1 AND seen_ms + idle_ms > ?1)";

fn device(row: &SqliteRow) -> Result<PushDevice> {
    let address: &str = row.try_get("address")?;
    Ok(PushDevice {
        id: row.try_get("id")?,
        user: row.try_get("user_id")?,
        endpoint: row.try_get("endpoint")?,
        p256dh: row.try_get("p256dh")?,
        auth: row.try_get("auth")?,
        device: row.try_get("device")?,
        address: address.parse().map_err(anyhow::Error::from)?,
        created_ms: row.try_get::<i64, _>("created_ms")?.unsigned_abs(),
        told_ms: row.try_get::<Option<i64>, _>("told_ms")?.map(i64::unsigned_abs),
    })
}

impl Store {
    /// The key for push services: the one that is kept, or `fresh` where none is, or none that opens. Browsers that
    /// subscribed to another one are then forgotten.
    pub async fn push_key(&self, seal: &Seal, fresh: SecretString) -> Result<SecretString> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT key_sealed FROM push_key WHERE id = 1")
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(sealed) = sealed {
            match seal.unseal(KEY_COLUMN, 1, &sealed) {
                Ok(key) => return Ok(key),
                Err(error) => {
                    tracing::warn!(%error, "there is a new key for web push; browsers subscribe again")
                }
            }
        }
        sqlx::query("DELETE FROM push_device")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT OR REPLACE INTO push_key (id, key_sealed) VALUES (1, ?)")
            .bind(seal.seal(KEY_COLUMN, 1, &fresh)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(fresh)
    }

    /// Keeps a browser; the same one again takes the place of the one before. What no session names is forgotten.
    pub async fn add_push_device(&self, new: &PushDevice) -> Result<i64> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let over = sqlx::AssertSqlSafe(format!(
            "DELETE FROM push_device WHERE created_ms < ?2 AND NOT {ALIVE}"
        ));
        sqlx::query(over)
            .bind(ms(new.created_ms))
            .bind(ms(new.created_ms.saturating_sub(GRACE_MS)))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM push_device WHERE endpoint = ?")
            .bind(&new.endpoint)
            .execute(&mut *transaction)
            .await?;
        let made = sqlx::query(
            "INSERT INTO push_device (user_id, endpoint, p256dh, auth, device, address, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.user)
        .bind(&new.endpoint)
        .bind(&new.p256dh)
        .bind(&new.auth)
        .bind(&new.device)
        .bind(new.address.to_string())
        .bind(ms(new.created_ms))
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM push_device WHERE user_id = ?1 AND id NOT IN
             (SELECT id FROM push_device WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2)",
        )
        .bind(new.user)
        .bind(MAX_PER_USER)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(made.last_insert_rowid())
    }

    /// The browsers whose session is not over: everybody's, or one person's.
    pub async fn push_devices(&self, user: Option<i64>, now_ms: u64) -> Result<Vec<PushDevice>> {
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT * FROM push_device WHERE (?2 IS NULL OR user_id = ?2) AND {ALIVE} ORDER BY id DESC"
        ));
        let rows = sqlx::query(query)
            .bind(ms(now_ms))
            .bind(user)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(device).collect()
    }

    /// A browser, while its session is not over.
    pub async fn push_device(&self, id: i64, now_ms: u64) -> Result<Option<PushDevice>> {
        let query = sqlx::AssertSqlSafe(format!("SELECT * FROM push_device WHERE id = ?2 AND {ALIVE}"));
        let row = sqlx::query(query)
            .bind(ms(now_ms))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(device).transpose()
    }

    /// Notes that a push service took something for a browser.
    pub async fn push_told(&self, id: i64, now_ms: u64) -> Result<()> {
        sqlx::query("UPDATE push_device SET told_ms = ? WHERE id = ?")
            .bind(ms(now_ms))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Forgets a browser, of this person or of whoever has it. False where it is not there.
    pub async fn remove_push_device(&self, id: i64, user: Option<i64>) -> Result<bool> {
        let done = sqlx::query("DELETE FROM push_device WHERE id = ?1 AND (?2 IS NULL OR user_id = ?2)")
            .bind(id)
            .bind(user)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
