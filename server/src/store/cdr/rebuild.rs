//! Calls that records tell, or put right, derived anew from the records as they are kept: by today's logic, under the number
//! that each has. Batches are one transaction each and leave behind how far they got.

use app::{
    audit::{Action, Fact, Outcome},
    model::PbxId,
};
use serde::{Deserialize, Serialize};
use sqlx::{Row, sqlite::SqliteRow};
use telephony::{
    FinishedCall, Marks, Party, Timestamp,
    cdr::{Known, Told, call_of},
};

use super::{put_right::LOOSE, rows::record};
use crate::{
    store::{Difference, IN_A_MS, Recording, Result, Store, ms, trail::add_with, visit::count},
    trail::{Act, Who, keys::ChainKeys},
};

/// Calls that are looked through for those that are to be derived, in one batch,
const LOOKED_THROUGH: i64 = 20_000;
/// and how many of those are derived in it.
const AT_ONCE: i64 = 200;
/// Changed calls that are told one by one.
const MOST_TOLD: usize = 20;

/// What came of deriving calls anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebuildTally {
    /// Calls that were not seen as a whole.
    pub looked_at: u64,
    /// Of those that only records tell, so many are told otherwise now;
    pub told: u64,
    /// of those that records had put right, so many,
    pub put_right: u64,
    /// so many that they had not,
    pub newly_put_right: u64,
    /// and so many of which records know nothing better any more.
    pub taken_back: u64,
    /// So many are as they were.
    pub same: u64,
    /// Left alone: they would begin at another moment, which is their number;
    pub other_beginning: u64,
    /// no record tells of them any more;
    pub without_records: u64,
    /// a telephone number on them was erased.
    pub erased: u64,
}

impl std::ops::AddAssign for RebuildTally {
    fn add_assign(&mut self, more: RebuildTally) {
        self.looked_at += more.looked_at;
        self.told += more.told;
        self.put_right += more.put_right;
        self.newly_put_right += more.newly_put_right;
        self.taken_back += more.taken_back;
        self.same += more.same;
        self.other_beginning += more.other_beginning;
        self.without_records += more.without_records;
        self.erased += more.erased;
    }
}

impl RebuildTally {
    /// How many are told otherwise now.
    pub fn changed(&self) -> u64 {
        self.told + self.put_right + self.newly_put_right + self.taken_back
    }
}

/// A call that is told otherwise now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anew {
    /// Its number,
    pub call: i64,
    /// and what of it.
    pub differences: Vec<Difference>,
}

/// Who begins one.
#[derive(Clone, Copy, Debug)]
pub struct NewRebuild<'a> {
    /// The calls of which PBX,
    pub pbx: PbxId,
    /// begun from then on, and before then.
    pub time: (Timestamp, Timestamp),
    /// The open row in the audit trail.
    pub act: &'a Act,
}

/// One that is under way, or a preview of one.
#[derive(Clone, Debug)]
pub struct Rebuild {
    /// Its number; none for a preview.
    pub id: Option<i64>,
    /// The calls of which PBX.
    pub pbx: PbxId,
    /// What began it.
    pub act: Option<Act>,
    /// What came of it so far.
    pub tally: RebuildTally,
    /// The first calls of this batch that are told otherwise now.
    pub told: Vec<Anew>,
    /// The last call that was dealt with,
    after: i64,
    /// and the one before which it ends.
    until: i64,
    /// Nothing is left.
    pub over: bool,
}

fn bounds((from, to): (Timestamp, Timestamp)) -> (i64, i64) {
    let first = |at: Timestamp| ms(at.0).min(i64::MAX / IN_A_MS - 1) * IN_A_MS;
    (first(from) - 1, first(to))
}

impl Rebuild {
    /// One that changes nothing.
    pub fn preview(pbx: PbxId, time: (Timestamp, Timestamp)) -> Self {
        let (after, until) = bounds(time);
        Self {
            id: None,
            pbx,
            act: None,
            tally: RebuildTally::default(),
            told: Vec::new(),
            after,
            until,
            over: false,
        }
    }
}

