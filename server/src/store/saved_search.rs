//! Searches that people come back to.

use app::model::{
    UserId,
    history::{MAX_SAVED, SavedSearch},
};

use super::{Result, Store};

impl Store {
    /// Those of a person, by name.
    pub async fn saved_searches(&self, user: UserId) -> Result<Vec<SavedSearch>> {
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT id, name, address FROM saved_search WHERE user_id = ? ORDER BY name")
                .bind(user.0)
                .fetch_all(&self.read)
                .await?;
        let saved = |(id, name, address)| SavedSearch { id, name, address };
        Ok(rows.into_iter().map(saved).collect())
    }

    /// Keeps one, in the place of that of the same name; false where there are too many.
    pub async fn save_search(&self, user: UserId, name: &str, address: &str) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO saved_search (user_id, name, address)
             SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM saved_search WHERE user_id = ?1 AND name <> ?2) < ?4
             ON CONFLICT DO UPDATE SET address = excluded.address",
        )
        .bind(user.0)
        .bind(name)
        .bind(address)
        .bind(i64::from(MAX_SAVED))
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets one of a person; false where it is not there.
    pub async fn forget_search(&self, user: UserId, id: i64) -> Result<bool> {
        let done = sqlx::query("DELETE FROM saved_search WHERE id = ? AND user_id = ?")
            .bind(id)
            .bind(user.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
