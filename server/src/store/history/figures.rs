//! How many calls there were, by the hour or the day in which they began; read from what is kept with them.

use anyhow::Context;
use app::model::{
    PbxId,
    history::{CallTotals, Mean},
};

use super::totals::{SUMS, columns};
use crate::store::{Result, Store, ms};

/// By which piece of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// By the hour: days of any zone that is whole hours away are made of them.
    Hour,
    /// By the day, UTC.
    Day,
}

impl Every {
    fn ms(self) -> u64 {
        match self {
            Every::Hour => 3_600_000,
            Every::Day => 86_400_000,
        }
    }
}

impl Store {
    /// Calls of one PBX or of all, by the hour or day; those in which there were none are left out.
    pub async fn call_totals(
        &self,
        every: Every,
        (from_ms, to_ms): (u64, u64),
        pbx: Option<PbxId>,
    ) -> Result<Vec<CallTotals>> {
        let (table, at) = match every {
            Every::Hour => ("call_hour", "hour"),
            Every::Day => ("call_day", "day"),
        };
        // in one piece: a year of hours is a lot of rows for a database that hands out each by itself
        let query = format!(
            "SELECT json_group_array(json_array(at, {})) FROM (
                SELECT {at} AS at, {} FROM {table} WHERE {at} >= ?1 AND {at} < ?2 AND (?3 IS NULL OR pbx_id = ?3)
                GROUP BY {at} ORDER BY {at})",
            columns(str::to_owned),
            columns(|column| format!("sum({column}) AS {column}")),
        );
        let told: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(ms(from_ms.div_ceil(every.ms())))
            .bind(ms(to_ms / every.ms()))
            .bind(pbx.map(|pbx| pbx.0))
            .fetch_one(&self.read)
            .await?;
        let told: Vec<[u64; 1 + SUMS.len()]> =
            serde_json::from_str(&told).context("sums of calls cannot be read back")?;
        let totals = told.into_iter().map(|sums| {
            let [
                at,
                answered,
                missed,
                busy,
                failed,
                abandoned,
                voicemail,
                service,
                interrupted,
                duration_ms,
                talk_ms,
                pdd_ms,
                pdd_calls,
                mes,
                mes_calls,
            ] = sums;
            CallTotals {
                at_ms: at * every.ms(),
                answered,
                missed,
                busy,
                failed,
                abandoned,
                voicemail,
                service,
                interrupted,
                duration_ms,
                talk_ms,
                pdd_ms: Mean {
                    sum: pdd_ms,
                    of: pdd_calls,
                },
                mes: Mean {
                    sum: mes,
                    of: mes_calls,
                },
            }
        });
        Ok(totals.collect())
    }
}
