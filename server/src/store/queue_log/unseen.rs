//! Which visits of the log nobody can have seen.

use app::model::PbxId;
use telephony::{Visit, queue_log::NEAR_MS};

use crate::store::{Recording, Result, ms};

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
}