fn under_way(row: &SqliteRow) -> Result<Rebuild> {
    let who = Who {
        id: row.try_get("user_id")?,
        name: row.try_get("actor")?,
    };
    let time = |name: &str| row.try_get::<i64, _>(name).map(|at| Timestamp(count(at)));
    let preview = Rebuild::preview(PbxId(row.try_get("pbx_id")?), (time("from_ms")?, time("to_ms")?));
    Ok(Rebuild {
        id: Some(row.try_get("id")?),
        act: Some(Act::begun(row.try_get("act_id")?, who, Action::RebuildHistory)),
        tally: serde_json::from_str(row.try_get("tally")?).map_err(anyhow::Error::from)?,
        after: preview.after.max(row.try_get("after")?),
        ..preview
    })
}

const ONE: &str = "SELECT * FROM history_rebuild WHERE id = ? AND done_ms IS NULL";

impl Store {
    /// The one of this time that is under way.
    pub async fn rebuild_of(
        &self,
        pbx: PbxId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Option<Rebuild>> {
        let row = sqlx::query(
            "SELECT * FROM history_rebuild WHERE pbx_id = ? AND from_ms = ? AND to_ms = ? AND done_ms IS NULL",
        )
        .bind(pbx.0)
        .bind(ms(from.0))
        .bind(ms(to.0))
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(under_way).transpose()
    }

    /// Begins one. False: the same is under way.
    pub async fn begin_rebuild(&self, new: NewRebuild<'_>, now_ms: u64) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO history_rebuild (pbx_id, from_ms, to_ms, act_id, user_id, actor, began_ms, tally)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(new.pbx.0)
        .bind(ms(new.time.0.0))
        .bind(ms(new.time.1.0))
        .bind(new.act.id())
        .bind(new.act.who().id)
        .bind(&new.act.who().name)
        .bind(ms(now_ms))
        .bind(serde_json::to_string(&RebuildTally::default()).map_err(anyhow::Error::from)?)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Goes on a little; what another one did meanwhile is not done again. The trail has the end of one that is over.
    pub async fn rebuild_some(&self, at: Rebuild, keys: &ChainKeys, now_ms: u64) -> Result<Rebuild> {
        // looked for without a lock: a call that ends meanwhile is told by today's logic anyway
        let (ids, next) = self.loose_calls(&at).await?;
        let mut recording = self.record().await?;
        let mut now = match at.id {
            None => at,
            Some(id) => {
                let row = sqlx::query(ONE)
                    .bind(id)
                    .fetch_optional(&mut *recording.transaction)
                    .await?;
                let Some(row) = row else {
                    return Ok(Rebuild { over: true, ..at });
                };
                let now = under_way(&row)?;
                if now.after != at.after {
                    return Ok(now);
                }
                now
            }
        };
        now.told = Vec::new();
        let mut known = recording.known(now.pbx).await?;
        for id in ids {
            let (tally, differences) = recording.rebuild_call(id, &mut known).await?;
            now.tally += tally;
            if tally.changed() > 0 && now.told.len() < MOST_TOLD {
                now.told.push(Anew {
                    call: id,
                    differences,
                });
            }
        }
        (now.after, now.over) = match next {
            Some(next) => (next, false),
            None => (now.until, true),
        };
        match now.id {
            None => recording.undo().await?,
            Some(id) => {
                sqlx::query("UPDATE history_rebuild SET after = ?2, tally = ?3, done_ms = ?4 WHERE id = ?1")
                    .bind(id)
                    .bind(now.after)
                    .bind(serde_json::to_string(&now.tally).map_err(anyhow::Error::from)?)
                    .bind(now.over.then_some(ms(now_ms)))
                    .execute(&mut *recording.transaction)
                    .await?;
                let told = match now.act.clone().filter(|_| now.over) {
                    Some(act) => {
                        let facts = [
                            Fact::told("looked at", now.tally.looked_at.to_string()),
                            Fact::told("changed", now.tally.changed().to_string()),
                        ];
                        let line = act.ended(Outcome::Done, &facts);
                        add_with(&mut recording.transaction, keys, line).await?
                    }
                    None => 0,
                };
                recording.commit().await?;
                keys.written(told);
            }
        }
        Ok(now)
    }

    /// The next calls that were not seen as a whole, and where the search for more goes on.
    async fn loose_calls(&self, at: &Rebuild) -> Result<(Vec<i64>, Option<i64>)> {
        let last: Option<i64> = sqlx::query_scalar(
            "SELECT max(id) FROM (SELECT id FROM call WHERE id > ? AND id < ? ORDER BY id LIMIT ?)",
        )
        .bind(at.after)
        .bind(at.until)
        .bind(LOOKED_THROUGH)
        .fetch_one(&self.read)
        .await?;
        let Some(last) = last else {
            return Ok((Vec::new(), None));
        };
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM call WHERE id > ? AND id <= ? AND pbx_id = ? AND marks & ? <> 0 ORDER BY id LIMIT ?",
        )
        .bind(at.after)
        .bind(last)
        .bind(at.pbx.0)
        .bind(LOOSE | Marks::TOLD.0)
        .bind(AT_ONCE)
        .fetch_all(&self.read)
        .await?;
        let full = ids.len() as i64 == AT_ONCE;
        let next = ids.last().filter(|_| full).copied().unwrap_or(last);
        Ok((ids, Some(next)))
    }
}

/// Whether somebody on it is nobody, because their number was erased.
fn is_erased(call: &FinishedCall) -> bool {
    let nobody = |party: &Party| {
        let name = party.name.as_deref().unwrap_or_default();
        let number = name.strip_prefix("Erased ").unwrap_or_default();
        let erased = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        erased && party.number.is_empty() && party.extension.is_none()
    };
    [&call.caller, &call.callee]
        .into_iter()
        .chain(&call.others)
        .any(nobody)
}

impl Recording {
    /// Derives one call anew; what came of it, and what of it is told otherwise.
    async fn rebuild_call(&mut self, id: i64, known: &mut Known) -> Result<(RebuildTally, Vec<Difference>)> {
        let mut tally = RebuildTally {
            looked_at: 1,
            ..RebuildTally::default()
        };
        let Some((_, pbx, current)) = self.whole_calls(&[id]).await?.pop() else {
            return Ok((RebuildTally::default(), Vec::new()));
        };
        if is_erased(&current) {
            tally.erased = 1;
            return Ok((tally, Vec::new()));
        }
        if !current.marks.has(Marks::TOLD) {
            return self.heal_anew(id, known, tally).await;
        }
        let rows = self.records_of_group(pbx, &current.linked).await?;
        let Some(call) = call_of(&rows, known) else {
            tally.without_records = 1;
            return Ok((tally, Vec::new()));
        };
        if call.started != current.started {
            tally.other_beginning = 1;
            return Ok((tally, Vec::new()));
        }
        let differences = self.differences(id, &call).await?.unwrap_or_default();
        if differences.is_empty() {
            tally.same = 1;
        } else {
            tally.told = 1;
            self.tell_anew(&[(id, pbx, call)]).await?;
        }
        Ok((tally, differences))
    }

