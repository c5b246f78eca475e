//! Records held against calls: by the names that Asterisk gives to channels, and by when they were.

use std::collections::HashMap;

use app::model::{PbxId, records::Class};
use serde_json::{Value, json};
use telephony::{
    FinishedCall, Marks, Timestamp,
    cdr::{Known, Told, call_of, is_of_somebody},
    finished::unpack,
};

use super::{SAME_MS, coverage::Coverage, rows::record};
use crate::store::{IN_A_MS, Recording, Result, Store, ms, visit::count};

/// A call of which a record tells began no longer before it,
const BEFORE_MS: u64 = 4 * 3_600 * 1_000;
/// and not later than this after it.
const AFTER_MS: u64 = 60_000;

/// Records that belong together.
struct Group {
    linked: String,
    rows: Vec<Told>,
}

impl Group {
    fn began(&self) -> Timestamp {
        let began = self.rows.iter().map(|told| told.times.start);
        began.min().unwrap_or_default()
    }

    fn ended(&self) -> Timestamp {
        let ended = self.rows.iter().map(|told| told.times.end);
        ended.max().unwrap_or_default()
    }

    /// Names of channels, and its own.
    fn names(&self) -> impl Iterator<Item = &str> {
        let unique = self.rows.iter().filter_map(|told| told.row.uniqueid.as_deref());
        unique.chain([self.linked.as_str()])
    }

    /// Somebody's phone listened to another call.
    fn spied(&self) -> bool {
        self.rows.iter().any(|told| told.row.listens())
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckTally {
    /// Records of calls that are there.
    pub matched: u64,
    /// Calls of which there is no record.
    pub only_here: u64,
    /// Records of which there is no call, though the PBX was seen then.
    pub only_there: u64,
    /// Records of which there was none, because nobody saw it: it is told from them.
    pub repaired: u64,
    /// Of those so many were entered now,
    pub entered: u64,
    /// and so many, which were not seen as a whole, are told otherwise now.
    pub put_right: u64,
    /// Records of calls that go on, or ended just now.
    pub open: u64,
}

impl CheckTally {
    fn add(&mut self, class: Class) {
        *match class {
            Class::Matched => &mut self.matched,
            Class::OnlyHere => &mut self.only_here,
            Class::OnlyThere => &mut self.only_there,
            Class::Repaired => &mut self.repaired,
        } += 1;
    }
}

impl std::ops::AddAssign for CheckTally {
    fn add_assign(&mut self, more: CheckTally) {
        self.matched += more.matched;
        self.only_here += more.only_here;
        self.only_there += more.only_there;
        self.repaired += more.repaired;
        self.entered += more.entered;
        self.put_right += more.put_right;
        self.open += more.open;
    }
}

/// A call that records may be of.
#[derive(Clone, Copy)]
struct Candidate {
    id: i64,
    marks: Marks,
}

impl Candidate {
    fn of((id, marks): (i64, i64)) -> Self {
        Self {
            id,
            marks: Marks(u32::try_from(marks).unwrap_or_default()),
        }
    }

    fn apart(self, began: Timestamp) -> u64 {
        count(self.id / IN_A_MS).abs_diff(began.0)
    }
}

impl Store {
    /// When the next record or call of a PBX began, from a moment on.
    pub async fn next_to_check(&self, pbx: PbxId, from: Timestamp) -> Result<Option<Timestamp>> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT min(at) FROM (
                SELECT min(start_ms) AS at FROM cdr WHERE pbx_id = ?1 AND start_ms >= ?2
                UNION ALL SELECT (SELECT id FROM call WHERE id >= ?3 AND pbx_id = ?1 ORDER BY id LIMIT 1) / ?4)",
        )
        .bind(pbx.0)
        .bind(ms(from.0))
        .bind(first_id(from))
        .bind(IN_A_MS)
        .fetch_one(&self.read)
        .await?;
        Ok(next.map(|at| Timestamp(count(at))))
    }
}

