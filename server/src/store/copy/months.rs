//! A table for each month in which calls began, made when its first call comes; written to a file, and dropped, a month at a time.

use std::collections::BTreeSet;

use futures::{Stream, TryStreamExt};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use sqlx::{Postgres, Row, Transaction};

use super::Copy;
use crate::store::{IN_A_MS, Result, StoreError};

/// Each table that lies in months.
pub(super) const OF_MONTHS: [&str; 2] = ["call", "call_party"];

/// The first day of the month in which a call began.
fn month(call: i64) -> Option<Date> {
    let at = Timestamp::from_millisecond(call / IN_A_MS).ok()?;
    Some(TimeZone::UTC.to_datetime(at).date().first_of_month())
}

/// The least number that a call of a day can have.
fn least(day: Date) -> Option<i64> {
    let at = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    at.as_millisecond().checked_mul(IN_A_MS)
}

/// A month (UTC) of the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// Calls that began in it.
    pub calls: u64,
    /// What they and who was on them take, in bytes, with their indexes.
    pub bytes: u64,
}

/// The name of a month's part of a table.
fn part(table: &str, first: Date) -> String {
    format!("{table}_{:04}_{:02}", first.year(), first.month())
}

/// A call as one JSON object, by the names of the columns of `/api/v1/history` where there is one.
const LINE: &str = "SELECT json_build_object(
        'id', call.id, 'pbx', call.pbx_id, 'call', call.call_id, 'linked', coalesce(call.linked, call.call_id),
        'started_ms', call.id / $1, 'answered_ms', call.answered_ms, 'duration_ms', call.duration_ms, 'talk_ms', call.talk_ms,
        'held_ms', call.held_ms, 'direction', kind.direction, 'result', kind.result, 'queue', nullif(kind.queue, ''),
        'trunk', nullif(kind.trunk, ''), 'recorded', kind.recorded = 1, 'dialled', call.dialled, 'cause', call.cause,
        'hung_up_by', call.hung_up_by, 'first_by', call.first_by, 'last_by', call.last_by, 'marks', call.marks,
        'pdd_ms', call.pdd_ms, 'mes', call.mes / 10.0,
        'parties', (SELECT json_agg(json_build_object('role', role, 'number', number, 'name', nullif(name, ''),
                                                      'extension', nullif(extension, '')) ORDER BY at)
            FROM (SELECT at, CASE at WHEN 1 THEN 'caller' WHEN 2 THEN 'callee' ELSE 'other' END AS role, party.*
                  FROM unnest(ARRAY[call.caller_id, call.callee_id] || call.others) WITH ORDINALITY AS one (id, at)
                  JOIN party USING (id)) AS them))::text
     FROM";

impl Copy {
    /// The months there are, the earliest first.
    ///
    /// # Errors
    /// The copy's.
    pub async fn months(&self) -> Result<Vec<Month>> {
        let parts: Vec<String> = sqlx::query_scalar(
            "SELECT relname::text FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'call'::regclass ORDER BY 1",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut months = Vec::new();
        for name in parts {
            let month = name.strip_prefix("call_").and_then(|month| month.split_once('_'));
            let month = month.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
            let Some(first) = month.and_then(|(year, month)| Date::new(year, month, 1).ok()) else {
                continue;
            };
            // a month is read whole, but only its index
            let query = format!(
                "SELECT (SELECT count(*) FROM {name}), pg_total_relation_size('{name}') + pg_total_relation_size('{}')",
                part("call_party", first)
            );
            let row = sqlx::query(sqlx::AssertSqlSafe(query))
                .fetch_one(&self.pool)
                .await?;
            months.push(Month {
                first,
                calls: row.try_get::<i64, _>(0)?.unsigned_abs(),
                bytes: row.try_get::<i64, _>(1)?.unsigned_abs(),
            });
        }
        Ok(months)
    }

    /// Every call of a month, the earliest first, each a line of JSON without its end.
    pub fn lines(&self, month: &Month) -> impl Stream<Item = Result<String>> + '_ {
        let query = format!(
            "{LINE} {} AS call JOIN call_kind AS kind ON kind.id = call.kind_id ORDER BY call.id",
            part("call", month.first)
        );
        let rows = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(IN_A_MS);
        rows.fetch(&self.pool).map_err(StoreError::from)
    }

    /// Takes in no calls before a day any more. Whoever reads it knows that after [`crate::jobs::copying::ASKED`].
    ///
    /// # Errors
    /// The copy's.
    pub async fn leave_out_before(&self, day: Date) -> Result<()> {
        sqlx::query("UPDATE copied SET begins = greatest(begins, $1)")
            .bind(least(day).unwrap_or_default())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Drops the months before a day, which nobody reads any more; how many they were, and how many calls.
    ///
    /// # Errors
    /// The copy's. Nothing was dropped then.
    pub async fn drop_before(&self, day: Date) -> Result<(usize, u64)> {
        let mut gone = self.months().await?;
        gone.retain(|month| month.first < day);
        let mut transaction = self.pool.begin().await?;
        for month in &gone {
            for table in OF_MONTHS {
                let statement = format!("DROP TABLE {}", part(table, month.first));
                sqlx::query(sqlx::AssertSqlSafe(statement))
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok((gone.len(), gone.iter().map(|month| month.calls).sum()))
    }
}

/// Makes what these calls need.
pub(super) async fn make(transaction: &mut Transaction<'static, Postgres>, calls: &[i64]) -> Result<()> {
    let months: BTreeSet<Date> = calls.iter().filter_map(|call| month(*call)).collect();
    for first in months {
        let next = first.checked_add(1.month()).ok();
        let Some((from, to)) = least(first).zip(next.and_then(least)) else {
            continue;
        };
        for table in OF_MONTHS {
            let name = part(table, first);
            let statement = format!(
                "CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM ({from}) TO ({to})"
            );
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}
