//! Everything beside calls in which a number that is erased stands: visits, who was lost, callbacks, records, what people wrote.

use sqlx::Row;
use url::form_urlencoded;

use super::{
    Next, Step,
    found::{bare, is_held},
};
use crate::store::{Result, ms};

/// Rows that are looked through in one batch.
const ROWS: i64 = 10_000;
/// What stands in the place of a number in what somebody wrote.
const INSTEAD: &str = "(erased)";
/// What people wrote, or saw written: a table, the text, and whose rows are held, where they can be.
const WRITTEN: [(&str, &str, &str); 6] = [
    ("help_request", "words", "0"),
    ("alarm", "who", "0"),
    ("lost", "reason", "0"),
    ("recording_link", "purpose", "0"),
    ("call_hold", "why", "0"),
    (
        "recording_comment",
        "said",
        "EXISTS (SELECT 1 FROM recording AS r WHERE r.id = recording_id
            AND (r.held OR EXISTS (SELECT 1 FROM call_hold AS h WHERE h.call_id = r.call_id)))",
    ),
];

impl Step<'_, '_> {
    /// The last row of the next batch of a table.
    pub(super) async fn until(&mut self, table: &str) -> Result<Option<i64>> {
        let query = format!("SELECT max(id) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?)");
        let until = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(self.run.after)
            .bind(ROWS)
            .fetch_one(&mut **self.transaction)
            .await?;
        Ok(until)
    }

