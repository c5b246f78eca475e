//! Documents on paper: A4, PDF (ISO 32000-1), typeset from text, boxes and drawings. A document is laid out first and
//! written in the end, so that every page says of how many it is one.

mod faces;
pub(crate) mod picture;
pub(crate) mod report;
mod write;

use self::faces::{Face, Faces};
use crate::export::Broken;

/// The short and the long side of A4, in points (ISO 216: 210 mm and 297 mm).
const A4: (f32, f32) = (595.28, 841.89);
/// What stays free on every side.
const MARGIN: f32 = 40.0;
/// From line to line of a table,
const ROW: f32 = 16.0;
/// and how large its letters are.
const SMALL: f32 = 8.5;
/// What is written small beside it.
const PADDING: f32 = 4.0;

/// A colour: red, green, blue.
type Ink = (u8, u8, u8);

/// Text.
const INK: Ink = (24, 30, 42);
/// Text that stands back.
const SOFT: Ink = (96, 104, 120);
/// Lines between rows.
const HAIR: Ink = (222, 226, 233);
/// Behind names of columns, and tiles.
const TINT: Ink = (243, 245, 249);

/// Something on a page; y counts from its top.
#[derive(Debug)]
enum Mark {
    Text {
        at: (f32, f32),
        size: f32,
        face: Face,
        ink: Ink,
        text: String,
    },
    Box {
        at: (f32, f32),
        size: (f32, f32),
        ink: Ink,
    },
    /// An SVG.
    Drawing {
        at: (f32, f32),
        size: (f32, f32),
        svg: String,
    },
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaperColumn {
    /// Its name.
    pub(crate) title: &'static str,
    /// How wide it is, beside the others.
    pub(crate) share: f32,
    /// Numbers stand at its right.
    pub(crate) right: bool,
}

/// A document.
#[derive(Debug)]
pub(crate) struct Paper {
    title: String,
    size: (f32, f32),
    pages: Vec<Vec<Mark>>,
    faces: &'static Faces,
    y: f32,
}

impl Paper {
    /// An empty one, upright or on its side.
    pub(crate) fn new(title: &str, on_its_side: bool) -> Result<Self, Broken> {
        let (short, long) = A4;
        Ok(Self {
            title: title.to_owned(),
            size: if on_its_side { (long, short) } else { (short, long) },
            pages: vec![Vec::new()],
            faces: Faces::all()?,
            y: MARGIN,
        })
    }

    /// From margin to margin.
    pub(crate) fn width(&self) -> f32 {
        self.size.0 - 2.0 * MARGIN
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn next_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }

    /// Room for so much, on this page or the next.
    pub(crate) fn room(&mut self, height: f32) {
        // the foot of the page stands below the margin
        if self.y + height > self.size.1 - MARGIN {
            self.next_page();
        }
    }

    /// Leaves so much free.
    pub(crate) fn space(&mut self, height: f32) {
        self.y += height;
    }

    fn text(&mut self, at: (f32, f32), (size, face, ink): (f32, Face, Ink), text: &str) {
        let text = text.to_owned();
        self.mark(Mark::Text {
            at,
            size,
            face,
            ink,
            text,
        });
    }

    /// A line of its own, as large as that.
    pub(crate) fn heading(&mut self, text: &str, size: f32) {
        let text = self.faces.shortened(text, (size, Face::Strong), self.width());
        self.room(size * 2.0);
        self.y += size;
        self.text((MARGIN, self.y), (size, Face::Strong, INK), &text);
        self.y += size * 0.6;
    }

    /// A sentence that stands back, on as many lines as it takes.
    pub(crate) fn note(&mut self, text: &str) {
        for line in self.faces.lines(text, (SMALL + 0.5, Face::Plain), self.width()) {
            self.room(13.0);
            self.y += 11.0;
            self.text((MARGIN, self.y), (SMALL + 0.5, Face::Plain, SOFT), &line);
            self.y += 2.0;
        }
    }

    /// Numbers side by side: what each is, how much, and what that compares with.
    pub(crate) fn tiles(&mut self, tiles: &[[String; 3]]) {
        const HEIGHT: f32 = 56.0;
        const GAP: f32 = 8.0;
        self.room(HEIGHT);
        let count = tiles.len().max(1) as f32;
        let width = (self.width() - GAP * (count - 1.0)) / count;
        for (place, [name, value, note]) in tiles.iter().enumerate() {
            let left = MARGIN + place as f32 * (width + GAP);
            let (at, size) = ((left, self.y), (width, HEIGHT));
            self.mark(Mark::Box { at, size, ink: TINT });
            let lines = [
                (name, 15.0, (7.5, Face::Plain, SOFT)),
                (value, 33.0, (15.0, Face::Strong, INK)),
                (note, 47.0, (7.0, Face::Plain, SOFT)),
            ];
            for (text, below, (size, face, ink)) in lines {
                let text = self.faces.shortened(text, (size, face), width - 2.0 * GAP);
                self.text((left + GAP, self.y + below), (size, face, ink), &text);
            }
        }
        self.y += HEIGHT + GAP;
    }

