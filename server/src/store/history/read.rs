//! Reading calls: those of a page, and one with its story.

use std::{borrow::Cow, collections::HashMap};

use anyhow::Context;
use app::model::{
    PbxId,
    history::{CallRow, CallTold},
};
use serde::Deserialize;
use telephony::{CallId, Marks, Mes, Party, Quality, Timestamp};

use super::{
    Kept,
    base::{Piece, Statement},
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

/// The calls of `asked`, a table of their numbers (`id`).
pub(super) fn calls_in(asked: &str) -> String {
    format!("{asked} AS asked CROSS JOIN call ON call.id = asked.id")
}

/// Who called and was called: the columns, and the joins that find out where a row does not tell it itself.
pub(super) fn sides() -> (String, String) {
    let both = ["caller", "callee"];
    let columns = both.map(|side| {
        ["number", "name", "extension"]
            .map(|of| format!("coalesce(call.{side}_{of}, {side}.{of})"))
            .join(", ")
    });
    let joins = both.map(|side| {
        format!(
            "LEFT JOIN party AS {side} ON {side}.id = CASE WHEN call.{side}_number IS NULL THEN call.{side}_id END"
        )
    });
    (columns.join(", "), joins.join(" "))
}

/// A statement for what a list shows of calls, as JSON; `from` is where they are `call`, `which` says which of these. What somebody says
/// came of them is known to this program's own database alone.
pub(super) fn rows(statement: &Statement, from: &str, which: &str) -> String {
    let (join, (list, array)) = (statement.join(), statement.json());
    let (sides, parties) = sides();
    let (said, word) = if statement.is_postgres() {
        ("", "NULL")
    } else {
        (
            "LEFT JOIN call_disposition AS said ON said.call_id = call.id",
            "said.word",
        )
    };
    let listed = statement.as_text(&format!(
        "{list}({array}(call.id, call.pbx_id, call.call_id, kind.direction, kind.result,
            {sides}, call.dialled, kind.queue, kind.trunk, call.answered_ms, call.duration_ms, call.talk_ms, call.held_ms,
            call.first_by, call.last_by, call.cause, call.hung_up_by, call.marks, call.pdd_ms, call.mes, {word}))"
    ));
    format!(
        "SELECT {listed}, min(call.id), max(call.id), count(*) FROM {from}
            {join} call_kind AS kind ON kind.id = call.kind_id
            {parties} {said} {which}"
    )
}

pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// One of them, as it is told.
#[derive(Deserialize)]
struct Told<'t> {
    id: i64,
    pbx: i64,
    call: String,
    #[serde(borrow)]
    direction: Cow<'t, str>,
    #[serde(borrow)]
    result: Cow<'t, str>,
    caller: String,
    caller_name: String,
    caller_extension: String,
    callee: String,
    callee_name: String,
    callee_extension: String,
    dialled: String,
    queue: String,
    trunk: String,
    answered_ms: Option<i64>,
    duration_ms: i64,
    talk_ms: i64,
    held_ms: i64,
    first_by: Option<String>,
    last_by: Option<String>,
    cause: u16,
    #[serde(borrow)]
    hung_up_by: Cow<'t, str>,
    marks: u32,
    pdd_ms: Option<i64>,
    mes: Option<i64>,
    disposition: Option<String>,
}

/// Calls that were asked for.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    rows: Rows,
    /// The earliest and the latest of them.
    pub(super) ends: Option<(i64, i64)>,
    /// How many they are.
    pub(super) many: usize,
}

#[derive(Clone, Debug)]
enum Rows {
    /// As they were told, not read yet.
    Told(String),
    /// In the order of their numbers.
    Read(Vec<CallRow>),
}

impl Calls {
    /// The calls, in the order of their numbers.
    pub(super) fn read(self) -> Result<Vec<CallRow>> {
        match self.rows {
            Rows::Told(told) => call_rows(&told),
            Rows::Read(rows) => Ok(rows),
        }
    }
}

