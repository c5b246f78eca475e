//! Visits held against Asterisk's own log of its queues, and how far that log was read.

mod agents;
mod unseen;

use std::collections::HashMap;

use app::model::PbxId;
use sqlx::Row;
use telephony::{
    AgentId, Left, Timestamp, Visit,
    queue_log::{Difference, Healing, Logged, NEAR_MS, heal},
};

use super::{
    Recording, Result, Store, ms,
    visit::{VisitRecord, count},
};

/// Visits of one channel in one queue that are looked at.
const MAX_OF_CHANNEL: i64 = 100;
/// Callers who were lost longer ago are nobody's to return.
const LATELY_MS: u64 = 7 * 24 * 3_600 * 1_000;
/// What nobody kept of a visit may have been joined so far from where the log has it.
const SAME_MS: u64 = 5_000;

/// How far the log of a PBX was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// The file's device
    pub device: u64,
    /// and number there.
    pub inode: u64,
    /// Everything before was made use of.
    pub position: u64,
    /// How the file begins.
    pub head: Vec<u8>,
    /// Since when (by the log) no line was missed.
    pub since: Option<Timestamp>,
}

/// A log that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOf {
    /// Whose.
    pub pbx: PbxId,
    /// Where it is.
    pub path: String,
    /// How far it was read.
    pub place: Option<LogPlace>,
}

/// What came of a visit of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on, as far as was seen: nothing is known better yet.
    Open,
    /// Nobody had seen it.
    Added,
    /// What was not seen of it is known now.
    Healed,
    /// Nobody saw it, although somebody looked all the time: it is not believed. A caller can write into a log with what they
    /// send as their number.
    OnlyThere,
    /// It is as it was seen, or the log knows no better.
    Same,
    /// It was seen as a whole, and the log tells it otherwise.
    Differs(Vec<Difference>),
    /// It was held against the log before.
    Known,
}

/// How many of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogTally {
    /// Nobody had seen them.
    pub added: u64,
    /// What was not seen of them is known now.
    pub healed: u64,
    /// Seen as a whole, and told otherwise by the log.
    pub differed: u64,
    /// Only in the log, and not believed.
    pub only_there: u64,
}

impl LogTally {
    /// Counts them.
    pub fn of(verdicts: &[Verdict]) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Added => tally.added += 1,
                Verdict::Healed => tally.healed += 1,
                Verdict::Differs(_) => tally.differed += 1,
                Verdict::OnlyThere => tally.only_there += 1,
                Verdict::Open | Verdict::Same | Verdict::Known => {}
            }
        }
        tally
    }
}

/// Who an agent is, by the name in the log.
type Agents = HashMap<String, Option<(String, Option<String>)>>;

impl Recording {
    /// Holds a visit of the log against what was kept; `agents` are those who serve queues now.
    pub async fn logged(&mut self, pbx: PbxId, logged: &Logged, agents: &mut LogAgents) -> Result<Verdict> {
        let mut told = logged.visit.clone();
        self.name_agents(pbx, &mut told, &mut agents.0).await?;
        if self.asked_to_be_called(pbx, &told).await? {
            told.left = told.left.map(|(at, _)| (at, Left::KeptPlace));
        }
        let entered_s = ms(told.joined.0 / 1_000);
        let Some((before, known)) = self.kept_of_log(pbx, &told).await? else {
            if !self.was_unseen(pbx, &told).await? {
                return Ok(Verdict::OnlyThere);
            }
            let serial = self.free_serial(pbx, &told).await?;
            let id = self.insert(pbx, &told, serial, "queue_log").await?;
            self.mark(id, entered_s, true).await?;
            if is_of_late(&told) {
                self.came_of_visit(pbx, id, &told).await?;
            }
            return Ok(Verdict::Added);
        };
        let verdict = match heal(&before.visit, &told) {
            Healing::Open => return Ok(Verdict::Open),
            Healing::Same if known => return Ok(Verdict::Known),
            Healing::Differs(_) if known => return Ok(Verdict::Known),
            Healing::Same => Verdict::Same,
            Healing::Differs(differences) => Verdict::Differs(differences),
            Healing::Healed(now) => {
                self.update(before.id, &now).await?;
                if is_of_late(&now) {
                    self.came_of_visit(pbx, before.id, &now).await?;
                }
                Verdict::Healed
            }
        };
        self.mark(before.id, entered_s, verdict == Verdict::Healed)
            .await?;
        if matches!(verdict, Verdict::Differs(_)) {
            self.doubt(before.id).await?;
        }
        Ok(verdict)
    }

