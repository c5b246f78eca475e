//! Visits of queues: written as they change, whole, and read for lists and figures.

mod merge;
mod read;
mod words;

use app::model::PbxId;
use sqlx::{Row, Sqlite, Transaction, sqlite::SqliteRow};
use telephony::{
    CallId, Left, Timestamp, Visit,
    visit::{Ring, Talk, TalkEnd},
};

use super::{Result, Store, Touched, ms};
pub use read::{RingRecord, VisitFilter};
pub(super) use words::left_word;
use words::{left, ring_end, ring_end_word, talk_end, talk_end_word};

/// `source` of what the log tells.
pub(super) const FROM_LOG: &str = "queue_log";
/// Visits that can be open at once: those of every channel of every PBX.
const MAX_OPEN: i64 = 100_000;

/// A visit that was not over when it was last told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenVisit {
    /// Its number.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// The caller's channel.
    pub channel: String,
}

/// A visit as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRecord {
    /// Its number.
    pub id: i64,
    /// On which PBX.
    pub pbx: PbxId,
    /// What was seen of it.
    pub visit: Visit,
    /// The work after it, in milliseconds.
    pub wrap_up_ms: u64,
    /// What the agent made of it.
    pub disposition: Option<String>,
    /// The agent's note.
    pub note: Option<String>,
    /// It is told by the PBX's log of its queues: times are whole seconds.
    pub from_log: bool,
    /// It was seen as a whole, and that log tells it otherwise.
    pub doubted: bool,
}

impl VisitRecord {
    /// Not all that it says is certain.
    pub fn is_marked(&self) -> bool {
        self.visit.partial || self.doubted
    }
}

fn time(value: i64) -> Timestamp {
    Timestamp(u64::try_from(value).unwrap_or_default())
}

pub(super) fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// A visit without its rings.
pub(super) fn visit(row: &SqliteRow) -> sqlx::Result<VisitRecord> {
    let left_ms: Option<i64> = row.try_get("left_ms")?;
    let left_how: Option<&str> = row.try_get("left_how")?;
    let began: Option<i64> = row.try_get("talk_began_ms")?;
    let ended: Option<i64> = row.try_get("talk_ended_ms")?;
    let end: Option<&str> = row.try_get("talk_end")?;
    let talk = match began {
        None => None,
        Some(began) => Some(Talk {
            interface: row.try_get::<Option<String>, _>("agent")?.unwrap_or_default(),
            extension: row.try_get("extension")?,
            began: time(began),
            ended: ended.map(|at| (time(at), end.map_or(TalkEnd::Unexplained, talk_end))),
            held_ms: count(row.try_get("held_ms")?),
        }),
    };
    Ok(VisitRecord {
        id: row.try_get("id")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        visit: Visit {
            queue: row.try_get("queue")?,
            channel: row.try_get("channel")?,
            serial: u32::try_from(row.try_get::<i64, _>("serial")?).unwrap_or(u32::MAX),
            call: CallId(row.try_get("call_id")?),
            number: row.try_get("number")?,
            name: row.try_get("name")?,
            joined: time(row.try_get("joined_ms")?),
            position: u32::try_from(row.try_get::<i64, _>("position")?).unwrap_or(u32::MAX),
            rings: Vec::new(),
            more_rings: u32::try_from(row.try_get::<i64, _>("more_rings")?).unwrap_or(u32::MAX),
            left: left_ms.map(|at| (time(at), left_how.map_or(Left::Unexplained, left))),
            talk,
            partial: row.try_get("partial")?,
        },
        wrap_up_ms: count(row.try_get("wrap_up_ms")?),
        disposition: row.try_get("disposition")?,
        note: row.try_get("note")?,
        from_log: row.try_get::<&str, _>("source")? == FROM_LOG,
        doubted: row.try_get("doubted")?,
    })
}

/// One ring attempt, and whose.
pub(super) fn ring(row: &SqliteRow) -> sqlx::Result<(i64, Ring)> {
    let ended: Option<i64> = row.try_get("ended_ms")?;
    let how: Option<&str> = row.try_get("how")?;
    let ring = Ring {
        interface: row.try_get("interface")?,
        extension: row.try_get("extension")?,
        channel: row.try_get("channel")?,
        began: time(row.try_get("began_ms")?),
        ended: ended.map(|at| {
            (
                time(at),
                how.map_or(telephony::visit::RingEnd::Unexplained, ring_end),
            )
        }),
    };
    Ok((row.try_get("visit_id")?, ring))
}

/// One transaction of the recorder.
#[derive(Debug)]
pub struct Recording {
    pub(super) transaction: Transaction<'static, Sqlite>,
    /// Lost callers of whom something is new.
    pub(super) touched: Touched,
}

