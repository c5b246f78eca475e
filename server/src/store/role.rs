//! Roles.

use app::{
    access::{ABILITIES, Abilities},
    model::people::{RoleForm, RoleId, RoleRow},
};
use serde_json::{Map, Value};
use sqlx::Row;

use super::{Result, Store, ms, user::abilities};

/// What came of removing a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Gone,
    /// Somebody has it.
    InUse,
    /// It was not there, or is always there.
    NotThere,
}

pub(super) fn written(abilities: &Abilities) -> String {
    let reaches = ABILITIES.iter().map(|info| {
        let reach = abilities.reach(info.ability).slug();
        (info.slug.to_owned(), Value::from(reach))
    });
    Value::Object(reaches.collect::<Map<_, _>>()).to_string()
}

impl Store {
    /// Every role, the built-in ones first.
    pub async fn roles(&self) -> Result<Vec<RoleRow>> {
        let rows = sqlx::query(
            "SELECT id, slug, name, abilities, (SELECT count(*) FROM user WHERE role_id = role.id) AS users
             FROM role ORDER BY slug IS NULL, CASE WHEN slug IS NULL THEN 0 ELSE id END, name COLLATE names, id",
        )
        .fetch_all(&self.read)
        .await?;
        let role = |row: &sqlx::sqlite::SqliteRow| {
            let slug: Option<&str> = row.try_get("slug")?;
            Ok(RoleRow {
                id: RoleId(row.try_get("id")?),
                built_in: slug.is_some(),
                name: row.try_get("name")?,
                abilities: abilities(slug, row.try_get("abilities")?)?,
                users: row.try_get("users")?,
            })
        };
        rows.iter().map(role).collect()
    }

    /// Makes or changes a role. None when it is gone, or always there.
    pub async fn save_role(&self, form: &RoleForm, now_ms: u64) -> Result<Option<RoleId>> {
        let abilities = written(&form.abilities);
        let Some(RoleId(id)) = form.id else {
            let made = sqlx::query("INSERT INTO role (name, abilities, created_ms) VALUES (?, ?, ?)")
                .bind(&form.name)
                .bind(abilities)
                .bind(ms(now_ms))
                .execute(&self.write)
                .await?;
            return Ok(Some(RoleId(made.last_insert_rowid())));
        };
        let done = sqlx::query("UPDATE role SET name = ?, abilities = ? WHERE id = ? AND slug IS NULL")
            .bind(&form.name)
            .bind(abilities)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok((done.rows_affected() == 1).then_some(RoleId(id)))
    }

    /// Removes a role that nobody has.
    pub async fn delete_role(&self, id: RoleId) -> Result<Removed> {
        let done = sqlx::query(
            "DELETE FROM role WHERE id = ?1 AND slug IS NULL AND NOT EXISTS (SELECT 1 FROM user WHERE role_id = ?1)",
        )
        .bind(id.0)
        .execute(&self.write)
        .await?;
        if done.rows_affected() == 1 {
            return Ok(Removed::Gone);
        }
        let used: i64 = sqlx::query_scalar("SELECT count(*) FROM user WHERE role_id = ?")
            .bind(id.0)
            .fetch_one(&self.read)
            .await?;
        Ok(if used > 0 {
            Removed::InUse
        } else {
            Removed::NotThere
        })
    }
}