impl Recording {
    /// Holds what began in a time against each other, and keeps what comes of it. Calls that nobody saw are entered.
    pub async fn hold_records(
        &mut self,
        pbx: PbxId,
        (from, to): (Timestamp, Timestamp),
        coverage: &mut Coverage,
    ) -> Result<CheckTally> {
        sqlx::query("DELETE FROM cdr_check WHERE pbx_id = ? AND began_ms >= ? AND began_ms < ?")
            .bind(pbx.0)
            .bind(ms(from.0))
            .bind(ms(to.0))
            .execute(&mut *self.transaction)
            .await?;
        let mut tally = CheckTally::default();
        let mut lines = Vec::new();
        let groups = self.groups(pbx, (from, to)).await?;
        let calls = self.calls_of(pbx, (from, to), &groups).await?;
        for (at, group) in groups.iter().enumerate() {
            let call = match calls.get(&at) {
                Some(call) => {
                    let (class, changed) = self.held(call.id, call.marks, &mut coverage.known).await?;
                    tally.put_right += u64::from(changed);
                    Some((call.id, class))
                }
                // what recorders and announcers do is no call, here as there
                None if !is_of_somebody(&group.rows, &mut coverage.known) => continue,
                None if group.ended() > coverage.settled
                    || group.names().any(|name| coverage.open.contains(name)) =>
                {
                    tally.open += 1;
                    continue;
                }
                None if coverage.is_unseen(group.began(), group.ended()) => {
                    let entered = self.enter(pbx, group, &mut coverage.known).await?;
                    tally.entered += u64::from(entered.is_some());
                    entered.map(|id| (id, Class::Repaired))
                }
                None => None,
            };
            let class = call.map_or(Class::OnlyThere, |(_, class)| class);
            tally.add(class);
            lines.push(json!([
                pbx.0,
                class.word(),
                ms(group.began().0),
                group.linked,
                call.map(|(id, _)| id),
                group.rows.len(),
                i64::from(group.spied()),
            ]));
        }
        for (id, began) in self.calls_without_records(pbx, (from, to), coverage).await? {
            tally.add(Class::OnlyHere);
            lines.push(json!([pbx.0, Class::OnlyHere.word(), began, "", id, 0, 0]));
        }
        sqlx::query(
            "INSERT INTO cdr_check (pbx_id, class, began_ms, linked, call_row, rows, spied)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
             FROM json_each(?)",
        )
        .bind(text(&lines))
        .execute(&mut *self.transaction)
        .await?;
        Ok(tally)
    }

