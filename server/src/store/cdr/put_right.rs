//! Calls that were not seen as a whole, put right by their records. What was seen of each is kept beside it, and it is always that
//! which records are held against: the same records come to the same, in any order and however often.

use std::collections::BTreeSet;

use app::model::{PbxId, records::Class};
use serde_json::Value;
use telephony::{
    FinishedCall, Marks, Timestamp,
    cdr::{Known, NEAR_MS, Told, heal},
    finished::unpack,
    lost::Contact,
};

use super::{SAME_MS, rows::record};
use crate::store::{Recording, Result, ms, visit::count};

/// Marks of calls that records may know better.
pub(super) const LOOSE: u32 = Marks::LOST_TRACK.0 | Marks::HEALED.0 | Marks::DISCOVERED.0 | Marks::GAP.0;
/// Records of one call that are held against it.
const MOST_OF_CALL: i64 = 500;

/// A call that was not seen as a whole, and what its records make of it.
pub(super) struct Derived {
    pub(super) pbx: PbxId,
    /// What it was told as, where records put it right before.
    pub(super) kept: Option<String>,
    /// What was seen of it.
    pub(super) seen: FinishedCall,
    /// As it is told by its records; `None` where they know no better.
    pub(super) healed: Option<FinishedCall>,
}

impl Derived {
    /// The call as it is told.
    pub(super) fn call(&self) -> &FinishedCall {
        self.healed.as_ref().unwrap_or(&self.seen)
    }
}

/// A call as `call_seen` has it.
pub(super) fn written(call: &FinishedCall) -> Result<String> {
    Ok(serde_json::to_string(call).map_err(anyhow::Error::from)?)
}

