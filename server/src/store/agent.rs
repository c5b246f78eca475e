//! What agents did, in which queues, and the gaps in what is known.

use app::model::{PbxId, figures::GapOf};
use telephony::{AgentChange, Doing, Timestamp};

use super::{Recording, Result, Store, ms};

/// The policy of a queue that nobody has set: the PBX's own target, or this.
pub const DEFAULT_TARGET_S: u32 = 20;
/// Who hangs up sooner has not waited.
pub const DEFAULT_SHORT_ABANDON_S: u32 = 5;

/// A span of an agent as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanRecord {
    /// On which PBX.
    pub pbx: PbxId,
    /// The member's interface.
    pub interface: String,
    /// Their name.
    pub name: String,
    /// Their extension.
    pub extension: Option<String>,
    /// What they did.
    pub doing: Doing,
    /// From when
    pub since_ms: u64,
    /// until when; None while it goes on.
    pub until_ms: Option<u64>,
}

/// A time in a queue as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInQueue {
    /// On which PBX.
    pub pbx: PbxId,
    /// The member's interface.
    pub interface: String,
    /// The queue.
    pub queue: String,
    /// From when
    pub since_ms: u64,
    /// until when; None while it goes on.
    pub until_ms: Option<u64>,
}

pub(super) fn doing_words(doing: &Doing) -> (&'static str, &str) {
    match doing {
        Doing::Available => ("available", ""),
        Doing::Ringing => ("ringing", ""),
        Doing::Talking => ("talking", ""),
        Doing::OnHold => ("on_hold", ""),
        Doing::WrapUp => ("wrap_up", ""),
        Doing::Paused(reason) => ("paused", reason),
        Doing::Unreachable => ("unreachable", ""),
    }
}

pub(super) fn doing(word: &str, reason: String) -> Doing {
    match word {
        "ringing" => Doing::Ringing,
        "talking" => Doing::Talking,
        "on_hold" => Doing::OnHold,
        "wrap_up" => Doing::WrapUp,
        "paused" => Doing::Paused(reason),
        "unreachable" => Doing::Unreachable,
        _ => Doing::Available,
    }
}

