//! What a visit or a call was taken for until more was known of it: a caller who seemed lost had an agent, or was lost in another
//! way; one who seemed reached was not.

use std::collections::BTreeSet;

use app::model::PbxId;

use telephony::{Timestamp, lost::Contact};

use super::{
    super::visit::{Recording, count},
    Place, Result, Try, loss_word, ms,
};

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

    /// Who seemed reached by a call, and is not among these talks of it: whoever was lost waits on.
    pub(in crate::store) async fn not_reached(
        &mut self,
        pbx: PbxId,
        call: &str,
        talks: &[Contact],
    ) -> Result<()> {
        let people: Vec<&str> = talks.iter().map(|talk| talk.person.as_str()).collect();
        let gone: Vec<(i64, String)> = sqlx::query_as(
            "SELECT id, person FROM contact WHERE pbx_id = ? AND call_id = ? AND visit_id = 0
                AND person NOT IN (SELECT value FROM json_each(?)) AND person NOT LIKE 'erased %'",
        )
        .bind(pbx.0)
        .bind(call)
        .bind(serde_json::to_string(&people).unwrap_or_default())
        .fetch_all(&mut *self.transaction)
        .await?;
        for (contact, person) in gone {
            let closed: Vec<(i64, i64)> = sqlx::query_as(
                "UPDATE lost SET contact_id = NULL WHERE contact_id = ? RETURNING id, last_ms",
            )
            .bind(contact)
            .fetch_all(&mut *self.transaction)
            .await?;
            sqlx::query("DELETE FROM contact WHERE id = ?")
                .bind(contact)
                .execute(&mut *self.transaction)
                .await?;
            for (row, last_ms) in closed {
                self.waits_on(pbx, &person, (row, last_ms)).await?;
            }
        }
        Ok(())
    }

    /// A row that nothing closes any more: a later talk does, or it is open, or a part of the one that is.
    async fn waits_on(&mut self, pbx: PbxId, person: &str, (row, last_ms): (i64, i64)) -> Result<()> {
        if let Some((contact, began_ms)) = self.reached_since(pbx, person, Timestamp(count(last_ms))).await? {
            sqlx::query("UPDATE lost SET contact_id = ?, ended_ms = ? WHERE id = ?")
                .bind(contact)
                .bind(began_ms)
                .bind(row)
                .execute(&mut *self.transaction)
                .await?;
            self.touched.rows.insert(row);
            return Ok(());
        }
        let open: Option<i64> =
            sqlx::query_scalar("SELECT id FROM lost WHERE pbx_id = ? AND person = ? AND state = 'open'")
                .bind(pbx.0)
                .bind(person)
                .fetch_optional(&mut *self.transaction)
                .await?;
        let Some(open) = open else {
            sqlx::query("UPDATE lost SET state = 'open', ended_ms = NULL WHERE id = ?")
                .bind(row)
                .execute(&mut *self.transaction)
                .await?;
            self.touched.rows.insert(row);
            return Ok(());
        };
        let tries: Vec<(Option<String>, Option<String>)> =
            sqlx::query_as("UPDATE lost_try SET lost_id = ? WHERE lost_id = ? RETURNING queue, extension")
                .bind(open)
                .bind(row)
                .fetch_all(&mut *self.transaction)
                .await?;
        sqlx::query("DELETE FROM lost WHERE id = ?")
            .bind(row)
            .execute(&mut *self.transaction)
            .await?;
        self.touched.rows.remove(&row);
        let place = |(queue, extension): (Option<String>, Option<String>)| {
            queue.map(Place::Queue).or(extension.map(Place::Extension))
        };
        let places = tries.into_iter().filter_map(place);
        self.touched.places.extend(places.map(|place| (pbx, place)));
        self.tried_then(open).await
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
