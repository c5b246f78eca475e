//! Calls told anew: under the number that they have, so that whatever was said of them and every recording stays with them.

use std::collections::BTreeMap;

use app::model::PbxId;
use serde_json::{Value, json};
use sqlx::Row;
use telephony::{CallId, FinishedCall, Party};

use super::{
    base::Statement,
    read::{call_rows, calls_in, rows, some},
    totals::Counts,
    words::IN_A_MS,
    write::text,
};
use crate::store::{Result, visit::Recording};

/// What is kept of a call beside its row: its number, linked id, the parties beside caller and callee, its story.
type Rest = (i64, Option<String>, Option<String>, Option<Vec<u8>>);

fn list(ids: &[i64]) -> String {
    serde_json::to_string(ids).unwrap_or_default()
}

/// The parties beside caller and callee.
fn others(listed: Option<&str>) -> Vec<i64> {
    listed
        .and_then(|listed| serde_json::from_str(listed).ok())
        .unwrap_or_default()
}

impl Recording {
    /// Calls as they are kept, in the order of these numbers; what is not there is left out.
    pub(in crate::store) async fn whole_calls(
        &mut self,
        ids: &[i64],
    ) -> Result<Vec<(i64, PbxId, FinishedCall)>> {
        let asked = "(SELECT value AS id FROM json_each(?))";
        let told: String = sqlx::query_scalar(sqlx::AssertSqlSafe(rows(
            &Statement::default(),
            &calls_in(asked),
            "",
        )))
        .bind(list(ids))
        .fetch_one(&mut *self.transaction)
        .await?;
        let rows = call_rows(&told)?;
        let rest: Vec<Rest> = sqlx::query_as(
            "SELECT call.id, call.linked, call.others, (SELECT told FROM call_story WHERE call_story.id = call.id)
             FROM json_each(?) AS asked CROSS JOIN call ON call.id = asked.value",
        )
        .bind(list(ids))
        .fetch_all(&mut *self.transaction)
        .await?;
        let files: Vec<(i64, String)> = sqlx::query_as(
            "SELECT call_id, told FROM json_each(?) AS asked CROSS JOIN recorded_call ON recorded_call.call_id = asked.value
             WHERE told <> '' ORDER BY recorded_call.id",
        )
        .bind(list(ids))
        .fetch_all(&mut *self.transaction)
        .await?;
        let parties = self.parties_of(&rest).await?;
        let mut rest: BTreeMap<i64, _> = rest.into_iter().map(|row| (row.0, row)).collect();
        let mut calls = Vec::with_capacity(rows.len());
        for row in rows {
            let Some((_, linked, listed, told)) = rest.remove(&row.id) else {
                continue;
            };
            let files = files.iter().filter(|(of, _)| *of == row.id);
            let on_it = others(listed.as_deref());
            let call = FinishedCall {
                linked: linked.unwrap_or_else(|| row.call.0.clone()),
                direction: row.direction,
                result: row.result,
                caller: row.caller,
                callee: row.callee,
                dialled: row.dialled,
                others: on_it.iter().filter_map(|id| parties.get(id).cloned()).collect(),
                queue: row.queue,
                trunk: row.trunk,
                started: row.started,
                answered: row.answered,
                ended: telephony::Timestamp(row.started.0.saturating_add(row.duration_ms)),
                held_ms: row.held_ms,
                first_by: row.first_by,
                last_by: row.last_by,
                cause: row.cause,
                hung_up_by: row.hung_up_by,
                marks: row.marks,
                files: files.map(|(_, told)| told.clone()).collect(),
                quality: row.quality,
                told: told.unwrap_or_default(),
                id: CallId(row.call.0),
            };
            calls.push((row.id, row.pbx, call));
        }
        Ok(calls)
    }

    async fn parties_of(&mut self, calls: &[Rest]) -> Result<BTreeMap<i64, Party>> {
        let asked: Vec<i64> = calls
            .iter()
            .flat_map(|(_, _, listed, _)| others(listed.as_deref()))
            .collect();
        let found: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT party.id, number, name, extension FROM json_each(?) AS asked CROSS JOIN party ON party.id = asked.value",
        )
        .bind(list(&asked))
        .fetch_all(&mut *self.transaction)
        .await?;
        let party = |(id, number, name, extension)| {
            let party = Party {
                number,
                name: some(name),
                extension: some(extension),
            };
            (id, party)
        };
        Ok(found.into_iter().map(party).collect())
    }

    /// Tells these calls anew. None of them may begin in another millisecond than it did.
    pub(in crate::store) async fn tell_anew(&mut self, calls: &[(i64, PbxId, FinishedCall)]) -> Result<()> {
        let ids: Vec<i64> = calls.iter().map(|(id, ..)| *id).collect();
        let kinds = self.take_out(&ids).await?;
        let numbered: Vec<_> = calls.iter().map(|(id, pbx, call)| (*id, *pbx, call)).collect();
        self.put_in(&numbered).await?;
        sqlx::query("DELETE FROM call_kind WHERE calls = 0 AND id IN (SELECT value FROM json_each(?))")
            .bind(list(&kinds))
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Takes out everything that is made of a call; gives what they had in common with others.
    async fn take_out(&mut self, ids: &[i64]) -> Result<Vec<i64>> {
        let rows = sqlx::query(
            "SELECT call.id, call.pbx_id, call.kind_id, call.caller_id, call.callee_id, call.others, call.duration_ms,
                    call.talk_ms, call.pdd_ms, call.mes, kind.direction, kind.result
             FROM json_each(?) AS asked CROSS JOIN call ON call.id = asked.value
                CROSS JOIN call_kind AS kind ON kind.id = call.kind_id",
        )
        .bind(list(ids))
        .fetch_all(&mut *self.transaction)
        .await?;
        let (mut kinds, mut counts, mut on_it) = (Vec::new(), Vec::new(), Vec::<Value>::new());
        for row in &rows {
            let id: i64 = row.try_get("id")?;
            kinds.push(row.try_get("kind_id")?);
            let mut parties = others(row.try_get("others")?);
            parties.extend([row.try_get::<i64, _>("caller_id")?, row.try_get("callee_id")?]);
            on_it.extend(parties.into_iter().map(|party| json!([party, id])));
            counts.push(Counts {
                pbx: row.try_get("pbx_id")?,
                began_ms: id / IN_A_MS,
                direction: row.try_get("direction")?,
                result: row.try_get("result")?,
                duration_ms: row.try_get("duration_ms")?,
                talk_ms: row.try_get("talk_ms")?,
                pdd_ms: row.try_get("pdd_ms")?,
                mes: row.try_get("mes")?,
            });
        }
        self.count_out(counts.into_iter()).await?;
        sqlx::query(
            "UPDATE call_kind SET calls = call_kind.calls - gone.calls
             FROM (SELECT value AS id, count(*) AS calls FROM json_each(?) GROUP BY value) AS gone WHERE call_kind.id = gone.id",
        )
        .bind(list(&kinds))
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query(
            "DELETE FROM call_party WHERE (party_id, call_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))",
        )
        .bind(text(&on_it))
        .execute(&mut *self.transaction)
        .await?;
        for of in [
            "call WHERE id",
            "call_story WHERE id",
            "recorded_call WHERE call_id",
        ] {
            let query = format!("DELETE FROM {of} IN (SELECT value FROM json_each(?))");
            // the names are ours
            sqlx::query(sqlx::AssertSqlSafe(query))
                .bind(list(ids))
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(kinds)
    }
}
