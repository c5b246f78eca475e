//! Calls of a number that is erased: they stay, with somebody on them who is nobody, so that every figure stays true.

use serde_json::Value;
use sqlx::Row;
use telephony::{
    FinishedCall, Leg, Story,
    finished::{pack, unpack},
};

use super::{Next, Phase, Step, UnderWay, found::is_held};
use crate::store::Result;

/// Calls of one batch.
const CALLS: i64 = 200;
/// Stories that are looked through in one batch.
const STORIES: i64 = 20_000;

impl Step<'_, '_> {
    /// Those whose parties are the number; what was dealt with has other parties then.
    pub(super) async fn calls(&mut self) -> Result<Next> {
        let query = format!(
            "SELECT DISTINCT call_id FROM call_party WHERE party_id IN (SELECT value FROM json_each(?))
                AND NOT {} ORDER BY call_id LIMIT ?",
            is_held("call_party.call_id")
        );
        let ids: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(&self.look.parties)
            .bind(CALLS)
            .fetch_all(&mut **self.transaction)
            .await?;
        self.erase(&ids).await?;
        Ok(if ids.len() as i64 == CALLS {
            Next::More(0)
        } else {
            Next::Over
        })
    }

    /// Calls on which the number was in a way that no list of parties has: their stories are looked through.
    pub(super) async fn stories(&mut self) -> Result<Next> {
        let (after, person) = (self.run.after, self.run.number.person());
        let until: Option<i64> =
            sqlx::query_scalar("SELECT max(id) FROM (SELECT id FROM call WHERE id > ? ORDER BY id LIMIT ?)")
                .bind(after)
                .bind(STORIES)
                .fetch_one(&mut **self.transaction)
                .await?;
        let Some(until) = until else { return Ok(Next::Over) };
        let query = format!(
            "SELECT call.id FROM call LEFT JOIN call_story ON call_story.id = call.id
             WHERE call.id > ?1 AND call.id <= ?2 AND NOT {}
                AND (instr(call_story.told, CAST(?3 AS BLOB)) OR instr(call.dialled, ?3))",
            is_held("call.id")
        );
        let ids: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(after)
            .bind(until)
            .bind(person)
            .fetch_all(&mut **self.transaction)
            .await?;
        self.erase(&ids).await?;
        Ok(Next::More(until))
    }

