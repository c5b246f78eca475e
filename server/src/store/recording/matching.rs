//! Which recording is of which call: by the name that the PBX told, else by the channel in the name of the file.

use std::collections::BTreeSet;

use app::model::PbxId;
use sqlx::{Sqlite, Transaction};
use telephony::{
    FinishedCall, Marks,
    finished::unpack,
    recording::{bare_id, base_name, is_told},
};

use crate::store::{IN_A_MS, Recording, Result, Store, cdr::SAME_MS, ms};

/// Calls that told the same name, the latest of which are looked at.
const MAX_NAMESAKES: i64 = 64;
/// Files that records name, noted at once.
const MOST_TOLD: i64 = 1_000;
/// Calls that are new, looked at in one go.
const AT_ONCE: i64 = 500;
/// Of a server that starts so many of the last ones are looked at again: it may have stopped before they were.
const AGAIN: i64 = 1_000;

/// The path below the folder of the PBX.
fn below(folder: &str, file: &str) -> String {
    if folder.is_empty() {
        file.to_owned()
    } else {
        format!("{folder}/{file}")
    }
}

/// Notes by what files are known to be recordings of calls, which are listed in `source`.
pub(in crate::store) fn note_files(source: &str) -> String {
    format!(
        "INSERT INTO recorded_call (pbx_id, named, told, call_id, by_record)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM {source}"
    )
}

impl Recording {
    /// Notes what files Asterisk's own records name, for calls that go by these linked ids; those of one PBX.
    pub(in crate::store) async fn recordings_of_records<'a>(
        &mut self,
        pbx: PbxId,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<()> {
        let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
        let told: Vec<(i64, String)> = sqlx::query_as(
            "SELECT call.id, cdr.recording FROM (
                SELECT cdr.id FROM json_each(?1) AS name CROSS JOIN cdr INDEXED BY cdr_recorded
                    ON cdr.linked = name.value AND cdr.pbx_id = ?2 AND cdr.recording <> ''
             ) AS found CROSS JOIN cdr ON cdr.id = found.id
             CROSS JOIN call ON call.pbx_id = ?2 AND call.id IN (
                SELECT id FROM call WHERE call_id = cdr.linked AND pbx_id = ?2
                UNION SELECT id FROM call WHERE linked = cdr.linked AND linked IS NOT NULL AND pbx_id = ?2)
             WHERE abs(cdr.start_ms - call.id / ?3) <= ?4 LIMIT ?5",
        )
        .bind(serde_json::to_string(&names).unwrap_or_default())
        .bind(pbx.0)
        .bind(IN_A_MS)
        .bind(ms(SAME_MS))
        .bind(MOST_TOLD)
        .fetch_all(&mut *self.transaction)
        .await?;
        for (call, told) in told {
            sqlx::query(
                "INSERT INTO recorded_call (pbx_id, named, told, call_id, by_record) SELECT ?1, ?2, ?3, ?4, 1 WHERE NOT EXISTS (
                    SELECT 1 FROM recorded_call WHERE pbx_id = ?1 AND named = ?2 AND call_id = ?4)",
            )
            .bind(pbx.0)
            .bind(base_name(&told))
            .bind(&told)
            .bind(call)
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }
}

/// By what the files of a call are known: each with what the PBX told of it, empty for a channel of a call that was recorded.
pub(in crate::store) fn names_of(call: &FinishedCall) -> Vec<(String, String)> {
    let told = call
        .files
        .iter()
        .map(|told| (base_name(told).to_owned(), told.clone()));
    let mut names: Vec<(String, String)> = told.collect();
    if call.marks.has(Marks::RECORDED) {
        let (legs, _) = unpack(&call.told).unwrap_or_default();
        let channels = legs.iter().map(|leg| bare_id(&leg.id.0).to_owned());
        names.extend(channels.map(|named| (named, String::new())));
    }
    names
}

/// Looks for the call of a recording that has none.
pub(super) async fn of_recording(transaction: &mut Transaction<'static, Sqlite>, id: i64) -> Result<()> {
    let loose: Option<(i64, String, String, Option<String>)> = sqlx::query_as(
        "SELECT pbx_id, folder, file, unique_id FROM recording WHERE id = ? AND call_id IS NULL",
    )
    .bind(id)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some((pbx, folder, file, unique_id)) = loose else {
        return Ok(());
    };
    let told: Vec<(i64, String, bool)> = sqlx::query_as(
        "SELECT call_id, told, by_record FROM recorded_call WHERE pbx_id = ? AND named = ? AND told <> '' ORDER BY id DESC LIMIT ?",
    )
    .bind(pbx)
    .bind(&file)
    .bind(MAX_NAMESAKES)
    .fetch_all(&mut **transaction)
    .await?;
    let place = below(&folder, &file);
    // records often have the name alone, without folders
    let is_it = |told: &str, by_record| is_told(told, &place) || (by_record && told == file);
    if let Some((call, ..)) = told.iter().find(|(_, told, by_record)| is_it(told, *by_record)) {
        return attach(transaction, id, *call, "told").await;
    }
    let Some(unique_id) = unique_id else { return Ok(()) };
    let call: Option<i64> = sqlx::query_scalar(
        "SELECT call_id FROM (
            SELECT call_id, 1 AS first, id FROM recorded_call WHERE pbx_id = ?1 AND named = ?2 AND told = ''
            UNION ALL SELECT id, 2, id FROM call WHERE call.call_id = ?2 AND pbx_id = ?1
         ) ORDER BY first, id DESC LIMIT 1",
    )
    .bind(pbx)
    .bind(unique_id)
    .fetch_optional(&mut **transaction)
    .await?;
    match call {
        Some(call) => attach(transaction, id, call, "named").await,
        None => Ok(()),
    }
}

async fn attach(transaction: &mut Transaction<'static, Sqlite>, id: i64, call: i64, how: &str) -> Result<()> {
    sqlx::query("UPDATE recording SET call_id = ?, matched = ? WHERE id = ? AND call_id IS NULL")
        .bind(call)
        .bind(how)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

impl Store {
    /// From where on [`Self::attach_to_new_calls`] begins.
    pub async fn newest_recorded_call(&self) -> Result<i64> {
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM recorded_call")
            .fetch_one(&self.read)
            .await?;
        Ok(newest.unwrap_or_default().saturating_sub(AGAIN))
    }

    /// Recordings that waited for calls that are kept since; how far it got.
    pub async fn attach_to_new_calls(&self, after: i64) -> Result<i64> {
        let new: Vec<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT id, pbx_id, named, told FROM recorded_call WHERE id > ? ORDER BY id LIMIT ?",
        )
        .bind(after)
        .bind(AT_ONCE)
        .fetch_all(&self.read)
        .await?;
        let Some((last, ..)) = new.last() else {
            return Ok(after);
        };
        let last = *last;
        let mut loose: Vec<i64> = Vec::new();
        for (_, pbx, named, told) in new {
            let column = if told.is_empty() { "unique_id" } else { "file" };
            let query = format!(
                "SELECT id FROM recording WHERE call_id IS NULL AND pbx_id = ? AND {column} = ? LIMIT ?"
            );
            let found: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
                .bind(pbx)
                .bind(named)
                .bind(MAX_NAMESAKES)
                .fetch_all(&self.read)
                .await?;
            loose.extend(found);
        }
        if !loose.is_empty() {
            let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
            for id in loose {
                of_recording(&mut transaction, id).await?;
            }
            transaction.commit().await?;
        }
        Ok(last)
    }
}
