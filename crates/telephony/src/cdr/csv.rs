//! `Master.csv`, as Asterisk's cdr_csv writes it: a line a row, its columns in a fixed order and without names.

use std::{borrow::Cow, fmt};

use super::{CdrRow, Column, Wrong};

/// Asterisk writes no longer lines; one that goes on in the next is no longer either.
const MAX_LINE_BYTES: usize = 16 << 10;
/// Of what is wrong so much is told one by one.
const MOST_FAULTS: usize = 20;

/// What every version writes, in its order.
const ALWAYS: [Column; 16] = [
    Column::Account,
    Column::Src,
    Column::Dst,
    Column::Context,
    Column::CallerId,
    Column::Channel,
    Column::DestChannel,
    Column::Application,
    Column::Data,
    Column::Start,
    Column::Answer,
    Column::End,
    Column::Duration,
    Column::Billable,
    Column::Disposition,
    Column::AmaFlags,
];
/// What `newcdrcolumns = yes` adds at the end.
const NEWER: [Column; 3] = [Column::PeerAccount, Column::LinkedId, Column::Sequence];

/// A line that is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1.
    pub line: u64,
    /// In which column, where that is known.
    pub column: Option<Column>,
    /// What is wrong.
    pub what: Wrong,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(out, ", column {}", column.name())?;
        }
        write!(out, ": {}", self.what)
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines that were rows,
    pub rows: u64,
    /// those that were none,
    pub damaged: u64,
    /// and the first of them.
    pub faults: Vec<Fault>,
}

/// Makes rows out of lines.
#[derive(Clone, Debug, Default)]
pub struct MasterCsv {
    line: u64,
    /// A line that ends within quotation marks: it may go on in the next.
    open: Option<(u64, String)>,
    counted: Counted,
}

impl MasterCsv {
    /// Reads on after so many lines.
    pub fn after(lines: u64) -> Self {
        Self {
            line: lines,
            ..Self::default()
        }
    }

    /// Reads one line, without its end; the row that it ends, where it is one.
    pub fn line(&mut self, bytes: &[u8]) -> Option<CdrRow> {
        self.line += 1;
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() > MAX_LINE_BYTES {
            self.give_up();
            return self.fault(self.line, None, Wrong::TooLong);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            // a name that a telephone sent in letters of its own is no reason to lose the row
            let text = String::from_utf8_lossy(bytes).into_owned();
            return self.text(&text);
        };
        self.text(text)
    }

    fn text(&mut self, text: &str) -> Option<CdrRow> {
        if let Some((first, open)) = self.open.take() {
            let whole = format!("{open}\n{text}");
            match row(&whole) {
                Ok(row) => return self.told(row),
                Err(Broken::Open) if whole.len() <= MAX_LINE_BYTES => {
                    self.open = Some((first, whole));
                    return None;
                }
                // the line before was damaged, and this one is for itself
                Err(_) => {
                    self.fault::<()>(first, None, Wrong::Quotes);
                }
            }
        }
        if text.trim().is_empty() {
            return None;
        }
        match row(text) {
            Ok(row) => self.told(row),
            Err(Broken::Open) => {
                self.open = Some((self.line, text.to_owned()));
                None
            }
            Err(Broken::Wrong(column, what)) => self.fault(self.line, column, what),
        }
    }

    /// Another file begins: a line that was to go on is none.
    pub fn begin_anew(&mut self) {
        self.give_up();
        self.line = 0;
    }

    /// Whether the last line may go on in the next.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Lines that were read.
    pub fn lines(&self) -> u64 {
        self.line
    }

    /// What was read so far.
    pub fn counted(&self) -> &Counted {
        &self.counted
    }

    fn give_up(&mut self) {
        if let Some((line, _)) = self.open.take() {
            self.fault::<()>(line, None, Wrong::Quotes);
        }
    }

    fn told(&mut self, row: CdrRow) -> Option<CdrRow> {
        self.counted.rows += 1;
        Some(row)
    }

    fn fault<T>(&mut self, line: u64, column: Option<Column>, what: Wrong) -> Option<T> {
        self.counted.damaged += 1;
        if self.counted.faults.len() < MOST_FAULTS {
            self.counted.faults.push(Fault { line, column, what });
        }
        None
    }
}

/// Why a text is no row.
enum Broken {
    /// It ends within quotation marks.
    Open,
    Wrong(Option<Column>, Wrong),
}

fn row(text: &str) -> Result<CdrRow, Broken> {
    let fields = fields(text)?;
    let columns = layout(&fields)?;
    let mut row = CdrRow::default();
    for (column, field) in columns.zip(&fields) {
        row.set(column, field)
            .map_err(|what| Broken::Wrong(Some(column), what))?;
    }
    if row.start.is_none() {
        return Err(Broken::Wrong(Some(Column::Start), Wrong::NoStart));
    }
    Ok(row)
}

/// Which columns they are: what is written beside those that always are is for the PBX to choose.
fn layout(fields: &[Cow<'_, str>]) -> Result<impl Iterator<Item = Column> + use<>, Broken> {
    let beside = fields.len().checked_sub(ALWAYS.len());
    let newer = matches!(beside, Some(3..=5));
    let own: &[Column] = match beside {
        Some(0 | 3) => &[],
        Some(2 | 5) => &[Column::UniqueId, Column::UserField],
        Some(1 | 4) if is_unique_id(&fields[ALWAYS.len()]) => &[Column::UniqueId],
        Some(1 | 4) => &[Column::UserField],
        Some(_) | None => return Err(Broken::Wrong(None, Wrong::Columns(fields.len()))),
    };
    let newer: &[Column] = if newer { &NEWER } else { &[] };
    Ok(ALWAYS
        .into_iter()
        .chain(own.iter().copied())
        .chain(newer.iter().copied()))
}

fn is_unique_id(text: &str) -> bool {
    super::made_s(text).is_some()
}

/// The fields of a line: in quotation marks, in which one is written twice, or as they are.
fn fields(text: &str) -> Result<Vec<Cow<'_, str>>, Broken> {
    const MOST: usize = 64;
    let mut fields = Vec::with_capacity(ALWAYS.len() + 5);
    let mut rest = text;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                (Cow::Borrowed(field), after)
            }
        };
        fields.push(field);
        if after.is_empty() {
            return Ok(fields);
        }
        if fields.len() == MOST {
            return Err(Broken::Wrong(None, Wrong::Columns(MOST)));
        }
        rest = after
            .strip_prefix(',')
            .ok_or(Broken::Wrong(None, Wrong::Quotes))?;
    }
}

/// What is within quotation marks, and what comes after them.
fn unquoted(text: &str) -> Result<(Cow<'_, str>, &str), Broken> {
    let mut field = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or(Broken::Open)?;
        let (part, after) = (&rest[..end], &rest[end + 1..]);
        if field.is_empty() {
            field = Cow::Borrowed(part);
        } else {
            field.to_mut().push_str(part);
        }
        match after.strip_prefix('"') {
            Some(after) => {
                field.to_mut().push('"');
                rest = after;
            }
            None => return Ok((field, after)),
        }
    }
}
