//! Writing calls: a batch in a handful of statements, however many there are. What is kept already stays as it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::anyhow;
use app::model::PbxId;
use serde_json::{Value, json};
use telephony::{FinishedCall, Marks, Mes, Party};

use super::{
    totals::Counts,
    words::{IN_A_MS, direction_word, hung_up_word, keys, length, result_word, whole},
};
use crate::store::{Result, ms, visit::Recording};

/// A party as it is kept.
type PartyKey = (i64, String, String, String);
/// What a call has in common with others: see `call_kind`.
type KindKey = (i64, &'static str, &'static str, String, String, bool, usize);

/// A call and its number.
pub(super) type Numbered<'a> = (i64, PbxId, &'a FinishedCall);

/// A call on its way into the database.
struct Row<'a> {
    id: i64,
    pbx: i64,
    call: &'a FinishedCall,
    kind: i64,
    /// The caller, the callee, and the others.
    parties: Vec<i64>,
}

fn party_key(pbx: PbxId, party: &Party) -> PartyKey {
    let name = party.name.as_deref().unwrap_or_default();
    let extension = party.extension.as_deref().unwrap_or_default();
    (pbx.0, whole(&party.number), whole(name), whole(extension))
}

fn kind_key(pbx: PbxId, call: &FinishedCall) -> KindKey {
    (
        pbx.0,
        direction_word(call.direction),
        result_word(call.result),
        call.queue.clone().unwrap_or_default(),
        call.trunk.clone().unwrap_or_default(),
        call.marks.has(Marks::RECORDED),
        length(call.duration_ms()),
    )
}

fn everybody(call: &FinishedCall) -> impl Iterator<Item = &Party> {
    [&call.caller, &call.callee].into_iter().chain(&call.others)
}

impl Recording {
    /// Writes calls that are over; one that is kept already is left as it is. How many were new.
    pub async fn calls(&mut self, told: &[(PbxId, FinishedCall)]) -> Result<usize> {
        let new = self.not_kept(told).await?;
        let mut free = self.free_ids(&new).await?;
        let numbered: Vec<Numbered<'_>> = new
            .into_iter()
            .map(|(pbx, call)| {
                let first = first_id(call);
                let id = free.entry(first).or_insert(first);
                *id += 1;
                (*id - 1, *pbx, call)
            })
            .collect();
        self.put_in(&numbered).await?;
        self.forget_open(told.iter().map(|(pbx, call)| (*pbx, call.id.0.as_str())))
            .await?;
        Ok(numbered.len())
    }

