//! People.

use app::model::Role;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, ms};

/// A person as stored.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// Id; ignored when inserting.
    pub id: i64,
    /// Sign-in name.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// Own extension: connection and number.
    pub own: Option<(i64, String)>,
    /// May not sign in any more.
    pub disabled: bool,
    /// Made at.
    pub created_ms: u64,
}

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Supervisor => "supervisor",
        Role::Agent => "agent",
        Role::Viewer => "viewer",
    }
}

/// The least of the roles for a word that we did not write.
fn role_of(word: &str) -> Role {
    [Role::Admin, Role::Supervisor, Role::Agent]
        .into_iter()
        .find(|role| role_word(*role) == word)
        .unwrap_or(Role::Viewer)
}

fn record(row: &SqliteRow) -> Result<UserRecord> {
    let own_pbx: Option<i64> = row.try_get("own_pbx")?;
    let own_extension: Option<String> = row.try_get("own_extension")?;
    Ok(UserRecord {
        id: row.try_get("id")?,
        username: row.try_get("username")?,
        display_name: row.try_get("display_name")?,
        role: role_of(row.try_get("role")?),
        password_hash: row.try_get("password_hash")?,
        own: own_pbx.zip(own_extension),
        disabled: row.try_get("disabled")?,
        created_ms: row.try_get::<i64, _>("created_ms")?.unsigned_abs(),
    })
}

pub(super) async fn insert(connection: &mut SqliteConnection, user: &UserRecord) -> Result<i64> {
    let done = sqlx::query(
        "INSERT INTO user (username, display_name, role, password_hash, own_pbx, own_extension, disabled, created_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&user.username)
    .bind(&user.display_name)
    .bind(role_word(user.role))
    .bind(&user.password_hash)
    .bind(user.own.as_ref().map(|(pbx, _)| *pbx))
    .bind(user.own.as_ref().map(|(_, number)| number.clone()))
    .bind(user.disabled)
    .bind(ms(user.created_ms))
    .execute(connection)
    .await?;
    Ok(done.last_insert_rowid())
}

impl Store {
    /// Adds a person; the user name must be free.
    pub async fn add_user(&self, user: &UserRecord) -> Result<i64> {
        let mut connection = self.write.acquire().await?;
        insert(&mut connection, user).await
    }

    /// A person by id.
    pub async fn user(&self, id: i64) -> Result<Option<UserRecord>> {
        let row = sqlx::query("SELECT * FROM user WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// A person by sign-in name.
    pub async fn user_named(&self, username: &str) -> Result<Option<UserRecord>> {
        let row = sqlx::query("SELECT * FROM user WHERE username = ?")
            .bind(username)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// Changes what people may change of themselves.
    pub async fn save_profile(&self, id: i64, display_name: &str, own: Option<(i64, &str)>) -> Result<()> {
        sqlx::query("UPDATE user SET display_name = ?, own_pbx = ?, own_extension = ? WHERE id = ?")
            .bind(display_name)
            .bind(own.map(|(pbx, _)| pbx))
            .bind(own.map(|(_, number)| number))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
