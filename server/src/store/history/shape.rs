//! Everything that is kept of a call because something was derived, held against what would be written of it today.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::Row;
use telephony::{FinishedCall, Marks, Mes, Party};

use super::{
    read::sides,
    words::{direction_word, hung_up_word, length, result_word, whole},
    write::{hex, roles},
};
use crate::store::{Result, ms, recording::names_of, visit::Recording};

/// A value that would be another one today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Of what.
    pub field: &'static str,
    /// What is kept,
    pub was: String,
    /// and what it would be.
    pub is: String,
}

/// Each value by its name.
type Shape = Vec<(&'static str, Value)>;

/// What is kept of a call: values as they are in its rows, then lists in whatever order.
static KEPT: LazyLock<String> = LazyLock::new(|| {
    let (sides, parties) = sides();
    format!("SELECT json_array(call.linked, kind.direction, kind.result, kind.queue, kind.trunk, kind.recorded, kind.length,
        call.dialled, call.answered_ms, call.duration_ms, call.talk_ms, call.held_ms, call.first_by, call.last_by, call.cause,
        call.hung_up_by, call.marks, call.pdd_ms, call.mes, (SELECT lower(hex(told)) FROM call_story WHERE call_story.id = call.id)) AS of_it,
        json_array({sides}) AS sides,
        (SELECT json_group_array(json_array(party.number, party.name, party.extension))
            FROM json_each(call.others) AS other CROSS JOIN party ON party.id = other.value) AS others,
        (SELECT json_group_array(json_array(party.number, party.name, party.extension, role, on_it.kind_id = call.kind_id))
            FROM (SELECT call.caller_id AS id UNION SELECT call.callee_id UNION SELECT value FROM json_each(call.others)) AS one
            CROSS JOIN call_party AS on_it ON on_it.party_id = one.id AND on_it.call_id = call.id
            CROSS JOIN party ON party.id = one.id) AS found_by,
        (SELECT json_group_array(json_array(named, told)) FROM recorded_call WHERE recorded_call.call_id = call.id AND by_record = 0) AS files
     FROM call CROSS JOIN call_kind AS kind ON kind.id = call.kind_id {parties} WHERE call.id = ?")
});

/// In the order of [`KEPT`].
const NAMES: [&str; 20] = [
    "linked",
    "direction",
    "result",
    "queue",
    "trunk",
    "recorded",
    "length",
    "dialled",
    "answered_ms",
    "duration_ms",
    "talk_ms",
    "held_ms",
    "first_by",
    "last_by",
    "cause",
    "hung_up_by",
    "marks",
    "pdd_ms",
    "mes",
    "story",
];

/// A list that has no order, and in which nothing is twice.
fn set(list: impl IntoIterator<Item = Value>) -> Value {
    let once: BTreeSet<String> = list.into_iter().map(|one| one.to_string()).collect();
    json!(once)
}

fn party(party: &Party) -> [String; 3] {
    let name = party.name.as_deref().unwrap_or_default();
    let extension = party.extension.as_deref().unwrap_or_default();
    [whole(&party.number), whole(name), whole(extension)]
}

/// What would be written of a call.
fn of(call: &FinishedCall) -> Shape {
    let values = [
        json!((call.linked != call.id.0).then_some(&call.linked)),
        json!(direction_word(call.direction)),
        json!(result_word(call.result)),
        json!(whole(call.queue.as_deref().unwrap_or_default())),
        json!(whole(call.trunk.as_deref().unwrap_or_default())),
        json!(i64::from(call.marks.has(Marks::RECORDED))),
        json!(length(call.duration_ms())),
        json!(call.dialled),
        json!(call.answered.map(|at| ms(at.0))),
        json!(ms(call.duration_ms())),
        json!(ms(call.talk_ms())),
        json!(ms(call.held_ms)),
        json!(call.first_by),
        json!(call.last_by),
        json!(call.cause),
        json!(hung_up_word(call.hung_up_by)),
        json!(call.marks.0),
        json!(call.quality.pdd_ms.map(ms)),
        json!(call.quality.mes.map(Mes::tenths)),
        json!(hex(&call.told)),
    ];
    let mut shape: Shape = NAMES.into_iter().zip(values).collect();
    shape.push(("caller", json!(party(&call.caller))));
    shape.push(("callee", json!(party(&call.callee))));
    let others: Vec<_> = call.others.iter().map(party).collect();
    shape.push(("others", json!(others)));
    let found_by = roles(call).map(|(one, role)| {
        let [number, name, extension] = party(one);
        json!([number, name, extension, role, 1])
    });
    shape.push(("found by", set(found_by)));
    let files = names_of(call);
    shape.push(("files", set(files.into_iter().map(|file| json!(file)))));
    shape
}

/// A value for people; a story is only told by its size.
fn shown(field: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(story) if field == "story" => format!("{} bytes", story.len() / 2),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

impl Recording {
    /// What is kept of a call and would be written otherwise today; `None` where it is not kept.
    pub(in crate::store) async fn differences(
        &mut self,
        id: i64,
        call: &FinishedCall,
    ) -> Result<Option<Vec<Difference>>> {
        let row = sqlx::query(sqlx::AssertSqlSafe(KEPT.as_str()))
            .bind(id)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let list = |name: &str| -> Result<Vec<Value>> {
            Ok(serde_json::from_str(row.try_get(name)?).map_err(anyhow::Error::from)?)
        };
        let mut kept: Shape = NAMES.into_iter().zip(list("of_it")?).collect();
        let sides = list("sides")?;
        let sides = sides.chunks(3).map(|side| json!(side));
        kept.extend(["caller", "callee"].into_iter().zip(sides));
        kept.push(("others", Value::Array(list("others")?)));
        kept.push(("found by", set(list("found_by")?)));
        kept.push(("files", set(list("files")?)));
        let both = kept.into_iter().zip(of(call));
        let other = both.filter(|((_, was), (_, is))| was != is);
        Ok(Some(
            other
                .map(|((field, was), (_, is))| Difference {
                    field,
                    was: shown(field, &was),
                    is: shown(field, &is),
                })
                .collect(),
        ))
    }
}
