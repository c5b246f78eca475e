//! Sums that are kept with the calls, held against the calls themselves: looked at without a lock, and written, a day at a time,
//! only where they differ.

use std::collections::BTreeMap;

use app::model::PbxId;
use serde::Serialize;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{
    totals::{SUMS, columns},
    words::IN_A_MS,
    write::text,
};
use crate::store::{Result, Store, ms};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The tables of sums, what their rows are called by, and how long one is.
const TABLES: [(&str, &str, i64); 2] = [("call_hour", "hour", HOUR_MS), ("call_day", "day", DAY_MS)];
/// Where sums differed from the calls that they are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recounted {
    /// Days that were looked at.
    pub looked_at: u64,
    /// Hours, with a direction each, that differed;
    pub hours: u64,
    /// days that did;
    pub days: u64,
    /// and counts of calls that have the same in common.
    pub kinds: u64,
}

impl std::ops::AddAssign for Recounted {
    fn add_assign(&mut self, more: Recounted) {
        self.looked_at += more.looked_at;
        self.hours += more.hours;
        self.days += more.days;
        self.kinds += more.kinds;
    }
}

/// Sums by hour or day, and direction.
type Sums = BTreeMap<(i64, String), String>;

async fn sums(connection: &mut SqliteConnection, query: String, bound: [i64; 3]) -> Result<Sums> {
    let mut query = sqlx::query_as(sqlx::AssertSqlSafe(query));
    for bound in bound {
        query = query.bind(bound);
    }
    let rows: Vec<(i64, String, String)> = query.fetch_all(connection).await?;
    let keyed = rows
        .into_iter()
        .map(|(at, direction, sums)| ((at, direction), sums));
    Ok(keyed.collect())
}

/// What is kept for a day, and what its calls come to, where that is not the same.
async fn differing(
    connection: &mut SqliteConnection,
    pbx: PbxId,
    day: i64,
    (table, at, long): (&str, &str, i64),
) -> Result<Vec<((i64, String), Option<String>)>> {
    let (from, to) = (day * DAY_MS / long, (day + 1) * DAY_MS / long);
    let kept = format!(
        "SELECT {at}, direction, json_array({}) FROM {table} WHERE pbx_id = ? AND {at} >= ? AND {at} < ?",
        columns(str::to_owned)
    );
    let kept = sums(connection, kept, [pbx.0, from, to]).await?;
    let made = SUMS.map(|(_, of_calls)| of_calls).join(", ");
    let step = long * IN_A_MS;
    let made = format!(
        "SELECT call.id / {step}, kind.direction, json_array({made}) FROM call CROSS JOIN call_kind AS kind ON kind.id = call.kind_id
         WHERE call.pbx_id = ? AND call.id >= ? AND call.id < ? GROUP BY 1, 2"
    );
    let mut made = sums(connection, made, [pbx.0, from * step, to * step]).await?;
    let mut differing = Vec::new();
    for (key, kept) in kept {
        let now = made.remove(&key);
        if now.as_ref() != Some(&kept) {
            differing.push((key, now));
        }
    }
    differing.extend(made.into_iter().map(|(key, now)| (key, Some(now))));
    Ok(differing)
}

/// Writes what the calls of a day come to.
async fn put_right(
    connection: &mut SqliteConnection,
    pbx: PbxId,
    (table, at, _): (&str, &str, i64),
    differing: &[((i64, String), Option<String>)],
) -> Result<()> {
    let rows: Vec<_> = differing
        .iter()
        .map(|((at, direction), sums)| json!([at, pbx.0, direction, sums]))
        .collect();
    let values: Vec<String> = (0..SUMS.len())
        .map(|at| format!("value ->> 3 ->> {at}"))
        .collect();
    for query in [
        format!(
            "DELETE FROM {table} WHERE ({at}, pbx_id, direction) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))"
        ),
        format!(
            "INSERT INTO {table} ({at}, pbx_id, direction, {}) SELECT value ->> 0, value ->> 1, value ->> 2, {}
             FROM json_each(?) WHERE value ->> 3 IS NOT NULL",
            columns(str::to_owned),
            values.join(", ")
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(text(&rows))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Store {
    /// The next day (UTC, since the epoch) of which there are calls of a PBX, or sums.
    pub async fn next_to_recount(&self, pbx: PbxId, from_day: u64) -> Result<Option<u64>> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT min(at) FROM (
                SELECT (SELECT id FROM call WHERE id >= ?2 * ?3 AND pbx_id = ?1 ORDER BY id LIMIT 1) / ?3 AS at
                UNION ALL SELECT min(day) FROM call_day WHERE day >= ?2 AND pbx_id = ?1
                UNION ALL SELECT min(hour) / 24 FROM call_hour WHERE hour >= ?2 * 24 AND pbx_id = ?1)",
        )
        .bind(pbx.0)
        .bind(ms(from_day).min(i64::MAX / (DAY_MS * IN_A_MS) - 1))
        .bind(DAY_MS * IN_A_MS)
        .fetch_one(&self.read)
        .await?;
        Ok(next.map(i64::unsigned_abs))
    }

    /// Holds the sums of a day against its calls; puts them right, unless it is to be looked at only.
    pub async fn recount_day(&self, pbx: PbxId, day: u64, only_look: bool) -> Result<Recounted> {
        let day = ms(day);
        let mut counted = [0; 2];
        let mut looking = self.read.begin().await?;
        for (count, table) in counted.iter_mut().zip(TABLES) {
            *count = differing(&mut looking, pbx, day, table).await?.len() as u64;
        }
        looking.rollback().await?;
        if counted != [0; 2] && !only_look {
            let mut writing = self.write.begin_with("BEGIN IMMEDIATE").await?;
            for table in TABLES {
                // calls may have ended since it was looked at
                let found = differing(&mut writing, pbx, day, table).await?;
                put_right(&mut writing, pbx, table, &found).await?;
            }
            writing.commit().await?;
        }
        Ok(Recounted {
            looked_at: 1,
            hours: counted[0],
            days: counted[1],
            kinds: 0,
        })
    }

    /// The same of how many calls there are that have something in common.
    pub async fn recount_kinds(&self, pbx: PbxId, only_look: bool) -> Result<Recounted> {
        let kinds: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM call_kind AS kind WHERE pbx_id = ? AND calls <> (SELECT count(*) FROM call WHERE kind_id = kind.id)",
        )
        .bind(pbx.0)
        .fetch_all(&self.read)
        .await?;
        for kind in kinds.iter().filter(|_| !only_look) {
            let counted = "UPDATE call_kind SET calls = (SELECT count(*) FROM call WHERE kind_id = call_kind.id) WHERE id = ?";
            sqlx::query(counted).bind(kind).execute(&self.write).await?;
            sqlx::query("DELETE FROM call_kind WHERE id = ? AND calls = 0")
                .bind(kind)
                .execute(&self.write)
                .await?;
        }
        Ok(Recounted {
            kinds: kinds.len() as u64,
            ..Recounted::default()
        })
    }
}
