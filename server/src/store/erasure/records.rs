//! Asterisk's own records and channel events in which a number that is erased stands.

use sqlx::Row;

use super::{Next, Step, found::bare};
use crate::store::Result;

/// What Asterisk's records say of who called and what was done.
const RECORD: [&str; 9] = [
    "src",
    "dst",
    "caller_id",
    "channel",
    "dest_channel",
    "data",
    "did",
    "user_field",
    "recording",
];

/// What an event of a channel says of who called and what was done.
const EVENT: [&str; 7] = ["number", "caller", "exten", "channel", "data", "peer", "extra"];

impl Step<'_, '_> {
    /// Asterisk's own records, as they are kept here.
    pub(super) async fn records(&mut self) -> Result<Next> {
        let Some(until) = self.until("cdr").await? else {
            return Ok(Next::Over);
        };
        let query = format!(
            "SELECT id, pbx_id, linked, {} FROM cdr WHERE id > ?1 AND id <= ?2 AND instr({}, ?3)",
            RECORD.join(", "),
            bare(&format!("({})", RECORD.join(" || char(10) || ")))
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(self.run.after)
            .bind(until)
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        for row in rows {
            if self.look.holds(row.try_get("pbx_id")?, row.try_get("linked")?) {
                continue;
            }
            let mut changed = false;
            let mut texts = Vec::new();
            for column in RECORD {
                let text: String = row.try_get(column)?;
                let rest = self.run.number.cut(&text, "");
                changed |= rest.is_some();
                texts.push(match rest {
                    // a name goes with its number
                    Some(_) if column == "caller_id" => String::new(),
                    Some(rest) => rest,
                    None => text,
                });
            }
            if !changed {
                continue;
            }
            let query = format!("UPDATE cdr SET {} = ? WHERE id = ?", RECORD.join(" = ?, "));
            let mut update = sqlx::query(sqlx::AssertSqlSafe(query));
            for text in texts {
                update = update.bind(text);
            }
            update
                .bind(row.try_get::<i64, _>("id")?)
                .execute(&mut **self.transaction)
                .await?;
            self.tally.others += 1;
        }
        Ok(Next::More(until))
    }

    /// What channels did, as it is kept here: it explains calls, and is not missed.
    pub(super) async fn events(&mut self) -> Result<Next> {
        let Some(until) = self.until("cel").await? else {
            return Ok(Next::Over);
        };
        let query = format!(
            "SELECT id, pbx_id, linked FROM cel WHERE id > ?1 AND id <= ?2 AND instr({}, ?3)",
            bare(&format!("({})", EVENT.join(" || char(10) || ")))
        );
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(self.run.after)
            .bind(until)
            .bind(self.run.number.person())
            .fetch_all(&mut **self.transaction)
            .await?;
        let gone: Vec<i64> = rows
            .into_iter()
            .filter(|(_, pbx, linked)| !self.look.holds(*pbx, linked))
            .map(|(id, ..)| id)
            .collect();
        sqlx::query("DELETE FROM cel WHERE id IN (SELECT value FROM json_each(?))")
            .bind(serde_json::to_string(&gone).unwrap_or_default())
            .execute(&mut **self.transaction)
            .await?;
        Ok(Next::More(until))
    }
}
