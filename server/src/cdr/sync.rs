//! Reads the records of a PBX from where Asterisk keeps them: on from where they were read to, a piece at a time.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use telephony::cdr::{CdrRow, Fault, Told, When, Wrong};

use super::{lines::Lines, place, zone::Clocks};
use crate::{
    clock::wall_ms,
    lost::Lost,
    pace::Pace,
    queue_log::file::{self, Place},
    store::{After, CdrSource, Kept, Siblings, Store, Table, ToldBy},
};

/// Rows of a table that are read, and kept, at once.
const BATCH: u64 = 2_000;
/// A row is written when its call ends, under the time at which it began: so far back is looked for late ones.
const OVERLAP_S: i64 = 24 * 3_600;
/// Faults that are told one by one.
const MOST_FAULTS: usize = 20;

/// How far a source was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cursor {
    /// A file, up to here.
    File {
        device: u64,
        inode: u64,
        position: u64,
        head: Vec<u8>,
        lines: u64,
    },
    /// A table, up to the rows that began then, as it writes that.
    Table { start: String },
}

impl Cursor {
    fn place(&self) -> Option<(Place, u64)> {
        match self {
            Cursor::Table { .. } => None,
            Cursor::File {
                device,
                inode,
                position,
                head,
                lines,
            } => {
                let place = Place {
                    device: *device,
                    inode: *inode,
                    position: *position,
                    head: head.clone(),
                };
                Some((place, *lines))
            }
        }
    }

    fn of_file((place, lines): &(Place, u64)) -> Self {
        Cursor::File {
            device: place.device,
            inode: place.inode,
            position: place.position,
            head: place.head.clone(),
            lines: *lines,
        }
    }
}

/// A name under which a source is somebody's while they read it, which nobody else has.
pub fn reader(what: &str) -> String {
    format!("{what} {}-{}", std::process::id(), wall_ms())
}

/// What came of a reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows that were read,
    pub read: u64,
    /// those that were not there,
    pub new: u64,
    /// those of which something is another now,
    pub changed: u64,
    /// those that were there,
    pub known: u64,
    /// and those that are older than was asked for.
    pub left_out: u64,
    /// Calls that were not seen as a whole, and that are told otherwise now.
    pub put_right: u64,
    /// Rows of an hour that clocks show twice, or never.
    pub doubtful: u64,
    /// What is no row,
    pub damaged: u64,
    /// and the first of it.
    pub faults: Vec<String>,
    /// When the latest row began, in milliseconds.
    pub latest_ms: u64,
}

impl Report {
    fn fault(&mut self, fault: impl std::fmt::Display) {
        self.damaged += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault.to_string());
        }
    }

    fn keep(&mut self, kept: Kept) {
        self.new += kept.new;
        self.changed += kept.changed;
        self.known += kept.known;
    }
}

/// One reading.
pub struct Reading<'a> {
    /// Where rows are kept.
    pub store: &'a Store,
    /// Where they come from.
    pub source: &'a CdrSource,
    /// The password of that.
    pub password: Option<&'a SecretString>,
    /// Read anew from here on.
    pub since: Option<When>,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Whose the source is meanwhile.
    pub by: &'a str,
    /// Hears of every piece,
    pub progress: &'a (dyn Fn(&Report) + Sync),
    /// and of lost callers of whom something is new.
    pub lost: Option<&'a Lost>,
}

