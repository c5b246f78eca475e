//! What belongs to a person's way in: password, authenticator app, passkeys, recovery codes.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, ms};

/// The column the sealed secret of an authenticator app is in, for the seal's binding.
pub const TOTP_COLUMN: &str = "sign_in.totp_sealed";
/// Bytes that a passkey knows a person by.
pub const HANDLE_BYTES: usize = 16;
/// Bytes of a recovery code's hash.
pub const CODE_BYTES: usize = 32;

/// How a person gets in beside the password.
#[derive(Clone, Debug, Default)]
pub struct SignInRecord {
    /// What a passkey knows them by.
    pub handle: Option<[u8; HANDLE_BYTES]>,
    /// The first sign-in under a policy that asks for a second factor.
    pub required_since_ms: Option<u64>,
    /// The authenticator app's secret, sealed, and since when.
    pub totp: Option<(Vec<u8>, u64)>,
    /// Passkeys they have.
    pub passkeys: u32,
    /// The salt of the recovery codes.
    pub recovery_salt: Option<Vec<u8>>,
    /// Recovery codes that are left.
    pub recovery_left: u32,
}

impl SignInRecord {
    /// Whether there is anything beside the password.
    pub fn has_factor(&self) -> bool {
        self.totp.is_some() || self.passkeys > 0
    }
}

/// A passkey as stored.
#[derive(Clone, Debug)]
pub struct PasskeyRecord {
    /// Id; ignored when inserting.
    pub id: i64,
    /// Whose.
    pub user_id: i64,
    /// How the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// How the person calls it.
    pub name: String,
    /// JSON.
    pub credential: String,
    /// Made at.
    pub created_ms: u64,
    /// Last used at.
    pub used_ms: Option<u64>,
}

fn time(row: &SqliteRow, column: &str) -> Result<Option<u64>> {
    let found: Option<i64> = row.try_get(column)?;
    Ok(found.map(i64::unsigned_abs))
}

fn passkey(row: &SqliteRow) -> Result<PasskeyRecord> {
    Ok(PasskeyRecord {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        credential_id: row.try_get("credential_id")?,
        name: row.try_get("name")?,
        credential: row.try_get("credential")?,
        created_ms: row.try_get::<i64, _>("created_ms")?.unsigned_abs(),
        used_ms: time(row, "used_ms")?,
    })
}

