//! Every column that holds sealed secrets, and how all of them get a new key.

use anyhow::Context;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{Result, Store, trail::Tail};
use crate::{seal::Seal, trail::keys::ChainKeys};

/// Table and column of every sealed secret. The seal is bound to `table.column` and the row's id, which is the table's
/// `rowid`. A column whose name ends in `_sealed` belongs here; a test walks the schema.
pub const SEALED: [(&str, &str); 6] = [
    ("pbx", "secret_sealed"),
    ("audit_key", "key_sealed"),
    ("sign_in", "totp_sealed"),
    ("api_request", "answer_sealed"),
    ("push_key", "key_sealed"),
    ("cdr_source", "password_sealed"),
];

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets that have the new key.
    pub secrets: u64,
    /// Secrets that did not open with any key of the file, and stay as they are.
    pub lost: u64,
}

impl Store {
    /// Puts a new key into the key file and seals everything with it, the trail's chain with a key of its own as well.
    /// The keys before stay in the file: where this is cut off, everything opens.
    pub async fn reseal(&self, seal: &Seal, keys: &ChainKeys, now_ms: u64) -> Result<Resealed> {
        // nobody else seals meanwhile
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut tail = Tail::hold(&mut transaction, keys, now_ms).await?;
        seal.add_key()?;
        let mut done = Resealed::default();
        for (table, column) in SEALED {
            let place = format!("{table}.{column}");
            for (row, sealed) in sealed(&mut transaction, table, column).await? {
                let Ok(secret) = seal.unseal(&place, row, &sealed) else {
                    tracing::warn!(
                        place,
                        row,
                        "a secret does not open with this key file and stays as it is"
                    );
                    done.lost += 1;
                    continue;
                };
                let update = format!("UPDATE {table} SET {column} = ? WHERE rowid = ?");
                sqlx::query(AssertSqlSafe(update))
                    .bind(seal.seal(&place, row, &secret)?)
                    .bind(row)
                    .execute(&mut *transaction)
                    .await?;
                done.secrets += 1;
            }
        }
        tail.new_key(&mut transaction, seal).await?;
        tail.seal(&mut transaction).await?;
        transaction.commit().await?;
        Ok(done)
    }

    /// Takes the keys before the present one out of the key file, after everything was sealed anew.
    pub async fn retire_keys(&self, seal: &Seal) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let present = seal.present_id();
        for (table, column) in SEALED {
            let place = format!("{table}.{column}");
            for (row, sealed) in sealed(&mut transaction, table, column).await? {
                let still_needed =
                    !Seal::is_sealed_with(&sealed, &present) && seal.unseal(&place, row, &sealed).is_ok();
                if still_needed {
                    return Err(anyhow::anyhow!("{place} {row} is sealed with an older key").into());
                }
            }
        }
        seal.retire_others()
            .context("the old key stays in the key file")?;
        transaction.rollback().await?;
        Ok(())
    }

    /// Whether anything in the database is sealed already.
    pub async fn is_sealed(&self) -> Result<bool> {
        let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_key")
            .fetch_one(&self.read)
            .await?;
        Ok(keys > 0)
    }

    /// Every column of the schema whose name says that it is sealed.
    pub async fn sealed_columns(&self) -> Result<Vec<(String, String)>> {
        let query = "SELECT tables.name, columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND columns.name LIKE '%\\_sealed' ESCAPE '\\' ORDER BY 1, 2";
        Ok(sqlx::query_as(query).fetch_all(&self.read).await?)
    }
}

/// Rows with a secret, by id.
async fn sealed(connection: &mut SqliteConnection, table: &str, column: &str) -> Result<Vec<(i64, Vec<u8>)>> {
    let query = format!("SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY rowid");
    Ok(sqlx::query_as(AssertSqlSafe(query)).fetch_all(connection).await?)
}
