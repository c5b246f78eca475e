//! Visits and ring attempts, read one after the other: a year of them is never in memory at once.

use app::model::PbxId;
use futures::TryStreamExt;
use sqlx::Row;
use telephony::visit::RingEnd;

use super::{VisitRecord, count, ring_end, visit};
use crate::store::{Result, Store, ms};

/// Visits looked through for one page of a list.
const MAX_LOOKED_AT: usize = 200_000;

/// Which visits of a time are read.
#[derive(Clone, Debug, Default)]
pub struct VisitFilter {
    /// Joined from here on,
    pub from_ms: u64,
    /// and before this.
    pub to_ms: u64,
    /// Older than this one.
    pub before: Option<i64>,
    /// Only those during which somebody was rung and did not answer.
    pub missed: bool,
    /// Only those during which this one was.
    pub missed_by: Option<String>,
    /// So many at most.
    pub limit: usize,
}

/// A ring attempt with what figures need of its visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingRecord {
    /// On which PBX.
    pub pbx: PbxId,
    /// Of which queue.
    pub queue: String,
    /// When the caller had joined.
    pub joined_ms: u64,
    /// Whom it rang.
    pub interface: String,
    /// How it ended.
    pub how: RingEnd,
}

impl Store {
    /// Hands every visit that was joined, or whose talk ended, in this time to `each`; without rings.
    pub async fn each_visit(
        &self,
        from_ms: u64,
        to_ms: u64,
        mut each: impl FnMut(VisitRecord),
    ) -> Result<()> {
        let mut rows = sqlx::query(
            "SELECT * FROM visit WHERE joined_ms >= ?1 AND joined_ms < ?2
             UNION ALL
             SELECT * FROM visit WHERE talk_ended_ms >= ?1 AND talk_ended_ms < ?2
                AND NOT (joined_ms >= ?1 AND joined_ms < ?2)",
        )
        .bind(ms(from_ms))
        .bind(ms(to_ms))
        .fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            each(visit(&row)?);
        }
        Ok(())
    }

    /// Hands every ring attempt that is over, of visits joined in this time, to `each`.
    pub async fn each_ring(&self, from_ms: u64, to_ms: u64, mut each: impl FnMut(RingRecord)) -> Result<()> {
        let mut rows = sqlx::query(
            "SELECT visit.pbx_id, visit.queue, visit.joined_ms, visit_ring.interface, visit_ring.how
             FROM visit JOIN visit_ring ON visit_ring.visit_id = visit.id
             WHERE visit.joined_ms >= ? AND visit.joined_ms < ? AND visit_ring.ended_ms IS NOT NULL",
        )
        .bind(ms(from_ms))
        .bind(ms(to_ms))
        .fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            each(RingRecord {
                pbx: PbxId(row.try_get(0)?),
                queue: row.try_get(1)?,
                joined_ms: count(row.try_get(2)?),
                interface: row.try_get(3)?,
                how: ring_end(row.try_get::<Option<&str>, _>(4)?.unwrap_or_default()),
            });
        }
        Ok(())
    }

    /// Visits joined in this time that `wanted` takes, the latest first, each with its rings; and whether there are more.
    pub async fn visits(
        &self,
        filter: &VisitFilter,
        mut wanted: impl FnMut(&VisitRecord) -> bool,
    ) -> Result<(Vec<VisitRecord>, bool)> {
        let mut found = Vec::new();
        let mut more = false;
        {
            let mut rows = sqlx::query(
                "SELECT * FROM visit WHERE joined_ms >= ?1 AND joined_ms < ?2 AND (?3 IS NULL OR id < ?3)
                    AND (?5 = 0 OR EXISTS (SELECT 1 FROM visit_ring WHERE visit_id = visit.id
                        AND how = 'not_answered' AND (?6 IS NULL OR interface = ?6)))
                 ORDER BY id DESC LIMIT ?4",
            )
            .bind(ms(filter.from_ms))
            .bind(ms(filter.to_ms))
            .bind(filter.before)
            .bind(ms(MAX_LOOKED_AT as u64))
            .bind(filter.missed)
            .bind(&filter.missed_by)
            .fetch(&self.read);
            while let Some(row) = rows.try_next().await? {
                let record = visit(&row)?;
                if !wanted(&record) {
                    continue;
                }
                if found.len() >= filter.limit {
                    more = true;
                    break;
                }
                found.push(record);
            }
        }
        for record in &mut found {
            let rings = sqlx::query("SELECT * FROM visit_ring WHERE visit_id = ? ORDER BY place")
                .bind(record.id)
                .fetch_all(&self.read)
                .await?;
            for row in &rings {
                record.visit.rings.push(super::ring(row)?.1);
            }
        }
        Ok((found, more))
    }

    /// The latest visits of one caller, without rings.
    pub async fn visits_of(
        &self,
        pbx: PbxId,
        number: &str,
        from_ms: u64,
        most: usize,
    ) -> Result<Vec<VisitRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM visit WHERE number = ? AND pbx_id = ? AND joined_ms >= ? ORDER BY joined_ms DESC LIMIT ?",
        )
        .bind(number)
        .bind(pbx.0)
        .bind(ms(from_ms))
        .bind(ms(most as u64))
        .fetch_all(&self.read)
        .await?;
        Ok(rows.iter().map(visit).collect::<sqlx::Result<_>>()?)
    }

    /// One visit with its rings.
    pub async fn visit(&self, id: i64) -> Result<Option<VisitRecord>> {
        let row = sqlx::query("SELECT * FROM visit WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut record = visit(&row)?;
        let rings = sqlx::query("SELECT * FROM visit_ring WHERE visit_id = ? ORDER BY place")
            .bind(id)
            .fetch_all(&self.read)
            .await?;
        for row in &rings {
            record.visit.rings.push(super::ring(row)?.1);
        }
        Ok(Some(record))
    }
}