    /// An SVG, as wide as the page, with its sides as these.
    pub(crate) fn drawing(&mut self, svg: String, (wide, high): (f32, f32)) {
        if svg.is_empty() {
            return;
        }
        let size = (self.width(), self.width() * high / wide);
        self.room(size.1);
        let at = (MARGIN, self.y);
        self.mark(Mark::Drawing { at, size, svg });
        self.y += size.1 + 6.0;
    }

    /// What the colours of a drawing mean, side by side.
    pub(crate) fn key(&mut self, of: &[(&str, Ink)]) {
        self.room(ROW);
        let mut left = MARGIN;
        for (name, ink) in of {
            let (at, size) = ((left, self.y + 3.0), (8.0, 8.0));
            self.mark(Mark::Box { at, size, ink: *ink });
            self.text((left + 12.0, self.y + 10.0), (SMALL, Face::Plain, SOFT), name);
            left += 28.0 + self.faces.width(name, (SMALL, Face::Plain));
        }
        self.y += ROW;
    }

    /// A table of shades: what a row is, and of each cell how dark it is (of one) and what stands there.
    pub(crate) fn shades(&mut self, columns: &[String], rows: &[(&str, Vec<(f32, String)>)], dark: Ink) {
        const NAME: f32 = 30.0;
        const HEIGHT: f32 = 14.0;
        self.room(HEIGHT * (rows.len() + 2) as f32);
        let width = (self.width() - NAME) / columns.len().max(1) as f32;
        let left = |place: usize| MARGIN + NAME + place as f32 * width;
        let style = (6.5, Face::Plain);
        let middle = |paper: &mut Self, place: usize, text: &str, ink| {
            let indent = (width - paper.faces.width(text, style)) / 2.0;
            let at = (left(place) + indent.max(0.0), paper.y + 9.5);
            paper.text(at, (style.0, style.1, ink), text);
        };
        for (place, name) in columns.iter().enumerate() {
            middle(self, place, name, SOFT);
        }
        self.y += HEIGHT;
        for (name, cells) in rows {
            self.text((MARGIN, self.y + 9.5), (7.5, Face::Plain, SOFT), name);
            for (place, (shade, text)) in cells.iter().enumerate() {
                let mix = |paper: u8, dark: u8| {
                    (f32::from(paper) + (f32::from(dark) - f32::from(paper)) * shade) as u8
                };
                let ink = (mix(TINT.0, dark.0), mix(TINT.1, dark.1), mix(TINT.2, dark.2));
                let (at, size) = ((left(place) + 0.5, self.y + 0.5), (width - 1.0, HEIGHT - 1.0));
                self.mark(Mark::Box { at, size, ink });
                middle(
                    self,
                    place,
                    text,
                    if *shade > 0.5 { (255, 255, 255) } else { INK },
                );
            }
            self.y += HEIGHT;
        }
        self.y += 8.0;
    }

    /// The names of a table's columns.
    pub(crate) fn head(&mut self, columns: &[PaperColumn]) {
        self.room(2.0 * ROW);
        let (at, size) = ((MARGIN, self.y), (self.width(), ROW));
        self.mark(Mark::Box { at, size, ink: TINT });
        let names: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
        self.cells(columns, &names, (SMALL - 0.5, Face::Strong, SOFT));
        self.y += ROW;
    }

    /// One row of a table; on a new page the names stand again.
    pub(crate) fn row(&mut self, columns: &[PaperColumn], cells: &[String]) {
        if self.y + ROW > self.size.1 - MARGIN {
            self.next_page();
            self.head(columns);
        }
        self.cells(columns, cells, (SMALL, Face::Plain, INK));
        self.y += ROW;
        let (at, size) = ((MARGIN, self.y - 0.5), (self.width(), 0.5));
        self.mark(Mark::Box { at, size, ink: HAIR });
    }

    fn cells(&mut self, columns: &[PaperColumn], cells: &[String], (size, face, ink): (f32, Face, Ink)) {
        let whole: f32 = columns.iter().map(|column| column.share).sum();
        let mut left = MARGIN;
        for (column, cell) in columns.iter().zip(cells) {
            let width = self.width() * column.share / whole.max(f32::MIN_POSITIVE);
            let text = self.faces.shortened(cell, (size, face), width - 2.0 * PADDING);
            let indent = if column.right {
                width - PADDING - self.faces.width(&text, (size, face))
            } else {
                PADDING
            };
            self.text((left + indent, self.y + 11.0), (size, face, ink), &text);
            left += width;
        }
    }

    /// The file; `foot` stands below every page, beside its number.
    pub(crate) fn end(mut self, foot: &str) -> Result<Vec<u8>, Broken> {
        let (width, height) = self.size;
        let of = self.pages.len();
        let style = (7.5, Face::Plain);
        for (place, page) in self.pages.iter_mut().enumerate() {
            let number = format!("{} of {of}", place + 1);
            let right = width - MARGIN - self.faces.width(&number, style);
            let left = self.faces.shortened(foot, style, right - MARGIN - 20.0);
            for (at, text) in [(MARGIN, left), (right, number)] {
                page.push(Mark::Text {
                    at: (at, height - 22.0),
                    size: style.0,
                    face: style.1,
                    ink: SOFT,
                    text,
                });
            }
        }
        write::pdf(&self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
