//! Reading calls: those of a page, and one with its story.

use std::collections::HashMap;

use anyhow::Context;
use app::model::{
    PbxId,
    history::{CallRow, CallTold},
};
use sqlx::{ColumnIndex, Decode, Row, Type};
use telephony::{CallId, Marks, Mes, Party, Quality, Timestamp};

use super::{
    Kept,
    base::Statement,
    words::{IN_A_MS, direction, hung_up, result},
};
use crate::store::{Result, Store, visit::count};

/// Which calls somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of them.
    Everything,
    /// Those of these PBXs, those on which one of these extensions was or which rang there, those of these queues.
    Of {
        /// PBXs that are seen whole.
        pbxs: Vec<PbxId>,
        /// Extensions.
        extensions: Vec<(PbxId, String)>,
        /// Queues.
        queues: Vec<(PbxId, String)>,
    },
}

/// A call as it is kept: which extensions it is about decides who sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The call.
    pub told: CallTold,
    /// Extensions that were on it or were rung.
    pub extensions: Vec<String>,
}

/// What a list shows of the calls `call` of a table of numbers `asked`.
pub(super) fn rows(statement: &Statement, asked: &str) -> String {
    let (join, asked) = (statement.join(), statement.rows(asked, "asked"));
    format!(
        "SELECT call.id, call.pbx_id, call.call_id, call.dialled, call.answered_ms, call.duration_ms, call.talk_ms,
            call.held_ms, call.first_by, call.last_by, call.cause, call.hung_up_by, call.marks,
            call.pdd_ms, call.mes, kind.direction, kind.result, kind.queue, kind.trunk,
            caller.number AS caller_number, caller.name AS caller_name, caller.extension AS caller_extension,
            callee.number AS callee_number, callee.name AS callee_name, callee.extension AS callee_extension
         FROM {asked} {join} call ON call.id = asked.value
            {join} call_kind AS kind ON kind.id = call.kind_id
            {join} party AS caller ON caller.id = call.caller_id
            {join} party AS callee ON callee.id = call.callee_id"
    )
}

pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Reads one of them. What somebody says came of it is kept elsewhere.
pub(super) fn call_row<R>(row: &R) -> sqlx::Result<CallRow>
where
    R: Row,
    for<'n> &'n str: ColumnIndex<R>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |name: &str| row.try_get::<String, _>(name);
    let party = |number, name, extension| -> sqlx::Result<Party> {
        Ok(Party {
            number: row.try_get(number)?,
            name: some(row.try_get(name)?),
            extension: some(row.try_get(extension)?),
        })
    };
    let id: i64 = row.try_get("id")?;
    let answered: Option<i64> = row.try_get("answered_ms")?;
    Ok(CallRow {
        id,
        pbx: PbxId(row.try_get("pbx_id")?),
        call: CallId(row.try_get("call_id")?),
        direction: direction(&text("direction")?),
        result: result(&text("result")?),
        caller: party("caller_number", "caller_name", "caller_extension")?,
        callee: party("callee_number", "callee_name", "callee_extension")?,
        dialled: row.try_get("dialled")?,
        queue: some(row.try_get("queue")?),
        trunk: some(row.try_get("trunk")?),
        started: Timestamp(count(id / IN_A_MS)),
        answered: answered.map(|at| Timestamp(count(at))),
        duration_ms: count(row.try_get("duration_ms")?),
        talk_ms: count(row.try_get("talk_ms")?),
        held_ms: count(row.try_get("held_ms")?),
        first_by: row.try_get("first_by")?,
        last_by: row.try_get("last_by")?,
        cause: u16::try_from(row.try_get::<i64, _>("cause")?).unwrap_or_default(),
        hung_up_by: hung_up(&text("hung_up_by")?),
        marks: Marks(u32::try_from(row.try_get::<i64, _>("marks")?).unwrap_or_default()),
        quality: Quality {
            pdd_ms: row.try_get::<Option<i64>, _>("pdd_ms")?.map(count),
            mes: row
                .try_get::<Option<i64>, _>("mes")?
                .map(count)
                .and_then(Mes::of_tenths),
        },
        disposition: None,
    })
}

impl Kept {
    /// The calls of these ids, in their order.
    pub(super) async fn call_rows(&self, ids: &[i64]) -> Result<Vec<CallRow>> {
        let mut statement = self.base.statement();
        let asked = statement.numbers(ids);
        let sql = rows(&statement, &asked);
        let mut found = self.base.calls(statement, sql).await?;
        let place: HashMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        found.sort_by_key(|row| place.get(&row.id).copied());
        let mut statement = self.own.statement();
        let asked = statement.numbers(ids);
        let asked = statement.rows(&asked, "asked");
        let sql = format!(
            "SELECT json_group_array(json_array(call_id, word)) FROM {asked} CROSS JOIN call_disposition ON call_id = asked.value"
        );
        let told = self.own.told(statement, sql).await?;
        let told: Vec<(i64, String)> =
            serde_json::from_str(&told).context("dispositions cannot be read back")?;
        for (id, word) in told {
            if let Some(row) = found.iter_mut().find(|row| row.id == id) {
                row.disposition = Some(word);
            }
        }
        Ok(found)
    }
}

impl Store {
    /// The calls of these ids, in their order.
    pub(in crate::store) async fn call_rows(&self, ids: &[i64]) -> Result<Vec<CallRow>> {
        self.kept().call_rows(ids).await
    }

    /// One call with its story.
    pub async fn finished_call(&self, id: i64) -> Result<Option<Stored>> {
        let Some(row) = self.call_rows(&[id]).await?.pop() else {
            return Ok(None);
        };
        let base = self.kept().base;
        let mut statement = base.statement();
        let sql = format!("SELECT told FROM call_story WHERE id = {}", statement.number(id));
        let told = base.bytes(statement, sql).await?;
        let mut told = CallTold::of(row, &told.unwrap_or_default());
        told.notes = self.notes_of(id).await?;
        told.tags = self.said_of(&[id]).await?.remove(&id).unwrap_or_default().0;
        told.known_tags = self.call_tags().await?;
        told.dispositions = self
            .dispositions_for(told.row.pbx, told.row.queue.as_deref())
            .await?;
        let supervision = told.row.marks.has(Marks::SUPERVISION);
        let mut extensions: Vec<String> = Vec::new();
        let on_it = told.legs.iter().map(|leg| (leg.role, &leg.party));
        let on_it =
            on_it.filter(|(role, _)| matches!(role, telephony::LegRole::Caller | telephony::LegRole::Callee));
        let callee = (!supervision).then_some(&told.row.callee);
        let sides = [Some(&told.row.caller), callee].into_iter().flatten();
        for number in sides
            .chain(on_it.map(|(_, party)| party))
            .filter_map(|party| party.extension.as_ref())
        {
            if !extensions.contains(number) {
                extensions.push(number.clone());
            }
        }
        Ok(Some(Stored { told, extensions }))
    }
}
