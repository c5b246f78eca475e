//! Teams: who is in them, and which queues they serve.

use app::{
    access::QueueOn,
    model::{
        UserId,
        people::{Team, TeamForm, TeamId},
    },
};
use sqlx::{Row, SqliteConnection};

use super::{Result, Store, StoreError, ms};

impl Store {
    /// Every team, by name.
    pub async fn teams(&self) -> Result<Vec<Team>> {
        let rows = sqlx::query(
            "SELECT id, name,
                (SELECT json_group_array(user_id) FROM team_member WHERE team_id = team.id) AS members,
                (SELECT json_group_array(json_array(pbx_id, queue)) FROM team_queue WHERE team_id = team.id) AS queues
             FROM team ORDER BY name COLLATE names, id",
        )
        .fetch_all(&self.read)
        .await?;
        let team = |row: &sqlx::sqlite::SqliteRow| {
            let members: Vec<UserId> = json(row.try_get("members")?)?;
            let queues: Vec<QueueOn> = json(row.try_get("queues")?)?;
            Ok(Team {
                id: TeamId(row.try_get("id")?),
                name: row.try_get("name")?,
                members,
                queues,
            })
        };
        rows.iter().map(team).collect()
    }

    /// Makes or changes a team. None when it is gone.
    pub async fn save_team(&self, form: &TeamForm, now_ms: u64) -> Result<Option<TeamId>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let id = match form.id {
            None => sqlx::query("INSERT INTO team (name, created_ms) VALUES (?, ?)")
                .bind(&form.name)
                .bind(ms(now_ms))
                .execute(&mut *transaction)
                .await?
                .last_insert_rowid(),
            Some(TeamId(id)) => {
                let done = sqlx::query("UPDATE team SET name = ? WHERE id = ?")
                    .bind(&form.name)
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
                if done.rows_affected() == 0 {
                    return Ok(None);
                }
                id
            }
        };
        put_members(&mut transaction, id, &form.members).await?;
        put_queues(&mut transaction, id, &form.queues).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Some(TeamId(id)))
    }

    /// Removes a team. False when it was gone.
    pub async fn delete_team(&self, id: TeamId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM team WHERE id = ?")
            .bind(id.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether two people are in one team.
    pub async fn share_a_team(&self, one: i64, other: i64) -> Result<bool> {
        let shared: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM team_member AS mine JOIN team_member AS theirs ON theirs.team_id = mine.team_id
             WHERE mine.user_id = ? AND theirs.user_id = ?",
        )
        .bind(one)
        .bind(other)
        .fetch_one(&self.read)
        .await?;
        Ok(shared > 0)
    }
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    Ok(serde_json::from_str(text).map_err(anyhow::Error::from)?)
}

async fn put_members(connection: &mut SqliteConnection, team: i64, members: &[UserId]) -> Result<()> {
    sqlx::query("DELETE FROM team_member WHERE team_id = ?")
        .bind(team)
        .execute(&mut *connection)
        .await?;
    for member in members {
        sqlx::query(
            "INSERT OR IGNORE INTO team_member (team_id, user_id) SELECT ?, id FROM user WHERE id = ?",
        )
        .bind(team)
        .bind(member.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn put_queues(connection: &mut SqliteConnection, team: i64, queues: &[QueueOn]) -> Result<()> {
    sqlx::query("DELETE FROM team_queue WHERE team_id = ?")
        .bind(team)
        .execute(&mut *connection)
        .await?;
    for (pbx, queue) in queues {
        sqlx::query(
            "INSERT OR IGNORE INTO team_queue (team_id, pbx_id, queue) SELECT ?, id, ? FROM pbx WHERE id = ?",
        )
        .bind(team)
        .bind(queue)
        .bind(pbx.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Makes these the teams of a person.
pub(super) async fn put_teams(connection: &mut SqliteConnection, user: i64, teams: &[TeamId]) -> Result<()> {
    sqlx::query("DELETE FROM team_member WHERE user_id = ?")
        .bind(user)
        .execute(&mut *connection)
        .await?;
    for team in teams {
        sqlx::query(
            "INSERT OR IGNORE INTO team_member (team_id, user_id) SELECT id, ? FROM team WHERE id = ?",
        )
        .bind(user)
        .bind(team.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
