//! A workbook: Office Open XML (ECMA-376). Its rows go to a file that has no name and is gone with the process, and from there
//! to whoever takes it.

use std::io;

use jiff::tz::TimeZone;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::{Broken, Cell, Column, MOST_ROWS_OF_A_BOOK, Taken, local};

/// Bytes handed on at once.
const PART_BYTES: usize = 64 << 10;
/// Days from the epoch of spreadsheets to that of Unix.
const DAYS_BEFORE_1970: f64 = 25_569.0;
const DAY_S: f64 = 86_400.0;

pub(super) struct Book {
    book: Workbook,
    zone: TimeZone,
    moment: Format,
    share: Format,
    row: usize,
}

fn fault(error: &XlsxError) -> Broken {
    tracing::error!(%error, "a workbook could not be written");
    Broken::Fault
}

impl Book {
    pub(super) fn new(name: &str, columns: &[Column], zone: &TimeZone) -> Result<Self, Broken> {
        let mut book = Workbook::new();
        let made = (|| {
            let sheet = book.add_worksheet_with_constant_memory()?;
            sheet.set_name(name)?;
            let head = Format::new().set_bold();
            for (at, column) in (0..).zip(columns) {
                sheet.set_column_width(at, f64::from(column.width))?;
                sheet.write_string_with_format(0, at, column.title, &head)?;
            }
            sheet.set_freeze_panes(1, 0)?;
            Ok(())
        })();
        made.map_err(|error: XlsxError| fault(&error))?;
        Ok(Self {
            book,
            zone: zone.clone(),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            share: Format::new().set_num_format("0.0%"),
            row: 1,
        })
    }

    pub(super) fn rows<'a>(&mut self, rows: impl Iterator<Item = Vec<Cell<'a>>>) -> Result<(), Broken> {
        let sheet = self.book.worksheet_from_index(0).map_err(|error| fault(&error))?;
        for row in rows {
            if self.row >= MOST_ROWS_OF_A_BOOK {
                return Err(Broken::TooLong);
            }
            // no more than a sheet has
            let at = u32::try_from(self.row).unwrap_or(u32::MAX);
            for (column, cell) in (0..).zip(&row) {
                write(sheet, (at, column), cell, (&self.zone, &self.moment, &self.share))
                    .map_err(|error| fault(&error))?;
            }
            self.row += 1;
        }
        Ok(())
    }

    pub(super) fn end(mut self, taken: &Taken<'_>) -> Result<(), Broken> {
        let mut parts = Parts {
            bytes: Vec::with_capacity(PART_BYTES),
            taken,
            broken: None,
        };
        let saved = self.book.save_to_writer(&mut parts);
        let flushed = io::Write::flush(&mut parts);
        match (parts.broken, saved, flushed) {
            (Some(broken), ..) => Err(broken),
            (None, Ok(()), Ok(())) => Ok(()),
            (None, Err(error), _) => Err(fault(&error)),
            (None, Ok(()), Err(_)) => Err(Broken::Fault),
        }
    }
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell<'_>,
    (zone, moment, share): (&TimeZone, &Format, &Format),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Nothing | Cell::Share(_, 0) => {}
        Cell::Share(part, whole) => {
            sheet.write_number_with_format(row, column, *part as f64 / *whole as f64, share)?;
        }
        Cell::Text(text) => {
            // a string is never a formula
            sheet.write_string(row, column, text.as_ref())?;
        }
        Cell::Count(count) => {
            sheet.write_number(row, column, *count as f64)?;
        }
        Cell::Seconds(ms) => {
            sheet.write_number(row, column, *ms as f64 / 1_000.0)?;
        }
        Cell::Tenths(tenths) => {
            sheet.write_number(row, column, *tenths as f64 / 10.0)?;
        }
        Cell::Moment(at_ms) => {
            if let Some((_, offset)) = local(*at_ms, zone) {
                let seconds = *at_ms as f64 / 1_000.0 + f64::from(offset.seconds());
                sheet.write_number_with_format(row, column, seconds / DAY_S + DAYS_BEFORE_1970, moment)?;
            }
        }
    }
    Ok(())
}

/// Hands on what is written, part by part.
struct Parts<'a> {
    bytes: Vec<u8>,
    taken: &'a Taken<'a>,
    broken: Option<Broken>,
}

impl io::Write for Parts<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= PART_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let part = std::mem::replace(&mut self.bytes, Vec::with_capacity(PART_BYTES));
        self.taken.give(part).map_err(|broken| {
            self.broken = Some(broken);
            io::Error::new(io::ErrorKind::BrokenPipe, broken)
        })
    }
}