    /// Writes calls under these numbers, which are free.
    pub(super) async fn put_in(&mut self, calls: &[Numbered<'_>]) -> Result<()> {
        if calls.is_empty() {
            return Ok(());
        }
        let parties = self.parties(calls).await?;
        let kinds = self.kinds(calls).await?;
        let rows = calls.iter().map(|(id, pbx, call)| {
            let numbers = everybody(call).map(|party| parties.get(&party_key(*pbx, party)).copied());
            Some(Row {
                id: *id,
                pbx: pbx.0,
                call,
                kind: *kinds.get(&kind_key(*pbx, call))?,
                parties: numbers.collect::<Option<_>>()?,
            })
        });
        let rows: Option<Vec<Row<'_>>> = rows.collect();
        let rows = rows.ok_or_else(|| anyhow!("somebody on a call was not found again"))?;
        self.insert_calls(&rows).await?;
        self.insert_parties(&rows).await?;
        self.recorded_calls(rows.iter().map(|row| (row.id, row.pbx, row.call)))
            .await?;
        let mut linked: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
        for row in &rows {
            linked.entry(row.pbx).or_default().push(&row.call.linked);
        }
        for (pbx, names) in linked {
            self.recordings_of_records(PbxId(pbx), names.into_iter()).await?;
        }
        let of_queues: Vec<i64> = rows
            .iter()
            .filter(|row| row.call.queue.is_some())
            .map(|row| row.id)
            .collect();
        if !of_queues.is_empty() {
            self.said_while_up(&of_queues).await?;
        }
        let counts = rows.iter().map(|row| Counts::of(row.pbx, row.call));
        self.add_up(counts, 1).await
    }

    /// Those that are not kept yet, each once. The same call is one of the same name that began at the same moment: a PBX whose
    /// clock is set back gives a name again.
    async fn not_kept<'a>(
        &mut self,
        told: &'a [(PbxId, FinishedCall)],
    ) -> Result<Vec<&'a (PbxId, FinishedCall)>> {
        let named: Vec<Value> = told
            .iter()
            .map(|(pbx, call)| json!([call.id.0, pbx.0, ms(call.started.0)]))
            .collect();
        let kept: Vec<i64> = sqlx::query_scalar(
            "SELECT told.key FROM json_each(?) AS told CROSS JOIN call
                ON call.call_id = told.value ->> 0 AND call.pbx_id = told.value ->> 1
             WHERE call.id / ? = told.value ->> 2",
        )
        .bind(text(&named))
        .bind(IN_A_MS)
        .fetch_all(&mut *self.transaction)
        .await?;
        let kept: HashSet<i64> = kept.into_iter().collect();
        let mut once = HashSet::new();
        let new = told.iter().enumerate().filter(|(at, (pbx, call))| {
            !kept.contains(&ms(*at as u64)) && once.insert((*pbx, &call.id, call.started))
        });
        Ok(new.map(|(_, told)| told).collect())
    }

    /// The numbers of everybody on these calls; who was never seen before gets one.
    async fn parties(&mut self, new: &[Numbered<'_>]) -> Result<HashMap<PartyKey, i64>> {
        let mut keys_of: HashMap<PartyKey, (String, String)> = HashMap::new();
        for (_, pbx, call) in new {
            for party in everybody(call) {
                keys_of.entry(party_key(*pbx, party)).or_insert_with(|| {
                    let (digits, folded) = keys(party);
                    (whole(&digits), whole(&folded))
                });
            }
        }
        let order: Vec<(PartyKey, (String, String))> = keys_of.into_iter().collect();
        let listed: Vec<Value> = order
            .iter()
            .map(|((pbx, number, name, extension), (digits, folded))| {
                json!([number, name, extension, pbx, digits, folded])
            })
            .collect();
        let listed = text(&listed);
        let find = "SELECT told.key, party.id FROM json_each(?) AS told CROSS JOIN party
                ON party.number = told.value ->> 0 AND party.name = told.value ->> 1
                AND party.extension = told.value ->> 2 AND party.pbx_id = told.value ->> 3";
        let mut found: Vec<(i64, i64)> = sqlx::query_as(find)
            .bind(&listed)
            .fetch_all(&mut *self.transaction)
            .await?;
        if found.len() < order.len() {
            let made: Vec<i64> = sqlx::query_scalar(
                "INSERT INTO party (number, name, extension, pbx_id, digits, folded)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
                 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING RETURNING id",
            )
            .bind(&listed)
            .fetch_all(&mut *self.transaction)
            .await?;
            sqlx::query(
                "INSERT INTO party_text (rowid, digits, folded)
                 SELECT party.id, party.digits, party.folded FROM json_each(?) AS made CROSS JOIN party ON party.id = made.value",
            )
            .bind(serde_json::to_string(&made).unwrap_or_default())
            .execute(&mut *self.transaction)
            .await?;
            found = sqlx::query_as(find)
                .bind(&listed)
                .fetch_all(&mut *self.transaction)
                .await?;
        }
        let at = |key: i64| usize::try_from(key).ok().and_then(|key| order.get(key));
        Ok(found
            .into_iter()
            .filter_map(|(key, id)| Some((at(key)?.0.clone(), id)))
            .collect())
    }

    /// The numbers of what these calls have in common with others, counted up.
    async fn kinds(&mut self, new: &[Numbered<'_>]) -> Result<HashMap<KindKey, i64>> {
        let mut counted: HashMap<KindKey, u64> = HashMap::new();
        for (_, pbx, call) in new {
            *counted.entry(kind_key(*pbx, call)).or_default() += 1;
        }
        let order: Vec<(KindKey, u64)> = counted.into_iter().collect();
        let listed = order.iter().map(
            |((pbx, direction, result, queue, trunk, recorded, length), calls)| {
                let (queue, trunk) = (whole(queue), whole(trunk));
                json!([
                    pbx,
                    direction,
                    result,
                    queue,
                    trunk,
                    i64::from(*recorded),
                    length,
                    calls
                ])
            },
        );
        let listed = text(&listed.collect::<Vec<_>>());
        sqlx::query(
            "INSERT INTO call_kind (pbx_id, direction, result, queue, trunk, recorded, length, calls)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
             FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
        )
        .bind(&listed)
        .execute(&mut *self.transaction)
        .await?;
        let found: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT told.key, kind.id FROM json_each(?) AS told CROSS JOIN call_kind AS kind
                ON kind.pbx_id = told.value ->> 0 AND kind.direction = told.value ->> 1 AND kind.result = told.value ->> 2
                AND kind.queue = told.value ->> 3 AND kind.trunk = told.value ->> 4 AND kind.recorded = told.value ->> 5
                AND kind.length = told.value ->> 6",
        )
        .bind(&listed)
        .fetch_all(&mut *self.transaction)
        .await?;
        let at = |key: i64| usize::try_from(key).ok().and_then(|key| order.get(key));
        Ok(found
            .into_iter()
            .filter_map(|(key, id)| Some((at(key)?.0.clone(), id)))
            .collect())
    }

    /// For each millisecond in which calls began, the first id of it that is free.
    async fn free_ids(&mut self, new: &[&(PbxId, FinishedCall)]) -> Result<HashMap<i64, i64>> {
        let firsts: Vec<i64> = new.iter().map(|(_, call)| first_id(call)).collect();
        let taken: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT told.value, max(call.id) FROM json_each(?) AS told CROSS JOIN call
                ON call.id >= told.value AND call.id < told.value + ? GROUP BY told.value",
        )
        .bind(serde_json::to_string(&firsts).unwrap_or_default())
        .bind(IN_A_MS)
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(taken.into_iter().map(|(first, last)| (first, last + 1)).collect())
    }

    async fn insert_calls(&mut self, rows: &[Row<'_>]) -> Result<()> {
        let listed = rows.iter().map(|row| {
            let call = row.call;
            let (caller, callee) = (row.parties.first(), row.parties.get(1));
            let linked = (call.linked != call.id.0).then_some(&call.linked);
            json!([
                row.id,
                row.pbx,
                call.id.0,
                linked,
                row.kind,
                caller,
                callee,
                row.parties
                    .get(2..)
                    .filter(|others| !others.is_empty())
                    .map(|others| format!("{others:?}")),
                call.dialled,
                call.answered.map(|at| ms(at.0)),
                ms(call.duration_ms()),
                ms(call.talk_ms()),
                ms(call.held_ms),
                call.first_by,
                call.last_by,
                call.cause,
                hung_up_word(call.hung_up_by),
                call.marks.0,
                hex(&call.told),
                call.quality.pdd_ms.map(ms),
                call.quality.mes.map(Mes::tenths),
            ])
        });
        let listed = text(&listed.collect::<Vec<_>>());
        sqlx::query(
            "INSERT INTO call (id, pbx_id, call_id, linked, kind_id, caller_id, callee_id, others, dialled, answered_ms,
                               duration_ms, talk_ms, held_ms, first_by, last_by, cause, hung_up_by, marks, pdd_ms, mes)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
                    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
                    value ->> 15, value ->> 16, value ->> 17, value ->> 19, value ->> 20
             FROM json_each(?)",
        )
        .bind(&listed)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query(
            "INSERT INTO call_story (id, told) SELECT value ->> 0, unhex(value ->> 18) FROM json_each(?)",
        )
        .bind(&listed)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn insert_parties(&mut self, rows: &[Row<'_>]) -> Result<()> {
        let mut listed: Vec<[i64; 4]> = Vec::new();
        for row in rows {
            let parties = row.parties.iter().zip(roles(row.call));
            listed.extend(parties.map(|(party, (_, role))| [*party, row.id, role, row.kind]));
        }
        // in the order of the table
        listed.sort_unstable();
        sqlx::query(
            "INSERT INTO call_party (party_id, call_id, role, kind_id)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
        )
        .bind(serde_json::to_string(&listed).unwrap_or_default())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

/// By whom a call is found, and as what.
pub(super) fn roles(call: &FinishedCall) -> impl Iterator<Item = (&Party, i64)> {
    // whoever is listened to is not on the call of who listens
    let supervision = call.marks.has(Marks::SUPERVISION);
    let shown = if supervision { 1 } else { usize::MAX };
    everybody(call)
        .take(shown)
        .zip([1, 2].into_iter().chain(std::iter::repeat(3)))
}

/// The first id of the millisecond in which a call began.
fn first_id(call: &FinishedCall) -> i64 {
    ms(call.started.0).min(i64::MAX / IN_A_MS - 1) * IN_A_MS
}

pub(super) fn text(rows: &[Value]) -> String {
    // values always write
    serde_json::to_string(rows).unwrap_or_default()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |at: u8| char::from(DIGITS[usize::from(at & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}
