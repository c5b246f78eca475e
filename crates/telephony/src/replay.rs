//! Feeds a recorded byte stream of a PBX through decoder, session and switchboard, and reports what a person would
//! have seen. For support cases: a report says what the software made of a stream, without the stream's PBX.

use std::ops::Range;

use ami::session::State;
use ami::{Limits, Output as Told, Session};
use serde::{Deserialize, Serialize};

use crate::{Board, Counters, EndedCall, Gap, Output, Settings, Switchboard, Timestamp, Visit};

/// What was made of a stream. The field names are the documented JSON of `replay`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The version in the greeting of the PBX (`11.0.0`), where the stream has it.
    pub version: Option<String>,
    /// Calls that ended, in order.
    pub ended: Vec<EndedCall>,
    /// The board as it was at the end.
    pub board: Board,
    /// Times during which nothing could be seen.
    pub gaps: Vec<Gap>,
    /// Visits of queues, in the order in which they began; each as it was last.
    pub visits: Vec<Visit>,
    /// What passed through the switchboard.
    pub counters: Counters,
    /// What passed through the decoder.
    pub stream: Stream,
}

/// What passed through the decoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Bytes read.
    pub bytes: u64,
    /// Events and responses.
    pub messages: u64,
    /// Frames that were damaged and left out.
    pub bad_frames: u64,
    /// The stream ends inside a frame.
    pub cut_short: bool,
    /// So much of it was damaged that the rest was not read.
    pub given_up: bool,
}

/// When the bytes of a recording came: pairs of milliseconds and the offset of the first byte that came then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    marks: Vec<(u64, usize)>,
}

/// A line of a timing index is not two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the timing index is not two numbers")]
pub struct BadTiming {
    /// Its number, from 1.
    pub line: usize,
}

impl Timing {
    /// Reads an index: a line each of milliseconds and byte offset, rising.
    ///
    /// # Errors
    /// When a line is anything else.
    pub fn parse(text: &str) -> Result<Self, BadTiming> {
        let mut marks = Vec::new();
        for (index, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let mut words = line.split_whitespace();
            let mark = words
                .next()
                .and_then(|ms| ms.parse().ok())
                .zip(words.next().and_then(|at| at.parse().ok()));
            marks.push(mark.ok_or(BadTiming { line: index + 1 })?);
        }
        Ok(Timing { marks })
    }

    /// The pieces in which `len` bytes came, each with its time in milliseconds.
    pub fn pieces(&self, len: usize) -> Vec<(u64, Range<usize>)> {
        let mut pieces = Vec::with_capacity(self.marks.len() + 1);
        let mut from = 0;
        let mut ms = self.marks.first().map_or(0, |mark| mark.0);
        for (at_ms, offset) in &self.marks {
            let to = (*offset).clamp(from, len);
            if to > from {
                pieces.push((ms, from..to));
                from = to;
            }
            ms = *at_ms;
        }
        if from < len {
            pieces.push((ms, from..len));
        }
        pieces
    }
}

/// A stream on its way through.
#[derive(Debug)]
pub struct Replay {
    session: Session,
    switchboard: Switchboard,
    output: Output,
    report: Report,
}

impl Replay {
    /// At the start of a connection.
    pub fn new(settings: Settings) -> Self {
        Replay {
            session: Session::watching(Limits::default(), 0),
            switchboard: Switchboard::new(settings),
            output: Output::default(),
            report: Report::default(),
        }
    }

    /// Takes bytes that came `now`.
    pub fn push(&mut self, bytes: &[u8], now: Timestamp) {
        self.session.push(bytes, now.0);
        while let Some(told) = self.session.poll() {
            match told {
                Told::Message(message) => {
                    self.switchboard.observe(&message, now, &mut self.output);
                    self.report.ended.append(&mut self.output.ended);
                    self.report.gaps.append(&mut self.output.gaps);
                    for visit in self.output.visits.drain(..) {
                        match self
                            .report
                            .visits
                            .iter_mut()
                            .rev()
                            .find(|known| known.is_same(&visit))
                        {
                            Some(known) => *known = visit,
                            None => self.report.visits.push(visit),
                        }
                    }
                    self.output.changes.clear();
                }
                Told::Transmit(_) | Told::Finished { .. } | Told::Distrusted { .. } | Told::State(_) => {}
            }
        }
    }

    /// The switchboard as it is now.
    pub fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }

    /// What was made of the stream.
    pub fn finish(self) -> Report {
        let counters = self.session.decode_counters();
        Report {
            version: self.session.version().map(str::to_owned),
            board: self.switchboard.board().clone(),
            counters: self.switchboard.counters(),
            stream: Stream {
                bytes: counters.bytes,
                messages: counters.messages,
                bad_frames: counters.bad_frames,
                cut_short: self.session.is_mid_frame(),
                given_up: matches!(self.session.state(), State::Closed(_)),
            },
            ..self.report
        }
    }
}

/// Replays a whole recording that began at `start`; without timing everything happens at once.
pub fn replay(bytes: &[u8], timing: &Timing, start: Timestamp, settings: Settings) -> Report {
    let mut replay = Replay::new(settings);
    for (ms, piece) in timing.pieces(bytes.len()) {
        replay.push(&bytes[piece], Timestamp(start.0.saturating_add(ms)));
    }
    replay.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_carry_the_time_of_the_read_that_brought_them() {
        // An offset is what had come before that read.
        let timing = Timing::parse("0 0\n5 10\n9 30\n").map(|timing| timing.pieces(40));
        assert_eq!(timing, Ok(vec![(0, 0..10), (5, 10..30), (9, 30..40)]));
        assert_eq!(Timing::default().pieces(3), vec![(0, 0..3)]);
        assert_eq!(Timing::parse("5"), Err(BadTiming { line: 1 }));
    }
}