impl Recording {
    /// Writes that something about an agent is new.
    pub async fn agent(&mut self, pbx: PbxId, change: &AgentChange) -> Result<()> {
        match change {
            AgentChange::LoggedIn { agent, queue, at } => {
                sqlx::query(
                    "INSERT INTO queue_session (pbx_id, interface, queue, since_ms) VALUES (?, ?, ?, ?)
                     ON CONFLICT DO NOTHING",
                )
                .bind(pbx.0)
                .bind(&agent.interface)
                .bind(queue)
                .bind(ms(at.0))
                .execute(&mut *self.transaction)
                .await?;
            }
            AgentChange::LoggedOut { interface, queue, at } => {
                sqlx::query(
                    "UPDATE queue_session SET until_ms = max(since_ms, ?)
                     WHERE pbx_id = ? AND interface = ? AND queue = ? AND until_ms IS NULL",
                )
                .bind(ms(at.0))
                .bind(pbx.0)
                .bind(interface)
                .bind(queue)
                .execute(&mut *self.transaction)
                .await?;
            }
            AgentChange::Does { agent, doing, at } => {
                sqlx::query(
                    "UPDATE agent_span SET until_ms = max(since_ms, ?)
                     WHERE pbx_id = ? AND interface = ? AND until_ms IS NULL",
                )
                .bind(ms(at.0))
                .bind(pbx.0)
                .bind(&agent.interface)
                .execute(&mut *self.transaction)
                .await?;
                let Some(doing) = doing else { return Ok(()) };
                let (word, reason) = doing_words(doing);
                sqlx::query(
                    "INSERT INTO agent_span (pbx_id, interface, name, extension, doing, reason, since_ms)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(pbx.0)
                .bind(&agent.interface)
                .bind(&agent.name)
                .bind(&agent.extension)
                .bind(word)
                .bind(reason)
                .bind(ms(at.0))
                .execute(&mut *self.transaction)
                .await?;
            }
        }
        Ok(())
    }

    /// The PBX has this target for a queue: a new version of the policy, unless a person has set one.
    pub async fn target(&mut self, pbx: PbxId, queue: &str, target_s: u32) -> Result<()> {
        let last: Option<(i64, i64, Option<i64>)> = sqlx::query_as(
            "SELECT version, target_s, by_user FROM queue_policy WHERE pbx_id = ? AND queue = ?
             ORDER BY version DESC LIMIT 1",
        )
        .bind(pbx.0)
        .bind(queue)
        .fetch_optional(&mut *self.transaction)
        .await?;
        let (version, since_ms) = match last {
            Some((_, _, Some(_))) => return Ok(()),
            Some((_, target, None)) if target == i64::from(target_s) => return Ok(()),
            Some((version, _, None)) => (version + 1, ms(crate::clock::wall_ms())),
            None => (1, 0),
        };
        sqlx::query(
            "INSERT INTO queue_policy (pbx_id, queue, version, since_ms, target_s, short_abandon_s)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(pbx.0)
        .bind(queue)
        .bind(version)
        .bind(since_ms)
        .bind(target_s)
        .bind(DEFAULT_SHORT_ABANDON_S)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Nothing is seen of a PBX from this moment on.
    pub async fn unseen(&mut self, pbx: PbxId, at: Timestamp, why: &str) -> Result<()> {
        for table in ["agent_span", "queue_session"] {
            let sql = format!(
                "UPDATE {table} SET until_ms = max(since_ms, ?) WHERE pbx_id = ? AND until_ms IS NULL"
            );
            // the names are ours
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(ms(at.0))
                .bind(pbx.0)
                .execute(&mut *self.transaction)
                .await?;
        }
        sqlx::query(
            "INSERT INTO gap (pbx_id, from_ms, reason)
             SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM gap WHERE pbx_id = ?1 AND to_ms IS NULL)",
        )
        .bind(pbx.0)
        .bind(ms(at.0))
        .bind(why)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// It is seen again.
    pub async fn seen(&mut self, pbx: PbxId, at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE gap SET to_ms = max(from_ms, ?) WHERE pbx_id = ? AND to_ms IS NULL")
            .bind(ms(at.0))
            .bind(pbx.0)
            .execute(&mut *self.transaction)
            .await?;
        sqlx::query(SAW)
            .bind(pbx.0)
            .bind(ms(at.0))
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const SAW: &str = "INSERT INTO pbx_seen (pbx_id, seen_ms) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET seen_ms = max(seen_ms, excluded.seen_ms)";

impl Store {
    /// These are seen at this moment.
    pub async fn saw(&self, pbxs: &[PbxId], at: Timestamp) -> Result<()> {
        if pbxs.is_empty() {
            return Ok(());
        }
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for pbx in pbxs {
            sqlx::query(SAW)
                .bind(pbx.0)
                .bind(ms(at.0))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// At a start: what was open ended when its PBX was last seen, and a gap begins there.
    pub async fn end_what_was_open(&self) -> Result<()> {
        let mut recording = self.record().await?;
        let open: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT pbx_id, seen_ms FROM pbx_seen AS last
             WHERE NOT EXISTS (SELECT 1 FROM gap WHERE gap.pbx_id = last.pbx_id AND to_ms IS NULL)",
        )
        .fetch_all(&mut *recording.transaction)
        .await?;
        for (pbx, seen_ms) in open {
            let at = Timestamp(super::visit::count(seen_ms));
            let why = "Starboard ended without a word.";
            recording.unseen(PbxId(pbx), at, why).await?;
            // why they left is told right after they did: perhaps nobody listened any more
            sqlx::query(
                "UPDATE visit SET partial = 1
                 WHERE pbx_id = ?1 AND joined_ms > ?2 AND (left_how = 'unexplained' AND left_ms >= ?3
                    OR talk_end = 'unexplained' AND talk_ended_ms >= ?3)",
            )
            .bind(pbx)
            .bind(seen_ms - DAY_MS)
            .bind(seen_ms - MINUTE_MS)
            .execute(&mut *recording.transaction)
            .await?;
        }
        recording.commit().await
    }

    /// Gaps that a time crosses.
    pub async fn gaps(&self, from_ms: u64, to_ms: u64) -> Result<Vec<GapOf>> {
        const MOST: i64 = 1_000;
        type Columns = (i64, i64, Option<i64>, String, bool, Option<i64>);
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT pbx_id, from_ms, to_ms, reason, repaired_by IS NOT NULL, agents_unknown FROM gap
             WHERE from_ms < ?2 AND coalesce(to_ms, ?2) > ?1
             ORDER BY from_ms LIMIT ?3",
        )
        .bind(ms(from_ms))
        .bind(ms(to_ms))
        .bind(MOST)
        .fetch_all(&self.read)
        .await?;
        let gaps = rows
            .into_iter()
            .map(|(pbx, from, to, reason, filled, agents)| GapOf {
                pbx: PbxId(pbx),
                from: Timestamp(super::visit::count(from)),
                to: Timestamp(to.map_or(to_ms, super::visit::count)),
                reason,
                filled,
                agents_unknown: agents.map(super::visit::count),
            });
        Ok(gaps.collect())
    }

    /// Spans that a time crosses; None when there are more than so many.
    pub async fn spans(&self, from_ms: u64, to_ms: u64, most: usize) -> Result<Option<Vec<SpanRecord>>> {
        type Columns = (
            i64,
            String,
            String,
            Option<String>,
            String,
            String,
            i64,
            Option<i64>,
        );
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT pbx_id, interface, name, extension, doing, reason, since_ms, until_ms FROM agent_span
             WHERE since_ms < ?2 AND coalesce(until_ms, ?2) > ?1 ORDER BY since_ms LIMIT ?3",
        )
        .bind(ms(from_ms))
        .bind(ms(to_ms))
        .bind(ms(most as u64 + 1))
        .fetch_all(&self.read)
        .await?;
        if rows.len() > most {
            return Ok(None);
        }
        let spans = rows.into_iter().map(
            |(pbx, interface, name, extension, word, reason, since_ms, until_ms)| SpanRecord {
                pbx: PbxId(pbx),
                interface,
                name,
                extension,
                doing: doing(&word, reason),
                since_ms: super::visit::count(since_ms),
                until_ms: until_ms.map(super::visit::count),
            },
        );
        Ok(Some(spans.collect()))
    }

    /// Times in queues that a time crosses; None when there are more than so many.
    pub async fn sessions_in_queues(
        &self,
        from_ms: u64,
        to_ms: u64,
        most: usize,
    ) -> Result<Option<Vec<SessionInQueue>>> {
        let rows: Vec<(i64, String, String, i64, Option<i64>)> = sqlx::query_as(
            "SELECT pbx_id, interface, queue, since_ms, until_ms FROM queue_session
             WHERE since_ms < ?2 AND coalesce(until_ms, ?2) > ?1 ORDER BY since_ms LIMIT ?3",
        )
        .bind(ms(from_ms))
        .bind(ms(to_ms))
        .bind(ms(most as u64 + 1))
        .fetch_all(&self.read)
        .await?;
        if rows.len() > most {
            return Ok(None);
        }
        let sessions = rows
            .into_iter()
            .map(|(pbx, interface, queue, since_ms, until_ms)| SessionInQueue {
                pbx: PbxId(pbx),
                interface,
                queue,
                since_ms: super::visit::count(since_ms),
                until_ms: until_ms.map(super::visit::count),
            });
        Ok(Some(sessions.collect()))
    }
}
