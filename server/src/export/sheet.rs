//! CSV: RFC 4180.

use std::io::Write;

use jiff::tz::TimeZone;

use super::{Broken, Cell, Column, harmless, local};

/// A part of a file: its line of names where it is the first, and rows.
pub(super) fn part<'a, R>(names: Option<&[Column]>, rows: R, zone: &TimeZone) -> Result<Vec<u8>, Broken>
where
    R: Iterator<Item = Vec<Cell<'a>>>,
{
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let written = || -> csv::Result<()> {
        if let Some(columns) = names {
            file.write_record(columns.iter().map(|column| column.name))?;
        }
        let mut shown = Vec::new();
        for row in rows {
            for cell in &row {
                match cell {
                    Cell::Text(text) => file.write_field(harmless(text).as_bytes())?,
                    Cell::Nothing => file.write_field("")?,
                    Cell::Count(_)
                    | Cell::Seconds(_)
                    | Cell::Tenths(_)
                    | Cell::Moment(_)
                    | Cell::Share(..) => {
                        shown.clear();
                        show(cell, zone, &mut shown)?;
                        file.write_field(&shown)?;
                    }
                }
            }
            file.write_record(None::<&[u8]>)?;
        }
        Ok(())
    };
    if let Err(error) = written() {
        tracing::error!(%error, "rows could not be written as CSV");
        return Err(Broken::Fault);
    }
    file.into_inner().map_err(|error| {
        tracing::error!(%error, "a part of a CSV file was not written");
        Broken::Fault
    })
}

/// Writes a number or a time: a moment as RFC 3339 has it, with what its zone was ahead of UTC then.
fn show(cell: &Cell<'_>, zone: &TimeZone, shown: &mut Vec<u8>) -> std::io::Result<()> {
    match cell {
        Cell::Nothing => Ok(()),
        Cell::Text(text) => shown.write_all(text.as_bytes()),
        Cell::Count(count) => write!(shown, "{count}"),
        Cell::Share(_, 0) => Ok(()),
        Cell::Share(part, whole) => write!(shown, "{:.4}", *part as f64 / *whole as f64),
        Cell::Seconds(ms) => write!(shown, "{}.{:03}", ms / 1_000, ms % 1_000),
        Cell::Tenths(tenths) => write!(shown, "{}.{}", tenths / 10, tenths % 10),
        Cell::Moment(at_ms) => {
            let Some((at, offset)) = local(*at_ms, zone) else {
                return Ok(());
            };
            let minutes = offset.seconds() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            write!(
                shown,
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{sign}{:02}:{:02}",
                at.year(),
                at.month(),
                at.day(),
                at.hour(),
                at.minute(),
                at.second(),
                at_ms % 1_000,
                minutes.abs() / 60,
                minutes.abs() % 60
            )
        }
    }
}
