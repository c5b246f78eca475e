//! Writing records: each once, whoever tells of it and however often.

use std::collections::{HashMap, HashSet, VecDeque};

use app::model::PbxId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use telephony::cdr::{Column, Doubt, Told};

use crate::store::{Recording, Result, ms};

/// Bytes of a hash that stand for a row.
const KEY_BYTES: usize = 16;
/// Rows without a name of which it is remembered that they were told: the same content comes within so many.
const MOST_SIBLINGS: usize = 100_000;

/// Columns of text, by the name that they have here.
pub(super) const TEXTS: [(&str, Column); 17] = [
    ("account", Column::Account),
    ("src", Column::Src),
    ("dst", Column::Dst),
    ("context", Column::Context),
    ("caller_id", Column::CallerId),
    ("channel", Column::Channel),
    ("dest_channel", Column::DestChannel),
    ("application", Column::Application),
    ("data", Column::Data),
    ("disposition", Column::Disposition),
    ("ama_flags", Column::AmaFlags),
    ("uniqueid", Column::UniqueId),
    ("linkedid", Column::LinkedId),
    ("peer_account", Column::PeerAccount),
    ("user_field", Column::UserField),
    ("recording", Column::Recording),
    ("did", Column::Did),
];
/// The others, in the order in which a row is written down.
const OTHERS: [&str; 12] = [
    "pbx_id",
    "key",
    "content",
    "told_by",
    "linked",
    "start_ms",
    "answer_ms",
    "end_ms",
    "doubt",
    "duration_s",
    "billable_s",
    "sequence",
];

/// Who tells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// An event of the manager. It never changes what is there.
    Manager,
    /// Where Asterisk keeps its records, which has the last word.
    Source,
}

impl ToldBy {
    fn bit(self) -> i64 {
        match self {
            ToldBy::Manager => 1,
            ToldBy::Source => 2,
        }
    }
}

/// What came of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// They were not there,
    pub new: u64,
    /// were there, and something of them is another now,
    pub changed: u64,
    /// or were there as they are.
    pub known: u64,
}

impl std::ops::AddAssign for Kept {
    fn add_assign(&mut self, more: Kept) {
        self.new += more.new;
        self.changed += more.changed;
        self.known += more.known;
    }
}

type Key = [u8; KEY_BYTES];

/// Rows without a name: how many of the same content came before each, in one reading of a source.
#[derive(Debug, Default)]
pub struct Siblings {
    counts: HashMap<Key, u64>,
    order: VecDeque<Key>,
    /// What comes follows what was read before.
    goes_on: bool,
}

impl Siblings {
    /// For a reading that begins at the beginning, or so far back that all of one content comes again.
    pub fn anew() -> Self {
        Self::default()
    }

    /// For one that goes on after what was read before.
    pub fn going_on() -> Self {
        Self {
            goes_on: true,
            ..Self::default()
        }
    }

