//! Open requests for help, by person.

use app::model::PbxId;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store, ms};

/// A request as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRecord {
    /// Names it; 0 before it is stored.
    pub id: i64,
    /// Who asks.
    pub user: i64,
    /// Their name.
    pub name: String,
    /// The PBX of their extension.
    pub pbx: PbxId,
    /// Their extension.
    pub extension: String,
    /// The call it is about; empty for none.
    pub call: String,
    /// What they said with it.
    pub words: String,
    /// When, in milliseconds since 1970.
    pub asked_ms: u64,
    /// Who is on it, with their name.
    pub taken: Option<(i64, String)>,
}

fn record(row: &SqliteRow) -> Result<HelpRecord> {
    let taken: Option<i64> = row.try_get("taken_by")?;
    let by: Option<String> = row.try_get("taken_name")?;
    let asked_ms: i64 = row.try_get("asked_ms")?;
    Ok(HelpRecord {
        id: row.try_get("id")?,
        user: row.try_get("user_id")?,
        name: row.try_get("name")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        extension: row.try_get("extension")?,
        call: row.try_get("call")?,
        words: row.try_get("words")?,
        asked_ms: asked_ms.unsigned_abs(),
        taken: taken.zip(by),
    })
}

impl Store {
    /// Every open request.
    pub async fn help_requests(&self) -> Result<Vec<HelpRecord>> {
        let rows = sqlx::query(
            "SELECT help_request.*, asks.display_name AS name, takes.display_name AS taken_name
             FROM help_request JOIN user AS asks ON asks.id = help_request.user_id
             LEFT JOIN user AS takes ON takes.id = help_request.taken_by
             WHERE asks.disabled = 0 ORDER BY help_request.id",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(record).collect()
    }

    /// Keeps a request. None where this person has an open one.
    pub async fn add_help(&self, help: &HelpRecord) -> Result<Option<i64>> {
        let made = sqlx::query(
            "INSERT INTO help_request (user_id, pbx_id, extension, call, words, asked_ms)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_id) DO NOTHING",
        )
        .bind(help.user)
        .bind(help.pbx.0)
        .bind(&help.extension)
        .bind(&help.call)
        .bind(&help.words)
        .bind(ms(help.asked_ms))
        .execute(&self.write)
        .await?;
        Ok((made.rows_affected() == 1).then(|| made.last_insert_rowid()))
    }

    /// Somebody is on it. False where it is closed, or somebody else is.
    pub async fn take_help(&self, id: i64, by: i64) -> Result<bool> {
        let taken = sqlx::query(
            "UPDATE help_request SET taken_by = ?2 WHERE id = ?1 AND coalesce(taken_by, ?2) = ?2",
        )
        .bind(id)
        .bind(by)
        .execute(&self.write)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Closes a request.
    pub async fn close_help(&self, id: i64) -> Result<()> {
        sqlx::query("DELETE FROM help_request WHERE id = ?")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
