//! What a visit was taken for until more was known of it: a caller who seemed lost had an agent, or was lost in another way.

use std::collections::BTreeSet;

use app::model::PbxId;

use super::{super::visit::Recording, Place, Result, Try, loss_word, ms};

/// Lost callers of whom something is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Their rows,
    pub rows: BTreeSet<i64>,
    /// and where somebody tried whose row is not there any more.
    pub places: BTreeSet<(PbxId, Place)>,
}

impl Recording {
    /// Nobody was lost by this visit.
    pub(super) async fn not_lost(&mut self, pbx: PbxId, visit: i64) -> Result<()> {
        let gone: Option<(Option<i64>, Option<String>)> =
            sqlx::query_as("DELETE FROM lost_try WHERE visit_id = ? RETURNING lost_id, queue")
                .bind(visit)
                .fetch_optional(&mut *self.transaction)
                .await?;
        let Some((Some(row), queue)) = gone else {
            return Ok(());
        };
        let empty = sqlx::query(
            "DELETE FROM lost WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM lost_try WHERE lost_id = ?1)",
        )
        .bind(row)
        .execute(&mut *self.transaction)
        .await?;
        if empty.rows_affected() == 0 {
            return self.tried_then(row).await;
        }
        self.touched.rows.remove(&row);
        let place = queue.map(|queue| (pbx, Place::Queue(queue)));
        self.touched.places.extend(place);
        Ok(())
    }

    /// Whether this visit is among the tries already; how they were lost may be known better now.
    pub(super) async fn lost_otherwise(&mut self, lost: &Try<'_>) -> Result<bool> {
        let Some(visit) = lost.visit else {
            return Ok(false);
        };
        // a row that is closed was closed after it: that stays so
        let known: Option<Option<i64>> = sqlx::query_scalar(
            "UPDATE lost_try SET how = ?2, waited_ms = ?3,
                at_ms = min(?4, coalesce((SELECT ended_ms FROM lost WHERE lost.id = lost_id), ?4))
             WHERE visit_id = ?1 AND how <> ?2 RETURNING lost_id",
        )
        .bind(visit)
        .bind(loss_word(lost.how))
        .bind(ms(lost.waited_ms))
        .bind(ms(lost.at.0))
        .fetch_optional(&mut *self.transaction)
        .await?;
        if let Some(Some(row)) = known {
            self.tried_then(row).await?;
        }
        Ok(known.is_some())
    }

    /// When the tries of a row were.
    async fn tried_then(&mut self, row: i64) -> Result<()> {
        sqlx::query(
            "UPDATE lost SET first_ms = tried.first_ms, last_ms = tried.last_ms
             FROM (SELECT min(at_ms) AS first_ms, max(at_ms) AS last_ms FROM lost_try WHERE lost_id = ?1) AS tried
             WHERE id = ?1",
        )
        .bind(row)
        .execute(&mut *self.transaction)
        .await?;
        self.touched.rows.insert(row);
        Ok(())
    }
}