impl Reading<'_> {
    /// Reads until there is no more.
    ///
    /// # Errors
    /// What is wrong with the source, for people. What was read before is kept.
    pub async fn run(&self) -> Result<Report> {
        let zone = &self.source.zone;
        let clocks = Clocks::of(zone).with_context(|| format!("there is no time zone {zone}"))?;
        let cursor = self.source.cursor.as_deref();
        let cursor = cursor
            .filter(|_| self.since.is_none())
            .map(serde_json::from_str::<Cursor>)
            .transpose()
            .context("how far it was read cannot be read back: give --since")?;
        let place = &self.source.place;
        match place::open(self.source, self.password).await {
            Ok(Some(table)) => self.table(table, cursor, &clocks).await,
            Ok(None) => self.file(cursor, &clocks).await,
            Err(error) => Err(error),
        }
        .with_context(|| format!("{place} cannot be read"))
    }

    async fn file(&self, cursor: Option<Cursor>, clocks: &Clocks) -> Result<Report> {
        let mut report = Report::default();
        let place = cursor.as_ref().and_then(Cursor::place);
        let mut siblings = match place {
            Some(_) => Siblings::going_on(),
            None => Siblings::anew(),
        };
        let (mut lines, mut pace) = (Lines::after(place), Pace::begin());
        loop {
            let chunk = file::read(Path::new(&self.source.place), lines.next())?;
            if chunk.bytes.is_empty() {
                // that there is nothing new is news, too
                self.keep(&[], None, &mut siblings, &mut report).await?;
                break;
            }
            let damaged = lines.counted().damaged;
            let mut rows = Vec::new();
            let other = lines.take(&chunk, &mut rows);
            if other && !chunk.follows {
                siblings = Siblings::anew();
            }
            report.damaged += lines.counted().damaged - damaged;
            let told = self.told(rows, clocks, &mut report);
            let cursor = lines.safe().map(Cursor::of_file);
            self.keep(&told, cursor.as_ref(), &mut siblings, &mut report)
                .await?;
            pace.breathe().await;
        }
        report.faults = lines.counted().faults.iter().map(ToString::to_string).collect();
        Ok(report)
    }

    async fn table(&self, mut table: Table, cursor: Option<Cursor>, clocks: &Clocks) -> Result<Report> {
        let mut report = Report::default();
        let start = match (&cursor, self.since) {
            (_, Some(since)) => Some(since.to_string()),
            (Some(Cursor::Table { start }), None) => earlier(start),
            (Some(Cursor::File { .. }) | None, None) => None,
        };
        let mut after = Some(After { start, skip: 0 });
        let mut siblings = Siblings::anew();
        let columns: Vec<_> = table.columns().collect();
        let start_at = columns
            .iter()
            .position(|one| *one == telephony::cdr::Column::Start);
        let (mut number, mut pace) = (0, Pace::begin());
        while let Some(from) = after {
            let batch = table.read(&from, BATCH).await?;
            let mut rows = Vec::with_capacity(batch.rows.len());
            for texts in &batch.rows {
                number += 1;
                let mut row = CdrRow::default();
                let mut columns = columns.iter().zip(texts);
                let wrong = columns.find_map(|(column, text)| Some((*column, row.set(*column, text).err()?)));
                match wrong {
                    None => rows.push(row),
                    Some((column, what)) => report.fault(Fault {
                        line: number,
                        column: Some(column),
                        what,
                    }),
                }
            }
            let told = self.told(rows, clocks, &mut report);
            let last = batch.rows.last().zip(start_at).map(|(row, at)| row[at].clone());
            let cursor = last.map(|start| Cursor::Table { start });
            self.keep(&told, cursor.as_ref(), &mut siblings, &mut report)
                .await?;
            pace.breathe().await;
            after = batch.next;
        }
        table.close().await;
        Ok(report)
    }

    /// Rows with when they were; those that are too old are left out.
    fn told(&self, rows: Vec<CdrRow>, clocks: &Clocks, report: &mut Report) -> Vec<Told> {
        let mut told = Vec::with_capacity(rows.len());
        for row in rows {
            report.read += 1;
            if self
                .since
                .zip(row.start)
                .is_some_and(|(since, start)| is_before(start, since))
            {
                report.left_out += 1;
                continue;
            }
            let Some(times) = row.times(clocks) else {
                report.fault(Wrong::NoStart);
                continue;
            };
            report.doubtful += u64::from(times.doubt.is_some());
            report.latest_ms = report.latest_ms.max(times.start.0);
            told.push(Told { row, times });
        }
        told
    }

    async fn keep(
        &self,
        told: &[Told],
        cursor: Option<&Cursor>,
        siblings: &mut Siblings,
        report: &mut Report,
    ) -> Result<()> {
        let mut recording = self.store.record().await?;
        let kept = recording
            .records(self.source.pbx, told, ToldBy::Source, siblings)
            .await?;
        report.keep(kept);
        let names = told.iter().filter_map(|told| told.row.group());
        report.put_right += recording.put_right(self.source.pbx, names).await?;
        if self.dry_run {
            recording.undo().await?;
        } else {
            let ours = recording.keep_cdr_source(self.source.pbx, self.by, wall_ms());
            ensure!(ours.await?, "somebody else reads it now");
            let touched = recording.take_touched();
            let cursor = cursor.map(serde_json::to_string).transpose()?;
            recording
                .read_records(self.source.pbx, cursor.as_deref(), report.damaged)
                .await?;
            recording.commit().await?;
            if let Some(lost) = self.lost {
                lost.told(touched);
            }
        }
        (self.progress)(report);
        Ok(())
    }
}

/// A day before a time, as the table writes it.
fn earlier(start: &str) -> Option<String> {
    const S: u64 = 1_000;
    match When::read(start).ok()?? {
        When::Wall(at) => Some(When::Wall(at - OVERLAP_S).to_string()),
        When::At(at) => {
            let before_s = i64::try_from(at.0 / S).ok()? - OVERLAP_S;
            let is_number = start.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            Some(if is_number {
                before_s.to_string()
            } else {
                format!("{}+00", When::Wall(before_s))
            })
        }
    }
}

/// Whether a row began before what was asked for: by what clocks show, or by the moment in UTC.
fn is_before(start: When, since: When) -> bool {
    let seconds = |when: When| match when {
        When::Wall(at) => at,
        When::At(at) => i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX),
    };
    seconds(start) < seconds(since)
}

/// Reads `2026-11-01` or `2026-11-01 07:00`, as the clocks of the PBX show it.
///
/// # Errors
/// It is neither.
pub fn since(text: &str) -> Result<When> {
    let text = text.replace('T', " ");
    let whole = match text.len() {
        10 => format!("{text} 00:00:00"),
        16 => format!("{text}:00"),
        _ => text.clone(),
    };
    let read = When::read(&whole).ok().flatten();
    read.ok_or_else(|| anyhow!("a time is written as 2026-11-01 or 2026-11-01T07:00"))
}