impl Recording {
    /// Keeps all of it.
    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }

    /// Writes a visit as it is now; `known` is where it is kept, as far as the caller knows. What somebody says who did
    /// not see all of it is added to what is kept.
    pub async fn visit(&mut self, pbx: PbxId, known: Option<i64>, told: &Visit) -> Result<i64> {
        let before = self.before(pbx, known, told).await?;
        let Some(before) = before else {
            let serial = self.free_serial(pbx, told).await?;
            let id = self.insert(pbx, told, serial, "ami").await?;
            self.came_of_visit(pbx, id, told).await?;
            return Ok(id);
        };
        let now = match (told.partial, before.from_log) {
            (false, _) => told.clone(),
            (true, false) => merge::merged(&before.visit, told),
            // the log has told all of it
            (true, true) => return Ok(before.id),
        };
        if before.from_log {
            self.seen_whole(before.id).await?;
        }
        if now != before.visit {
            self.update(before.id, &now).await?;
            self.came_of_visit(pbx, before.id, &now).await?;
        }
        Ok(before.id)
    }

    pub(super) async fn one(
        &mut self,
        query: &'static str,
        bind: impl FnOnce(Query<'static>) -> Query<'static>,
    ) -> Result<Option<VisitRecord>> {
        let row = bind(sqlx::query(query))
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let found = visit(&row)?;
        self.with_rings(found).await.map(Some)
    }

    async fn kept(&mut self, id: i64) -> Result<Option<VisitRecord>> {
        self.one("SELECT * FROM visit WHERE id = ?", |query| query.bind(id))
            .await
    }

    /// The row that this visit is kept in.
    async fn before(&mut self, pbx: PbxId, known: Option<i64>, told: &Visit) -> Result<Option<VisitRecord>> {
        if let Some(id) = known {
            return self.kept(id).await;
        }
        let (queue, channel) = (told.queue.clone(), told.channel.clone());
        // found under way: whatever its number, it is the one that was open
        if told.partial {
            let (queue, channel) = (queue.clone(), channel.clone());
            let open = self
                .one(
                    "SELECT * FROM visit WHERE pbx_id = ? AND channel = ? AND queue = ? AND over = 0
                     ORDER BY serial DESC LIMIT 1",
                    |query| query.bind(pbx.0).bind(channel).bind(queue),
                )
                .await?;
            if open.is_some() {
                return Ok(open);
            }
        }
        let serial = i64::from(told.serial);
        let same = self
            .one(
                "SELECT * FROM visit WHERE pbx_id = ? AND queue = ? AND channel = ? AND serial = ?",
                |query| query.bind(pbx.0).bind(queue).bind(channel).bind(serial),
            )
            .await?;
        // numbers begin anew with every start: an earlier visit may have had this one
        if let Some(same) = same.filter(|same| same.visit.joined == told.joined) {
            return Ok(Some(same));
        }
        self.told_by_log(pbx, told).await
    }

    /// The same with its rings.
    pub(super) async fn with_rings(&mut self, mut found: VisitRecord) -> Result<VisitRecord> {
        let rings = sqlx::query("SELECT * FROM visit_ring WHERE visit_id = ? ORDER BY place")
            .bind(found.id)
            .fetch_all(&mut *self.transaction)
            .await?;
        for row in &rings {
            found.visit.rings.push(ring(row)?.1);
        }
        Ok(found)
    }

    pub(super) async fn free_serial(&mut self, pbx: PbxId, told: &Visit) -> Result<i64> {
        let last: Option<i64> = sqlx::query_scalar(
            "SELECT max(serial) FROM visit WHERE pbx_id = ? AND queue = ? AND channel = ?",
        )
        .bind(pbx.0)
        .bind(&told.queue)
        .bind(&told.channel)
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(i64::from(told.serial).max(last.unwrap_or(0) + 1))
    }

    pub(super) async fn insert(
        &mut self,
        pbx: PbxId,
        told: &Visit,
        serial: i64,
        source: &str,
    ) -> Result<i64> {
        let made = sqlx::query(
            "INSERT INTO visit (pbx_id, queue, channel, serial, call_id, number, name, joined_ms, position, held_ms,
                                more_rings, partial, over, source)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, 0, ?)",
        )
        .bind(pbx.0)
        .bind(&told.queue)
        .bind(&told.channel)
        .bind(serial)
        .bind(&told.call.0)
        .bind(&told.number)
        .bind(&told.name)
        .bind(ms(told.joined.0))
        .bind(i64::from(told.position))
        .bind(source)
        .execute(&mut *self.transaction)
        .await?;
        let id = made.last_insert_rowid();
        self.update(id, told).await?;
        Ok(id)
    }

    pub(super) async fn update(&mut self, id: i64, now: &Visit) -> Result<()> {
        let talk = now.talk.as_ref();
        let ended = talk.and_then(|talk| talk.ended);
        sqlx::query(
            "UPDATE visit SET call_id = ?, number = ?, name = ?, joined_ms = ?, position = ?, left_ms = ?, left_how = ?,
                    agent = ?, extension = ?, talk_began_ms = ?, talk_ended_ms = ?, talk_end = ?, held_ms = ?,
                    more_rings = ?, partial = ?, over = ?
             WHERE id = ?",
        )
        .bind(&now.call.0)
        .bind(&now.number)
        .bind(&now.name)
        .bind(ms(now.joined.0))
        .bind(i64::from(now.position))
        .bind(now.left.map(|(at, _)| ms(at.0)))
        .bind(now.left.map(|(_, how)| left_word(how)))
        .bind(talk.map(|talk| &talk.interface))
        .bind(talk.and_then(|talk| talk.extension.as_ref()))
        .bind(talk.map(|talk| ms(talk.began.0)))
        .bind(ended.map(|(at, _)| ms(at.0)))
        .bind(ended.map(|(_, by)| talk_end_word(by)))
        .bind(talk.map_or(0, |talk| ms(talk.held_ms)))
        .bind(i64::from(now.more_rings))
        .bind(now.partial)
        .bind(now.is_over())
        .bind(id)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query("DELETE FROM visit_ring WHERE visit_id = ? AND place >= ?")
            .bind(id)
            .bind(ms(now.rings.len() as u64))
            .execute(&mut *self.transaction)
            .await?;
        for (place, ring) in now.rings.iter().enumerate() {
            sqlx::query(
                "INSERT INTO visit_ring (visit_id, place, interface, extension, channel, began_ms, ended_ms, how)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET interface = excluded.interface, extension = excluded.extension,
                    channel = excluded.channel, began_ms = excluded.began_ms, ended_ms = excluded.ended_ms,
                    how = excluded.how",
            )
            .bind(id)
            .bind(ms(place as u64))
            .bind(&ring.interface)
            .bind(&ring.extension)
            .bind(&ring.channel)
            .bind(ms(ring.began.0))
            .bind(ring.ended.map(|(at, _)| ms(at.0)))
            .bind(ring.ended.map(|(_, how)| ring_end_word(how)))
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }
}

