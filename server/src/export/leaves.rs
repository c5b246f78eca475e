//! Rows on paper.

use app::{
    pages::{figures::worked::percent, history::grouped},
    words::clock,
};
use jiff::tz::TimeZone;

use super::{Around, Broken, Cell, Column, MOST_ROWS_ON_PAPER, Table, local};
use crate::paper::{Paper, PaperColumn};

pub(super) struct Leaves {
    paper: Paper,
    /// Which of the cells stand there, each with its column.
    columns: Vec<(usize, PaperColumn)>,
    zone: TimeZone,
    foot: String,
    rows: usize,
}

/// Whether this is a number in each row.
fn is_number(column: &Column) -> bool {
    column.name.ends_with("_s")
}

impl Leaves {
    pub(super) fn new<T>(table: &Table<T>, zone: &TimeZone, around: &Around) -> Result<Self, Broken> {
        let shown = |name: &&str| {
            let place = table.columns.iter().position(|column| column.name == *name)?;
            let column = table.columns.get(place)?;
            let on_paper = PaperColumn {
                title: column.title,
                share: f32::from(column.width),
                right: is_number(column),
            };
            Some((place, on_paper))
        };
        let mut paper = Paper::new(table.name, true)?;
        paper.heading(table.name, 18.0);
        for sentence in &around.told {
            paper.note(sentence);
        }
        paper.space(8.0);
        let columns: Vec<(usize, PaperColumn)> = table.on_paper.iter().filter_map(shown).collect();
        paper.head(&columns.iter().map(|(_, column)| *column).collect::<Vec<_>>());
        let taken = written(around.now_ms, zone);
        Ok(Self {
            paper,
            columns,
            zone: zone.clone(),
            foot: format!("Starboard, {taken}"),
            rows: 0,
        })
    }

    pub(super) fn rows<'a>(&mut self, rows: impl Iterator<Item = Vec<Cell<'a>>>) -> Result<(), Broken> {
        let columns: Vec<PaperColumn> = self.columns.iter().map(|(_, column)| *column).collect();
        for row in rows {
            if self.rows >= MOST_ROWS_ON_PAPER {
                return Err(Broken::TooLongForPaper);
            }
            let cell = |place: &usize| {
                row.get(*place)
                    .map_or_else(String::new, |cell| text(cell, &self.zone))
            };
            let cells: Vec<String> = self.columns.iter().map(|(place, _)| cell(place)).collect();
            self.paper.row(&columns, &cells);
            self.rows += 1;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<Vec<u8>, Broken> {
        if self.rows == 0 {
            self.paper.space(8.0);
            self.paper.note("There are none.");
        }
        self.paper.end(&self.foot)
    }
}

/// A moment as people write it.
pub(crate) fn written(at_ms: u64, zone: &TimeZone) -> String {
    let Some((at, _)) = local(at_ms, zone) else {
        return String::new();
    };
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn text(cell: &Cell<'_>, zone: &TimeZone) -> String {
    match cell {
        Cell::Nothing => String::new(),
        Cell::Text(text) => text.clone().into_owned(),
        Cell::Count(count) => grouped(*count),
        Cell::Seconds(ms) => clock(*ms),
        Cell::Tenths(tenths) => format!("{}.{}", tenths / 10, tenths % 10),
        Cell::Moment(at_ms) => written(*at_ms, zone),
        Cell::Share(part, whole) => percent(*part, *whole),
    }
}
