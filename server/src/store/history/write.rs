//! Writing calls: a batch in two statements, however many there are. What is kept already stays as it is.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use anyhow::anyhow;
use app::model::PbxId;
use serde_json::{Value, json};
use telephony::{FinishedCall, Marks, Mes, Party, recording::base_name};

use super::{
    disposition,
    known::{Known, kind_key, party_key},
    open,
    totals::{Counts, Totals, upsert},
    words::{IN_A_MS, hung_up_word},
};
use crate::store::{
    Result,
    cdr::SAME_MS,
    ms,
    recording::{names_of, note_files},
    visit::Recording,
};

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

/// Everything that is made of calls, in one statement: what is inserted into this view goes where it belongs, each list to its own
/// table. Several statements would each be told of and waited for by themselves.
pub(super) static PUT: LazyLock<String> = LazyLock::new(|| {
    let note = note_files("json_each(new.files)");
    let queues = disposition::of_calls("json_each(new.queues)");
    let (hours, days) = (
        upsert("call_hour", "hour", "json_each(new.hours)"),
        upsert("call_day", "day", "json_each(new.days)"),
    );
    let over = open::forget("json_each(new.over)");
    format!(
        "CREATE TEMP VIEW calls_over AS SELECT NULL AS kinds, NULL AS calls, NULL AS stories, NULL AS parties,
            NULL AS files, NULL AS queues, NULL AS hours, NULL AS days, NULL AS over;
CREATE TEMP TRIGGER put_calls INSTEAD OF INSERT ON calls_over BEGIN
    UPDATE call_kind SET calls = call_kind.calls + told.value ->> 1
        FROM json_each(new.kinds) AS told WHERE call_kind.id = told.value ->> 0;
    INSERT INTO call (id, pbx_id, call_id, linked, kind_id, caller_id, callee_id, others, dialled, answered_ms,
                      duration_ms, talk_ms, held_ms, first_by, last_by, cause, hung_up_by, marks, pdd_ms, mes,
                      caller_number, caller_name, caller_extension, callee_number, callee_name, callee_extension)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
               value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
               value ->> 15, value ->> 16, value ->> 17, value ->> 18, value ->> 19,
               value ->> 20, value ->> 21, value ->> 22, value ->> 23, value ->> 24, value ->> 25
        FROM json_each(new.calls);
    INSERT INTO call_story (id, told) SELECT value ->> 0, unhex(value ->> 1) FROM json_each(new.stories);
    INSERT INTO call_party (party_id, call_id, role, kind_id)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(new.parties)
        WHERE true ON CONFLICT DO NOTHING;
    {note};
    {queues};
    {hours};
    {days};
    {over};
END;"
    )
});

pub(super) fn everybody(call: &FinishedCall) -> impl Iterator<Item = &Party> {
    [&call.caller, &call.callee].into_iter().chain(&call.others)
}

impl Recording {
    /// Writes calls that are over; one that is kept already is left as it is. How many were new.
    pub async fn calls(&mut self, told: &[(PbxId, FinishedCall)]) -> Result<usize> {
        let known = self.known_of(told).await?;
        // the same call is one of the same name that began at the same moment: a PBX whose clock is set back gives a name again
        let mut once = HashSet::new();
        let new = told.iter().enumerate().filter(|(at, (pbx, call))| {
            !known.kept.contains(&ms(*at as u64)) && once.insert((*pbx, &call.id, call.started))
        });
        let mut free: HashMap<i64, i64> = HashMap::new();
        let numbered: Vec<Numbered<'_>> = new
            .map(|(_, (pbx, call))| {
                let first = first_id(call);
                let after_last = known.taken.get(&first).map_or(first, |last| last + 1);
                let id = free.entry(first).or_insert(after_last);
                *id += 1;
                (*id - 1, *pbx, call)
            })
            .collect();
        let over = told.iter().map(|(pbx, call)| json!([pbx.0, call.id.0]));
        self.put(&numbered, &known, over.collect()).await?;
        Ok(numbered.len())
    }

