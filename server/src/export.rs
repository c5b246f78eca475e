//! Rows as a file, for spreadsheets or for programs: written while they are read, in the same memory however many there are.

mod book;
pub mod calls;
mod leaves;
pub mod report;
mod sheet;
pub mod under_way;

use std::{borrow::Cow, io};

use bytes::Bytes;
use jiff::{Timestamp, civil::DateTime, tz::Offset, tz::TimeZone};
use tokio::sync::mpsc;

use self::{book::Book, leaves::Leaves, sheet::part, under_way::UnderWay};

/// Rows of a document on paper: whoever wants more reads them with a program.
pub const MOST_ROWS_ON_PAPER: usize = 5_000;

/// Rows of a sheet of a spreadsheet program, its line of names included (Excel's specifications and limits).
pub const MOST_ROWS_OF_A_BOOK: usize = 1_048_576;

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, in UTF-8, with a line of names.
    #[default]
    Csv,
    /// An Office Open XML workbook (ECMA-376) with one sheet.
    Xlsx,
    /// PDF, typeset.
    Pdf,
}

impl Format {
    /// The word in an address; anything else is CSV.
    pub fn of(word: &str) -> Self {
        let known = [Format::Xlsx, Format::Pdf];
        let named = known.into_iter().find(|format| format.ending() == word);
        named.unwrap_or_default()
    }

    /// How the file's name ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Pdf => "pdf",
        }
    }

    /// The type of the file.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Csv => CSV_TYPE,
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Pdf => "application/pdf",
        }
    }
}

/// The type of a CSV file with a line of names (RFC 4180, section 3).
pub const CSV_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name for programs,
    pub name: &'static str,
    /// and for people.
    pub title: &'static str,
    /// How many letters wide it is drawn.
    pub width: u8,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Nothing,
    /// A text, whoever wrote it.
    Text(Cow<'a, str>),
    /// A count.
    Count(u64),
    /// Milliseconds, written as seconds.
    Seconds(u64),
    /// Tenths, written as a number with one place.
    Tenths(u64),
    /// Milliseconds since the Unix epoch, written as a time in the zone of the file.
    Moment(u64),
    /// So many of so many; nothing where there are none.
    Share(u64, u64),
}

impl<'a> Cell<'a> {
    /// A text, or nothing.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Cell::Nothing
        } else {
            Cell::Text(text)
        }
    }
}

/// A kind of file: what its columns are, and what a row says in them.
#[derive(Debug)]
pub struct Table<T> {
    /// The name of its sheet.
    pub name: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    /// Those of them that have room on paper, by name.
    pub on_paper: &'static [&'static str],
    /// The cells of a row, one for each column.
    pub cells: for<'a> fn(&'a T, &'a Around) -> Vec<Cell<'a>>,
}

/// What rows are written with: names that they do not hold.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What stands above them on paper: which they are, a sentence each.
    pub told: Vec<String>,
    /// When they were taken, Unix milliseconds.
    pub now_ms: u64,
    /// The PBXs.
    pub pbxs: std::collections::BTreeMap<app::model::PbxId, String>,
}

/// Why a file did not get whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Whoever took it went away, or called it off.
    #[error("it was called off")]
    CalledOff,
    /// Whoever takes it may not see all of it any more.
    #[error("the right to see these calls was taken away")]
    Withdrawn,
    /// A sheet holds no more.
    #[error("a sheet holds no more than 1,048,575 rows: take CSV, or ask for less")]
    TooLong,
    /// Paper has an end.
    #[error("a document holds no more than 5,000 rows: take CSV or a workbook, or ask for less")]
    TooLongForPaper,
    /// A fault of ours; it is in the log.
    #[error("it could not be written")]
    Fault,
}

/// Rows that are read where they are written.
pub trait Part<T> {
    /// The rows.
    ///
    /// # Errors
    /// They cannot be read.
    fn rows(self) -> Result<Vec<T>, Broken>;
}

impl<T> Part<T> for Vec<T> {
    fn rows(self) -> Result<Vec<T>, Broken> {
        Ok(self)
    }
}

/// Writes what comes until its end; blocks. A broken file ends with an error, so that it never looks whole.
pub fn write<T, P: Part<T>>(
    format: Format,
    table: &Table<T>,
    (zone, around): (&TimeZone, &Around),
    mut parts: mpsc::Receiver<Result<P, Broken>>,
    taken: &Taken<'_>,
) -> Result<(), Broken> {
    let mut file = match format {
        Format::Csv => File::Sheet { is_empty: true },
        Format::Xlsx => File::Book(Box::new(Book::new(table.name, table.columns, zone)?)),
        Format::Pdf => File::Leaves(Leaves::new(table, zone, around)?),
    };
    while let Some(some) = parts.blocking_recv() {
        let rows = some?.rows()?;
        if taken.parts.is_closed() {
            return Err(Broken::CalledOff);
        }
        let cells = rows.iter().map(|row| (table.cells)(row, around));
        match &mut file {
            File::Book(book) => book.rows(cells)?,
            File::Leaves(leaves) => leaves.rows(cells)?,
            File::Sheet { is_empty } => taken.give(part(
                std::mem::take(is_empty).then_some(table.columns),
                cells,
                zone,
            )?)?,
        }
    }
    match file {
        File::Book(book) => book.end(taken),
        File::Leaves(leaves) => taken.give(leaves.end()?),
        // a file without rows has its line of names
        File::Sheet { is_empty: true } => taken.give(part(Some(table.columns), std::iter::empty(), zone)?),
        File::Sheet { is_empty: false } => Ok(()),
    }
}

/// A file that is being written.
enum File {
    Sheet { is_empty: bool },
    Book(Box<Book>),
    Leaves(Leaves),
}

/// Whoever takes a file.
#[derive(Debug)]
pub struct Taken<'a> {
    /// Where its parts go.
    pub parts: &'a mpsc::Sender<io::Result<Bytes>>,
    /// Whether it was called off.
    pub under_way: &'a UnderWay,
}

impl Taken<'_> {
    fn give(&self, bytes: Vec<u8>) -> Result<(), Broken> {
        if self.under_way.is_off() {
            return Err(Broken::CalledOff);
        }
        let given = self.parts.blocking_send(Ok(bytes.into()));
        given.map_err(|_| Broken::CalledOff)
    }
}

/// A moment on the clocks of a zone; None for one that no calendar has.
fn local(at_ms: u64, zone: &TimeZone) -> Option<(DateTime, Offset)> {
    let at = Timestamp::from_millisecond(i64::try_from(at_ms).ok()?).ok()?;
    let offset = zone.to_offset(at);
    Some((offset.to_datetime(at), offset))
}

/// A text that no spreadsheet takes for a formula: an apostrophe stands before what could begin one. A number that says its
/// country, `+` and digits alone, computes nothing and stays.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let begins_one = |first| {
        matches!(
            first,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    let is_number = text
        .strip_prefix('+')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_digit()));
    if text.starts_with(begins_one) && !is_number {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