impl Recording {
    /// Puts right what was not seen of calls that go by one of these names; how many are told otherwise now.
    pub async fn put_right<'a>(&mut self, pbx: PbxId, names: impl Iterator<Item = &'a str>) -> Result<u64> {
        let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Ok(0);
        }
        self.recordings_of_records(pbx, names.iter().copied()).await?;
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT call.id FROM json_each(?1) AS name CROSS JOIN call
                ON call.call_id = name.value AND call.pbx_id = ?2 WHERE call.marks & ?3 <> 0
             UNION SELECT call.id FROM json_each(?1) AS name CROSS JOIN call
                ON call.linked = name.value AND call.linked IS NOT NULL AND call.pbx_id = ?2 WHERE call.marks & ?3 <> 0",
        )
        .bind(serde_json::to_string(&names).unwrap_or_default())
        .bind(pbx.0)
        .bind(LOOSE)
        .fetch_all(&mut *self.transaction)
        .await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut known = self.known(pbx).await?;
        let mut changed = 0;
        for id in ids {
            changed += u64::from(self.put_right_call(id, &mut known).await?);
        }
        Ok(changed)
    }

    /// What holding records against a call makes of it, and whether it is told otherwise now.
    pub(super) async fn held(&mut self, id: i64, marks: Marks, known: &mut Known) -> Result<(Class, bool)> {
        if marks.has(Marks::TOLD) {
            return Ok((Class::Repaired, false));
        }
        if marks.0 & LOOSE == 0 {
            return Ok((Class::Matched, false));
        }
        let changed = self.put_right_call(id, known).await?;
        let repaired: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM call_seen WHERE id = ?)")
            .bind(id)
            .fetch_one(&mut *self.transaction)
            .await?;
        let class = if repaired { Class::Repaired } else { Class::Matched };
        Ok((class, changed))
    }

    pub(super) async fn known(&mut self, pbx: PbxId) -> Result<Known> {
        let trunks: Vec<String> = sqlx::query_scalar(super::coverage::TRUNKS)
            .bind(pbx.0)
            .fetch_all(&mut *self.transaction)
            .await?;
        Ok(Known::of_trunks(trunks))
    }

    /// Puts one right; whether it is told otherwise now.
    pub(super) async fn put_right_call(&mut self, id: i64, known: &mut Known) -> Result<bool> {
        let Some(derived) = self.derived(id, known).await? else {
            return Ok(false);
        };
        let changed = match (&derived.kept, &derived.healed) {
            (None, None) => false,
            (Some(before), Some(now)) => *before != written(now)?,
            (_, Some(_)) | (Some(_), None) => true,
        };
        if changed {
            self.settle(id, &derived).await?;
        }
        Ok(changed)
    }

    /// What its records make of a call that was not seen as a whole; `None` where there is no such call.
    pub(super) async fn derived(&mut self, id: i64, known: &mut Known) -> Result<Option<Derived>> {
        let kept: Option<(String, String)> = sqlx::query_as("SELECT seen, told FROM call_seen WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some((_, pbx, current)) = self.whole_calls(&[id]).await?.pop() else {
            return Ok(None);
        };
        let seen = match &kept {
            None => current,
            Some((seen, _)) => serde_json::from_str(seen).map_err(anyhow::Error::from)?,
        };
        let rows = self.records_about(pbx, &seen).await?;
        let again = self.seen_again(pbx, seen.ended).await?;
        let healed = heal(&seen, &rows, again, known);
        Ok(Some(Derived {
            pbx,
            kept: kept.map(|(_, told)| told),
            seen,
            healed,
        }))
    }

    /// Tells a call as it was derived.
    pub(super) async fn settle(&mut self, id: i64, derived: &Derived) -> Result<()> {
        let Derived { pbx, seen, .. } = derived;
        if seen.answered.is_none() {
            // that anybody was reached by it only records can have told
            let talks = derived
                .healed
                .as_ref()
                .map(Contact::of_finished)
                .unwrap_or_default();
            self.not_reached(*pbx, &seen.id.0, &talks).await?;
            for talk in &talks {
                self.contact(*pbx, talk, &[]).await?;
            }
        }
        let Some(now) = &derived.healed else {
            sqlx::query("DELETE FROM call_seen WHERE id = ?")
                .bind(id)
                .execute(&mut *self.transaction)
                .await?;
            return self.tell_anew(&[(id, *pbx, seen.clone())]).await;
        };
        sqlx::query(
            "INSERT INTO call_seen (id, seen, told) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET told = excluded.told",
        )
        .bind(id)
        .bind(written(seen)?)
        .bind(written(now)?)
        .execute(&mut *self.transaction)
        .await?;
        self.tell_anew(&[(id, *pbx, now.clone())]).await
    }

    /// Every record that goes by a name of the call, or of one of its channels.
    async fn records_about(&mut self, pbx: PbxId, call: &FinishedCall) -> Result<Vec<Told>> {
        let (legs, _) = unpack(&call.told).unwrap_or_default();
        let names = legs.into_iter().map(|leg| leg.id.0);
        let names: BTreeSet<String> = names.chain([call.id.0.clone(), call.linked.clone()]).collect();
        let names: Vec<Value> = names
            .into_iter()
            .filter(|name| !name.is_empty())
            .map(Value::from)
            .collect();
        let rows = sqlx::query(
            "SELECT cdr.* FROM (
                SELECT cdr.id FROM json_each(?1) AS name CROSS JOIN cdr
                    ON cdr.linked = name.value AND cdr.linked <> '' AND cdr.pbx_id = ?2
                UNION SELECT cdr.id FROM json_each(?1) AS name CROSS JOIN cdr
                    ON cdr.uniqueid = name.value AND cdr.uniqueid <> '' AND cdr.pbx_id = ?2
             ) AS found CROSS JOIN cdr ON cdr.id = found.id
             WHERE abs(cdr.start_ms - ?3) <= ?4 ORDER BY cdr.start_ms, cdr.sequence, cdr.id LIMIT ?5",
        )
        .bind(serde_json::to_string(&names).unwrap_or_default())
        .bind(pbx.0)
        .bind(ms(call.started.0))
        .bind(ms(SAME_MS))
        .bind(MOST_OF_CALL)
        .fetch_all(&mut *self.transaction)
        .await?;
        let told = rows.iter().map(|row| Ok(record(row)?.told));
        told.collect()
    }

    /// When a PBX was seen again that was not seen any more at this moment.
    async fn seen_again(&mut self, pbx: PbxId, at: Timestamp) -> Result<Option<Timestamp>> {
        let again: Option<i64> = sqlx::query_scalar(
            "SELECT to_ms FROM gap WHERE pbx_id = ? AND from_ms <= ? AND to_ms >= ? ORDER BY from_ms DESC LIMIT 1",
        )
        .bind(pbx.0)
        .bind(ms(at.0.saturating_add(NEAR_MS)))
        .bind(ms(at.0))
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(again.map(|again| Timestamp(count(again))))
    }
}