type Query<'query> = sqlx::query::Query<'query, Sqlite, sqlx::sqlite::SqliteArguments>;

impl Store {
    /// Begins a transaction of the recorder.
    pub async fn record(&self) -> Result<Recording> {
        Ok(Recording {
            transaction: self.write.begin_with("BEGIN IMMEDIATE").await?,
            touched: Touched::default(),
        })
    }

    /// Visits that are not over, of one PBX or of all.
    pub async fn open_visits(&self, pbx: Option<PbxId>) -> Result<Vec<OpenVisit>> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT id, pbx_id, channel FROM visit WHERE over = 0 AND (?1 IS NULL OR pbx_id = ?1) ORDER BY id DESC LIMIT ?2",
        )
        .bind(pbx.map(|pbx| pbx.0))
        .bind(MAX_OPEN)
        .fetch_all(&self.read)
        .await?;
        let open = rows.into_iter().map(|(id, pbx, channel)| OpenVisit {
            id,
            pbx: PbxId(pbx),
            channel,
        });
        Ok(open.collect())
    }
}

impl Recording {
    /// Ends visits whose end nobody saw: at the last moment at which their PBX was seen before the gap.
    pub async fn end_visits(&mut self, gone: &[OpenVisit], how: Left, by: TalkEnd) -> Result<()> {
        for open in gone {
            sqlx::query(
                "UPDATE visit SET partial = 1, over = 1,
                    left_how = coalesce(left_how, ?2),
                    left_ms = coalesce(left_ms, max(joined_ms, coalesce(last.from_ms, joined_ms))),
                    talk_end = CASE WHEN talk_began_ms IS NULL THEN NULL ELSE coalesce(talk_end, ?3) END,
                    talk_ended_ms = CASE WHEN talk_began_ms IS NULL THEN NULL
                        ELSE coalesce(talk_ended_ms, max(talk_began_ms, coalesce(last.from_ms, talk_began_ms))) END
                 FROM (SELECT max(from_ms) AS from_ms FROM gap WHERE pbx_id = ?4) AS last
                 WHERE id = ?1 AND over = 0",
            )
            .bind(open.id)
            .bind(left_word(how))
            .bind(talk_end_word(by))
            .bind(open.pbx.0)
            .execute(&mut *self.transaction)
            .await?;
            sqlx::query(
                "UPDATE visit_ring SET how = 'unexplained', ended_ms = (SELECT left_ms FROM visit WHERE id = visit_id)
                 WHERE visit_id = ? AND ended_ms IS NULL",
            )
            .bind(open.id)
            .execute(&mut *self.transaction)
            .await?;
            if let Some(ended) = self.kept(open.id).await? {
                self.came_of_visit(open.pbx, open.id, &ended.visit).await?;
            }
        }
        Ok(())
    }
}
