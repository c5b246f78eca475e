//! Reading the trail: a page of it by filters, and every row in its order.

use app::audit::AuditQuery;
use sqlx::SqliteConnection;

use super::{Head, Line, Result, Store, head, key};
use crate::{
    store::ms,
    trail::{chain::ChainKey, keys::ChainKeys},
};

/// Rows that one page may look through: a search for what is nowhere costs no more.
const MOST_SEARCHED: i64 = 200_000;

/// An act with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Found {
    /// The act.
    #[sqlx(flatten)]
    pub act: Line,
    /// The row that tells its outcome.
    pub ended_id: Option<i64>,
    /// When.
    pub ended_ms: Option<i64>,
    /// What is told with it.
    pub ended_detail: Option<String>,
    /// What came of it.
    pub ended_outcome: Option<String>,
    /// That row's hash.
    pub ended_hash: Option<Vec<u8>>,
}

impl Found {
    /// What came of it.
    pub fn outcome(&self) -> &str {
        self.ended_outcome.as_deref().unwrap_or(&self.act.outcome)
    }
}

/// A page of the trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Newest first.
    pub found: Vec<Found>,
    /// Where the next page begins.
    pub older: Option<i64>,
    /// When the oldest row was written that was looked at.
    pub searched_to_ms: Option<i64>,
    /// When the oldest row was written that is kept.
    pub since_ms: Option<i64>,
}

const COLUMNS: &str = "a.id, a.at_ms, a.act_id, a.actor_id, a.actor, a.address, a.action, a.object, a.detail, a.outcome,
    a.key_id, a.hash, o.id AS ended_id, o.at_ms AS ended_ms, o.detail AS ended_detail, o.outcome AS ended_outcome,
    o.hash AS ended_hash FROM audit a LEFT JOIN audit o ON o.act_id = a.id";

impl Store {
    /// The newest acts that the filters let through, before the query's `before`.
    pub async fn search_trail(&self, query: &AuditQuery, most: u32) -> Result<Search> {
        let mut reading = self.read.begin().await?;
        let Some(head) = head(&mut reading).await? else {
            return Ok(Search::default());
        };
        let at = |id: i64| {
            sqlx::query_scalar::<_, Option<i64>>("SELECT max(at_ms) FROM audit WHERE id = ?").bind(id)
        };
        let since_ms = at(head.first_id).fetch_one(&mut *reading).await?;
        let mut before = query.before.unwrap_or(i64::MAX).min(head.last_id + 1);
        if let Some(to_ms) = query.to_ms {
            let last: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM audit WHERE at_ms < ?")
                .bind(ms(to_ms))
                .fetch_one(&mut *reading)
                .await?;
            before = before.min(last.unwrap_or(0) + 1);
        }
        let mut first = head.first_id;
        if let Some(from_ms) = query.from_ms {
            let oldest: Option<i64> = sqlx::query_scalar("SELECT min(id) FROM audit WHERE at_ms >= ?")
                .bind(ms(from_ms))
                .fetch_one(&mut *reading)
                .await?;
            first = first.max(oldest.unwrap_or(i64::MAX));
        }
        let floor = first.max(before.saturating_sub(MOST_SEARCHED));
        let text = query
            .text
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let statement = format!(
            "SELECT {COLUMNS} WHERE a.act_id IS NULL AND a.id < ?1 AND a.id >= ?2
             AND (?3 = '' OR a.actor = ?3 OR substr(a.actor, 1, length(?3) + 1) = ?3 || ':')
             AND (?4 IS NULL OR a.action = ?4)
             AND (?5 IS NULL OR coalesce(o.outcome, a.outcome) = ?5)
             AND (?6 IS NULL OR a.at_ms >= ?6) AND (?7 IS NULL OR a.at_ms < ?7)
             AND (?8 = '%%' OR a.actor LIKE ?8 ESCAPE '\\' OR a.address LIKE ?8 ESCAPE '\\'
                  OR a.object LIKE ?8 ESCAPE '\\' OR a.detail LIKE ?8 ESCAPE '\\' OR o.detail LIKE ?8 ESCAPE '\\')
             ORDER BY a.id DESC LIMIT ?9"
        );
        let found: Vec<Found> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(before)
            .bind(floor)
            .bind(&query.actor)
            .bind(query.action.map(app::audit::Action::word))
            .bind(query.outcome.map(app::audit::Outcome::word))
            .bind(query.from_ms.map(ms))
            .bind(query.to_ms.map(ms))
            .bind(format!("%{text}%"))
            .bind(most)
            .fetch_all(&mut *reading)
            .await?;
        let full = found.len() >= most as usize;
        let older = if full {
            found.last().map(|found| found.act.id)
        } else {
            (floor > first).then_some(floor)
        };
        let searched_to_ms = match older {
            Some(_) if !full => at(floor).fetch_one(&mut *reading).await?,
            _ => None,
        };
        reading.rollback().await?;
        Ok(Search {
            found,
            older,
            searched_to_ms,
            since_ms,
        })
    }

    /// One act.
    pub async fn trail_entry(&self, id: i64) -> Result<Option<Found>> {
        let statement = format!("SELECT {COLUMNS} WHERE a.act_id IS NULL AND a.id = ?");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(id)
            .fetch_optional(&self.read)
            .await?)
    }

    /// The newest row's number.
    pub async fn trail_end(&self) -> Result<i64> {
        let mut connection = self.read.acquire().await?;
        Ok(head(&mut connection).await?.map_or(0, |head| head.last_id))
    }

    /// One look at the whole trail, as it is at this moment, whatever is written meanwhile.
    pub async fn look_at_trail(&self) -> Result<TrailLook> {
        let mut reading = self.read.begin().await?;
        let head = head(&mut reading).await?;
        Ok(TrailLook { reading, head })
    }
}

/// The trail at one moment.
#[derive(Debug)]
pub struct TrailLook {
    reading: sqlx::Transaction<'static, sqlx::Sqlite>,
    /// Both ends; None where there is no trail.
    pub head: Option<Head>,
}

impl TrailLook {
    /// The next rows after `id`, by number.
    pub async fn after(&mut self, id: i64, most: u32) -> Result<Vec<Line>> {
        let query = "SELECT id, at_ms, act_id, actor_id, actor, address, action, object, detail, outcome, key_id, hash
             FROM audit WHERE id > ? ORDER BY id LIMIT ?";
        Ok(sqlx::query_as(query)
            .bind(id)
            .bind(most)
            .fetch_all(&mut *self.reading)
            .await?)
    }

    /// A key of the chain.
    pub async fn key(&mut self, keys: &ChainKeys, id: i64) -> Result<ChainKey> {
        let connection: &mut SqliteConnection = &mut self.reading;
        key(connection, keys, id).await
    }
}
