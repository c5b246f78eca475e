//! Records read back, as they were told.

use app::model::PbxId;
use sqlx::{Row, sqlite::SqliteRow};
use telephony::{
    Timestamp,
    cdr::{CdrRow, Doubt, Times, Told, When},
};

use super::keep::TEXTS;
use crate::store::{Result, Store, visit::count};

/// Records of one call that are shown.
const MOST_OF_CALL: i64 = 200;

/// A record as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// The record.
    pub told: Told,
    /// The manager told of it,
    pub by_manager: bool,
    /// and so did the source.
    pub by_source: bool,
}

pub(super) fn record(row: &SqliteRow) -> sqlx::Result<RecordRow> {
    let at = |value: i64| Timestamp(count(value));
    let start = at(row.try_get("start_ms")?);
    let end = at(row.try_get("end_ms")?);
    let answer = row.try_get::<Option<i64>, _>("answer_ms")?.map(at);
    let mut told = CdrRow {
        start: Some(When::At(start)),
        answer: answer.map(When::At),
        end: Some(When::At(end)),
        duration_s: count(row.try_get("duration_s")?),
        billable_s: count(row.try_get("billable_s")?),
        sequence: row.try_get::<Option<i64>, _>("sequence")?.map(count),
        ..CdrRow::default()
    };
    for (name, column) in TEXTS {
        // it was let in as it is
        let _ = told.set(column, row.try_get::<&str, _>(name)?);
    }
    let doubt = match row.try_get::<&str, _>("doubt")? {
        "twice" => Some(Doubt::Twice),
        "never" => Some(Doubt::Never),
        _ => None,
    };
    let times = Times {
        start,
        answer,
        end,
        doubt,
    };
    let told_by: i64 = row.try_get("told_by")?;
    Ok(RecordRow {
        told: Told { row: told, times },
        by_manager: told_by & 1 != 0,
        by_source: told_by & 2 != 0,
    })
}

impl Store {
    /// The records of one linked id, in the order in which they began.
    pub async fn records_of(&self, pbx: PbxId, linked: &str) -> Result<Vec<RecordRow>> {
        let rows = sqlx::query(
            "SELECT * FROM cdr WHERE linked = ? AND linked <> '' AND pbx_id = ? ORDER BY start_ms, sequence, id LIMIT ?",
        )
        .bind(linked)
        .bind(pbx.0)
        .bind(MOST_OF_CALL)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.iter().map(record).collect::<sqlx::Result<_>>()?)
    }

    /// How many records of a PBX there are.
    pub async fn count_records(&self, pbx: PbxId) -> Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM cdr WHERE pbx_id = ?")
            .bind(pbx.0)
            .fetch_one(&self.read)
            .await?;
        Ok(self::count(count))
    }
}
