//! People, with what is theirs.

use app::{
    access::{Abilities, Ability, BuiltIn, Reach},
    model::{OwnExtension, PbxId},
};
use serde_json::{Map, Value};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, StoreError, ms};

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
    pub role_id: i64,
    /// The role's name; ignored when inserting.
    pub role: String,
    /// What the role may do; ignored when inserting.
    pub abilities: Abilities,
    /// The PBX they belong to; None for all.
    pub pbx: Option<PbxId>,
    /// Argon2id, in PHC form; empty for somebody who has not chosen a password yet.
    pub password_hash: String,
    /// Their extensions, the first one first.
    pub extensions: Vec<OwnExtension>,
    /// The extensions of everybody in their teams; ignored when inserting.
    pub team_extensions: Vec<OwnExtension>,
    /// The queues of their teams; ignored when inserting.
    pub team_queues: Vec<(PbxId, String)>,
    /// May not sign in any more.
    pub disabled: bool,
    /// Made at.
    pub created_ms: u64,
}

impl UserRecord {
    /// Somebody new.
    pub fn new(username: &str, display_name: &str, role: BuiltIn, created_ms: u64) -> Self {
        Self {
            id: 0,
            username: username.to_owned(),
            display_name: display_name.to_owned(),
            role_id: built_in_id(role),
            role: role.name().to_owned(),
            abilities: role.abilities(),
            pbx: None,
            password_hash: String::new(),
            extensions: Vec::new(),
            team_extensions: Vec::new(),
            team_queues: Vec::new(),
            disabled: false,
            created_ms,
        }
    }
}

/// The row of a role that is always there.
pub const fn built_in_id(role: BuiltIn) -> i64 {
    role as i64 + 1
}

/// What a role's row says it may do: the table's word for those that are always there, else what is written. A word that
/// we do not know reaches nothing.
pub(super) fn abilities(slug: Option<&str>, written: &str) -> Result<Abilities> {
    if let Some(slug) = slug {
        let role = BuiltIn::EVERY.into_iter().find(|role| role.slug() == slug);
        return Ok(role.map_or_else(Abilities::none, BuiltIn::abilities));
    }
    let written: Map<String, Value> = serde_json::from_str(written).map_err(anyhow::Error::from)?;
    let mut abilities = Abilities::none();
    for (ability, reach) in &written {
        let ability = Ability::of_slug(ability);
        let reach = reach.as_str().and_then(Reach::of_slug);
        if let (Some(ability), Some(reach)) = (ability, reach)
            && ability.info().reaches.contains(&reach)
        {
            abilities.set(ability, reach);
        }
    }
    Ok(abilities)
}

/// Everything of a person in one row; lists are JSON.
pub(super) const PERSON: &str = "SELECT user.*, role.slug AS role_slug, role.name AS role_name, role.abilities,
    (SELECT json_group_array(json_array(pbx_id, number)) FROM
        (SELECT pbx_id, number FROM user_extension WHERE user_id = user.id ORDER BY place, pbx_id, number)) AS extensions,
    (SELECT json_group_array(json_array(pbx_id, number)) FROM
        (SELECT DISTINCT theirs.pbx_id, theirs.number FROM team_member AS mine
         JOIN team_member AS other ON other.team_id = mine.team_id
         JOIN user_extension AS theirs ON theirs.user_id = other.user_id
         WHERE mine.user_id = user.id ORDER BY theirs.pbx_id, theirs.number)) AS team_extensions,
    (SELECT json_group_array(json_array(pbx_id, queue)) FROM
        (SELECT DISTINCT team_queue.pbx_id, team_queue.queue FROM team_member
         JOIN team_queue ON team_queue.team_id = team_member.team_id
         WHERE team_member.user_id = user.id ORDER BY team_queue.pbx_id, team_queue.queue)) AS team_queues
    FROM user JOIN role ON role.id = user.role_id ";

