//! Calls added up by what they have in common, whatever was looked for.

use std::collections::BTreeMap;

use anyhow::Context;
use app::model::history::{CallSearch, CallTotals, Mean};
use telephony::CallResult;

use super::{Every, Kept, read::Seen, words};
use crate::store::{Result, Store};

/// Calls looked at; more are said to be more.
pub const MOST_ADDED_UP: u64 = 2_000_000;
/// The piece of time that is told: in every zone hours begin on a quarter of one.
pub const QUARTER_MS: u64 = 900_000;

/// By what they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// The quarter of an hour in which they began, counted from the Unix epoch.
    Quarter,
    /// The queue.
    Queue,
    /// The extension that answered first.
    Agent,
    /// The trunk.
    Trunk,
    /// Which way.
    Way,
    /// The PBX.
    Pbx,
    /// What somebody says came of them.
    Disposition,
}

/// What was added up, by what calls have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallSums {
    /// The sums; the key is empty for calls that have nothing of the kind.
    pub of: BTreeMap<String, CallTotals>,
    /// Not all of them were looked at.
    pub cut: bool,
}

impl CallSums {
    /// Adds calls of one result.
    fn add(&mut self, key: String, result: CallResult, calls: u64, of_them: &CallTotals) {
        let totals = self.of.entry(key).or_default();
        totals.add(of_them);
        let place = match result {
            CallResult::Answered => &mut totals.answered,
            CallResult::Missed => &mut totals.missed,
            CallResult::Busy => &mut totals.busy,
            CallResult::Failed => &mut totals.failed,
            CallResult::Abandoned => &mut totals.abandoned,
            CallResult::Voicemail => &mut totals.voicemail,
            CallResult::Service => &mut totals.service,
            CallResult::Interrupted => &mut totals.interrupted,
        };
        *place += calls;
    }
}

impl Store {
    /// The calls that are asked for and seen, added up.
    pub async fn call_sums(&self, search: &CallSearch, seen: &Seen, by: Common) -> Result<CallSums> {
        if let Some(sums) = self.kept_sums(search, seen, by).await? {
            return Ok(sums);
        }
        if by == Common::Disposition {
            return self.own().sums(search, seen, by).await;
        }
        let kept = self.kept(search).await?;
        match kept.sums(search, seen, by).await {
            Err(error) if kept.is_copy_that_failed(&error) => self.own().sums(search, seen, by).await,
            sums => sums,
        }
    }

    /// The same from what is kept by the hour: where everything is seen, nothing is asked for but whole hours and a PBX, and
    /// only time tells them apart.
    async fn kept_sums(&self, search: &CallSearch, seen: &Seen, by: Common) -> Result<Option<CallSums>> {
        let CallSearch {
            from_ms, to_ms, pbx, ..
        } = *search;
        let plain = CallSearch {
            from_ms,
            to_ms,
            pbx,
            ..CallSearch::default()
        };
        let hour_ms = 4 * QUARTER_MS;
        let (Some(from), Some(to)) = (from_ms, to_ms) else {
            return Ok(None);
        };
        let whole = from.is_multiple_of(hour_ms) && to.is_multiple_of(hour_ms);
        if by != Common::Quarter || *search != plain || *seen != Seen::Everything || !whole {
            return Ok(None);
        }
        let hours = self.call_totals(Every::Hour, (from, to), pbx).await?;
        let of = hours
            .into_iter()
            .map(|hour| ((hour.at_ms / QUARTER_MS).to_string(), hour));
        Ok(Some(CallSums {
            of: of.collect(),
            cut: false,
        }))
    }
}

impl Kept {
    async fn sums(&self, search: &CallSearch, seen: &Seen, by: Common) -> Result<CallSums> {
        let mut sums = CallSums::default();
        let (Some(plan), Some(range)) = (self.plan(search, seen).await?, self.range(search).await?) else {
            return Ok(sums);
        };
        let mut statement = self.base.statement();
        let found = plan.found(&mut statement, (range.low, range.high), None);
        let most = statement.number(i64::try_from(MOST_ADDED_UP + 1).unwrap_or(i64::MAX));
        let key = match by {
            Common::Quarter => {
                let quarter = statement.number(words::IN_A_MS * QUARTER_MS.cast_signed());
                format!("c.id / {quarter}")
            }
            Common::Queue => "k.queue".into(),
            Common::Agent => "coalesce(c.first_by, '')".into(),
            Common::Trunk => "k.trunk".into(),
            Common::Way => "k.direction".into(),
            Common::Pbx => "c.pbx_id".into(),
            Common::Disposition => {
                "coalesce((SELECT word FROM call_disposition AS d WHERE d.call_id = c.id), '')".into()
            }
        };
        let (join, (list, array)) = (statement.join(), statement.json());
        let listed = statement.as_text(&format!(
            "{list}({array}(key, result, {array}(calls, duration, talk, pdd, pdd_calls, mes, mes_calls)))"
        ));
        let sql = format!(
            "SELECT {listed} FROM (
                SELECT CAST({key} AS TEXT) AS key, k.result AS result, count(*) AS calls,
                       sum(c.duration_ms) AS duration, sum(c.talk_ms) AS talk, coalesce(sum(c.pdd_ms), 0) AS pdd,
                       count(c.pdd_ms) AS pdd_calls, coalesce(sum(c.mes), 0) AS mes, count(c.mes) AS mes_calls
                FROM ({found} LIMIT {most}) AS f {join} call AS c ON c.id = f.id {join} call_kind AS k ON k.id = c.kind_id
                GROUP BY 1, 2) AS summed"
        );
        let told = self.base.told(statement, sql).await?;
        let told: Vec<(String, String, [u64; 7])> =
            serde_json::from_str(&told).context("sums of calls cannot be read back")?;
        let mut looked_at = 0;
        for (key, result, [calls, duration_ms, talk_ms, pdd_ms, pdd_calls, mes, mes_calls]) in told {
            looked_at += calls;
            let of_them = CallTotals {
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
                ..CallTotals::default()
            };
            sums.add(key, words::result(&result), calls, &of_them);
        }
        sums.cut = looked_at > MOST_ADDED_UP;
        Ok(sums)
    }
}
