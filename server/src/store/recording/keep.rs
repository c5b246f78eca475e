//! For how long recordings are kept. What is to go is marked first, then its file is removed, then the row says so: whoever is
//! killed in between finds the marks again.

use app::model::{
    PbxId,
    keeping::Whose,
    people::TeamId,
    recording::{Hold, State},
};
use sqlx::{Row, sqlite::SqliteRow};

use super::{SeenFile, seen};
use crate::store::{IN_A_MS, Result, Store, ms, visit::count};

/// Queues that are offered.
const MOST_QUEUES: i64 = 500;
/// A day.
pub(super) const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// For how many days recordings are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of whom.
    pub whose: Whose,
    /// The days.
    pub days: u32,
}

/// Somebody has the recordings of a call kept.
#[derive(Clone, Copy, Debug)]
pub struct NewHold<'a> {
    /// Who, by the name they have now.
    pub by: &'a str,
    /// Why.
    pub why: &'a str,
    /// When.
    pub at_ms: u64,
}

/// A recording that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reap {
    /// Its number.
    pub id: i64,
    /// Its name in the bucket.
    pub key: String,
    /// Of which PBX.
    pub pbx: PbxId,
    /// The folder that it is in.
    pub folder: String,
    /// A copy lies in the bucket,
    pub stored: bool,
    /// and there alone.
    pub only_there: bool,
    /// As it was taken in,
    pub seen: SeenFile,
    /// every byte of it.
    pub sha256: Vec<u8>,
}

/// What is older than the policy of its call's queue, or of a team that somebody on it is in, whichever keeps longest; else of its
/// PBX. A recording is as old as its call, one that is of no call as old as its file. What is still written to, and what is another
/// file than the one that was taken in, is nobody's to remove.
pub(super) fn due() -> String {
    format!(
        "FROM recording
         LEFT JOIN call ON call.id = recording.call_id
         LEFT JOIN call_kind ON call_kind.id = call.kind_id
         LEFT JOIN recording_policy AS theirs
            ON theirs.pbx_id = recording.pbx_id AND theirs.queue = call_kind.queue AND theirs.queue <> ''
         LEFT JOIN recording_policy AS others ON others.pbx_id = recording.pbx_id AND others.queue = ''
         WHERE recording.state IN ('ready', 'foreign', 'empty', 'damaged', 'gone')
           AND coalesce(call.id / {IN_A_MS}, recording.modified_ms)
               < ?1 - coalesce(max(theirs.days, coalesce({TEAMS}, 0)), {TEAMS}, others.days) * ?2"
    )
}

/// The longest that is set for a team of somebody who was on the call.
const TEAMS: &str = "(SELECT max(team.days) FROM recording_team_policy AS team
    CROSS JOIN team_member AS member ON member.team_id = team.team_id
    CROSS JOIN user_extension AS theirs ON theirs.user_id = member.user_id AND theirs.pbx_id = call.pbx_id
    WHERE theirs.number IN (call.first_by, call.last_by,
        (SELECT extension FROM party WHERE party.id = call.caller_id), (SELECT extension FROM party WHERE party.id = call.callee_id)))";

pub(super) const HELD: &str =
    "(recording.held OR EXISTS (SELECT 1 FROM call_hold WHERE call_hold.call_id = recording.call_id))";

pub(super) fn reap(row: &SqliteRow) -> sqlx::Result<Reap> {
    let stored = row.try_get::<Option<i64>, _>("stored_ms")?.is_some();
    Ok(Reap {
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        stored,
        only_there: stored && !row.try_get::<bool, _>("in_folder")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        folder: row.try_get("folder")?,
        seen: seen(row)?,
        sha256: row.try_get::<Option<Vec<u8>>, _>("sha256")?.unwrap_or_default(),
    })
}

impl Store {
    /// Every policy: of PBXs and their queues, then of teams.
    pub async fn recording_policies(&self) -> Result<Vec<Policy>> {
        let rows: Vec<(i64, String, u32)> =
            sqlx::query_as("SELECT pbx_id, queue, days FROM recording_policy ORDER BY pbx_id, queue")
                .fetch_all(&self.read)
                .await?;
        let of_queues = rows.into_iter().map(|(pbx, queue, days)| Policy {
            whose: match queue.as_str() {
                "" => Whose::Pbx(PbxId(pbx)),
                _ => Whose::Queue(PbxId(pbx), queue),
            },
            days,
        });
        let rows: Vec<(i64, u32)> =
            sqlx::query_as("SELECT team_id, days FROM recording_team_policy ORDER BY team_id")
                .fetch_all(&self.read)
                .await?;
        let of_teams = rows.into_iter().map(|(team, days)| Policy {
            whose: Whose::Team(TeamId(team)),
            days,
        });
        Ok(of_queues.chain(of_teams).collect())
    }

