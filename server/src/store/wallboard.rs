//! Wallboards; and teams with their extensions, which tiles may be about.

use app::model::{
    OwnExtension, PbxId,
    people::TeamId,
    wallboard::{MAX_BOARDS, Page, TeamOf, Wallboard, WallboardId},
};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store, StoreError, ms};

/// Boards of others that are listed at most.
const MAX_LISTED: i64 = 500;
/// Teams that are listed at most.
const MAX_TEAMS: usize = 500;

/// A board as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WallboardRecord {
    /// Id.
    pub id: WallboardId,
    /// Whose.
    pub user: i64,
    /// Their name, as it is shown.
    pub owner: String,
    /// Counts its changes.
    pub version: i64,
    /// Changed at.
    pub changed_ms: u64,
    /// What it is.
    pub board: Wallboard,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is of this version now.
    Now(i64),
    /// It was changed meanwhile.
    Meanwhile,
    /// It is not there, or somebody else's.
    NotThere,
}

const WALLBOARD: &str =
    "SELECT wallboard.*, user.display_name FROM wallboard JOIN user ON user.id = wallboard.user_id ";

fn record(row: &SqliteRow) -> Result<WallboardRecord> {
    let pages: Vec<Page> = serde_json::from_str(row.try_get("pages")?).map_err(anyhow::Error::from)?;
    Ok(WallboardRecord {
        id: WallboardId(row.try_get("id")?),
        user: row.try_get("user_id")?,
        owner: row.try_get("display_name")?,
        version: row.try_get("version")?,
        changed_ms: row.try_get::<i64, _>("changed_ms")?.unsigned_abs(),
        board: Wallboard {
            name: row.try_get("name")?,
            shared: row.try_get("shared")?,
            masked: row.try_get("masked")?,
            light: row.try_get("light")?,
            pages,
        },
    })
}

fn written(board: &Wallboard) -> Result<String> {
    Ok(serde_json::to_string(&board.pages).map_err(anyhow::Error::from)?)
}

impl Store {
    /// The boards of a person, and those that others share; the own ones first, by name.
    pub async fn wallboards(&self, user: i64) -> Result<Vec<WallboardRecord>> {
        let query = format!(
            "{WALLBOARD}WHERE wallboard.user_id = ?1 OR (wallboard.shared AND NOT user.disabled)
             ORDER BY wallboard.user_id <> ?1, wallboard.name COLLATE names, wallboard.id LIMIT ?2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(user)
            .bind(MAX_LISTED)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(record).collect()
    }

    /// One board that a person has, or that somebody shares.
    pub async fn wallboard(&self, id: WallboardId, user: i64) -> Result<Option<WallboardRecord>> {
        let query = format!(
            "{WALLBOARD}WHERE wallboard.id = ?1
             AND (wallboard.user_id = ?2 OR (wallboard.shared AND NOT user.disabled))"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id.0)
            .bind(user)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// Keeps a new board. None where this person has too many.
    pub async fn add_wallboard(
        &self,
        user: i64,
        board: &Wallboard,
        now_ms: u64,
    ) -> Result<Option<WallboardId>> {
        let made = sqlx::query(
            "INSERT INTO wallboard (user_id, name, shared, masked, light, pages, version, changed_ms)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, 1, ?7
             WHERE ?8 > (SELECT count(*) FROM wallboard WHERE user_id = ?1)",
        )
        .bind(user)
        .bind(&board.name)
        .bind(board.shared)
        .bind(board.masked)
        .bind(board.light)
        .bind(written(board)?)
        .bind(ms(now_ms))
        .bind(i64::try_from(MAX_BOARDS).unwrap_or(i64::MAX))
        .execute(&self.write)
        .await
        .map_err(StoreError::from)?;
        Ok((made.rows_affected() == 1).then(|| WallboardId(made.last_insert_rowid())))
    }

    /// Changes a board of a person, where it is still of this version.
    pub async fn change_wallboard(
        &self,
        (user, id): (i64, WallboardId),
        version: i64,
        board: &Wallboard,
        now_ms: u64,
    ) -> Result<Changed> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let known: Option<i64> =
            sqlx::query_scalar("SELECT version FROM wallboard WHERE id = ? AND user_id = ?")
                .bind(id.0)
                .bind(user)
                .fetch_optional(&mut *transaction)
                .await?;
        match known {
            None => return Ok(Changed::NotThere),
            Some(known) if known != version => return Ok(Changed::Meanwhile),
            Some(_) => {}
        }
        sqlx::query(
            "UPDATE wallboard SET name = ?, shared = ?, masked = ?, light = ?, pages = ?, version = ?, changed_ms = ?
             WHERE id = ?",
        )
        .bind(&board.name)
        .bind(board.shared)
        .bind(board.masked)
        .bind(board.light)
        .bind(written(board)?)
        .bind(version + 1)
        .bind(ms(now_ms))
        .bind(id.0)
        .execute(&mut *transaction)
        .await
        .map_err(StoreError::from)?;
        transaction.commit().await?;
        Ok(Changed::Now(version + 1))
    }

    /// Removes a board of a person; gives the tokens of the screens that showed it. None where it is not there.
    pub async fn remove_wallboard(&self, user: i64, id: WallboardId) -> Result<Option<Vec<Vec<u8>>>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let screens = sqlx::query_scalar("SELECT token_hash FROM screen WHERE wallboard_id = ?")
            .bind(id.0)
            .fetch_all(&mut *transaction)
            .await?;
        let gone = sqlx::query("DELETE FROM wallboard WHERE id = ? AND user_id = ?")
            .bind(id.0)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok((gone.rows_affected() == 1).then_some(screens))
    }

    /// Teams with the extensions of their people: of a person, or every one; by name.
    pub async fn teams_with_extensions(&self, member: Option<i64>) -> Result<Vec<TeamOf>> {
        let rows = sqlx::query(
            "SELECT team.id, team.name, user_extension.pbx_id, user_extension.number
             FROM team LEFT JOIN team_member ON team_member.team_id = team.id
             LEFT JOIN user_extension ON user_extension.user_id = team_member.user_id
             WHERE ?1 IS NULL OR team.id IN (SELECT team_id FROM team_member WHERE user_id = ?1)
             ORDER BY team.name COLLATE names, team.id, user_extension.pbx_id, user_extension.number",
        )
        .bind(member)
        .fetch_all(&self.read)
        .await?;
        let mut teams: Vec<TeamOf> = Vec::new();
        for row in &rows {
            let id = TeamId(row.try_get("id")?);
            if teams.last().is_none_or(|last| last.id != id) {
                if teams.len() == MAX_TEAMS {
                    break;
                }
                teams.push(TeamOf {
                    id,
                    name: row.try_get("name")?,
                    extensions: Vec::new(),
                });
            }
            let pbx: Option<i64> = row.try_get("pbx_id")?;
            let number: Option<String> = row.try_get("number")?;
            if let (Some(team), Some(pbx), Some(number)) = (teams.last_mut(), pbx, number) {
                let pbx = PbxId(pbx);
                team.extensions.push(OwnExtension { pbx, number });
                team.extensions.dedup();
            }
        }
        Ok(teams)
    }
}
