//! PBX connections; the secret is sealed before it comes here.

use app::model::{PbxConnection, PbxId, TlsMode};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store};

/// The column the sealed secret is in, for the seal's binding.
pub const SECRET_COLUMN: &str = "pbx.secret_sealed";

/// A connection as stored.
#[derive(Clone, Debug)]
pub struct PbxRecord {
    /// Everything that may be shown.
    pub shown: PbxConnection,
    /// The AMI secret, sealed.
    pub secret_sealed: Vec<u8>,
}

const fn tls_word(tls: TlsMode) -> &'static str {
    match tls {
        TlsMode::Off => "off",
        TlsMode::Verify => "verify",
    }
}

fn record(row: &SqliteRow) -> Result<PbxRecord> {
    let tls: &str = row.try_get("tls")?;
    Ok(PbxRecord {
        shown: PbxConnection {
            id: PbxId(row.try_get("id")?),
            name: row.try_get("name")?,
            host: row.try_get("host")?,
            port: row.try_get("port")?,
            tls: if tls == tls_word(TlsMode::Off) {
                TlsMode::Off
            } else {
                TlsMode::Verify
            },
            ca_pem: row.try_get("ca_pem")?,
            username: row.try_get("username")?,
            context: row.try_get("context")?,
            enabled: row.try_get("enabled")?,
            supervision_private: !row.try_get::<bool, _>("supervision_shown")?,
            queue_log: row.try_get("queue_log")?,
            recordings: row.try_get("recordings")?,
        },
        secret_sealed: row.try_get("secret_sealed")?,
    })
}

impl Store {
    /// Every connection, by name.
    pub async fn pbxs(&self) -> Result<Vec<PbxRecord>> {
        let rows = sqlx::query("SELECT * FROM pbx ORDER BY name, id")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(record).collect()
    }

    /// One connection.
    pub async fn pbx(&self, id: PbxId) -> Result<Option<PbxRecord>> {
        let row = sqlx::query("SELECT * FROM pbx WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// Makes a connection. `seal` is given the new id, to which the secret is bound.
    pub async fn add_pbx(
        &self,
        shown: &PbxConnection,
        seal: impl FnOnce(PbxId) -> anyhow::Result<Vec<u8>>,
    ) -> Result<PbxId> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "INSERT INTO pbx (name, host, port, tls, ca_pem, username, secret_sealed, context, enabled,
             supervision_shown, queue_log, recordings) VALUES (?, ?, ?, ?, ?, ?, x'', ?, ?, ?, ?, ?)",
        )
        .bind(&shown.name)
        .bind(&shown.host)
        .bind(shown.port)
        .bind(tls_word(shown.tls))
        .bind(&shown.ca_pem)
        .bind(&shown.username)
        .bind(&shown.context)
        .bind(shown.enabled)
        .bind(!shown.supervision_private)
        .bind(&shown.queue_log)
        .bind(&shown.recordings)
        .execute(&mut *transaction)
        .await?;
        let id = PbxId(done.last_insert_rowid());
        sqlx::query("UPDATE pbx SET secret_sealed = ? WHERE id = ?")
            .bind(seal(id)?)
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Changes a connection, and its secret where `seal` gives one. False when it is gone.
    pub async fn save_pbx(
        &self,
        shown: &PbxConnection,
        seal: impl FnOnce(PbxId) -> anyhow::Result<Option<Vec<u8>>>,
    ) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "UPDATE pbx SET name = ?, host = ?, port = ?, tls = ?, ca_pem = ?, username = ?,
             secret_sealed = coalesce(?, secret_sealed), context = ?, enabled = ?,
             supervision_shown = ?, queue_log = ?, recordings = ? WHERE id = ?",
        )
        .bind(&shown.name)
        .bind(&shown.host)
        .bind(shown.port)
        .bind(tls_word(shown.tls))
        .bind(&shown.ca_pem)
        .bind(&shown.username)
        .bind(seal(shown.id)?)
        .bind(&shown.context)
        .bind(shown.enabled)
        .bind(!shown.supervision_private)
        .bind(&shown.queue_log)
        .bind(&shown.recordings)
        .bind(shown.id.0)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a connection. False when it is gone.
    pub async fn delete_pbx(&self, id: PbxId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM pbx WHERE id = ?")
            .bind(id.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
