//! Lost callers with their tries, read one after the other: a year of them is never in memory at once.

use std::collections::BTreeSet;

use app::model::{PbxId, UserId};
use futures::TryStreamExt;
use sqlx::{Row, sqlite::SqliteRow};
use telephony::{
    Timestamp,
    lost::{Loss, Path},
};

use super::words::{loss, path};
use crate::store::{Result, Store, ms, visit::count};

/// Where somebody tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A queue.
    Queue(String),
    /// An extension.
    Extension(String),
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryRecord {
    /// On which PBX.
    pub pbx: PbxId,
    /// Of which call.
    pub call: String,
    /// Where.
    pub place: Place,
    /// When it was lost,
    pub at: Timestamp,
    /// after how long,
    pub waited_ms: u64,
    /// and how.
    pub how: Loss,
}

/// Who is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// The person
    pub user: UserId,
    /// by name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// Who handed it to them.
    pub from: Option<String>,
}

/// What became of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostState {
    /// They have to be called.
    Open(Option<ClaimRecord>),
    /// They were reached: when, on which path, through which queue, by which extension.
    Reached(Timestamp, Path, Option<String>, Option<String>),
    /// Given up: when, by whom, why.
    GivenUp(Timestamp, String, String),
}

/// A person who was not reached, from the first try on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRecord {
    /// The row's number.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// Who, whichever way the number is written.
    pub person: String,
    /// The number as it last was
    pub number: String,
    /// and the name.
    pub name: Option<String>,
    /// What became of them.
    pub state: LostState,
}

const ROWS: &str = "SELECT lost.id, lost.pbx_id, lost.person, lost.number, lost.name, lost.state, lost.claimed_by,
        lost.claimed_ms, lost.until_ms, lost.ended_ms, lost.ended_by, lost.reason, claimer.display_name AS claimer,
        giver.display_name AS giver, contact.path, contact.queue AS reached_queue, contact.extension AS reached_by
     FROM lost LEFT JOIN user AS claimer ON claimer.id = lost.claimed_by
     LEFT JOIN user AS giver ON giver.id = lost.handed_by
     LEFT JOIN contact ON contact.id = lost.contact_id ";

fn time(value: Option<i64>) -> Timestamp {
    Timestamp(count(value.unwrap_or_default()))
}

fn record(row: &SqliteRow, now_ms: u64) -> sqlx::Result<LostRecord> {
    let ended = time(row.try_get("ended_ms")?);
    let state = match row.try_get("state")? {
        "open" => {
            let until_ms = count(row.try_get("until_ms")?);
            let by: (Option<i64>, Option<String>) = (row.try_get("claimed_by")?, row.try_get("claimer")?);
            let claim = match by {
                (Some(user), Some(name)) if until_ms > now_ms => Some(ClaimRecord {
                    user: UserId(user),
                    name,
                    since: time(row.try_get("claimed_ms")?),
                    from: row.try_get("giver")?,
                }),
                _ => None,
            };
            LostState::Open(claim)
        }
        "reached" => LostState::Reached(
            ended,
            path(row.try_get::<Option<&str>, _>("path")?.unwrap_or_default()),
            row.try_get("reached_queue")?,
            row.try_get("reached_by")?,
        ),
        _ => {
            let said =
                |column| Ok::<_, sqlx::Error>(row.try_get::<Option<String>, _>(column)?.unwrap_or_default());
            LostState::GivenUp(ended, said("ended_by")?, said("reason")?)
        }
    };
    Ok(LostRecord {
        id: row.try_get("id")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        person: row.try_get("person")?,
        number: row.try_get("number")?,
        name: row.try_get("name")?,
        state,
    })
}

fn attempt(row: &SqliteRow) -> sqlx::Result<TryRecord> {
    let queue: Option<String> = row.try_get("try_queue")?;
    let place = match queue {
        Some(queue) => Place::Queue(queue),
        None => Place::Extension(
            row.try_get::<Option<String>, _>("try_extension")?
                .unwrap_or_default(),
        ),
    };
    Ok(TryRecord {
        pbx: PbxId(row.try_get("try_pbx")?),
        call: row.try_get("call_id")?,
        place,
        at: time(row.try_get("at_ms")?),
        waited_ms: count(row.try_get("waited_ms")?),
        how: loss(row.try_get("how")?),
    })
}

