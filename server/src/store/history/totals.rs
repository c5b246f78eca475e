//! How many calls there are in each hour and day, kept with the calls themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use telephony::FinishedCall;

use super::{
    words::{direction_word, result_word},
    write::text,
};
use crate::store::{Result, ms, visit::Recording};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What is added up of calls: the column, and what that is of calls themselves (`call`, and its `kind`).
pub(super) const SUMS: [(&str, &str); 14] = [
    ("answered", "sum(kind.result = 'answered')"),
    ("missed", "sum(kind.result = 'missed')"),
    ("busy", "sum(kind.result = 'busy')"),
    ("failed", "sum(kind.result = 'failed')"),
    ("abandoned", "sum(kind.result = 'abandoned')"),
    ("voicemail", "sum(kind.result = 'voicemail')"),
    ("service", "sum(kind.result = 'service')"),
    ("interrupted", "sum(kind.result = 'interrupted')"),
    ("duration_ms", "sum(call.duration_ms)"),
    ("talk_ms", "sum(call.talk_ms)"),
    ("pdd_ms", "coalesce(sum(call.pdd_ms), 0)"),
    ("pdd_calls", "count(call.pdd_ms)"),
    ("mes", "coalesce(sum(call.mes), 0)"),
    ("mes_calls", "count(call.mes)"),
];

/// The columns, one after the other, each written so.
pub(super) fn columns(written: impl Fn(&str) -> String) -> String {
    SUMS.map(|(column, _)| written(column)).join(", ")
}

/// What calls of one hour or day add up to, by PBX and direction.
#[derive(Debug, Default)]
pub(super) struct Totals(BTreeMap<(i64, i64, String), [i64; SUMS.len()]>);

impl Totals {
    /// Of calls, by the hour and by the day: counted in (`sign` 1), or out again (-1).
    pub(super) fn of(calls: impl Iterator<Item = Counts>, sign: i64) -> (Self, Self) {
        let (mut hours, mut days) = (Self::default(), Self::default());
        for call in calls {
            let adds = call.sums();
            for (totals, every) in [(&mut hours, HOUR_MS), (&mut days, DAY_MS)] {
                let key = (call.began_ms / every, call.pbx, call.direction.clone());
                let sums = totals.0.entry(key).or_default();
                for (sum, adds) in sums.iter_mut().zip(adds) {
                    *sum += sign * adds;
                }
            }
        }
        (hours, days)
    }

    /// As [`upsert`] reads them.
    pub(super) fn listed(&self) -> Vec<Value> {
        let all = self.0.iter();
        all.map(|((at, pbx, direction), sums)| json!([at, pbx, direction, sums]))
            .collect()
    }
}

/// A statement that adds what is listed in `source` to the table's rows, each the `at` of its time.
pub(super) fn upsert(table: &str, at: &str, source: &str) -> String {
    let values: Vec<String> = (0..SUMS.len())
        .map(|at| format!("value ->> '$[3][{at}]'"))
        .collect();
    format!(
        "INSERT INTO {table} ({at}, pbx_id, direction, {}) SELECT value ->> 0, value ->> 1, value ->> 2, {}
         FROM {source} WHERE true ON CONFLICT DO UPDATE SET {}",
        columns(str::to_owned),
        values.join(", "),
        columns(|column| format!("{column} = {column} + excluded.{column}")),
    )
}

/// What one call adds to its hour and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pbx: i64,
    pub(super) began_ms: i64,
    pub(super) direction: String,
    pub(super) result: String,
    pub(super) duration_ms: i64,
    pub(super) talk_ms: i64,
    pub(super) pdd_ms: Option<i64>,
    pub(super) mes: Option<i64>,
}

impl Counts {
    pub(super) fn of(pbx: i64, call: &FinishedCall) -> Self {
        Self {
            pbx,
            began_ms: ms(call.started.0),
            direction: direction_word(call.direction).to_owned(),
            result: result_word(call.result).to_owned(),
            duration_ms: ms(call.duration_ms()),
            talk_ms: ms(call.talk_ms()),
            pdd_ms: call.quality.pdd_ms.map(ms),
            mes: call.quality.mes.map(|mes| i64::from(mes.tenths())),
        }
    }

    /// What it adds to each sum.
    fn sums(&self) -> [i64; SUMS.len()] {
        SUMS.map(|(column, _)| match column {
            "duration_ms" => self.duration_ms,
            "talk_ms" => self.talk_ms,
            "pdd_ms" => self.pdd_ms.unwrap_or(0),
            "pdd_calls" => i64::from(self.pdd_ms.is_some()),
            "mes" => self.mes.unwrap_or(0),
            "mes_calls" => i64::from(self.mes.is_some()),
            result => i64::from(self.result == result),
        })
    }
}

impl Recording {
    /// Counts calls out again.
    pub(super) async fn count_out(&mut self, calls: impl Iterator<Item = Counts>) -> Result<()> {
        let (hours, days) = Totals::of(calls, -1);
        for (totals, table, at) in [(hours, "call_hour", "hour"), (days, "call_day", "day")] {
            sqlx::query(sqlx::AssertSqlSafe(upsert(table, at, "json_each(?)")))
                .bind(text(&totals.listed()))
                .execute(&mut *self.transaction)
                .await?;
            let times: BTreeSet<i64> = totals.0.keys().map(|(at, ..)| *at).collect();
            let query = format!(
                "DELETE FROM {table} WHERE {at} IN (SELECT value FROM json_each(?)) AND answered + missed + busy + failed
                    + abandoned + voicemail + service + interrupted = 0"
            );
            sqlx::query(sqlx::AssertSqlSafe(query))
                .bind(serde_json::to_string(&times).unwrap_or_default())
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }
}
