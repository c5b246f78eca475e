//! Supervisors' phones under way, for a Starboard that was stopped meanwhile.

use app::{audit::Action, model::PbxId};
use sqlx::Row;

use super::{NewLine, Result, Store, trail::add_with};
use crate::trail::{Act, Who, keys::ChainKeys};

/// A supervisor's phone that was left as it was.
#[derive(Clone, Debug)]
pub struct Supervised {
    /// On which PBX.
    pub pbx: PbxId,
    /// The id of its channel.
    pub channel: String,
    /// What began it.
    pub act: Act,
}

impl Store {
    /// Notes a phone before it is rung.
    pub async fn add_supervision(&self, pbx: PbxId, channel: &str, act: &Act) -> Result<()> {
        sqlx::query(
            "INSERT INTO supervision (pbx_id, channel, act_id, user_id, actor, action) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(pbx.0)
        .bind(channel)
        .bind(act.id())
        .bind(act.who().id)
        .bind(&act.who().name)
        .bind(act.action().word())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The phone is free again, and the trail has what came of it.
    pub async fn end_supervision(
        &self,
        pbx: PbxId,
        channel: &str,
        ended: NewLine,
        keys: &ChainKeys,
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM supervision WHERE pbx_id = ? AND channel = ?")
            .bind(pbx.0)
            .bind(channel)
            .execute(&mut *transaction)
            .await?;
        let told = add_with(&mut transaction, keys, ended).await?;
        transaction.commit().await?;
        keys.written(told);
        Ok(())
    }

    /// Every phone that was not noted as free again.
    pub async fn supervisions(&self) -> Result<Vec<Supervised>> {
        let rows = sqlx::query("SELECT * FROM supervision")
            .fetch_all(&self.read)
            .await?;
        let mut left = Vec::with_capacity(rows.len());
        for row in &rows {
            let word: &str = row.try_get("action")?;
            let who = Who {
                id: row.try_get("user_id")?,
                name: row.try_get("actor")?,
            };
            // a word of a later version: the row is left to that one
            if let Some(action) = Action::of(word) {
                left.push(Supervised {
                    pbx: PbxId(row.try_get("pbx_id")?),
                    channel: row.try_get("channel")?,
                    act: Act::begun(row.try_get("act_id")?, who, action),
                });
            }
        }
        Ok(left)
    }
}
