//! Everybody: listed, added, changed, disabled, invited.

use app::model::{
    PbxId, UserId,
    people::{TeamId, User, UserState},
};
use sqlx::{Row, SqliteConnection};

use super::{
    Result, Store, StoreError, ms,
    session::END_ALL,
    team::put_teams,
    user::{self, PERSON, UserRecord, record},
};

/// The most users that are listed.
const MAX_LISTED: i64 = 5_000;

/// A person as they are to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The record; for somebody known its password and whether they are disabled stay.
    pub record: UserRecord,
    /// Their teams.
    pub teams: Vec<TeamId>,
    /// The hash of the one-time link of somebody new, and until when it can be used.
    pub invitation: Option<([u8; 32], u64)>,
}

/// One-time links of the person `?1` are worth nothing any more.
pub(super) const NO_LINKS: &str = "DELETE FROM invitation WHERE user_id = ?1";

impl Store {
    /// Everybody, by name; with whether there are more than are listed. `of` limits it to those in a team with this
    /// person, and to that person.
    pub async fn users(&self, of: Option<i64>) -> Result<(Vec<(UserRecord, User)>, bool)> {
        let order = "user.display_name COLLATE names, user.id";
        let mut people = self.listed(of, 0, order, MAX_LISTED + 1).await?;
        let more = people.len() as i64 > MAX_LISTED;
        people.truncate(MAX_LISTED as usize);
        Ok((people, more))
    }

    /// Those with an id after this one, in the order of ids, so many at most.
    pub async fn users_by_id(&self, of: Option<i64>, after: i64, limit: usize) -> Result<Vec<User>> {
        let limit = i64::try_from(limit).unwrap_or(MAX_LISTED);
        let people = self.listed(of, after, "user.id", limit).await?;
        Ok(people.into_iter().map(|(_, shown)| shown).collect())
    }

