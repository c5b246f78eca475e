//! Callers who were not reached: what makes one of a call, and what closes it. Written with the visits and calls that tell of
//! it, in their transaction, so that a program that is killed forgets nobody and counts nobody twice.
//!
//! `contact` is a projection: of each talk, who it was with, when and on which path. It holds what is needed to close a lost
//! caller's row and to say how they were reached, and may be made anew from calls that are kept as a whole.

mod claim;
mod read;
mod undo;
mod words;

use app::model::PbxId;
use telephony::{
    Timestamp, Visit,
    lost::{Contact, Loss, Missed, Path, person_of},
};

use super::{Result, ms, visit::Recording};
pub use claim::{Claimed, HOLD_MS, MAX_CLAIMS};
pub use read::{ClaimRecord, LostRecord, LostState, Place, TryRecord};
pub use undo::Touched;
use words::{loss_word, path_word};

/// A try as it is written.
struct Try<'a> {
    call: &'a str,
    visit: Option<i64>,
    queue: Option<&'a str>,
    extension: Option<&'a str>,
    number: &'a str,
    name: Option<&'a str>,
    at: Timestamp,
    waited_ms: u64,
    how: Loss,
}

/// A talk as it is written.
struct Talked<'a> {
    call: &'a str,
    visit: i64,
    person: &'a str,
    path: Path,
    queue: Option<&'a str>,
    extension: Option<&'a str>,
    began: Timestamp,
    ended: Option<Timestamp>,
}

impl Recording {
    /// Lost callers of whom something is new since this was last asked.
    pub fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    /// What a visit comes to: its caller was lost, or reached. What it was taken for before is forgotten.
    pub(super) async fn came_of_visit(&mut self, pbx: PbxId, id: i64, visit: &Visit) -> Result<()> {
        if let Some(talk) = &visit.talk {
            self.not_lost(pbx, id).await?;
            let Some(person) = person_of(&visit.number) else {
                return Ok(());
            };
            let talked = Talked {
                call: &visit.call.0,
                visit: id,
                person: &person,
                path: Path::Queue,
                queue: Some(&visit.queue),
                extension: talk.extension.as_deref(),
                began: talk.began,
                ended: talk.ended.map(|(at, _)| at),
            };
            return self.reached(pbx, &talked, None).await;
        }
        let Some((at, how)) = visit.left else {
            return Ok(());
        };
        let Some(how) = Loss::of_left(how) else {
            return self.not_lost(pbx, id).await;
        };
        let lost = Try {
            call: &visit.call.0,
            visit: Some(id),
            queue: Some(&visit.queue),
            extension: None,
            number: &visit.number,
            name: visit.name.as_deref(),
            at,
            waited_ms: at.since_ms(visit.joined),
            how,
        };
        self.lose(pbx, &lost).await
    }

    /// Somebody was reached by a call; where both are ours, `serves` are the queues of the one who reached them.
    pub async fn contact(&mut self, pbx: PbxId, contact: &Contact, serves: &[String]) -> Result<()> {
        let talked = Talked {
            call: &contact.call.0,
            visit: 0,
            person: &contact.person,
            path: contact.path,
            queue: None,
            extension: contact.extension.as_deref(),
            began: contact.began,
            ended: contact.ended,
        };
        let serves = (contact.path == Path::Inside).then_some(serves);
        self.reached(pbx, &talked, serves).await
    }

    /// A call from outside that nobody answered.
    pub async fn missed(&mut self, pbx: PbxId, missed: &Missed) -> Result<()> {
        for extension in &missed.extensions {
            let lost = Try {
                call: &missed.call.0,
                visit: None,
                queue: None,
                extension: Some(extension),
                number: &missed.number,
                name: missed.name.as_deref(),
                at: missed.ended,
                waited_ms: missed.ended.since_ms(missed.began),
                how: missed.how,
            };
            self.lose(pbx, &lost).await?;
        }
        Ok(())
    }

