//! Lines of a file that grows, made into records piece by piece; and where to read on.

use telephony::cdr::{CdrRow, Counted, MasterCsv};

use crate::queue_log::file::{Chunk, Place};

/// A line that is longer has no end that anybody waits for.
const MAX_REST: usize = 64 << 10;

/// What is read of one file.
#[derive(Debug, Default)]
pub(super) struct Lines {
    csv: MasterCsv,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
    too_long: bool,
    /// Where to read on in this reading,
    next: Option<Place>,
    /// and where a later one has to, with the lines before it.
    safe: Option<(Place, u64)>,
}

impl Lines {
    /// Reads on after a place, before which there were so many lines.
    pub(super) fn after(place: Option<(Place, u64)>) -> Self {
        Self {
            csv: MasterCsv::after(place.as_ref().map_or(0, |(_, lines)| *lines)),
            next: place.as_ref().map(|(place, _)| place.clone()),
            safe: place,
            ..Self::default()
        }
    }

    pub(super) fn next(&self) -> Option<&Place> {
        self.next.as_ref()
    }

    pub(super) fn safe(&self) -> Option<&(Place, u64)> {
        self.safe.as_ref()
    }

    pub(super) fn counted(&self) -> &Counted {
        self.csv.counted()
    }

    /// Takes what was read. True: it is another file than before.
    pub(super) fn take(&mut self, chunk: &Chunk, out: &mut Vec<CdrRow>) -> bool {
        let same = self.next.as_ref().is_some_and(|place| {
            (place.device, place.inode, place.position)
                == (chunk.from.device, chunk.from.inode, chunk.from.position)
        });
        if !same {
            self.begin(&chunk.from);
        }
        let mut position = chunk.from.position;
        for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            position += piece.len() as u64;
            self.piece(piece, out);
            if self.rest.is_empty() && !self.too_long && !self.csv.is_open() {
                let place = Place {
                    position,
                    ..chunk.from.clone()
                };
                self.safe = Some((place, self.csv.lines()));
            }
        }
        self.next = Some(Place {
            position,
            ..chunk.from.clone()
        });
        !same
    }

    /// What a file ends with and has no end is no line.
    fn begin(&mut self, from: &Place) {
        if self.next.is_some() {
            self.csv.begin_anew();
        }
        self.rest.clear();
        self.too_long = false;
        self.safe = Some((from.clone(), self.csv.lines()));
    }

    fn piece(&mut self, piece: &[u8], out: &mut Vec<CdrRow>) {
        let ends = piece.ends_with(b"\n");
        if !self.too_long {
            self.rest.extend_from_slice(piece);
        }
        if self.rest.len() > MAX_REST {
            self.too_long = true;
            self.rest.truncate(MAX_REST);
        }
        if !ends {
            return;
        }
        if !self.too_long {
            self.rest.pop();
        }
        // one that is too long is told as that
        out.extend(self.csv.line(&self.rest));
        self.rest.clear();
        self.too_long = false;
    }
}