    /// The same of a call of which something was seen.
    async fn heal_anew(
        &mut self,
        id: i64,
        known: &mut Known,
        mut tally: RebuildTally,
    ) -> Result<(RebuildTally, Vec<Difference>)> {
        let Some(derived) = self.derived(id, known).await? else {
            return Ok((tally, Vec::new()));
        };
        let differences = self.differences(id, derived.call()).await?.unwrap_or_default();
        let is = |one: &mut u64| *one = 1;
        match (&derived.kept, &derived.healed) {
            (None, None) => is(&mut tally.same),
            (Some(_), Some(_)) if differences.is_empty() => is(&mut tally.same),
            (Some(_), Some(_)) => is(&mut tally.put_right),
            (None, Some(_)) => is(&mut tally.newly_put_right),
            (Some(_), None) => is(&mut tally.taken_back),
        }
        if tally.changed() == 0 {
            return Ok((tally, Vec::new()));
        }
        self.settle(id, &derived).await?;
        Ok((tally, differences))
    }

    /// Every record of one linked id.
    async fn records_of_group(&mut self, pbx: PbxId, linked: &str) -> Result<Vec<Told>> {
        let rows = sqlx::query(
            "SELECT * FROM cdr WHERE linked = ? AND linked <> '' AND pbx_id = ? ORDER BY start_ms, sequence, id",
        )
        .bind(linked)
        .bind(pbx.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        let told = rows.iter().map(|row| Ok(record(row)?.told));
        told.collect()
    }
}