    fn next(&mut self, content: Key, before: u64) -> u64 {
        if !self.counts.contains_key(&content) {
            if self.order.len() >= MOST_SIBLINGS
                && let Some(oldest) = self.order.pop_front()
            {
                self.counts.remove(&oldest);
            }
            self.order.push_back(content);
            self.counts.insert(content, before);
        }
        let count = self.counts.entry(content).or_default();
        *count += 1;
        *count - 1
    }
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> Key {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    let mut key = [0; KEY_BYTES];
    key.copy_from_slice(&digest[..KEY_BYTES]);
    key
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn doubt_word(doubt: Option<Doubt>) -> &'static str {
    match doubt {
        None => "",
        Some(Doubt::Twice) => "twice",
        Some(Doubt::Never) => "never",
    }
}

/// A row on its way into the database.
struct Line {
    key: String,
    content: String,
    start_ms: i64,
    end_ms: i64,
    value: Value,
}

fn line(pbx: PbxId, told: &Told, (key, content): (Key, Key), by: ToldBy) -> Line {
    let (row, times) = (&told.row, &told.times);
    let (key, content) = (hex(&key), hex(&content));
    let mut value = vec![
        json!(pbx.0),
        json!(key),
        json!(content),
        json!(by.bit()),
        json!(row.group().unwrap_or_default()),
        json!(ms(times.start.0)),
        json!(times.answer.map(|at| ms(at.0))),
        json!(ms(times.end.0)),
        json!(doubt_word(times.doubt)),
        json!(ms(row.duration_s)),
        json!(ms(row.billable_s)),
        json!(row.sequence.map(ms)),
    ];
    // the database ends a text where a zero byte is
    let texts = TEXTS
        .iter()
        .map(|(_, column)| json!(row.get(*column).replace('\0', "\u{2400}")));
    value.extend(texts);
    Line {
        key,
        content,
        start_ms: ms(times.start.0),
        end_ms: ms(times.end.0),
        value: Value::Array(value),
    }
}

/// What is there of a row.
struct There {
    told_by: i64,
    content: String,
    times: (i64, i64),
}

impl Recording {
    /// Keeps rows of a PBX. The same one told again changes nothing.
    pub async fn records(
        &mut self,
        pbx: PbxId,
        told: &[Told],
        by: ToldBy,
        siblings: &mut Siblings,
    ) -> Result<Kept> {
        let mut lines = Vec::with_capacity(told.len());
        for one in told {
            let content = hash([one.row.content().as_str()]);
            let key = match one.row.name() {
                Some((unique, linked, sequence)) => hash([unique, linked, &sequence.to_string()]),
                None => {
                    let before = self.told_before(pbx, content, siblings).await?;
                    let which = siblings.next(content, before).to_string();
                    hash(["", &hex(&content), &which])
                }
            };
            lines.push(line(pbx, one, (key, content), by));
        }
        let there = self.there(pbx, &lines).await?;
        let mut kept = Kept::default();
        let mut written = Vec::new();
        let mut once = HashSet::new();
        for line in lines {
            // told twice at once: the first one stands
            if !once.insert(line.key.clone()) {
                kept.known += 1;
                continue;
            }
            let same =
                |there: &There| there.content == line.content && there.times == (line.start_ms, line.end_ms);
            match there.get(&line.key) {
                None => kept.new += 1,
                Some(there) if there.told_by & by.bit() != 0 && (by == ToldBy::Manager || same(there)) => {
                    kept.known += 1;
                    continue;
                }
                Some(there) if there.told_by & by.bit() != 0 => kept.changed += 1,
                Some(_) => kept.known += 1,
            }
            written.push(line.value);
        }
        self.write_records(&written, by).await?;
        Ok(kept)
    }

    /// Rows of this content that the source has told in earlier readings, where this one goes on after them.
    async fn told_before(&mut self, pbx: PbxId, content: Key, siblings: &Siblings) -> Result<u64> {
        if !siblings.goes_on || siblings.counts.contains_key(&content) {
            return Ok(0);
        }
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM cdr WHERE pbx_id = ? AND content = ? AND told_by & ? <> 0",
        )
        .bind(pbx.0)
        .bind(&content[..])
        .bind(ToldBy::Source.bit())
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn there(&mut self, pbx: PbxId, lines: &[Line]) -> Result<HashMap<String, There>> {
        let keys: Vec<&str> = lines.iter().map(|line| line.key.as_str()).collect();
        let rows: Vec<(String, i64, String, i64, i64)> = sqlx::query_as(
            "SELECT told.value, told_by, lower(hex(content)), start_ms, end_ms
             FROM json_each(?) AS told CROSS JOIN cdr ON cdr.pbx_id = ? AND cdr.key = unhex(told.value)",
        )
        .bind(serde_json::to_string(&keys).unwrap_or_default())
        .bind(pbx.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        let there = rows.into_iter().map(|(key, told_by, content, start, end)| {
            let times = (start, end);
            let there = There {
                told_by,
                content,
                times,
            };
            (key, there)
        });
        Ok(there.collect())
    }

    async fn write_records(&mut self, lines: &[Value], by: ToldBy) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let texts = TEXTS.iter().map(|(name, _)| *name);
        let names: Vec<&str> = OTHERS.into_iter().chain(texts.clone()).collect();
        let values: Vec<String> = (0..names.len())
            .map(|at| match names[at] {
                "key" | "content" => format!("unhex(value ->> {at})"),
                _ => format!("value ->> {at}"),
            })
            .collect();
        let told = "told_by = cdr.told_by | excluded.told_by".to_owned();
        // the manager tells less than a source has: what a source leaves out stays
        let sets = match by {
            ToldBy::Manager => vec![told],
            ToldBy::Source => {
                let numbers = OTHERS[4..].iter().chain(&["content"]);
                let numbers = numbers.map(|name| format!("{name} = excluded.{name}"));
                let texts = texts.map(|name| {
                    format!("{name} = CASE excluded.{name} WHEN '' THEN cdr.{name} ELSE excluded.{name} END")
                });
                [told].into_iter().chain(numbers).chain(texts).collect()
            }
        };
        let query = format!(
            "INSERT INTO cdr ({}) SELECT {} FROM json_each(?) WHERE true
             ON CONFLICT (pbx_id, key) DO UPDATE SET {}",
            names.join(", "),
            values.join(", "),
            sets.join(", ")
        );
        // the names are ours
        sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(serde_json::to_string(lines).unwrap_or_default())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
