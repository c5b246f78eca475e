//! A report as a table.

use app::{
    model::history::Mean,
    model::report::{About, By, Measure, Report, ReportRow, Than},
    pages::history::asked::THAN,
    words::moment,
};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::{
    Around, Broken, Cell, Column, Format, Table, Taken, leaves::written, under_way::UnderWay, write,
};
use crate::paper;

/// Letters of `2026-11-26`.
const DATE_LETTERS: usize = 10;
/// Parts that a report as CSV or as a workbook has at most: it has few rows.
const MOST_PARTS: usize = 64;

const fn column(name: &'static str, title: &'static str, width: u8) -> Column {
    Column { name, title, width }
}

/// The table.
pub static REPORT: Table<ReportRow> = Table {
    name: "Report",
    columns: &[
        column("what", "What", 28),
        column("calls", "Calls", 10),
        column("answered", "Answered", 10),
        column("answered_share", "ASR", 8),
        column("missed", "Missed", 10),
        column("busy", "Busy", 8),
        column("failed", "Failed", 8),
        column("gave_up", "Gave up", 10),
        column("interrupted", "Interrupted", 10),
        column("voicemail", "Voicemail", 10),
        column("service", "Service", 10),
        column("average_talk_s", "ACD (s)", 10),
        column("talked_s", "Talked (s)", 12),
        column("pdd_s", "PDD (s)", 10),
        column("mes", "MES", 8),
        column("calls_before", "Calls before", 12),
        column("answered_before", "Answered before", 15),
        column("average_talk_before_s", "ACD before (s)", 14),
    ],
    // a report on paper is more than its table
    on_paper: &[],
    cells,
};

fn cells<'a>(row: &'a ReportRow, _: &'a Around) -> Vec<Cell<'a>> {
    let totals = &row.totals;
    let mut cells = vec![
        Cell::text(row.name.as_str()),
        Cell::Count(totals.calls()),
        Cell::Count(totals.answered),
        Cell::Share(totals.answered, totals.calls()),
    ];
    cells.extend(
        [
            totals.missed,
            totals.busy,
            totals.failed,
            totals.abandoned,
            totals.interrupted,
            totals.voicemail,
            totals.service,
        ]
        .map(Cell::Count),
    );
    cells.push(totals.average_talk_ms().map_or(Cell::Nothing, Cell::Seconds));
    cells.push(Cell::Seconds(totals.talk_ms));
    let rounded = |mean: Mean| mean.value().map(|value| value.round() as u64);
    cells.push(rounded(totals.pdd_ms).map_or(Cell::Nothing, Cell::Seconds));
    cells.push(rounded(totals.mes).map_or(Cell::Nothing, Cell::Tenths));
    let before = &row.before;
    cells.push(Cell::Count(before.calls()));
    cells.push(Cell::Count(before.answered));
    cells.push(before.average_talk_ms().map_or(Cell::Nothing, Cell::Seconds));
    cells
}

/// Its rows, and in the end all of them together.
pub fn rows(report: &Report) -> Vec<ReportRow> {
    let whole = ReportRow {
        about: About::Rest,
        name: "All".into(),
        totals: report.whole,
        before: report.before,
    };
    report.rows.iter().cloned().chain([whole]).collect()
}

/// How it is written down.
#[derive(Clone, Debug)]
pub struct Written {
    /// What its rows are.
    pub by: By,
    /// What is drawn of them,
    pub measure: Measure,
    /// and what they are held against.
    pub than: Than,
    /// What kind of file.
    pub format: Format,
    /// Where its times are.
    pub zone: TimeZone,
    /// From when, and to before when: Unix milliseconds.
    pub time: (u64, u64),
    /// What is left out, in words.
    pub only: Option<String>,
    /// When they were added up, Unix milliseconds.
    pub now_ms: u64,
}

impl Written {
    /// The whole file; blocks.
    pub fn file(&self, report: &Report) -> Result<Vec<u8>, Broken> {
        if self.format == Format::Pdf {
            let foot = format!("Starboard, {}", written(self.now_ms, &self.zone));
            return paper::report::pdf(report, (self.by, self.measure), &self.told(), &foot);
        }
        let (give_rows, rows_given) = mpsc::channel(1);
        give_rows.try_send(Ok(rows(report))).map_err(|_| Broken::Fault)?;
        drop(give_rows);
        let (parts, mut given) = mpsc::channel(MOST_PARTS);
        let under_way = UnderWay::default();
        let taken = Taken {
            parts: &parts,
            under_way: &under_way,
        };
        let around = Around {
            told: self.told(),
            now_ms: self.now_ms,
            ..Around::default()
        };
        write(self.format, &REPORT, (&self.zone, &around), rows_given, &taken)?;
        let mut file = Vec::new();
        while let Ok(part) = given.try_recv() {
            file.extend_from_slice(&part.map_err(|_| Broken::Fault)?);
        }
        Ok(file)
    }

    /// Which calls these are, a sentence each.
    pub fn told(&self) -> Vec<String> {
        let mut told = told(Some(self.time), &self.zone, self.only.as_deref());
        if let Some((_, word, _)) = THAN.iter().find(|(.., than)| *than == self.than) {
            told.push(format!("Held against {word}."));
        }
        told
    }

    /// The days that it is about: of one day that one, of more the first and the last.
    pub fn period(&self) -> String {
        let day = |at_ms| {
            written(at_ms, &self.zone)
                .chars()
                .take(DATE_LETTERS)
                .collect::<String>()
        };
        let (from, to) = self.time;
        let (first, last) = (day(from), day(to.saturating_sub(1)));
        if first == last {
            first
        } else {
            format!("{first} to {last}")
        }
    }

    /// Its name: what it is and when it was added up.
    pub fn name(&self) -> String {
        let at = moment::machine(self.now_ms).replace([':', '.'], "-");
        let noun = self.by.noun().to_lowercase();
        format!("starboard-report-{noun}-{at}.{}", self.format.ending())
    }
}

/// From when to when, and what is left out: what stands above rows on paper.
pub fn told(time: Option<(u64, u64)>, zone: &TimeZone, only: Option<&str>) -> Vec<String> {
    let place = zone.iana_name().unwrap_or("UTC");
    let time = time.map(|(from, to)| {
        let (from, to) = (written(from, zone), written(to, zone));
        format!("Calls that began from {from} to before {to}, on the clocks of {place}.")
    });
    let only = only.map(|only| format!("Only: {only}."));
    time.into_iter().chain(only).collect()
}