    async fn listed(
        &self,
        of: Option<i64>,
        after: i64,
        order: &str,
        limit: i64,
    ) -> Result<Vec<(UserRecord, User)>> {
        let wanted =
            "WHERE user.id > ?3 AND (?1 IS NULL OR user.id = ?1 OR EXISTS (SELECT 1 FROM team_member AS mine
             JOIN team_member AS theirs ON theirs.team_id = mine.team_id
             WHERE mine.user_id = ?1 AND theirs.user_id = user.id))";
        let teams = "(SELECT json_group_array(team_id) FROM team_member WHERE user_id = user.id) AS teams,
             (SELECT json_group_array(provider) FROM identity WHERE user_id = user.id) AS providers,
             (SELECT max(seen_ms) FROM session WHERE user_id = user.id) AS seen_ms, user.*,";
        let people = PERSON.replacen("user.*,", teams, 1);
        let query = format!("{people}{wanted} ORDER BY {order} LIMIT ?2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(of)
            .bind(limit)
            .bind(after)
            .fetch_all(&self.read)
            .await?;
        let person = |row: &sqlx::sqlite::SqliteRow| {
            let record = record(row)?;
            let teams: &str = row.try_get("teams")?;
            let seen_ms: Option<i64> = row.try_get("seen_ms")?;
            let providers: &str = row.try_get("providers")?;
            let signs_in_with: Vec<String> = serde_json::from_str(providers).map_err(anyhow::Error::from)?;
            let shown = User {
                id: UserId(record.id),
                username: record.username.clone(),
                display_name: record.display_name.clone(),
                role: app::model::people::RoleId(record.role_id),
                pbx: record.pbx,
                extensions: record.extensions.clone(),
                teams: serde_json::from_str(teams).map_err(anyhow::Error::from)?,
                state: match (
                    record.disabled,
                    record.password_hash.is_empty() && signs_in_with.is_empty(),
                ) {
                    (true, _) => UserState::Disabled,
                    (false, true) => UserState::Invited,
                    (false, false) => UserState::Active,
                },
                signs_in_with,
                seen_ms: seen_ms.map(i64::unsigned_abs),
                may_change: false,
            };
            Ok((record, shown))
        };
        rows.iter().map(person).collect()
    }

    /// Adds and changes people, all or none; gives their ids. None when one of them is gone.
    pub async fn save_people(&self, people: &[Wanted], now_ms: u64) -> Result<Option<Vec<i64>>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut ids = Vec::with_capacity(people.len());
        for wanted in people {
            let Some(id) = save_one(&mut transaction, wanted, now_ms).await? else {
                return Ok(None);
            };
            ids.push(id);
        }
        if !administrators_left(&mut transaction).await? {
            return Err(StoreError::LastAdministrator);
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Some(ids))
    }

    /// Lets somebody in, or no more; ends their sessions in that case. False when they are gone.
    pub async fn set_disabled(&self, id: i64, disabled: bool) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query("UPDATE user SET disabled = ? WHERE id = ?")
            .bind(disabled)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        if disabled {
            for query in [END_ALL, NO_LINKS] {
                sqlx::query(query).bind(id).execute(&mut *transaction).await?;
            }
        }
        if !administrators_left(&mut transaction).await? {
            return Err(StoreError::LastAdministrator);
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives somebody a one-time link; one that they had before is worth nothing any more.
    pub async fn invite(&self, user: i64, hash: &[u8; 32], now_ms: u64, expires_ms: u64) -> Result<()> {
        let mut connection = self.write.acquire().await?;
        invite(&mut connection, user, hash, now_ms, expires_ms).await
    }

    /// For whom a one-time link is, while it can be used.
    pub async fn invited(&self, hash: &[u8; 32], now_ms: u64) -> Result<Option<UserRecord>> {
        let user: Option<i64> =
            sqlx::query_scalar("SELECT user_id FROM invitation WHERE token_hash = ? AND expires_ms > ?")
                .bind(&hash[..])
                .bind(ms(now_ms))
                .fetch_optional(&self.read)
                .await?;
        match user {
            Some(user) => Ok(self.user(user).await?.filter(|user| !user.disabled)),
            None => Ok(None),
        }
    }

    /// Spends a one-time link for a password; other sessions of that person end. None when it was spent or is too old.
    pub async fn accept(&self, hash: &[u8; 32], password_hash: &str, now_ms: u64) -> Result<Option<i64>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let user: Option<i64> = sqlx::query_scalar(
            "DELETE FROM invitation WHERE token_hash = ? AND expires_ms > ? RETURNING user_id",
        )
        .bind(&hash[..])
        .bind(ms(now_ms))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(user) = user else { return Ok(None) };
        let done = sqlx::query("UPDATE user SET password_hash = ? WHERE id = ? AND NOT disabled")
            .bind(password_hash)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        for query in [END_ALL, NO_LINKS] {
            sqlx::query(query).bind(user).execute(&mut *transaction).await?;
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok((done.rows_affected() == 1).then_some(user))
    }

    /// The PBXs by name, to read typed extensions with.
    pub async fn pbx_names(&self) -> Result<Vec<(PbxId, String)>> {
        let rows: Vec<(i64, String)> = sqlx::query_as("SELECT id, name FROM pbx ORDER BY id")
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(|(id, name)| (PbxId(id), name)).collect())
    }
}

pub(super) async fn save_one(
    connection: &mut SqliteConnection,
    wanted: &Wanted,
    now_ms: u64,
) -> Result<Option<i64>> {
    let new = &wanted.record;
    let id = if new.id == 0 {
        user::insert(connection, new).await?
    } else {
        let done = sqlx::query("UPDATE user SET display_name = ?, role_id = ?, pbx_id = ? WHERE id = ?")
            .bind(&new.display_name)
            .bind(new.role_id)
            .bind(new.pbx.map(|pbx| pbx.0))
            .bind(new.id)
            .execute(&mut *connection)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        user::put_extensions(connection, new.id, &new.extensions).await?;
        new.id
    };
    put_teams(connection, id, &wanted.teams).await?;
    if let Some((hash, expires_ms)) = &wanted.invitation {
        invite(connection, id, hash, now_ms, *expires_ms).await?;
    }
    Ok(Some(id))
}

async fn invite(
    connection: &mut SqliteConnection,
    user: i64,
    hash: &[u8; 32],
    now_ms: u64,
    expires_ms: u64,
) -> Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO invitation (token_hash, user_id, created_ms, expires_ms) VALUES (?, ?, ?, ?)",
    )
    .bind(&hash[..])
    .bind(user)
    .bind(ms(now_ms))
    .bind(ms(expires_ms))
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody must be left who can let others in.
async fn administrators_left(connection: &mut SqliteConnection) -> Result<bool> {
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM user JOIN role ON role.id = user.role_id
         WHERE role.slug = 'admin' AND NOT user.disabled AND user.password_hash <> ''",
    )
    .fetch_one(connection)
    .await?;
    Ok(left > 0)
}