    async fn mark(&mut self, id: i64, entered_s: i64, by_log: bool) -> Result<()> {
        sqlx::query(
            "UPDATE visit SET logged_s = ?, source = CASE WHEN ? THEN 'queue_log' ELSE source END WHERE id = ?",
        )
        .bind(entered_s)
        .bind(by_log)
        .bind(id)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What was seen of it stays, and nobody takes it for certain.
    async fn doubt(&mut self, id: i64) -> Result<()> {
        sqlx::query("UPDATE visit SET doubted = 1 WHERE id = ?")
            .bind(id)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// The row of this visit, and whether it is known to be.
    async fn kept_of_log(&mut self, pbx: PbxId, told: &Visit) -> Result<Option<(VisitRecord, bool)>> {
        let rows = sqlx::query(
            "SELECT * FROM visit WHERE pbx_id = ? AND queue = ? AND channel = ? ORDER BY joined_ms LIMIT ?",
        )
        .bind(pbx.0)
        .bind(&told.queue)
        .bind(&told.channel)
        .bind(MAX_OF_CHANNEL)
        .fetch_all(&mut *self.transaction)
        .await?;
        let mut free = Vec::new();
        let mut near = None;
        for row in &rows {
            let logged_s: Option<i64> = row.try_get("logged_s")?;
            let found = super::visit::visit(row)?;
            let Some(logged_s) = logged_s else {
                free.push(found);
                continue;
            };
            let apart = told.joined.0.abs_diff(count(logged_s) * 1_000);
            if apart < 1_000 {
                return Ok(Some((self.with_rings(found).await?, true)));
            }
            // read on in the middle of it: when it began is reckoned from whole seconds
            if told.partial && apart <= SAME_MS {
                near = Some(found);
            }
        }
        if let Some(found) = near {
            return Ok(Some((self.with_rings(found).await?, true)));
        }
        let apart = |kept: &VisitRecord| kept.visit.joined.0.abs_diff(told.joined.0);
        let nearest = free.iter().min_by_key(|kept| apart(kept));
        let same = nearest.filter(|kept| apart(kept) <= SAME_MS).or_else(|| {
            free.iter()
                .find(|kept| kept.visit.partial && overlap(&kept.visit, told))
        });
        match same {
            Some(kept) => Ok(Some((self.with_rings(kept.clone()).await?, false))),
            None => Ok(None),
        }
    }

    /// The log has names of agents: puts their interfaces there, where it is known whose they are.
    async fn name_agents(&mut self, pbx: PbxId, told: &mut Visit, agents: &mut Agents) -> Result<()> {
        let rings = told
            .rings
            .iter_mut()
            .map(|ring| (&mut ring.interface, &mut ring.extension));
        let talk = told
            .talk
            .iter_mut()
            .map(|talk| (&mut talk.interface, &mut talk.extension));
        for (interface, extension) in rings.chain(talk) {
            if let Some((is, of)) = self.agent_named(pbx, interface, agents).await? {
                *interface = is;
                *extension = of;
            }
        }
        Ok(())
    }

    /// Who this is, by the log's name for them.
    async fn agent_named(
        &mut self,
        pbx: PbxId,
        name: &str,
        agents: &mut Agents,
    ) -> Result<Option<(String, Option<String>)>> {
        if let Some(known) = agents.get(name) {
            return Ok(known.clone());
        }
        let found: Option<(String, Option<String>)> = sqlx::query_as(
            "SELECT interface, extension FROM agent_span WHERE pbx_id = ? AND name = ?
             ORDER BY since_ms DESC LIMIT 1",
        )
        .bind(pbx.0)
        .bind(name)
        .fetch_optional(&mut *self.transaction)
        .await?;
        agents.insert(name.to_owned(), found.clone());
        Ok(found)
    }

    /// Keeps how far the log was read, and marks what it fills: no line was missed since `since`, and all that came
    /// before `until` is told.
    pub async fn read_log(&mut self, log: &LogOf, until: Timestamp, tally: &LogTally) -> Result<u64> {
        let Some(place) = &log.place else { return Ok(0) };
        sqlx::query(
            "INSERT INTO queue_log_place (pbx_id, path, device, inode, position, head, since_ms, added, healed, differed)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET path = excluded.path, device = excluded.device, inode = excluded.inode,
                position = excluded.position, head = excluded.head, since_ms = excluded.since_ms,
                added = added + excluded.added, healed = healed + excluded.healed,
                differed = differed + excluded.differed",
        )
        .bind(log.pbx.0)
        .bind(&log.path)
        .bind(ms(place.device))
        .bind(ms(place.inode))
        .bind(ms(place.position))
        .bind(&place.head)
        .bind(place.since.map(|since| ms(since.0)))
        .bind(ms(tally.added))
        .bind(ms(tally.healed))
        .bind(ms(tally.differed))
        .execute(&mut *self.transaction)
        .await?;
        let Some(since) = place.since else { return Ok(0) };
        self.filled(log.pbx, since, until).await
    }

    /// Gaps that lie within a time of which the log tells every visit.
    pub async fn filled(&mut self, pbx: PbxId, since: Timestamp, until: Timestamp) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE gap SET repaired_by = 'queue_log'
             WHERE pbx_id = ? AND from_ms >= ? AND to_ms <= ? AND repaired_by IS NULL",
        )
        .bind(pbx.0)
        .bind(ms(since.0))
        .bind(ms(until.0))
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected())
    }

    /// Forgets what was done.
    pub async fn undo(self) -> Result<()> {
        Ok(self.transaction.rollback().await?)
    }
}

