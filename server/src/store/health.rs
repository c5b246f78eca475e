//! Whether the database takes and gives.

use std::path::PathBuf;

use sqlx::SqliteConnection;

use super::{Result, Store, visit::count};

impl Store {
    /// Whether it takes something now: begins to write, and leaves it.
    pub async fn takes(&self) -> Result<()> {
        let mut writing = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let connection: &mut SqliteConnection = &mut writing;
        sqlx::query("SELECT 1").execute(connection).await?;
        Ok(writing.rollback().await?)
    }

    /// The file that it is, and how many bytes that is without what is still in its log.
    pub async fn place(&self) -> Result<(PathBuf, u64)> {
        let path: String = sqlx::query_scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(&self.read)
            .await?;
        let bytes: i64 =
            sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
                .fetch_one(&self.read)
                .await?;
        Ok((path.into(), count(bytes)))
    }

    /// How many mailings could not be sent when they were due, and why the latest was not.
    pub async fn unsent_mailings(&self) -> Result<Option<(u64, String)>> {
        let (many, why): (i64, Option<String>) = sqlx::query_as(
            "SELECT count(*), (SELECT trouble FROM mailing WHERE trouble <> '' ORDER BY try_ms DESC LIMIT 1)
             FROM mailing WHERE trouble <> ''",
        )
        .fetch_one(&self.read)
        .await?;
        Ok(why.map(|why| (count(many), why)))
    }
}
