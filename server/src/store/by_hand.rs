//! What only the command line changes of people: a new password, a new role. Their sessions end with it.

use sqlx::{Sqlite, Transaction};

use super::{Result, Store};

impl Store {
    /// Gives a person another password. False when they are gone.
    pub async fn set_password(&self, id: i64, hash: &str) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query("UPDATE user SET password_hash = ? WHERE id = ?")
            .bind(hash)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        end_sessions(&mut transaction, id).await?;
        sqlx::query(super::people::NO_LINKS)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a person another role. Sessions end because an administrator's are shorter. False when they are gone.
    pub async fn set_role(&self, id: i64, role: i64) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query("UPDATE user SET role_id = ? WHERE id = ?")
            .bind(role)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        end_sessions(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

async fn end_sessions(transaction: &mut Transaction<'_, Sqlite>, user: i64) -> Result<()> {
    sqlx::query(super::session::END_ALL)
        .bind(user)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
