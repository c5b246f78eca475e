//! Visits that the log told and nobody had seen: which can be, and which were seen after all.

use app::model::PbxId;
use telephony::{Visit, queue_log::NEAR_MS};

use crate::store::{Recording, Result, ms, visit::VisitRecord};

impl Recording {
    /// Whether a visit can be one that nobody saw: it crosses a time in which its PBX was not seen, or is older than the first
    /// that was.
    pub(super) async fn was_unseen(&mut self, pbx: PbxId, told: &Visit) -> Result<bool> {
        let talk = told.talk.as_ref().and_then(|talk| talk.ended);
        let over = talk.map(|(at, _)| at).or(told.left.map(|(at, _)| at));
        let unseen = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM gap WHERE pbx_id = ?1 AND from_ms <= ?3 AND coalesce(to_ms, ?3) >= ?2)
                OR NOT EXISTS (SELECT 1 FROM visit WHERE pbx_id = ?1 AND source = 'ami' AND joined_ms < ?2
                    UNION ALL SELECT 1 FROM gap WHERE pbx_id = ?1 AND from_ms < ?2)",
        )
        .bind(pbx.0)
        .bind(ms(told.joined.0.saturating_sub(NEAR_MS)))
        .bind(ms(over.unwrap_or(told.joined).0 + NEAR_MS))
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(unseen)
    }

    /// A visit that the log told before whoever sees it.
    pub(in crate::store) async fn told_by_log(
        &mut self,
        pbx: PbxId,
        told: &Visit,
    ) -> Result<Option<VisitRecord>> {
        let (queue, channel, joined) = (told.queue.clone(), told.channel.clone(), ms(told.joined.0));
        self.one(
            "SELECT * FROM visit WHERE pbx_id = ? AND channel = ? AND queue = ? AND source = 'queue_log'
                AND joined_ms BETWEEN ? AND ? LIMIT 1",
            |query| {
                let query = query.bind(pbx.0).bind(channel).bind(queue);
                query.bind(joined - ms(NEAR_MS)).bind(joined + ms(NEAR_MS))
            },
        )
        .await
    }

    /// What the log had told was seen as a whole after all.
    pub(in crate::store) async fn seen_whole(&mut self, id: i64) -> Result<()> {
        sqlx::query("UPDATE visit SET source = 'ami' WHERE id = ?")
            .bind(id)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