    /// Keeps recordings for so many days from now on; None for as long as is set otherwise.
    pub async fn set_recording_policy(&self, whose: &Whose, days: Option<u32>) -> Result<()> {
        let (table, id, queue) = match whose {
            Whose::Pbx(pbx) => ("recording_policy", pbx.0, Some("")),
            Whose::Queue(pbx, queue) => ("recording_policy", pbx.0, Some(queue.as_str())),
            Whose::Team(team) => ("recording_team_policy", team.0, None),
        };
        let query = match (days, queue) {
            (Some(_), Some(_)) => "INSERT INTO recording_policy (pbx_id, queue, days) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET days = excluded.days"
                .to_owned(),
            (Some(_), None) => "INSERT INTO recording_team_policy (team_id, days) VALUES (?1, ?3)
                 ON CONFLICT DO UPDATE SET days = excluded.days"
                .to_owned(),
            (None, Some(_)) => format!("DELETE FROM {table} WHERE pbx_id = ?1 AND queue = ?2 AND ?3 IS NULL"),
            (None, None) => format!("DELETE FROM {table} WHERE team_id = ?1 AND ?3 IS NULL"),
        };
        sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id)
            .bind(queue)
            .bind(days)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Queues that calls came through, by PBX; so many at most.
    pub async fn queues_of_calls(&self) -> Result<Vec<(PbxId, String)>> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT DISTINCT pbx_id, queue FROM call_kind WHERE queue <> '' ORDER BY pbx_id, queue LIMIT ?",
        )
        .bind(MOST_QUEUES)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|(pbx, queue)| (PbxId(pbx), queue)).collect())
    }

    /// Holds a recording, or lets it go. False where there is none.
    pub async fn hold_recording(&self, key: &str, held: bool) -> Result<bool> {
        let done =
            sqlx::query("UPDATE recording SET held = ? WHERE key = ? AND state NOT IN ('doomed', 'deleted')")
                .bind(held)
                .bind(key)
                .execute(&self.write)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Holds every recording of a call, also those that are found later; what was said of it first counts. What is marked to go
    /// because it is old, and is there still, stays: its folder is looked at once more. False where there is no such call.
    pub async fn hold_call(&self, call: i64, hold: NewHold<'_>) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "INSERT INTO call_hold (call_id, at_ms, by, why) SELECT id, ?, ?, ? FROM call WHERE id = ?
             ON CONFLICT DO UPDATE SET at_ms = at_ms",
        )
        .bind(ms(hold.at_ms))
        .bind(hold.by)
        .bind(hold.why)
        .bind(call)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE recording SET state = iif(in_folder = 1, 'growing', 'ready'), cleanup_id = NULL
             WHERE call_id = ? AND state = 'doomed' AND erasure_id IS NULL",
        )
        .bind(call)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets the recordings of a call go. False where they were not held.
    pub async fn release_call(&self, call: i64) -> Result<bool> {
        let done = sqlx::query("DELETE FROM call_hold WHERE call_id = ?")
            .bind(call)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Since when the recordings of a call are held, because of whom and why.
    pub async fn hold_of(&self, call: i64) -> Result<Option<Hold>> {
        let found: Option<(i64, String, String)> =
            sqlx::query_as("SELECT at_ms, by, why FROM call_hold WHERE call_id = ?")
                .bind(call)
                .fetch_optional(&self.read)
                .await?;
        let hold = |(at_ms, by, why)| Hold {
            since_ms: count(at_ms),
            by,
            why,
        };
        Ok(found.map(hold))
    }

    /// Every call whose recordings are held, the latest first; so many at most.
    pub async fn holds(&self, most: i64) -> Result<Vec<(i64, Hold)>> {
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT call_id, at_ms, by, why FROM call_hold ORDER BY at_ms DESC, call_id LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        let hold = |(call, at_ms, by, why)| {
            let hold = Hold {
                since_ms: count(at_ms),
                by,
                why,
            };
            (call, hold)
        };
        Ok(rows.into_iter().map(hold).collect())
    }

    /// Recordings that are marked, after one of them.
    pub async fn doomed_recordings(&self, after: i64, most: i64) -> Result<Vec<Reap>> {
        let rows = sqlx::query(
            "SELECT id, key, pbx_id, folder, file, bytes, modified_ms, sha256, stored_ms, in_folder FROM recording
             WHERE state = 'doomed' AND id > ? ORDER BY id LIMIT ?",
        )
        .bind(after)
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.iter().map(reap).collect::<sqlx::Result<_>>()?)
    }

    /// Their files are gone; that they were there, and who heard them, stays. What is erased keeps no name.
    pub async fn recordings_deleted(&self, ids: &[i64]) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let ids = serde_json::to_string(ids).unwrap_or_default();
        sqlx::query("DELETE FROM recording_comment WHERE recording_id IN (SELECT value FROM json_each(?))")
            .bind(&ids)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "UPDATE recording SET state = 'deleted', drawn = x'', silences = '[]',
                folder = iif(erasure_id IS NULL, folder, ''), file = iif(erasure_id IS NULL, file, ''),
                unique_id = iif(erasure_id IS NULL, unique_id, NULL)
             WHERE state = 'doomed' AND id IN (SELECT value FROM json_each(?))",
        )
        .bind(ids)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A mark is taken back: what lies there is not what was to go.
    pub async fn spare_recording(&self, id: i64, why: &str) -> Result<()> {
        let changed = super::state_word(State::Changed);
        sqlx::query("UPDATE recording SET state = ?, why = ? WHERE id = ? AND state = 'doomed'")
            .bind(changed)
            .bind(why)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