const TRY: &str = "lost_try.pbx_id AS try_pbx, lost_try.call_id, lost_try.queue AS try_queue,
        lost_try.extension AS try_extension, lost_try.at_ms, lost_try.waited_ms, lost_try.how ";

impl Store {
    /// Hands everybody who tried in this time to `each`, the latest row first, one try after the other.
    pub async fn each_lost(
        &self,
        (from_ms, to_ms): (u64, u64),
        now_ms: u64,
        mut each: impl FnMut(&LostRecord, TryRecord),
    ) -> Result<()> {
        let rows = ROWS.replacen("FROM lost ", &format!(", {TRY} FROM lost "), 1);
        let query = format!(
            "{rows} JOIN lost_try ON lost_try.lost_id = lost.id
             WHERE lost.id IN (SELECT lost_id FROM lost_try WHERE at_ms >= ? AND at_ms < ?)
             ORDER BY lost.id DESC, lost_try.at_ms, lost_try.id"
        );
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(ms(from_ms))
            .bind(ms(to_ms))
            .fetch(&self.read);
        let mut last: Option<LostRecord> = None;
        while let Some(row) = rows.try_next().await? {
            let id: i64 = row.try_get("id")?;
            let now = match last.take().filter(|last| last.id == id) {
                Some(last) => last,
                None => record(&row, now_ms)?,
            };
            each(&now, attempt(&row)?);
            last = Some(now);
        }
        Ok(())
    }

    /// Hands every try of somebody without a number to `each`.
    pub async fn each_withheld(
        &self,
        (from_ms, to_ms): (u64, u64),
        mut each: impl FnMut(TryRecord),
    ) -> Result<()> {
        let query = format!(
            "SELECT {TRY} FROM lost_try WHERE lost_id IS NULL AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, id"
        );
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(ms(from_ms))
            .bind(ms(to_ms))
            .fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            each(attempt(&row)?);
        }
        Ok(())
    }

    /// One row, with the places where they tried.
    pub async fn lost(&self, id: i64, now_ms: u64) -> Result<Option<(LostRecord, BTreeSet<Place>)>> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{ROWS} WHERE lost.id = ?")))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let record = record(&row, now_ms)?;
        let places = self.lost_places(&[id]).await?;
        Ok(Some((
            record,
            places.into_iter().map(|(_, place)| place).collect(),
        )))
    }

    /// The latest tries of a row, so many at most.
    pub async fn lost_tries(&self, id: i64, most: usize) -> Result<Vec<TryRecord>> {
        let query =
            format!("SELECT {TRY} FROM lost_try WHERE lost_id = ? ORDER BY at_ms DESC, id DESC LIMIT ?");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id)
            .bind(ms(most as u64))
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(attempt).collect::<sqlx::Result<_>>()?)
    }

    /// Where these people tried.
    pub async fn lost_places(&self, ids: &[i64]) -> Result<BTreeSet<(PbxId, Place)>> {
        let rows: Vec<(i64, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT DISTINCT pbx_id, queue, extension FROM lost_try
             WHERE lost_id IN (SELECT value FROM json_each(?))",
        )
        .bind(serde_json::to_string(ids).unwrap_or_default())
        .fetch_all(&self.read)
        .await?;
        let place = |(pbx, queue, extension): (i64, Option<String>, Option<String>)| {
            let place = queue.map(Place::Queue).or(extension.map(Place::Extension));
            place.map(|place| (PbxId(pbx), place))
        };
        Ok(rows.into_iter().filter_map(place).collect())
    }

    /// The open rows of these people.
    pub async fn open_lost_of(&self, people: &BTreeSet<(PbxId, String)>) -> Result<Vec<i64>> {
        let people: Vec<(i64, &String)> = people.iter().map(|(pbx, person)| (pbx.0, person)).collect();
        let query = "SELECT lost.id FROM lost JOIN json_each(?) AS one ON lost.pbx_id = json_extract(one.value, '$[0]')
             AND lost.person = json_extract(one.value, '$[1]') WHERE lost.state = 'open'";
        let found = sqlx::query_scalar(query)
            .bind(serde_json::to_string(&people).unwrap_or_default())
            .fetch_all(&self.read)
            .await?;
        Ok(found)
    }
}