    /// Visits that are over.
    pub(super) async fn visits(&mut self) -> Result<Next> {
        let Some(until) = self.until("visit").await? else {
            return Ok(Next::Over);
        };
        let query = format!(
            "SELECT id, pbx_id, call_id, number, name, note FROM visit WHERE id > ?1 AND id <= ?2 AND over = 1
                AND (instr({}, ?3) OR instr({}, ?3) OR instr({}, ?3))",
            bare("number"),
            bare("coalesce(name, '')"),
            bare("coalesce(note, '')")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(self.run.after)
            .bind(until)
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for row in rows {
            let call: &str = row.try_get("call_id")?;
            let number: String = row.try_get("number")?;
            let (name, note): (Option<String>, Option<String>) = (row.try_get("name")?, row.try_get("note")?);
            let one = &self.run.number;
            let is = one.stands_in(&number) || name.as_ref().is_some_and(|name| one.stands_in(name));
            let said = note.as_ref().and_then(|note| one.cut(note, INSTEAD));
            if self.look.holds(row.try_get("pbx_id")?, call) || !(is || said.is_some()) {
                continue;
            }
            let (number, name, note) = match is {
                true => (String::new(), Some(self.run.name()), None),
                false => (number, name, said),
            };
            sqlx::query("UPDATE visit SET number = ?, name = ?, note = ? WHERE id = ?")
                .bind(number)
                .bind(name)
                .bind(note)
                .bind(row.try_get::<i64, _>("id")?)
                .execute(&mut **self.transaction)
                .await?;
            self.tally.others += 1;
        }
        Ok(Next::More(until))
    }

    /// Talks with somebody who was lost.
    pub(super) async fn contacts(&mut self) -> Result<Next> {
        let Some(until) = self.until("contact").await? else {
            return Ok(Next::Over);
        };
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT id, pbx_id, call_id FROM contact WHERE id > ? AND id <= ? AND person = ?")
                .bind(self.run.after)
                .bind(until)
                .bind(self.run.number.person())
                .fetch_all(&mut **self.transaction)
                .await?;
        for (id, pbx, call) in rows {
            if !self.look.holds(pbx, &call) {
                sqlx::query("UPDATE contact SET person = ? WHERE id = ?")
                    .bind(self.run.person())
                    .bind(id)
                    .execute(&mut **self.transaction)
                    .await?;
            }
        }
        Ok(Next::More(until))
    }

    /// What is in no order of time, and little.
    pub(super) async fn rest(&mut self, now_ms: u64) -> Result<Next> {
        self.lost(now_ms).await?;
        self.callbacks().await?;
        self.notes_elsewhere().await?;
        self.file_names().await?;
        self.seen().await?;
        for (table, text, held) in WRITTEN {
            self.written(table, text, held).await?;
        }
        self.searches().await?;
        self.commands().await?;
        Ok(Next::Over)
    }

    /// Who was lost: one who waits to be called back is not called any more.
    async fn lost(&mut self, now_ms: u64) -> Result<()> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT lost.id, lost.pbx_id, coalesce(lost_try.call_id, '') FROM lost
             LEFT JOIN lost_try ON lost_try.lost_id = lost.id WHERE person = ?",
        )
        .bind(self.run.number.person())
        .fetch_all(&mut **self.transaction)
        .await?;
        let held: Vec<i64> = rows
            .iter()
            .filter(|(_, pbx, call)| self.look.holds(*pbx, call))
            .map(|(id, ..)| *id)
            .collect();
        let done = sqlx::query(
            "UPDATE lost SET person = ?2, number = '', name = ?3, ended_ms = coalesce(ended_ms, ?4),
                ended_by = CASE state WHEN 'open' THEN ?5 ELSE ended_by END,
                reason = CASE state WHEN 'open' THEN 'Erased' ELSE reason END,
                state = CASE state WHEN 'open' THEN 'given_up' ELSE state END
             WHERE person = ?1 AND id NOT IN (SELECT value FROM json_each(?6))",
        )
        .bind(self.run.number.person())
        .bind(self.run.person())
        .bind(self.run.name())
        .bind(ms(now_ms))
        .bind(&self.run.act.who().name)
        .bind(serde_json::to_string(&held).unwrap_or_default())
        .execute(&mut **self.transaction)
        .await?;
        self.tally.others += done.rows_affected();
        Ok(())
    }

    /// Callbacks that are over. One that is under way is the program's to end, and goes with the next erasure.
    async fn callbacks(&mut self) -> Result<()> {
        let open = "SELECT number FROM callback_request WHERE over = 0";
        for (table, over) in [
            ("callback_request", "over = 1".to_owned()),
            ("callback_wish", format!("number NOT IN ({open})")),
            ("callback_call", format!("number NOT IN ({open})")),
        ] {
            let query = format!(
                "SELECT DISTINCT number FROM {table} WHERE {over} AND instr({}, ?)",
                bare("number")
            );
            let numbers: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
                .bind(self.run.number.person())
                .fetch_all(&mut **self.transaction)
                .await?;
            for number in numbers.into_iter().filter(|one| self.run.number.stands_in(one)) {
                let query = match table {
                    "callback_request" => {
                        "UPDATE callback_request SET number = '', name = ?2 WHERE over = 1 AND number = ?1"
                    }
                    "callback_wish" => "DELETE FROM callback_wish WHERE number = ?1 AND ?2 <> ''",
                    _ => "UPDATE callback_call SET number = '' WHERE number = ?1 AND ?2 <> ''",
                };
                let done = sqlx::query(query)
                    .bind(number)
                    .bind(self.run.name())
                    .execute(&mut **self.transaction)
                    .await?;
                if table == "callback_request" {
                    self.tally.others += done.rows_affected();
                }
            }
        }
        Ok(())
    }

    /// Notes and tags on other calls that name the number.
    async fn notes_elsewhere(&mut self) -> Result<()> {
        let query = format!(
            "SELECT id, said FROM call_note WHERE instr({}, ?) AND NOT {}",
            bare("said"),
            is_held("call_note.call_id")
        );
        let notes: Vec<(i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for (id, said) in notes {
            let Some(rest) = self.run.number.cut(&said, INSTEAD) else {
                continue;
            };
            sqlx::query("UPDATE call_note SET said = ?, folded = ? WHERE id = ?")
                .bind(&rest)
                .bind(rest.to_lowercase())
                .bind(id)
                .execute(&mut **self.transaction)
                .await?;
            self.tally.notes += 1;
        }
        let query = format!(
            "SELECT DISTINCT tag FROM call_tag WHERE instr({}, ?) AND NOT {}",
            bare("tag"),
            is_held("call_tag.call_id")
        );
        let tags: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for tag in tags.into_iter().filter(|tag| self.run.number.stands_in(tag)) {
            let query = format!(
                "DELETE FROM call_tag WHERE tag = ? AND NOT {}",
                is_held("call_tag.call_id")
            );
            sqlx::query(sqlx::AssertSqlSafe(query))
                .bind(tag)
                .execute(&mut **self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Files that a PBX told of and that may never have been found.
    async fn file_names(&mut self) -> Result<()> {
        let query = format!(
            "SELECT id, told FROM recorded_call WHERE instr(told, ?) AND NOT {}",
            is_held("recorded_call.call_id")
        );
        let told: Vec<(i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for (id, _) in told.into_iter().filter(|(_, told)| self.run.number.names(told)) {
            sqlx::query("DELETE FROM recorded_call WHERE id = ?")
                .bind(id)
                .execute(&mut **self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn written(&mut self, table: &str, text: &str, held: &str) -> Result<()> {
        let query = format!(
            "SELECT id, {text} FROM {table} WHERE {text} IS NOT NULL AND NOT {held} AND instr({}, ?)",
            bare(text)
        );
        let rows: Vec<(i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for (id, said) in rows {
            let Some(rest) = self.run.number.cut(&said, INSTEAD) else {
                continue;
            };
            let query = format!("UPDATE {table} SET {text} = ? WHERE id = ?");
            sqlx::query(sqlx::AssertSqlSafe(query))
                .bind(rest)
                .bind(id)
                .execute(&mut **self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Searches that somebody kept, and reports that are sent by mail: an address has its own spelling.
    async fn searches(&mut self) -> Result<()> {
        for (table, name) in [("saved_search", "name"), ("mailing", "''")] {
            let query = format!("SELECT id, {name}, address FROM {table}");
            let kept: Vec<(i64, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .fetch_all(&mut **self.transaction)
                .await?;
            for (id, name, address) in kept {
                let (_, asked) = address.split_once('?').unwrap_or_default();
                let mut asked = form_urlencoded::parse(asked.as_bytes());
                let number = &self.run.number;
                if number.stands_in(&name) || asked.any(|(_, text)| number.stands_in(&text)) {
                    let query = format!("DELETE FROM {table} WHERE id = ?");
                    sqlx::query(sqlx::AssertSqlSafe(query))
                        .bind(id)
                        .execute(&mut **self.transaction)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Commands that are remembered so that a double click is one call.
    async fn commands(&mut self) -> Result<()> {
        let query = format!(
            "SELECT DISTINCT command FROM command_request WHERE instr({}, ?)",
            bare("command")
        );
        let commands: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for command in commands.into_iter().filter(|one| self.run.number.stands_in(one)) {
            sqlx::query("UPDATE command_request SET command = '' WHERE command = ?")
                .bind(command)
                .execute(&mut **self.transaction)
                .await?;
        }
        Ok(())
    }
}
