//! What somebody says came of a call: the word stands at the call, and at the queue visit of it that was talked to last.

use app::model::{PbxId, UserId};
use sqlx::SqliteConnection;

use super::{Said, words::IN_A_MS};
use crate::store::{Result, Store, ms};

/// The word of a visit, for the call that it is of; said at a moment.
fn of_visits(at: &str) -> String {
    format!(
        "INSERT INTO call_disposition (call_id, word, at_ms, user_id, by)
         SELECT call.id, visit.disposition, {at}, coalesce(visit.noted_by, 0),
                coalesce((SELECT display_name FROM user WHERE user.id = visit.noted_by), '')"
    )
}

/// A visit is of the call in whose time it began: a PBX whose clock is set back gives a name again.
fn in_its_time() -> String {
    format!("visit.joined_ms BETWEEN call.id / {IN_A_MS} AND call.id / {IN_A_MS} + call.duration_ms")
}

/// Says the same of the call of a visit that was said of the visit.
pub(in crate::store) async fn as_of_visit(
    connection: &mut SqliteConnection,
    visit: i64,
    now_ms: u64,
) -> Result<()> {
    let call = format!(
        "FROM visit CROSS JOIN call ON call.call_id = visit.call_id AND call.pbx_id = visit.pbx_id AND {}
         WHERE visit.id = ?2",
        in_its_time()
    );
    let forget = format!("DELETE FROM call_disposition WHERE call_id IN (SELECT call.id {call})");
    let say = format!("{} {call} AND visit.disposition IS NOT NULL", of_visits("?1"));
    for statement in [forget, say] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(ms(now_ms))
            .bind(visit)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Store {
    /// Says what came of a call, or takes it back.
    pub async fn dispose_call(
        &self,
        call: i64,
        (by, name): (UserId, &str),
        word: Option<&str>,
        now_ms: u64,
    ) -> Result<Said> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let kept: Option<i64> = sqlx::query_scalar("SELECT id FROM call WHERE id = ?")
            .bind(call)
            .fetch_optional(&mut *transaction)
            .await?;
        if kept.is_none() {
            return Ok(Said::NoCall);
        }
        match word {
            None => {
                sqlx::query("DELETE FROM call_disposition WHERE call_id = ?")
                    .bind(call)
                    .execute(&mut *transaction)
                    .await?;
            }
            Some(word) => {
                sqlx::query(
                    "INSERT INTO call_disposition (call_id, word, at_ms, user_id, by) VALUES (?, ?, ?, ?, ?)
                     ON CONFLICT DO UPDATE SET word = excluded.word, at_ms = excluded.at_ms, user_id = excluded.user_id,
                                               by = excluded.by",
                )
                .bind(call)
                .bind(word)
                .bind(ms(now_ms))
                .bind(by.0)
                .bind(name)
                .execute(&mut *transaction)
                .await?;
            }
        }
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE visit SET disposition = ?1, noted_by = ?2 WHERE id = (
                SELECT visit.id FROM call CROSS JOIN visit INDEXED BY visit_joined
                    ON visit.pbx_id = call.pbx_id AND visit.call_id = call.call_id AND {}
                WHERE call.id = ?3 ORDER BY visit.talk_began_ms IS NULL, visit.joined_ms DESC LIMIT 1)",
            in_its_time()
        )))
        .bind(word)
        .bind(by.0)
        .bind(call)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Said::Kept)
    }

    /// Words that may be said of a call: those of its queue; of a call that came through none, those of all queues of its PBX.
    pub async fn dispositions_for(&self, pbx: PbxId, queue: Option<&str>) -> Result<Vec<String>> {
        let rules = self.queue_rules().await?.into_iter();
        let theirs = rules.filter(|rules| {
            let (on, name) = &rules.queue;
            *on == pbx && queue.is_none_or(|queue| queue == name)
        });
        let mut words: Vec<String> = Vec::new();
        for word in theirs.flat_map(|rules| rules.dispositions) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Ok(words)
    }
}

/// A statement for what agents said while the calls were up that are listed in `source`.
pub(super) fn of_calls(source: &str) -> String {
    format!(
        "{} FROM {source} AS told CROSS JOIN call ON call.id = told.value
         CROSS JOIN visit INDEXED BY visit_disposed
            ON visit.pbx_id = call.pbx_id AND visit.call_id = call.call_id AND visit.disposition IS NOT NULL AND {}
         WHERE true ORDER BY visit.joined_ms DESC ON CONFLICT DO NOTHING",
        of_visits(&format!("call.id / {IN_A_MS} + call.duration_ms")),
        in_its_time()
    )
}
