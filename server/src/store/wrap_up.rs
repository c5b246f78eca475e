//! The work after calls, and what was said of them.

use app::model::{PbxId, desk::WrapUp};
use telephony::Timestamp;

use super::{Result, Store, history::as_of_visit, ms, visit::count};

/// The work after a call that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenWrapUp {
    /// Its number.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// What is shown of it.
    pub shown: WrapUp,
}

impl Store {
    /// Begins one. None when this visit had one, or the agent has one.
    pub async fn begin_wrap_up(&self, pbx: PbxId, wrap_up: &WrapUp) -> Result<Option<i64>> {
        let made = sqlx::query(
            "INSERT INTO wrap_up (pbx_id, interface, queue, visit_id, began_ms, due_ms)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6
             WHERE NOT EXISTS (SELECT 1 FROM wrap_up WHERE visit_id = ?4)
                AND NOT EXISTS (SELECT 1 FROM wrap_up WHERE pbx_id = ?1 AND interface = ?2 AND ended_ms IS NULL)",
        )
        .bind(pbx.0)
        .bind(&wrap_up.interface)
        .bind(&wrap_up.queue)
        .bind(wrap_up.visit)
        .bind(ms(wrap_up.since.0))
        .bind(ms(wrap_up.due.0))
        .execute(&self.write)
        .await?;
        Ok((made.rows_affected() == 1).then(|| made.last_insert_rowid()))
    }

    /// Ends one; the visit is told how long it was.
    pub async fn end_wrap_up(&self, open: &OpenWrapUp, at: Timestamp) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let ended =
            sqlx::query("UPDATE wrap_up SET ended_ms = max(began_ms, ?) WHERE id = ? AND ended_ms IS NULL")
                .bind(ms(at.0))
                .bind(open.id)
                .execute(&mut *transaction)
                .await?;
        if ended.rows_affected() == 1 {
            sqlx::query(
                "UPDATE visit SET wrap_up_ms =
                    (SELECT coalesce(sum(ended_ms - began_ms), 0) FROM wrap_up WHERE visit_id = visit.id)
                 WHERE id = ?",
            )
            .bind(open.shown.visit)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Those that were not ended.
    pub async fn open_wrap_ups(&self) -> Result<Vec<OpenWrapUp>> {
        type Columns = (
            i64,
            i64,
            String,
            String,
            i64,
            i64,
            i64,
            String,
            Option<String>,
            Option<String>,
        );
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT wrap_up.id, wrap_up.pbx_id, wrap_up.interface, wrap_up.queue, visit_id, began_ms, due_ms,
                    visit.number, visit.name, visit.extension
             FROM wrap_up JOIN visit ON visit.id = visit_id WHERE ended_ms IS NULL",
        )
        .fetch_all(&self.read)
        .await?;
        let open = rows.into_iter().map(
            |(id, pbx, interface, queue, visit, began_ms, due_ms, number, name, extension)| OpenWrapUp {
                id,
                pbx: PbxId(pbx),
                shown: WrapUp {
                    interface,
                    extension,
                    queue,
                    visit,
                    number,
                    name,
                    since: Timestamp(count(began_ms)),
                    due: Timestamp(count(due_ms)),
                },
            },
        );
        Ok(open.collect())
    }

    /// Keeps what an agent says of a call; the call says the same from then on.
    pub async fn say_of_visit(
        &self,
        id: i64,
        disposition: Option<&str>,
        note: Option<&str>,
        user: i64,
        now_ms: u64,
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE visit SET disposition = ?, note = ?, noted_by = ? WHERE id = ?")
            .bind(disposition)
            .bind(note)
            .bind(user)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        as_of_visit(&mut transaction, id, now_ms).await?;
        transaction.commit().await?;
        Ok(())
    }
}