    async fn erase(&mut self, ids: &[i64]) -> Result<()> {
        let mut erased = Vec::new();
        for id in ids {
            if self.erase_call(*id).await? {
                erased.push(*id);
            }
        }
        if erased.is_empty() {
            return Ok(());
        }
        let erased = serde_json::to_string(&erased).unwrap_or_default();
        let notes = sqlx::query("DELETE FROM call_note WHERE call_id IN (SELECT value FROM json_each(?))")
            .bind(&erased)
            .execute(&mut **self.transaction)
            .await?;
        self.tally.notes += notes.rows_affected();
        for remove in [
            "DELETE FROM recorded_call WHERE call_id IN (SELECT value FROM json_each(?))",
            // names in them are whoever's it was
            "DELETE FROM cel WHERE id IN (SELECT cel.id FROM json_each(?) AS erased CROSS JOIN call ON call.id = erased.value
                CROSS JOIN cel ON cel.linked = coalesce(call.linked, call.call_id) AND cel.pbx_id = call.pbx_id)",
            // records put it right no more: what was seen has the number in it
            "DELETE FROM call_seen WHERE id IN (SELECT value FROM json_each(?))",
        ] {
            sqlx::query(remove)
                .bind(&erased)
                .execute(&mut **self.transaction)
                .await?;
        }
        Ok(())
    }

    /// What was seen of calls that records tell otherwise now: those stay as they are told.
    pub(super) async fn seen(&mut self) -> Result<()> {
        let mut after = 0;
        loop {
            let query = format!(
                "SELECT id, seen, told FROM call_seen WHERE id > ? AND NOT {} ORDER BY id LIMIT ?",
                is_held("call_seen.id")
            );
            let rows: Vec<(i64, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .bind(after)
                .bind(CALLS)
                .fetch_all(&mut **self.transaction)
                .await?;
            let Some((last, ..)) = rows.last() else {
                return Ok(());
            };
            after = *last;
            let has = |text: &str| names(text, self.run);
            let found: Vec<i64> = rows
                .iter()
                .filter(|(_, seen, told)| has(seen) || has(told))
                .map(|(id, ..)| *id)
                .collect();
            for id in found {
                sqlx::query("DELETE FROM call_seen WHERE id = ?")
                    .bind(id)
                    .execute(&mut **self.transaction)
                    .await?;
            }
        }
    }

    /// False where nothing of the number is on it.
    async fn erase_call(&mut self, id: i64) -> Result<bool> {
        let row = sqlx::query(
            "SELECT pbx_id, caller_id, callee_id, others, dialled, told FROM call
             LEFT JOIN call_story ON call_story.id = call.id WHERE call.id = ?",
        )
        .bind(id)
        .fetch_optional(&mut **self.transaction)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let parties: Vec<i64> = serde_json::from_str(&self.look.parties).unwrap_or_default();
        let (caller, callee): (i64, i64) = (row.try_get("caller_id")?, row.try_get("callee_id")?);
        let others: Option<&str> = row.try_get("others")?;
        let others: Vec<i64> = others
            .and_then(|others| serde_json::from_str(others).ok())
            .unwrap_or_default();
        let is_on = [caller, callee]
            .iter()
            .chain(&others)
            .any(|one| parties.contains(one));
        let dialled: &str = row.try_get("dialled")?;
        let left = self.run.number.cut(dialled, "");
        let told: Option<Vec<u8>> = row.try_get("told")?;
        let told = told.and_then(|told| without(&told, self.run));
        if !is_on && left.is_none() && told.is_none() {
            return Ok(false);
        }
        let left = left.unwrap_or_else(|| dialled.to_owned());
        let pbx: i64 = row.try_get("pbx_id")?;
        let nobody = self.nobody(pbx).await?;
        let now = |one: i64| if parties.contains(&one) { nobody } else { one };
        let mut rest: Vec<i64> = Vec::new();
        for other in others.into_iter().map(now) {
            if other != now(caller) && other != now(callee) && !rest.contains(&other) {
                rest.push(other);
            }
        }
        sqlx::query("UPDATE call SET caller_id = ?, callee_id = ?, others = ?, dialled = ? WHERE id = ?")
            .bind(now(caller))
            .bind(now(callee))
            .bind((!rest.is_empty()).then(|| format!("{rest:?}")))
            .bind(left)
            .bind(id)
            .execute(&mut **self.transaction)
            .await?;
        for (side, party) in [("caller", caller), ("callee", callee)] {
            if parties.contains(&party) {
                let blank = format!(
                    "UPDATE call SET {side}_number = '', {side}_name = ?, {side}_extension = '' WHERE id = ?"
                );
                sqlx::query(sqlx::AssertSqlSafe(blank))
                    .bind(self.run.name())
                    .bind(id)
                    .execute(&mut **self.transaction)
                    .await?;
            }
        }
        if let Some(told) = told {
            sqlx::query("UPDATE call_story SET told = ? WHERE id = ?")
                .bind(told)
                .bind(id)
                .execute(&mut **self.transaction)
                .await?;
        }
        for move_on in [
            "INSERT OR IGNORE INTO call_party (party_id, call_id, role, kind_id)
             SELECT ?1, call_id, role, kind_id FROM call_party WHERE call_id = ?2 AND party_id IN (SELECT value FROM json_each(?3))",
            "DELETE FROM call_party WHERE party_id <> ?1 AND call_id = ?2 AND party_id IN (SELECT value FROM json_each(?3))",
        ] {
            sqlx::query(move_on)
                .bind(nobody)
                .bind(id)
                .bind(&self.look.parties)
                .execute(&mut **self.transaction)
                .await?;
        }
        self.tally.calls += 1;
        Ok(true)
    }

    /// The party that stands for whoever was erased.
    async fn nobody(&mut self, pbx: i64) -> Result<i64> {
        let name = self.run.name();
        let find = "SELECT id FROM party WHERE number = '' AND name = ? AND extension = '' AND pbx_id = ?";
        let known: Option<i64> = sqlx::query_scalar(find)
            .bind(&name)
            .bind(pbx)
            .fetch_optional(&mut **self.transaction)
            .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let folded = name.to_lowercase();
        let made = sqlx::query(
            "INSERT INTO party (number, name, extension, pbx_id, digits, folded) VALUES ('', ?, '', ?, '', ?)",
        )
        .bind(&name)
        .bind(pbx)
        .bind(folded)
        .execute(&mut **self.transaction)
        .await?;
        Ok(made.last_insert_rowid())
    }

    /// Parties that are on no call any more. Those of calls that are held stay with them.
    pub(super) async fn parties(&mut self) -> Result<Next> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM call_party WHERE party_id IN (SELECT value FROM json_each(?)) AND NOT {})",
            is_held("call_party.call_id")
        );
        // a call that ended meanwhile
        let more: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(&self.look.parties)
            .fetch_one(&mut **self.transaction)
            .await?;
        if more {
            return Ok(Next::Back(Phase::Calls));
        }
        let free: Vec<i64> = sqlx::query_scalar(
            "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM call_party WHERE party_id = value)",
        )
        .bind(&self.look.parties)
        .fetch_all(&mut **self.transaction)
        .await?;
        let free = serde_json::to_string(&free).unwrap_or_default();
        for remove in [
            "DELETE FROM party WHERE id IN (SELECT value FROM json_each(?))",
            "DELETE FROM party_text WHERE rowid IN (SELECT value FROM json_each(?))",
        ] {
            sqlx::query(remove)
                .bind(&free)
                .execute(&mut **self.transaction)
                .await?;
        }
        Ok(Next::Over)
    }
}

