//! The one-time token of the first start.

use subtle::ConstantTimeEq;

use super::{Result, Store, StoreError, ms, user};
use crate::store::UserRecord;

impl Store {
    /// Whether nobody is there yet.
    pub async fn setup_open(&self) -> Result<bool> {
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM user")
            .fetch_one(&self.read)
            .await?;
        Ok(users == 0)
    }

    /// Replaces the token by its new hash.
    pub async fn set_setup_token(&self, hash: &[u8; 32], now_ms: u64) -> Result<()> {
        sqlx::query("INSERT OR REPLACE INTO setup (id, token_hash, created_ms) VALUES (1, ?, ?)")
            .bind(&hash[..])
            .bind(ms(now_ms))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Whether the token is the one given out, in constant time.
    pub async fn setup_token_fits(&self, hash: &[u8; 32]) -> Result<bool> {
        let stored: Option<Vec<u8>> = sqlx::query_scalar("SELECT token_hash FROM setup WHERE id = 1")
            .fetch_optional(&self.read)
            .await?;
        Ok(stored.is_some_and(|stored| bool::from(stored.as_slice().ct_eq(&hash[..]))))
    }

    /// Spends the token and makes the first administrator, both or none. None when somebody was first.
    pub async fn set_up(&self, hash: &[u8; 32], admin: &UserRecord) -> Result<Option<i64>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM user")
            .fetch_one(&mut *transaction)
            .await?;
        let spent = sqlx::query("DELETE FROM setup WHERE id = 1 AND token_hash = ?")
            .bind(&hash[..])
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if users > 0 || spent != 1 {
            transaction.rollback().await?;
            return Ok(None);
        }
        let id = user::insert(&mut transaction, admin).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Some(id))
    }
}
