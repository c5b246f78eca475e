//! How many calls there were, by the hour or the day in which they began; read from what is kept with them.

use anyhow::Context;
use app::model::{
    PbxId,
    history::{CallSearch, CallTotals, Mean},
};

use super::{
    Kept,
    totals::{SUMS, columns},
};
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
        let kept = self.kept(&CallSearch::default()).await?;
        match kept.totals(every, (from_ms, to_ms), pbx).await {
            Err(error) if kept.is_copy_that_failed(&error) => {
                self.own().totals(every, (from_ms, to_ms), pbx).await
            }
            totals => totals,
        }
    }
}

impl Kept {
    async fn totals(
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
        let mut statement = self.base.statement();
        let from = statement.number(ms(from_ms.div_ceil(every.ms())));
        let to = statement.number(ms(to_ms / every.ms()));
        let of_pbx = pbx.map(|pbx| format!("AND pbx_id = {}", statement.number(pbx.0)));
        let (list, array) = statement.json();
        let listed = statement.as_text(&format!("{list}({array}(at, {}))", columns(str::to_owned)));
        let sql = format!(
            "SELECT {listed} FROM (
                SELECT {at} AS at, {} FROM {table} WHERE {at} >= {from} AND {at} < {to} {}
                GROUP BY {at} ORDER BY {at}) AS summed",
            columns(|column| format!("sum({column}) AS {column}")),
            of_pbx.unwrap_or_default(),
        );
        let told = self.base.told(statement, sql).await?;
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
