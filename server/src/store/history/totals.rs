//! How many calls there are in each hour and day, kept with the calls themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use telephony::FinishedCall;

use super::{
    words::{RESULTS, direction_word, result_word},
    write::text,
};
use crate::store::{Result, ms, visit::Recording};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What calls of one hour or day add up to, by PBX and direction.
type Totals = BTreeMap<(i64, i64, String), [i64; RESULTS.len() + 2]>;

/// What one call adds to its hour and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pbx: i64,
    pub(super) began_ms: i64,
    pub(super) direction: String,
    pub(super) result: String,
    pub(super) duration_ms: i64,
    pub(super) talk_ms: i64,
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
        }
    }
}

impl Recording {
    /// Counts calls in (`sign` 1), or out again (-1).
    pub(super) async fn add_up(&mut self, calls: impl Iterator<Item = Counts>, sign: i64) -> Result<()> {
        let (mut hours, mut days) = (Totals::new(), Totals::new());
        for call in calls {
            let result = RESULTS.iter().position(|(_, word)| *word == call.result);
            for (totals, every) in [(&mut hours, HOUR_MS), (&mut days, DAY_MS)] {
                let key = (call.began_ms / every, call.pbx, call.direction.clone());
                let sums = totals.entry(key).or_default();
                if let Some(result) = result {
                    sums[result] += sign;
                }
                sums[RESULTS.len()] += sign * call.duration_ms;
                sums[RESULTS.len() + 1] += sign * call.talk_ms;
            }
        }
        for (totals, table, at) in [(hours, "call_hour", "hour"), (days, "call_day", "day")] {
            let listed = totals
                .iter()
                .map(|((at, pbx, direction), sums)| json!([at, pbx, direction, sums]));
            let query = format!(
                "INSERT INTO {table} ({at}, pbx_id, direction, answered, missed, busy, failed, abandoned, voicemail, service,
                                      interrupted, duration_ms, talk_ms)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> '$[3][0]', value ->> '$[3][1]', value ->> '$[3][2]',
                        value ->> '$[3][3]', value ->> '$[3][4]', value ->> '$[3][5]', value ->> '$[3][6]',
                        value ->> '$[3][7]', value ->> '$[3][8]', value ->> '$[3][9]'
                 FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET
                    answered = answered + excluded.answered, missed = missed + excluded.missed, busy = busy + excluded.busy,
                    failed = failed + excluded.failed, abandoned = abandoned + excluded.abandoned,
                    voicemail = voicemail + excluded.voicemail, service = service + excluded.service,
                    interrupted = interrupted + excluded.interrupted, duration_ms = duration_ms + excluded.duration_ms,
                    talk_ms = talk_ms + excluded.talk_ms"
            );
            sqlx::query(sqlx::AssertSqlSafe(query))
                .bind(text(&listed.collect::<Vec<_>>()))
                .execute(&mut *self.transaction)
                .await?;
            if sign < 0 {
                let times: BTreeSet<i64> = totals.keys().map(|(at, ..)| *at).collect();
                let query = format!(
                    "DELETE FROM {table} WHERE {at} IN (SELECT value FROM json_each(?)) AND answered + missed + busy + failed
                        + abandoned + voicemail + service + interrupted = 0"
                );
                sqlx::query(sqlx::AssertSqlSafe(query))
                    .bind(serde_json::to_string(&times).unwrap_or_default())
                    .execute(&mut *self.transaction)
                    .await?;
            }
        }
        Ok(())
    }
}