/// Agents whom the log names.
#[derive(Clone, Debug, Default)]
pub struct LogAgents(Agents);

impl LogAgents {
    /// Those who serve queues now; a name that two of them have is nobody's.
    pub fn of(members: impl IntoIterator<Item = AgentId>) -> Self {
        let mut agents = Agents::new();
        for member in members {
            let now = Some((member.interface.clone(), member.extension));
            // the name is the interface where the queue has none for them
            agents.entry(member.interface).or_insert_with(|| now.clone());
            let named = agents.entry(member.name).or_insert_with(|| now.clone());
            if *named != now {
                *named = None;
            }
        }
        Self(agents)
    }
}

/// Whether somebody may still want to return the call.
fn is_of_late(visit: &Visit) -> bool {
    visit.joined.0.saturating_add(LATELY_MS) > crate::clock::wall_ms()
}

/// Whether both are of one time.
fn overlap(kept: &Visit, told: &Visit) -> bool {
    let end = |visit: &Visit| {
        let talk = visit.talk.as_ref().and_then(|talk| talk.ended);
        talk.or(visit
            .left
            .map(|(at, _)| (at, telephony::visit::TalkEnd::Unexplained)))
            .map_or(Timestamp(u64::MAX), |(at, _)| at)
    };
    kept.joined.0 <= end(told).0.saturating_add(NEAR_MS)
        && told.joined.0 <= end(kept).0.saturating_add(NEAR_MS)
}

impl Store {
    /// The first gap since then that the log could fill: from when, and until when if it is over.
    pub async fn first_gap(
        &self,
        pbx: PbxId,
        since: Timestamp,
    ) -> Result<Option<(Timestamp, Option<Timestamp>)>> {
        let found: Option<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT from_ms, to_ms FROM gap WHERE pbx_id = ? AND from_ms >= ? AND repaired_by IS NULL
             ORDER BY from_ms LIMIT 1",
        )
        .bind(pbx.0)
        .bind(ms(since.0))
        .fetch_optional(&self.read)
        .await?;
        let time = |at: i64| Timestamp(count(at));
        Ok(found.map(|(from, to)| (time(from), to.map(time))))
    }

    /// The logs that are to be read, with how far they were.
    pub async fn logs(&self) -> Result<Vec<LogOf>> {
        type Columns = (
            i64,
            String,
            Option<i64>,
            Option<i64>,
            Option<i64>,
            Option<Vec<u8>>,
            Option<i64>,
        );
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT pbx.id, queue_log, device, inode, position, head, since_ms
             FROM pbx LEFT JOIN queue_log_place AS place ON place.pbx_id = pbx.id AND place.path = pbx.queue_log
             WHERE queue_log <> '' AND enabled = 1",
        )
        .fetch_all(&self.read)
        .await?;
        let logs = rows
            .into_iter()
            .map(|(pbx, path, device, inode, position, head, since)| {
                let place = device.zip(inode).zip(position).zip(head);
                LogOf {
                    pbx: PbxId(pbx),
                    path,
                    place: place.map(|(((device, inode), position), head)| LogPlace {
                        device: count(device),
                        inode: count(inode),
                        position: count(position),
                        head,
                        since: since.map(|since| Timestamp(count(since))),
                    }),
                }
            });
        Ok(logs.collect())
    }
}