/// Whether the number is in a call that is kept as JSON: in its fields, or packed in its story.
fn names(call: &str, run: &UnderWay) -> bool {
    let packed = serde_json::from_str::<FinishedCall>(call).ok();
    let story = packed.and_then(|call| unpack(&call.told));
    let story = story.map(|(legs, story)| format!("{legs:?} {story:?}"));
    run.number.stands_in(call) || story.is_some_and(|story| run.number.stands_in(&story))
}

/// Legs and moments without the number; None where it is not in them.
fn without(told: &[u8], run: &UnderWay) -> Option<Vec<u8>> {
    let (legs, story) = unpack(told)?;
    let mut values = [
        serde_json::to_value(legs).ok()?,
        serde_json::to_value(story).ok()?,
    ];
    let mut found = false;
    for value in &mut values {
        forget(value, run, &mut found);
    }
    let [legs, story] = values;
    let legs: Vec<Leg> = serde_json::from_value(legs).ok()?;
    let story: Story = serde_json::from_value(story).ok()?;
    found.then(|| pack(&legs, &story))
}

/// Takes the number out of whatever holds it. A party that is it is nobody, with the name that it gave itself.
fn forget(value: &mut Value, run: &UnderWay, found: &mut bool) {
    match value {
        Value::String(text) => {
            if let Some(rest) = run.number.cut(text, "") {
                *text = rest;
                *found = true;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| forget(value, run, found)),
        Value::Object(fields) => {
            let has = |name: &str| match fields.get(name) {
                Some(Value::String(text)) => run.number.stands_in(text),
                _ => false,
            };
            let ours = fields.get("extension").is_some_and(|one| !one.is_null());
            if fields.contains_key("number")
                && fields.contains_key("name")
                && !ours
                && (has("number") || has("name"))
            {
                fields.insert("number".into(), "".into());
                fields.insert("name".into(), run.name().into());
                *found = true;
            }
            fields.values_mut().for_each(|value| forget(value, run, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
