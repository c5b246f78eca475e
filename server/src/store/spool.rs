//! How much of what the database did not take at first it has by now: see the spool of the recorder.

use super::{Recording, Result, Store};

/// How many lines of which filling of the spool are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// Which filling,
    pub name: i64,
    /// and how many lines of it, from its beginning on.
    pub lines: i64,
}

impl Store {
    /// What was taken from the spool at last.
    pub async fn spooled(&self) -> Result<Option<Spooled>> {
        let row: Option<(i64, i64)> = sqlx::query_as("SELECT name, lines FROM spool")
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|(name, lines)| Spooled { name, lines }))
    }
}

impl Recording {
    /// With this, so much of it is here.
    pub async fn spooled(&mut self, Spooled { name, lines }: Spooled) -> Result<()> {
        sqlx::query("INSERT OR REPLACE INTO spool (id, name, lines) VALUES (1, ?, ?)")
            .bind(name)
            .bind(lines)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
