//! What agents did in gaps, as far as the log proves it.

use std::collections::{BTreeMap, BTreeSet};

use app::model::PbxId;
use sqlx::Row;
use telephony::{
    Doing, Timestamp,
    queue_log::{Did, Filled, Seen, Step, apart_from, fill},
};

use super::{LogAgents, Recording, Result, count, ms};
use crate::store::agent::{doing, doing_words};

/// Gaps filled at once; the others come next.
const MAX_GAPS: i64 = 100;

/// Lines so far from a gap say nothing of it.
const WIDE_MS: u64 = 10_000;

/// From a moment until another.
type Time = (Timestamp, Timestamp);

/// What is kept of one agent around a gap.
#[derive(Debug, Default)]
struct Kept {
    name: String,
    extension: Option<String>,
    before: Seen,
    after: Seen,
    /// Times of which is known what they did.
    spans: Vec<Time>,
    /// The same of each queue.
    sessions: Vec<(String, Time)>,
    /// The log has somebody by a name that may be theirs.
    doubtful: bool,
}

type Agents = BTreeMap<String, Kept>;

impl Recording {
    /// Fills the gaps of a time of which the log tells everything: `steps` are its lines about agents, which are all there
    /// are for gaps that began after the moment beside them.
    pub async fn fill_agents(
        &mut self,
        pbx: PbxId,
        (since, until): Time,
        (steps, steps_since): (Vec<&Step>, Timestamp),
        named: &mut LogAgents,
    ) -> Result<()> {
        let gaps: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT id, from_ms, to_ms FROM gap
             WHERE pbx_id = ? AND from_ms >= ? AND to_ms <= ? AND repaired_by IS NULL ORDER BY from_ms LIMIT ?",
        )
        .bind(pbx.0)
        .bind(ms(since.0.max(steps_since.0)))
        .bind(ms(until.0))
        .bind(MAX_GAPS)
        .fetch_all(&mut *self.transaction)
        .await?;
        for (id, from, to) in gaps {
            let gap = (Timestamp(count(from)), Timestamp(count(to)));
            let unknown = self.fill_gap(pbx, gap, &steps, named).await?;
            sqlx::query("UPDATE gap SET agents_unknown = ? WHERE id = ?")
                .bind(ms(unknown))
                .bind(id)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Fills one; of how many agents the log does not tell everything.
    async fn fill_gap(
        &mut self,
        pbx: PbxId,
        gap: Time,
        steps: &[&Step],
        named: &mut LogAgents,
    ) -> Result<u64> {
        let mut agents = self.around(pbx, gap).await?;
        let mut theirs: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
        let mut nobodys = BTreeSet::new();
        let mut of_all: Vec<&Step> = Vec::new();
        let (earliest, latest) = (gap.0.0.saturating_sub(WIDE_MS), gap.1.0.saturating_add(WIDE_MS));
        for step in steps {
            if step.at.0 < earliest || step.at.0 > latest {
                continue;
            }
            if step.what == Did::Started {
                of_all.push(step);
                continue;
            }
            match self.agent_named(pbx, &step.agent, &mut named.0).await? {
                Some((interface, extension)) => {
                    let kept = agents.entry(interface.clone()).or_default();
                    if kept.name.is_empty() {
                        kept.name.clone_from(&step.agent);
                        kept.extension = extension;
                    }
                    theirs.entry(interface).or_default().push(step);
                }
                // the log has the interface where the queue is told no name
                None if step.agent.contains('/') => {
                    agents.entry(step.agent.clone()).or_default();
                    theirs.entry(step.agent.clone()).or_default().push(step);
                }
                None => drop(nobodys.insert(step.agent.as_str())),
            }
        }
        for kept in agents.values_mut() {
            kept.doubtful = nobodys.contains(kept.name.as_str());
        }
        let mut unknown = nobodys.len() as u64;
        for (interface, kept) in &agents {
            let steps = theirs.get(interface).map_or(&of_all[..], Vec::as_slice);
            let filled = if kept.doubtful || !of_all.is_empty() {
                None
            } else {
                fill(gap, &kept.before, &kept.after, steps)
            };
            unknown += u64::from(!filled.as_ref().is_some_and(|filled| filled.whole));
            if let Some(filled) = filled {
                self.keep_filled(pbx, interface, kept, filled).await?;
            }
        }
        Ok(unknown)
    }

    async fn keep_filled(&mut self, pbx: PbxId, interface: &str, kept: &Kept, filled: Filled) -> Result<()> {
        for (queue, from, to) in filled.sessions {
            let of = kept.sessions.iter().filter(|(of, _)| *of == queue);
            let seen: Vec<Time> = of.map(|(_, time)| *time).collect();
            for (from, to) in apart_from((from, to), &seen) {
                sqlx::query(
                    "INSERT INTO queue_session (pbx_id, interface, queue, since_ms, until_ms) VALUES (?, ?, ?, ?, ?)",
                )
                .bind(pbx.0)
                .bind(interface)
                .bind(&queue)
                .bind(ms(from.0))
                .bind(ms(to.0))
                .execute(&mut *self.transaction)
                .await?;
            }
        }
        if filled.pauses.is_empty() {
            return Ok(());
        }
        let first = filled.pauses.iter().map(|(_, from, _)| *from).min();
        let last = filled.pauses.iter().map(|(_, _, to)| *to).max();
        let mut busy = kept.spans.clone();
        if let (Some(first), Some(last)) = (first, last) {
            // a call comes before a pause
            busy.extend(self.talks_of(pbx, interface, (first, last)).await?);
        }
        for (reason, from, to) in filled.pauses {
            let paused = Doing::Paused(reason);
            let (word, reason) = doing_words(&paused);
            for (from, to) in apart_from((from, to), &busy) {
                sqlx::query(
                    "INSERT INTO agent_span (pbx_id, interface, name, extension, doing, reason, since_ms, until_ms)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(pbx.0)
                .bind(interface)
                .bind(&kept.name)
                .bind(&kept.extension)
                .bind(word)
                .bind(reason)
                .bind(ms(from.0))
                .bind(ms(to.0))
                .execute(&mut *self.transaction)
                .await?;
            }
        }
        Ok(())
    }

    /// Who was seen right before a gap, in it, or right after it.
    async fn around(&mut self, pbx: PbxId, gap: Time) -> Result<Agents> {
        let mut agents = Agents::new();
        let spans = sqlx::query(
            "SELECT interface, name, extension, doing, reason, since_ms, until_ms FROM agent_span
             WHERE pbx_id = ? AND since_ms <= ? AND coalesce(until_ms, ?) >= ? ORDER BY since_ms, id",
        )
        .bind(pbx.0)
        .bind(ms(gap.1.0))
        .bind(i64::MAX)
        .bind(ms(gap.0.0))
        .fetch_all(&mut *self.transaction)
        .await?;
        for row in &spans {
            let kept = agents.entry(row.try_get("interface")?).or_default();
            kept.name = row.try_get("name")?;
            kept.extension = row.try_get("extension")?;
            let does = doing(row.try_get("doing")?, row.try_get("reason")?);
            let (at_first, in_the_end, time) = ends(row, gap)?;
            if at_first {
                kept.before.doing = Some(does.clone());
            }
            if in_the_end {
                kept.after.doing = Some(does);
            }
            kept.spans.push(time);
        }
        let sessions = sqlx::query(
            "SELECT interface, queue, since_ms, until_ms FROM queue_session
             WHERE pbx_id = ? AND since_ms <= ? AND coalesce(until_ms, ?) >= ? ORDER BY since_ms, id",
        )
        .bind(pbx.0)
        .bind(ms(gap.1.0))
        .bind(i64::MAX)
        .bind(ms(gap.0.0))
        .fetch_all(&mut *self.transaction)
        .await?;
        for row in &sessions {
            let kept = agents.entry(row.try_get("interface")?).or_default();
            let queue: String = row.try_get("queue")?;
            let (at_first, in_the_end, time) = ends(row, gap)?;
            if at_first {
                kept.before.queues.insert(queue.clone());
            }
            if in_the_end {
                kept.after.queues.insert(queue.clone());
            }
            kept.sessions.push((queue, time));
        }
        Ok(agents)
    }

    /// When somebody talked to callers of queues.
    async fn talks_of(&mut self, pbx: PbxId, interface: &str, (from, to): Time) -> Result<Vec<Time>> {
        let talks: Vec<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT talk_began_ms, talk_ended_ms FROM visit
             WHERE pbx_id = ?1 AND agent = ?2 AND talk_ended_ms > ?3 AND talk_began_ms < ?4
             UNION ALL
             SELECT talk_began_ms, talk_ended_ms FROM visit
             WHERE pbx_id = ?1 AND agent = ?2 AND over = 0 AND talk_ended_ms IS NULL AND talk_began_ms < ?4",
        )
        .bind(pbx.0)
        .bind(interface)
        .bind(ms(from.0))
        .bind(ms(to.0))
        .fetch_all(&mut *self.transaction)
        .await?;
        let time = |at: i64| Timestamp(count(at));
        let talks = talks.into_iter();
        Ok(talks
            .map(|(began, ended)| (time(began), ended.map_or(to, time)))
            .collect())
    }
}

/// Whether a row ends where a gap begins, and begins where it ends; and its time.
fn ends(row: &sqlx::sqlite::SqliteRow, (from, to): Time) -> Result<(bool, bool, Time)> {
    let since = Timestamp(count(row.try_get("since_ms")?));
    let until: Option<i64> = row.try_get("until_ms")?;
    let until = until.map_or(Timestamp(u64::MAX), |until| Timestamp(count(until)));
    Ok((since <= from && until >= from, since == to, (since, until)))
}
