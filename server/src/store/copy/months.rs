//! A table for each month in which calls began, made when its first call comes.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use sqlx::{Postgres, Transaction};

use crate::store::{IN_A_MS, Result};

/// Each table that lies in months, with the column by which it does.
const OF_MONTHS: [&str; 3] = ["call", "call_story", "call_party"];

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

/// Makes what these calls need.
pub(super) async fn make(transaction: &mut Transaction<'static, Postgres>, calls: &[i64]) -> Result<()> {
    let months: BTreeSet<Date> = calls.iter().filter_map(|call| month(*call)).collect();
    for first in months {
        let next = first.checked_add(1.month()).ok();
        let Some((from, to)) = least(first).zip(next.and_then(least)) else {
            continue;
        };
        for table in OF_MONTHS {
            let name = format!("{table}_{:04}_{:02}", first.year(), first.month());
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
