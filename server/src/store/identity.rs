//! Who people are at a provider or in the directory.

use app::model::people::TeamId;

use super::{Result, Store, StoreError, UserRecord, Wanted, ms, people};

impl Store {
    /// Whose this is, and whether their role and teams follow their groups there.
    pub async fn identified(&self, provider: &str, subject: &str) -> Result<Option<(UserRecord, bool)>> {
        let found: Option<(i64, bool)> =
            sqlx::query_as("SELECT user_id, follows FROM identity WHERE provider = ? AND subject = ?")
                .bind(provider)
                .bind(subject)
                .fetch_optional(&self.read)
                .await?;
        let Some((user, follows)) = found else {
            return Ok(None);
        };
        Ok(self.user(user).await?.map(|user| (user, follows)))
    }

    /// Makes somebody who came from there for the first time.
    pub async fn add_identified(
        &self,
        wanted: &Wanted,
        provider: &str,
        subject: &str,
        now_ms: u64,
    ) -> Result<Option<i64>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let Some(user) = people::save_one(&mut transaction, wanted, now_ms).await? else {
            return Ok(None);
        };
        insert(&mut transaction, user, provider, subject, true, now_ms).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Some(user))
    }

    /// Lets somebody who was made here come from there as well; their role and teams stay in our hands.
    pub async fn link(&self, user: i64, provider: &str, subject: &str, now_ms: u64) -> Result<()> {
        let mut connection = self.write.acquire().await?;
        insert(&mut connection, user, provider, subject, false, now_ms).await
    }

    /// Lets somebody come from there no more. False when they did not.
    pub async fn unlink(&self, user: i64, provider: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM identity WHERE user_id = ? AND provider = ?")
            .bind(user)
            .bind(provider)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// From where somebody may come: providers and who they are there.
    pub async fn identities_of(&self, user: i64) -> Result<Vec<(String, String)>> {
        let query = "SELECT provider, subject FROM identity WHERE user_id = ? ORDER BY created_ms, provider";
        Ok(sqlx::query_as(query).bind(user).fetch_all(&self.read).await?)
    }

    /// The teams somebody is in.
    pub async fn teams_of(&self, user: i64) -> Result<Vec<TeamId>> {
        let query = "SELECT team_id FROM team_member WHERE user_id = ? ORDER BY team_id";
        let teams: Vec<i64> = sqlx::query_scalar(query).bind(user).fetch_all(&self.read).await?;
        Ok(teams.into_iter().map(TeamId).collect())
    }
}

async fn insert(
    connection: &mut sqlx::SqliteConnection,
    user: i64,
    provider: &str,
    subject: &str,
    follows: bool,
    now_ms: u64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO identity (provider, subject, user_id, follows, created_ms) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(provider)
    .bind(subject)
    .bind(user)
    .bind(follows)
    .bind(ms(now_ms))
    .execute(connection)
    .await?;
    Ok(())
}