    async fn lose(&mut self, pbx: PbxId, lost: &Try<'_>) -> Result<()> {
        if self.lost_otherwise(lost).await? {
            return Ok(());
        }
        let made = sqlx::query(
            "INSERT INTO lost_try (lost_id, pbx_id, call_id, visit_id, queue, extension, at_ms, waited_ms, how)
             VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(pbx.0)
        .bind(lost.call)
        .bind(lost.visit)
        .bind(lost.queue)
        .bind(lost.extension)
        .bind(ms(lost.at.0))
        .bind(ms(lost.waited_ms))
        .bind(loss_word(lost.how))
        .execute(&mut *self.transaction)
        .await?;
        if made.rows_affected() == 0 {
            return Ok(());
        }
        let attempt = made.last_insert_rowid();
        let Some(person) = person_of(lost.number) else {
            return Ok(());
        };
        let id = match self.reached_since(pbx, &person, lost.at).await? {
            Some(contact) => self.closed_by(pbx, &person, lost, contact).await?,
            None => self.open_row(pbx, &person, lost).await?,
        };
        sqlx::query("UPDATE lost_try SET lost_id = ? WHERE id = ?")
            .bind(id)
            .bind(attempt)
            .execute(&mut *self.transaction)
            .await?;
        self.touched.rows.insert(id);
        Ok(())
    }

    /// The first talk after a try that is told of late.
    async fn reached_since(&mut self, pbx: PbxId, person: &str, at: Timestamp) -> Result<Option<(i64, i64)>> {
        let query = "SELECT id, began_ms FROM contact WHERE pbx_id = ? AND person = ? AND began_ms >= ?
             AND path <> 'inside' ORDER BY began_ms, id LIMIT 1";
        let found = sqlx::query_as(query)
            .bind(pbx.0)
            .bind(person)
            .bind(ms(at.0))
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(found)
    }

    /// The row that this talk closed, or one of its own that is closed at once.
    async fn closed_by(
        &mut self,
        pbx: PbxId,
        person: &str,
        lost: &Try<'_>,
        (contact, began_ms): (i64, i64),
    ) -> Result<i64> {
        let known: Option<i64> = sqlx::query_scalar(
            "UPDATE lost SET first_ms = min(first_ms, ?1), last_ms = max(last_ms, ?1)
             WHERE id = (SELECT min(id) FROM lost WHERE contact_id = ?2) RETURNING id",
        )
        .bind(ms(lost.at.0))
        .bind(contact)
        .fetch_optional(&mut *self.transaction)
        .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let made = sqlx::query(
            "INSERT INTO lost (pbx_id, person, number, name, first_ms, last_ms, state, contact_id, ended_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'reached', ?6, ?7)",
        )
        .bind(pbx.0)
        .bind(person)
        .bind(lost.number)
        .bind(lost.name)
        .bind(ms(lost.at.0))
        .bind(contact)
        .bind(began_ms)
        .execute(&mut *self.transaction)
        .await?;
        Ok(made.last_insert_rowid())
    }

    /// The person's open row, which is made where there is none.
    async fn open_row(&mut self, pbx: PbxId, person: &str, lost: &Try<'_>) -> Result<i64> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO lost (pbx_id, person, number, name, first_ms, last_ms, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'open')
             ON CONFLICT (pbx_id, person) WHERE state = 'open' DO UPDATE SET
                number = CASE WHEN substr(number, -length(ltrim(excluded.number, '+0'))) = ltrim(excluded.number, '+0')
                        OR substr(excluded.number, -length(ltrim(number, '+0'))) = ltrim(number, '+0')
                    THEN excluded.number ELSE number END,
                name = CASE WHEN substr(number, -length(ltrim(excluded.number, '+0'))) = ltrim(excluded.number, '+0')
                        OR substr(excluded.number, -length(ltrim(number, '+0'))) = ltrim(number, '+0')
                    THEN coalesce(excluded.name, name) ELSE name END, first_ms = min(first_ms, excluded.first_ms),
                last_ms = max(last_ms, excluded.last_ms)
             RETURNING id",
        )
        .bind(pbx.0)
        .bind(person)
        .bind(lost.number)
        .bind(lost.name)
        .bind(ms(lost.at.0))
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(id)
    }

    /// Keeps a talk, and closes the person's row with it. Between two of ours it closes only what was lost by a queue that
    /// the other one serves: whoever talks to a colleague about lunch was not helped.
    async fn reached(&mut self, pbx: PbxId, talked: &Talked<'_>, serves: Option<&[String]>) -> Result<()> {
        let talk_ms = talked.ended.map(|ended| ms(ended.since_ms(talked.began)));
        let known = sqlx::query(
            "UPDATE contact SET talk_ms = coalesce(?5, talk_ms)
             WHERE pbx_id = ?1 AND call_id = ?2 AND person = ?3 AND visit_id = ?4",
        )
        .bind(pbx.0)
        .bind(talked.call)
        .bind(talked.person)
        .bind(talked.visit)
        .bind(talk_ms)
        .execute(&mut *self.transaction)
        .await?;
        if known.rows_affected() > 0 {
            return Ok(());
        }
        let made = sqlx::query(
            "INSERT INTO contact (pbx_id, person, call_id, visit_id, path, queue, extension, began_ms, talk_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(pbx.0)
        .bind(talked.person)
        .bind(talked.call)
        .bind(talked.visit)
        .bind(path_word(talked.path))
        .bind(talked.queue)
        .bind(talked.extension)
        .bind(ms(talked.began.0))
        .bind(talk_ms)
        .execute(&mut *self.transaction)
        .await?;
        let serves = serves.map(|serves| serde_json::to_string(serves).unwrap_or_default());
        // who tried again after this talk began waits on
        let closed: Vec<i64> = sqlx::query_scalar(
            "UPDATE lost SET state = 'reached', contact_id = ?1, ended_ms = ?2
             WHERE pbx_id = ?3 AND person = ?4 AND state = 'open' AND last_ms <= ?2
                AND (?5 IS NULL OR EXISTS (SELECT 1 FROM lost_try WHERE lost_id = lost.id
                    AND queue IN (SELECT value FROM json_each(?5))))
             RETURNING id",
        )
        .bind(made.last_insert_rowid())
        .bind(ms(talked.began.0))
        .bind(pbx.0)
        .bind(talked.person)
        .bind(serves)
        .fetch_all(&mut *self.transaction)
        .await?;
        self.touched.rows.extend(closed);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