/// Makes the row that the others hang on; `handle` is random.
async fn ensure(connection: &mut SqliteConnection, user: i64, handle: &[u8; HANDLE_BYTES]) -> Result<()> {
    sqlx::query("INSERT OR IGNORE INTO sign_in (user_id, handle) VALUES (?, ?)")
        .bind(user)
        .bind(&handle[..])
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// How a person gets in.
    pub async fn sign_in_of(&self, user: i64) -> Result<SignInRecord> {
        let row = sqlx::query(
            "SELECT handle, required_since_ms, totp_sealed, totp_since_ms, recovery_salt,
                (SELECT count(*) FROM passkey WHERE passkey.user_id = ?1) AS passkeys,
                (SELECT count(*) FROM recovery_code WHERE recovery_code.user_id = ?1) AS codes
             FROM sign_in WHERE user_id = ?1",
        )
        .bind(user)
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else {
            return Ok(SignInRecord::default());
        };
        let handle: Vec<u8> = row.try_get("handle")?;
        let sealed: Option<Vec<u8>> = row.try_get("totp_sealed")?;
        Ok(SignInRecord {
            handle: handle.try_into().ok(),
            required_since_ms: time(&row, "required_since_ms")?,
            totp: sealed.zip(time(&row, "totp_since_ms")?),
            passkeys: row.try_get("passkeys")?,
            recovery_salt: row.try_get("recovery_salt")?,
            recovery_left: row.try_get("codes")?,
        })
    }

    /// The bytes that passkeys know a person by; `fresh` ones where there are none yet.
    pub async fn passkey_handle(&self, user: i64, fresh: [u8; HANDLE_BYTES]) -> Result<[u8; HANDLE_BYTES]> {
        let mut connection = self.write.acquire().await?;
        ensure(&mut connection, user, &fresh).await?;
        let stored: Vec<u8> = sqlx::query_scalar("SELECT handle FROM sign_in WHERE user_id = ?")
            .bind(user)
            .fetch_one(&mut *connection)
            .await?;
        Ok(stored.try_into().unwrap_or(fresh))
    }

    /// Notes that a second factor is asked of this person, and since when.
    pub async fn require_second_factor(
        &self,
        user: i64,
        fresh: [u8; HANDLE_BYTES],
        now_ms: u64,
    ) -> Result<u64> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        ensure(&mut transaction, user, &fresh).await?;
        let since: i64 = sqlx::query_scalar(
            "UPDATE sign_in SET required_since_ms = coalesce(required_since_ms, ?) WHERE user_id = ?
             RETURNING required_since_ms",
        )
        .bind(ms(now_ms))
        .bind(user)
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(since.unsigned_abs())
    }

    /// Gives a person an authenticator app; the code of `step` was its first. `seal` seals its secret under the lock that a
    /// rotation of the key takes as well.
    pub async fn set_totp(
        &self,
        user: i64,
        fresh: [u8; HANDLE_BYTES],
        seal: impl FnOnce() -> anyhow::Result<Vec<u8>>,
        step: u64,
        now_ms: u64,
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        ensure(&mut transaction, user, &fresh).await?;
        sqlx::query("UPDATE sign_in SET totp_sealed = ?, totp_since_ms = ?, totp_step = ? WHERE user_id = ?")
            .bind(seal()?)
            .bind(ms(now_ms))
            .bind(ms(step))
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes a step's code. False where that or a later one was taken before.
    pub async fn spend_totp_step(&self, user: i64, step: u64) -> Result<bool> {
        let spent = sqlx::query("UPDATE sign_in SET totp_step = ?1 WHERE user_id = ?2 AND totp_step < ?1")
            .bind(ms(step))
            .bind(user)
            .execute(&self.write)
            .await?;
        Ok(spent.rows_affected() == 1)
    }

    /// Takes the authenticator app away.
    pub async fn remove_totp(&self, user: i64) -> Result<bool> {
        let removed = sqlx::query(
            "UPDATE sign_in SET totp_sealed = NULL, totp_since_ms = NULL, totp_step = NULL
             WHERE user_id = ? AND totp_sealed IS NOT NULL",
        )
        .bind(user)
        .execute(&self.write)
        .await?;
        Ok(removed.rows_affected() == 1)
    }

    /// A person's passkeys, oldest first.
    pub async fn passkeys_of(&self, user: i64) -> Result<Vec<PasskeyRecord>> {
        let rows = sqlx::query("SELECT * FROM passkey WHERE user_id = ? ORDER BY created_ms, id")
            .bind(user)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(passkey).collect()
    }

    /// The passkey that an authenticator calls so, where it belongs to whom it says.
    pub async fn passkey_of_handle(
        &self,
        handle: &[u8],
        credential_id: &[u8],
    ) -> Result<Option<PasskeyRecord>> {
        let row = sqlx::query(
            "SELECT passkey.* FROM passkey JOIN sign_in ON sign_in.user_id = passkey.user_id
             WHERE handle = ? AND credential_id = ?",
        )
        .bind(handle)
        .bind(credential_id)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(passkey).transpose()
    }

    /// Adds a passkey. False where it is known already or there are `at_most` so many.
    pub async fn add_passkey(&self, passkey: &PasskeyRecord, at_most: u32) -> Result<bool> {
        let added = sqlx::query(
            "INSERT OR IGNORE INTO passkey (user_id, credential_id, name, credential, created_ms)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM passkey WHERE user_id = ?1) < ?6",
        )
        .bind(passkey.user_id)
        .bind(&passkey.credential_id)
        .bind(&passkey.name)
        .bind(&passkey.credential)
        .bind(ms(passkey.created_ms))
        .bind(at_most)
        .execute(&self.write)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    /// Notes that a passkey was used, and what it said of itself.
    pub async fn use_passkey(&self, id: i64, credential: &str, now_ms: u64) -> Result<()> {
        sqlx::query("UPDATE passkey SET credential = ?, used_ms = ? WHERE id = ?")
            .bind(credential)
            .bind(ms(now_ms))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Gives a passkey another name.
    pub async fn rename_passkey(&self, user: i64, id: i64, name: &str) -> Result<bool> {
        let renamed = sqlx::query("UPDATE passkey SET name = ? WHERE id = ? AND user_id = ?")
            .bind(name)
            .bind(id)
            .bind(user)
            .execute(&self.write)
            .await?;
        Ok(renamed.rows_affected() == 1)
    }

    /// Takes a passkey away.
    pub async fn remove_passkey(&self, user: i64, id: i64) -> Result<bool> {
        let removed = sqlx::query("DELETE FROM passkey WHERE id = ? AND user_id = ?")
            .bind(id)
            .bind(user)
            .execute(&self.write)
            .await?;
        Ok(removed.rows_affected() == 1)
    }

    /// Replaces the recovery codes; none takes them away.
    pub async fn set_recovery_codes(
        &self,
        user: i64,
        fresh: [u8; HANDLE_BYTES],
        salt: &[u8],
        hashes: &[[u8; CODE_BYTES]],
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        ensure(&mut transaction, user, &fresh).await?;
        sqlx::query("DELETE FROM recovery_code WHERE user_id = ?")
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        let salt = (!hashes.is_empty()).then_some(salt);
        sqlx::query("UPDATE sign_in SET recovery_salt = ? WHERE user_id = ?")
            .bind(salt)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        for hash in hashes {
            sqlx::query("INSERT INTO recovery_code (user_id, code_hash) VALUES (?, ?)")
                .bind(user)
                .bind(&hash[..])
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Takes a recovery code: it was one, and is none any more.
    pub async fn spend_recovery_code(&self, user: i64, hash: &[u8; CODE_BYTES]) -> Result<bool> {
        let spent = sqlx::query("DELETE FROM recovery_code WHERE user_id = ? AND code_hash = ?")
            .bind(user)
            .bind(&hash[..])
            .execute(&self.write)
            .await?;
        Ok(spent.rows_affected() == 1)
    }

    /// Takes every factor away and ends every session, for somebody who lost them all. Where a second factor is asked
    /// of them, the next sign-in begins with setting one up: their days of grace are over.
    pub async fn reset_factors(&self, user: i64) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for query in [
            "DELETE FROM passkey WHERE user_id = ?",
            "DELETE FROM recovery_code WHERE user_id = ?",
            "UPDATE sign_in SET totp_sealed = NULL, totp_since_ms = NULL, totp_step = NULL, recovery_salt = NULL,
             required_since_ms = 0 WHERE user_id = ?",
            super::session::END_ALL,
        ] {
            sqlx::query(query).bind(user).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Changes a password and ends every session of the person but `kept`; gives those that ended.
    pub async fn change_password(
        &self,
        user: i64,
        password_hash: &str,
        kept: Option<&[u8; 32]>,
    ) -> Result<Vec<Vec<u8>>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE user SET password_hash = ? WHERE id = ?")
            .bind(password_hash)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        let kept = kept.map_or(&[][..], |kept| &kept[..]);
        let ending = "DELETE FROM session WHERE user_id = ? AND id_hash <> ? RETURNING id_hash";
        let ended: Vec<Vec<u8>> = sqlx::query_scalar(ending)
            .bind(user)
            .bind(kept)
            .fetch_all(&mut *transaction)
            .await?;
        // whoever is halfway in with the old password, and links made before
        for query in [super::session::END_HALFWAY, super::people::NO_LINKS] {
            sqlx::query(query).bind(user).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(ended)
    }
}