/// Reads what [`rows`] tells, in the order of numbers.
pub(super) fn call_rows(told: &str) -> Result<Vec<CallRow>> {
    let told: Vec<Told<'_>> = serde_json::from_str(told).context("calls cannot be read back")?;
    let party = |number, name, extension| Party {
        number,
        name: some(name),
        extension: some(extension),
    };
    let row = |told: Told<'_>| CallRow {
        id: told.id,
        pbx: PbxId(told.pbx),
        call: CallId(told.call),
        direction: direction(&told.direction),
        result: result(&told.result),
        caller: party(told.caller, told.caller_name, told.caller_extension),
        callee: party(told.callee, told.callee_name, told.callee_extension),
        dialled: told.dialled,
        queue: some(told.queue),
        trunk: some(told.trunk),
        started: Timestamp(count(told.id / IN_A_MS)),
        answered: told.answered_ms.map(|at| Timestamp(count(at))),
        duration_ms: count(told.duration_ms),
        talk_ms: count(told.talk_ms),
        held_ms: count(told.held_ms),
        first_by: told.first_by,
        last_by: told.last_by,
        cause: told.cause,
        hung_up_by: hung_up(&told.hung_up_by),
        marks: Marks(told.marks),
        quality: Quality {
            pdd_ms: told.pdd_ms.map(count),
            mes: told.mes.map(count).and_then(Mes::of_tenths),
        },
        disposition: told.disposition,
    };
    let mut rows: Vec<CallRow> = told.into_iter().map(row).collect();
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

impl Kept {
    /// Calls: see [`rows`].
    pub(super) async fn calls_of(&self, statement: Statement, from: &str, which: &str) -> Result<Calls> {
        let is_copy = statement.is_postgres();
        let sql = rows(&statement, from, which);
        let Piece { told, ends, many } = self.base.piece(statement, sql).await?;
        let rows = if is_copy {
            let mut rows = call_rows(&told)?;
            self.dispositions_of(&mut rows).await?;
            Rows::Read(rows)
        } else {
            Rows::Told(told)
        };
        Ok(Calls { rows, ends, many })
    }

    /// Adds what somebody says came of these calls, which are in the order of their numbers.
    async fn dispositions_of(&self, calls: &mut [CallRow]) -> Result<()> {
        let ids: Vec<i64> = calls.iter().map(|row| row.id).collect();
        let mut statement = self.own.statement();
        let asked = statement.numbers(&ids);
        let asked = statement.rows(&asked, "asked");
        let sql = format!(
            "SELECT json_group_array(json_array(call_id, word)) FROM {asked} CROSS JOIN call_disposition ON call_id = asked.value"
        );
        let told = self.own.told(statement, sql).await?;
        let told: Vec<(i64, String)> =
            serde_json::from_str(&told).context("dispositions cannot be read back")?;
        for (id, word) in told {
            let at = calls.binary_search_by_key(&id, |row| row.id);
            if let Some(row) = at.ok().and_then(|at| calls.get_mut(at)) {
                row.disposition = Some(word);
            }
        }
        Ok(())
    }

    /// The calls of these ids.
    pub(super) async fn calls_by(&self, ids: &[i64]) -> Result<Calls> {
        let mut statement = self.base.statement();
        let asked = statement.numbers(ids);
        if statement.is_postgres() {
            let which = format!("WHERE {}", statement.is_in("call.id", &asked));
            return self.calls_of(statement, "call", &which).await;
        }
        let asked = format!("(SELECT value AS id FROM {})", statement.rows(&asked, "one"));
        self.calls_of(statement, &calls_in(&asked), "").await
    }
}

impl Store {
    /// The calls of these ids, in their order, as this program's own database has them.
    pub(in crate::store) async fn call_rows(&self, ids: &[i64]) -> Result<Vec<CallRow>> {
        let mut found = self.own().calls_by(ids).await?.read()?;
        let place: HashMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        found.sort_unstable_by_key(|row| place.get(&row.id).copied());
        Ok(found)
    }

    /// One call with its story.
    pub async fn finished_call(&self, id: i64) -> Result<Option<Stored>> {
        let Some(row) = self.call_rows(&[id]).await?.pop() else {
            return Ok(None);
        };
        let told: Option<Vec<u8>> = sqlx::query_scalar("SELECT told FROM call_story WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
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