    /// Writes calls under these numbers, which are free.
    pub(super) async fn put_in(&mut self, calls: &[Numbered<'_>]) -> Result<()> {
        if calls.is_empty() {
            return Ok(());
        }
        let known = self.known_of_numbered(calls).await?;
        self.put(calls, &known, Vec::new()).await
    }

    async fn put(&mut self, calls: &[Numbered<'_>], known: &Known, over: Vec<Value>) -> Result<()> {
        let rows = calls.iter().map(|(id, pbx, call)| {
            let numbers = everybody(call).map(|party| known.parties.get(&party_key(*pbx, party)).copied());
            Some(Row {
                id: *id,
                pbx: pbx.0,
                call,
                kind: *known.kinds.get(&kind_key(*pbx, call))?,
                parties: numbers.collect::<Option<_>>()?,
            })
        });
        let rows: Option<Vec<Row<'_>>> = rows.collect();
        let rows = rows.ok_or_else(|| anyhow!("somebody on a call was not found again"))?;
        let mut kinds: BTreeMap<i64, u64> = BTreeMap::new();
        for row in &rows {
            *kinds.entry(row.kind).or_default() += 1;
        }
        let queues = rows
            .iter()
            .filter(|row| row.call.queue.is_some())
            .map(|row| row.id);
        let (hours, days) = Totals::of(rows.iter().map(|row| Counts::of(row.pbx, row.call)), 1);
        let mut query = sqlx::query(
            "INSERT INTO calls_over (kinds, calls, stories, parties, files, queues, hours, days, over)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        );
        for list in [
            json!(kinds.into_iter().collect::<Vec<_>>()),
            rows.iter().map(call).collect(),
            rows.iter()
                .map(|row| json!([row.id, hex(&row.call.told)]))
                .collect(),
            json!(parties(&rows)),
            files(&rows, known).into(),
            queues.collect(),
            hours.listed().into(),
            days.listed().into(),
            over.into(),
        ] {
            query = query.bind(list.to_string());
        }
        query.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

fn call(row: &Row<'_>) -> Value {
    let call = row.call;
    let (caller, callee) = (row.parties.first(), row.parties.get(1));
    let linked = (call.linked != call.id.0).then_some(&call.linked);
    let side = |party| {
        let (_, number, name, extension) = party_key(PbxId(row.pbx), party);
        [number, name, extension]
    };
    let ([by, by_name, by_extension], [to, to_name, to_extension]) = (side(&call.caller), side(&call.callee));
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
        call.quality.pdd_ms.map(ms),
        call.quality.mes.map(Mes::tenths),
        by,
        by_name,
        by_extension,
        to,
        to_name,
        to_extension,
    ])
}

/// Who is on which call, in the order of the table.
fn parties(rows: &[Row<'_>]) -> Vec<[i64; 4]> {
    let mut listed: Vec<[i64; 4]> = Vec::new();
    for row in rows {
        let parties = row.parties.iter().zip(roles(row.call));
        listed.extend(parties.map(|(party, (_, role))| [*party, row.id, role, row.kind]));
    }
    listed.sort_unstable();
    listed
}

/// By what files are known to be recordings of these calls: what was told of the call, then what its records name.
fn files(rows: &[Row<'_>], known: &Known) -> Vec<Value> {
    let mut listed = Vec::new();
    for row in rows {
        let names = names_of(row.call);
        let of_records = known.files.iter().filter(|file| {
            file.pbx == row.pbx
                && (file.linked == row.call.linked || file.linked == row.call.id.0)
                && file.start_ms.abs_diff(row.id / IN_A_MS) <= SAME_MS
                && !names.iter().any(|(named, _)| named == base_name(&file.told))
        });
        let mut once = HashSet::new();
        let of_records = of_records.filter(|file| once.insert(base_name(&file.told)));
        listed.extend(
            names
                .iter()
                .map(|(named, told)| json!([row.pbx, named, told, row.id, 0])),
        );
        listed.extend(of_records.map(|file| json!([row.pbx, base_name(&file.told), file.told, row.id, 1])));
    }
    listed
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
pub(super) fn first_id(call: &FinishedCall) -> i64 {
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