fn pairs(row: &SqliteRow, column: &str) -> Result<Vec<(PbxId, String)>> {
    let json: &str = row.try_get(column)?;
    Ok(serde_json::from_str(json).map_err(anyhow::Error::from)?)
}

fn extensions(row: &SqliteRow, column: &str) -> Result<Vec<OwnExtension>> {
    let own = |(pbx, number)| OwnExtension { pbx, number };
    Ok(pairs(row, column)?.into_iter().map(own).collect())
}

pub(super) fn record(row: &SqliteRow) -> Result<UserRecord> {
    Ok(UserRecord {
        id: row.try_get("id")?,
        username: row.try_get("username")?,
        display_name: row.try_get("display_name")?,
        role_id: row.try_get("role_id")?,
        role: row.try_get("role_name")?,
        abilities: abilities(row.try_get("role_slug")?, row.try_get("abilities")?)?,
        pbx: row.try_get::<Option<i64>, _>("pbx_id")?.map(PbxId),
        password_hash: row.try_get("password_hash")?,
        extensions: extensions(row, "extensions")?,
        team_extensions: extensions(row, "team_extensions")?,
        team_queues: pairs(row, "team_queues")?,
        disabled: row.try_get("disabled")?,
        created_ms: row.try_get::<i64, _>("created_ms")?.unsigned_abs(),
    })
}

pub(super) async fn insert(connection: &mut SqliteConnection, user: &UserRecord) -> Result<i64> {
    let done = sqlx::query(
        "INSERT INTO user (username, display_name, role_id, pbx_id, password_hash, disabled, created_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&user.username)
    .bind(&user.display_name)
    .bind(user.role_id)
    .bind(user.pbx.map(|pbx| pbx.0))
    .bind(&user.password_hash)
    .bind(user.disabled)
    .bind(ms(user.created_ms))
    .execute(&mut *connection)
    .await?;
    let id = done.last_insert_rowid();
    put_extensions(connection, id, &user.extensions).await?;
    Ok(id)
}

/// Makes these the extensions of a person, in this order.
pub(super) async fn put_extensions(
    connection: &mut SqliteConnection,
    user: i64,
    extensions: &[OwnExtension],
) -> Result<()> {
    sqlx::query("DELETE FROM user_extension WHERE user_id = ?")
        .bind(user)
        .execute(&mut *connection)
        .await?;
    for (place, own) in (0_i64..).zip(extensions) {
        sqlx::query("INSERT INTO user_extension (user_id, pbx_id, number, place) VALUES (?, ?, ?, ?)")
            .bind(user)
            .bind(own.pbx.0)
            .bind(&own.number)
            .bind(place)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Store {
    /// Adds a person; the user name must be free.
    pub async fn add_user(&self, user: &UserRecord) -> Result<i64> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let id = insert(&mut transaction, user).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(id)
    }

    /// A person by id.
    pub async fn user(&self, id: i64) -> Result<Option<UserRecord>> {
        self.person("WHERE user.id = ?", id).await
    }

    /// A person by sign-in name.
    pub async fn user_named(&self, username: &str) -> Result<Option<UserRecord>> {
        self.person("WHERE user.username = ?", username).await
    }

    async fn person<'q, T>(&self, wanted: &str, value: T) -> Result<Option<UserRecord>>
    where
        T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + 'q,
    {
        let query = sqlx::AssertSqlSafe(format!("{PERSON}{wanted}"));
        let row = sqlx::query(query).bind(value).fetch_optional(&self.read).await?;
        row.as_ref().map(record).transpose()
    }

    /// Changes what people may change of themselves.
    pub async fn save_profile(&self, id: i64, display_name: &str, extensions: &[OwnExtension]) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE user SET display_name = ? WHERE id = ?")
            .bind(display_name)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        put_extensions(&mut transaction, id, extensions).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Grows with every change of what anybody may see or do, by whatever program.
    pub async fn rights_version(&self) -> Result<i64> {
        let query = "SELECT version FROM rights_version WHERE id = 1";
        Ok(sqlx::query_scalar(query).fetch_one(&self.read).await?)
    }
}
