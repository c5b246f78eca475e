//! Calls that are up: kept until they are over, so that none is forgotten when the program ends under them.

use app::model::PbxId;
use serde_json::{Value, json};
use telephony::{Call, Timestamp};

use crate::store::{
    Result, Store,
    visit::{Recording, count},
};

/// A call that was up when it was last told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCall {
    /// On which PBX.
    pub pbx: PbxId,
    /// As it was when it began, or was answered.
    pub call: Call,
    /// The last moment at which its PBX was seen.
    pub seen: Timestamp,
}

/// A statement that forgets calls, each PBX and id, that are listed in `source`.
pub(super) fn forget(source: &str) -> String {
    format!(
        "DELETE FROM call_open WHERE (pbx_id, call_id) IN (SELECT value ->> 0, value ->> 1 FROM {source})"
    )
}

impl Recording {
    /// Keeps calls that are up.
    pub async fn open_calls(&mut self, calls: &[(PbxId, &Call)]) -> Result<()> {
        if calls.is_empty() {
            return Ok(());
        }
        let listed: Vec<Value> = calls
            .iter()
            .filter_map(|(pbx, call)| Some(json!([pbx.0, call.id.0, serde_json::to_string(call).ok()?])))
            .collect();
        sqlx::query(
            "INSERT INTO call_open (pbx_id, call_id, told) SELECT value ->> 0, value ->> 1, value ->> 2
             FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET told = excluded.told",
        )
        .bind(serde_json::to_string(&listed).unwrap_or_default())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// They are up no more, or were never calls of their own.
    pub async fn forget_open<'a>(&mut self, calls: impl Iterator<Item = (PbxId, &'a str)>) -> Result<()> {
        let listed: Vec<Value> = calls.map(|(pbx, id)| json!([pbx.0, id])).collect();
        if listed.is_empty() {
            return Ok(());
        }
        sqlx::query(sqlx::AssertSqlSafe(forget("json_each(?)")))
            .bind(serde_json::to_string(&listed).unwrap_or_default())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Calls that were up when the program ended, or when a PBX was taken away; each with the last moment before the gap at
    /// which its PBX was seen.
    pub async fn calls_left_open(&self, pbx: Option<PbxId>) -> Result<Vec<OpenCall>> {
        let rows: Vec<(i64, String, Option<i64>)> = sqlx::query_as(
            "SELECT pbx_id, told, (SELECT max(from_ms) FROM gap WHERE gap.pbx_id = call_open.pbx_id)
             FROM call_open WHERE ?1 IS NULL OR pbx_id = ?1",
        )
        .bind(pbx.map(|pbx| pbx.0))
        .fetch_all(&self.read)
        .await?;
        let mut open = Vec::new();
        for (pbx, told, seen) in rows {
            match serde_json::from_str::<Call>(&told) {
                Ok(call) => {
                    // what was told of it after its PBX was last said to be seen was seen, too
                    let told = call.story.iter().map(|moment| moment.at).max();
                    let told = told.unwrap_or_default().max(call.started);
                    open.push(OpenCall {
                        pbx: PbxId(pbx),
                        seen: told.max(Timestamp(count(seen.unwrap_or_default()))),
                        call,
                    });
                }
                Err(error) => tracing::error!(%error, "a call that was up cannot be read back"),
            }
        }
        Ok(open)
    }
}