    /// Records of calls that began in a time.
    async fn groups(&mut self, pbx: PbxId, (from, to): (Timestamp, Timestamp)) -> Result<Vec<Group>> {
        let rows = sqlx::query(
            "SELECT cdr.* FROM (
                SELECT one.linked, min(every.start_ms) AS began FROM (
                    SELECT DISTINCT linked FROM cdr WHERE pbx_id = ?1 AND start_ms >= ?2 AND start_ms < ?3 AND linked <> ''
                ) AS one CROSS JOIN cdr AS every ON every.linked = one.linked AND every.linked <> '' AND every.pbx_id = ?1
                GROUP BY one.linked HAVING began >= ?2
             ) AS found CROSS JOIN cdr ON cdr.linked = found.linked AND cdr.linked <> '' AND cdr.pbx_id = ?1
             ORDER BY found.began, cdr.linked, cdr.start_ms, cdr.sequence, cdr.id",
        )
        .bind(pbx.0)
        .bind(ms(from.0))
        .bind(ms(to.0))
        .fetch_all(&mut *self.transaction)
        .await?;
        let mut groups: Vec<Group> = Vec::new();
        for row in &rows {
            let told = record(row)?.told;
            let linked = told.row.group().unwrap_or_default();
            match groups.last_mut() {
                Some(group) if group.linked == linked => group.rows.push(told),
                Some(_) | None => groups.push(Group {
                    linked: linked.to_owned(),
                    rows: vec![told],
                }),
            }
        }
        Ok(groups)
    }

    /// The calls that groups are of, by the group's place.
    async fn calls_of(
        &mut self,
        pbx: PbxId,
        time: (Timestamp, Timestamp),
        groups: &[Group],
    ) -> Result<HashMap<usize, Candidate>> {
        let names: Vec<Value> = groups
            .iter()
            .enumerate()
            .flat_map(|(at, group)| group.names().map(move |name| json!([at, name])))
            .collect();
        let named: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT told.value ->> 0, call.id, call.marks FROM json_each(?1) AS told CROSS JOIN call
                ON call.call_id = told.value ->> 1 AND call.pbx_id = ?2
             UNION ALL
             SELECT told.value ->> 0, call.id, call.marks FROM json_each(?1) AS told CROSS JOIN call
                ON call.linked = told.value ->> 1 AND call.linked IS NOT NULL AND call.pbx_id = ?2",
        )
        .bind(text(&names))
        .bind(pbx.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        let mut found: HashMap<usize, Candidate> = HashMap::new();
        let mut take = |at: usize, call: Candidate| {
            let began = groups[at].began();
            let nearer = found
                .get(&at)
                .is_none_or(|before| call.apart(began) < before.apart(began));
            if call.apart(began) <= SAME_MS && nearer {
                found.insert(at, call);
            }
        };
        for (at, id, marks) in named {
            if let Some(at) = usize::try_from(at).ok().filter(|at| *at < groups.len()) {
                take(at, Candidate::of((id, marks)));
            }
        }
        // a channel that joined a call has a record by its own name
        let mut wanted: HashMap<&str, usize> = HashMap::new();
        for (at, group) in groups.iter().enumerate() {
            if !found.contains_key(&at) {
                wanted.extend(group.names().map(|name| (name, at)));
            }
        }
        if !wanted.is_empty() {
            for (call, legs) in self.stories(pbx, time).await? {
                for at in legs.iter().filter_map(|leg| wanted.get(leg.as_str())) {
                    found.entry(*at).or_insert(call);
                }
            }
        }
        Ok(found)
    }

    /// The calls of which records of a time may tell, with their channels.
    async fn stories(
        &mut self,
        pbx: PbxId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<(Candidate, Vec<String>)>> {
        let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(
            "SELECT call.id, call.marks, call_story.told FROM call CROSS JOIN call_story ON call_story.id = call.id
             WHERE call.id >= ? AND call.id < ? AND call.pbx_id = ?",
        )
        .bind(first_id(Timestamp(from.0.saturating_sub(BEFORE_MS))))
        .bind(first_id(Timestamp(to.0.saturating_add(AFTER_MS))))
        .bind(pbx.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        let told = rows
            .into_iter()
            .map(|(id, marks, told)| (Candidate::of((id, marks)), channels(&told)));
        Ok(told.collect())
    }

    /// Enters a call that nobody saw. Its number; none where its records do not name it.
    async fn enter(&mut self, pbx: PbxId, group: &Group, known: &mut Known) -> Result<Option<i64>> {
        let Some(call) = call_of(&group.rows, known) else {
            return Ok(None);
        };
        let (name, began) = (call.id.0.clone(), call.started);
        let told: [(PbxId, FinishedCall); 1] = [(pbx, call)];
        self.calls(&told).await?;
        let id = sqlx::query_scalar(
            "SELECT id FROM call WHERE call_id = ? AND pbx_id = ? AND id >= ? AND id < ? LIMIT 1",
        )
        .bind(name)
        .bind(pbx.0)
        .bind(first_id(began))
        .bind(first_id(Timestamp(began.0 + 1)))
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(id)
    }

    /// Calls that began in a time and are over, of which no record tells; each with when it began.
    async fn calls_without_records(
        &mut self,
        pbx: PbxId,
        (from, to): (Timestamp, Timestamp),
        coverage: &Coverage,
    ) -> Result<Vec<(i64, i64)>> {
        let rows: Vec<(i64, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT call.id, (SELECT told FROM call_story WHERE call_story.id = call.id) FROM call
             WHERE call.id >= ?1 AND call.id < ?2 AND call.pbx_id = ?3 AND call.marks & ?4 = 0
                AND call.id / ?5 + call.duration_ms < ?6
                AND NOT EXISTS (SELECT 1 FROM cdr
                    WHERE cdr.uniqueid = call.call_id AND cdr.uniqueid <> '' AND cdr.pbx_id = ?3)
                AND NOT EXISTS (SELECT 1 FROM cdr
                    WHERE cdr.linked = coalesce(call.linked, call.call_id) AND cdr.linked <> '' AND cdr.pbx_id = ?3)",
        )
        .bind(first_id(from.max(coverage.from)))
        .bind(first_id(to.min(coverage.until)))
        .bind(pbx.0)
        .bind(Marks::TOLD.0)
        .bind(IN_A_MS)
        .bind(ms(coverage.until.0))
        .fetch_all(&mut *self.transaction)
        .await?;
        let mut without = Vec::new();
        for (id, told) in rows {
            let channels: Vec<Value> = channels(&told.unwrap_or_default())
                .into_iter()
                .map(Value::from)
                .collect();
            let told: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM json_each(?) AS one CROSS JOIN cdr
                    ON cdr.uniqueid = one.value AND cdr.uniqueid <> '' AND cdr.pbx_id = ?)",
            )
            .bind(text(&channels))
            .bind(pbx.0)
            .fetch_one(&mut *self.transaction)
            .await?;
            if !told {
                without.push((id, id / IN_A_MS));
            }
        }
        Ok(without)
    }
}

/// The unique ids of a story's channels.
fn channels(told: &[u8]) -> Vec<String> {
    let (legs, _) = unpack(told).unwrap_or_default();
    legs.into_iter().map(|leg| leg.id.0).collect()
}

/// The first number that a call of this millisecond can have.
fn first_id(at: Timestamp) -> i64 {
    ms(at.0).min(i64::MAX / IN_A_MS - 1) * IN_A_MS
}

fn text(lines: &[Value]) -> String {
    // values always write
    serde_json::to_string(lines).unwrap_or_default()
}
