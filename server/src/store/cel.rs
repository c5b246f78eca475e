//! Asterisk's channel events: kept as they were told beside the calls that they explain, and for as long as is set.

use app::model::{PbxId, history::CallEvent};
use serde_json::json;
use sqlx::Row;
use telephony::{Timestamp, cel::CelEvent};

use super::{IN_A_MS, Recording, Result, Store, history::whole, ms, visit::count};

/// Events of one call that are shown.
const SHOWN: i64 = 500;
/// Events come before a channel is seen, and after it is gone.
const AROUND_MS: i64 = 5_000;
/// Events that are removed at once.
const BATCH: i64 = 5_000;

impl Recording {
    /// Keeps events.
    pub async fn channel_events(&mut self, events: &[(PbxId, &CelEvent)]) -> Result<()> {
        let listed: Vec<_> = events
            .iter()
            .map(|(pbx, event)| {
                json!([
                    pbx.0,
                    whole(&event.linked),
                    ms(event.at.0),
                    whole(&event.name),
                    whole(&event.unique),
                    whole(&event.channel),
                    whole(&event.number),
                    whole(&event.caller),
                    whole(&event.exten),
                    whole(&event.context),
                    whole(&event.application),
                    whole(&event.data),
                    whole(&event.peer),
                    whole(&event.extra)
                ])
            })
            .collect();
        sqlx::query(
            "INSERT INTO cel (pbx_id, linked, at_ms, name, unique_id, channel, number, caller, exten, context, application,
                              data, peer, extra)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
                    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13 FROM json_each(?)",
        )
        .bind(serde_json::to_string(&listed).unwrap_or_default())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

impl Store {
    /// The events of a call, in the order in which they were told.
    pub async fn call_events(&self, call: i64) -> Result<Vec<CallEvent>> {
        let rows = sqlx::query(
            "SELECT cel.* FROM call CROSS JOIN cel
                ON cel.linked = coalesce(call.linked, call.call_id) AND cel.pbx_id = call.pbx_id
                AND cel.at_ms BETWEEN call.id / ?2 - ?3 AND call.id / ?2 + call.duration_ms + ?3
             WHERE call.id = ?1 ORDER BY cel.at_ms, cel.id LIMIT ?4",
        )
        .bind(call)
        .bind(IN_A_MS)
        .bind(AROUND_MS)
        .bind(SHOWN)
        .fetch_all(&self.read)
        .await?;
        let event = |row: &sqlx::sqlite::SqliteRow| -> sqlx::Result<CallEvent> {
            Ok(CallEvent {
                at: Timestamp(count(row.try_get("at_ms")?)),
                name: row.try_get("name")?,
                unique: row.try_get("unique_id")?,
                channel: row.try_get("channel")?,
                application: row.try_get("application")?,
                data: row.try_get("data")?,
                peer: row.try_get("peer")?,
                extra: row.try_get("extra")?,
            })
        };
        Ok(rows.iter().map(event).collect::<sqlx::Result<_>>()?)
    }

    /// Removes events that are older, in batches: the first that is not ends it. How many went.
    pub async fn remove_channel_events(&self, before_ms: u64) -> Result<u64> {
        let done =
            sqlx::query("DELETE FROM cel WHERE id IN (SELECT id FROM cel ORDER BY id LIMIT ?) AND at_ms < ?")
                .bind(BATCH)
                .bind(ms(before_ms))
                .execute(&self.write)
                .await?;
        Ok(done.rows_affected())
    }
}
