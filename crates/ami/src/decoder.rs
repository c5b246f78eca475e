//! Bytes to frames: any chunking, bounded memory, and no state that depends on how the bytes arrived.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;
use memchr::memmem::Finder;

use crate::header::{LineEnd, Lines};
use crate::message::Message;

/// Longest frame, in bytes. `Command` answers are the only ones that come near it.
pub const MAX_FRAME_BYTES: usize = 1 << 20;
/// Longest line of a frame, in bytes.
pub const MAX_LINE_BYTES: usize = 64 << 10;
/// Most headers a frame may have; `Output` lines of a command answer are not counted.
pub const MAX_HEADERS: usize = 1024;
/// Bytes of unusable frames one connection may send before it should be dropped.
pub const MAX_GARBAGE_BYTES: u64 = 8 << 20;
/// Longest first line of a connection.
const MAX_BANNER_BYTES: usize = 1024;
/// The longest a blank line can be: the end of the last line, then its own.
const BLANK_LINE_BYTES: usize = 4;
/// Frames up to this size cannot break the line or header bounds (a header is four bytes or more).
const FREE_OF_CHECKS_BYTES: usize = 4096;

/// The bounds a [`Decoder`] enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// See [`MAX_FRAME_BYTES`].
    pub frame_bytes: usize,
    /// See [`MAX_LINE_BYTES`].
    pub line_bytes: usize,
    /// See [`MAX_HEADERS`].
    pub headers: usize,
    /// See [`MAX_GARBAGE_BYTES`].
    pub garbage_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            frame_bytes: MAX_FRAME_BYTES,
            line_bytes: MAX_LINE_BYTES,
            headers: MAX_HEADERS,
            garbage_bytes: MAX_GARBAGE_BYTES,
        }
    }
}

/// What came out of the byte stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// The first line of a connection, `Asterisk Call Manager/11.0.0` from a real one.
    Banner(String),
    /// One event or response.
    Message(Message),
    /// A frame that was counted and dropped; decoding goes on with the next one.
    Bad(FrameFault),
}

/// Why a frame was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// The first line names neither an event nor a response.
    #[error("frame starts with neither an event nor a response")]
    NotAFrame,
    /// No blank line within [`Limits::frame_bytes`].
    #[error("frame is longer than the limit")]
    FrameTooLong,
    /// A line over [`Limits::line_bytes`].
    #[error("a line is longer than the limit")]
    LineTooLong,
    /// More than [`Limits::headers`] lines.
    #[error("frame has more headers than the limit")]
    TooManyHeaders,
    /// The first line of the connection does not end where a banner would.
    #[error("the first line is too long to be a greeting")]
    BannerTooLong,
}

/// What passed through a [`Decoder`] since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecodeCounters {
    /// Bytes consumed, whatever they were.
    pub bytes: u64,
    /// Events and responses.
    pub messages: u64,
    /// Frames dropped.
    pub bad_frames: u64,
    /// Bytes of dropped frames.
    pub garbage_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Banner,
    Frame,
    /// Inside a frame given up as too long, until its blank line.
    Skipping,
    /// Inside a first line given up as too long, until its line end.
    SkippingLine,
}

/// Cuts a byte stream into frames.
///
/// Read into [`buffer_mut`](Decoder::buffer_mut) (or [`push`](Decoder::push)), then call
/// [`next`](Decoder::next) until it returns `None`. The result does not depend on how the bytes were cut.
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    limits: Limits,
    state: State,
    /// How the current frame ends its lines, once its first line is complete.
    line_end: Option<LineEnd>,
    /// Bytes of the current frame already searched.
    searched: usize,
    blank_line: Finder<'static>,
    counters: DecodeCounters,
}

impl Decoder {
    /// A decoder at the start of a connection.
    pub fn new(limits: Limits) -> Self {
        Decoder {
            buffer: BytesMut::new(),
            limits,
            state: State::Banner,
            line_end: None,
            searched: 0,
            blank_line: Finder::new(b"\r\n\r\n"),
            counters: DecodeCounters::default(),
        }
    }

    /// The buffer to read a socket into. Only append to it.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// What passed so far.
    pub fn counters(&self) -> DecodeCounters {
        self.counters
    }

    /// Whether more garbage came than [`Limits::garbage_bytes`]: drop the connection.
    pub fn is_hopeless(&self) -> bool {
        self.counters.garbage_bytes > self.limits.garbage_bytes
    }

    /// Whether the bytes so far end inside a frame (a connection closed now was cut).
    pub fn is_mid_frame(&self) -> bool {
        self.state != State::Banner
            && (self.state != State::Frame || self.buffer.iter().any(|&b| b != b'\r' && b != b'\n'))
    }

    /// The next frame, or `None` when more bytes are needed.
    #[expect(
        clippy::should_implement_trait,
        reason = "`None` means \"more bytes\", not the end"
    )]
    pub fn next(&mut self) -> Option<Decoded> {
        loop {
            match self.state {
                State::Banner => {
                    if let Some(decoded) = self.banner()? {
                        return Some(decoded);
                    }
                }
                State::Frame => return self.frame(),
                State::Skipping => self.skip_frame()?,
                State::SkippingLine => self.skip_line()?,
            }
        }
    }

    /// `None`: more bytes needed. `Some(None)`: there is no banner, the stream starts with a frame.
    fn banner(&mut self) -> Option<Option<Decoded>> {
        self.skip_blank();
        let end = memchr(b'\n', &self.buffer);
        if end.unwrap_or(self.buffer.len()) > MAX_BANNER_BYTES {
            self.state = State::SkippingLine;
            self.counters.bad_frames += 1;
            return Some(Some(Decoded::Bad(FrameFault::BannerTooLong)));
        }
        let end = end?;
        self.state = State::Frame;
        let line = self.buffer[..end].trim_ascii_end();
        if Message::starts_frame(line) {
            return Some(None);
        }
        let banner = String::from_utf8_lossy(line).into_owned();
        self.consume(end + 1);
        Some(Some(Decoded::Banner(banner)))
    }

    fn frame(&mut self) -> Option<Decoded> {
        if self.searched == 0 {
            self.skip_blank();
        }
        let Some((end, next)) = self.find_blank_line() else {
            if self.buffer.len() >= self.limits.frame_bytes + BLANK_LINE_BYTES {
                return Some(self.give_up());
            }
            return None;
        };
        if end > self.limits.frame_bytes {
            return Some(self.give_up());
        }
        let mut bytes = self.split(next);
        bytes.truncate(end);
        let decoded = match self.checked(&bytes) {
            Ok(()) => Message::from_frame(bytes).ok_or(FrameFault::NotAFrame),
            Err(fault) => Err(fault),
        };
        Some(match decoded {
            Ok(message) => {
                self.counters.messages += 1;
                Decoded::Message(message)
            }
            Err(fault) => {
                self.counters.bad_frames += 1;
                self.counters.garbage_bytes += next as u64;
                Decoded::Bad(fault)
            }
        })
    }

    /// Where the current frame ends, and where the next one may start.
    fn find_blank_line(&mut self) -> Option<(usize, usize)> {
        let line_end = match self.line_end {
            Some(line_end) => line_end,
            None => {
                let Some(found) = memchr(b'\n', &self.buffer[self.searched..]) else {
                    self.searched = self.buffer.len();
                    return None;
                };
                let at = self.searched + found;
                let line_end = if at > 0 && self.buffer[at - 1] == b'\r' {
                    LineEnd::CrLf
                } else {
                    LineEnd::Lf
                };
                self.line_end = Some(line_end);
                // The blank line may begin with this very line end.
                self.searched = match line_end {
                    LineEnd::CrLf => at - 1,
                    LineEnd::Lf => at,
                };
                line_end
            }
        };
        let window = &self.buffer[self.searched..];
        let found = match line_end {
            LineEnd::CrLf => self.blank_line.find(window).map(|at| (at, 4)),
            // garbage may have begun with a bare line feed: it ends where any other frame would, or it
            // would swallow all that follow
            LineEnd::Lf => {
                let lf = memchr::memmem::find(window, b"\n\n").map(|at| (at, 2));
                let crlf = self.blank_line.find(window).map(|at| (at, 4));
                match (lf, crlf) {
                    (Some(lf), Some(crlf)) => Some(lf.min(crlf)),
                    (lf, crlf) => lf.or(crlf),
                }
            }
        };
        match found {
            Some((found, width)) => {
                let end = self.searched + found;
                Some((end, end + width))
            }
            None => {
                let kept = self.buffer.len().saturating_sub(BLANK_LINE_BYTES - 1);
                self.searched = self.searched.max(kept);
                None
            }
        }
    }

    fn checked(&self, frame: &[u8]) -> Result<(), FrameFault> {
        if frame.len()
            <= FREE_OF_CHECKS_BYTES
                .min(self.limits.line_bytes)
                .min(self.limits.headers.saturating_mul(4))
        {
            return Ok(());
        }
        let mut headers = 0;
        for line in Lines::new(frame) {
            if line.len() > self.limits.line_bytes {
                return Err(FrameFault::LineTooLong);
            }
            if !line.starts_with(b"Output:") {
                headers += 1;
            }
        }
        if headers > self.limits.headers {
            Err(FrameFault::TooManyHeaders)
        } else {
            Ok(())
        }
    }

    fn give_up(&mut self) -> Decoded {
        self.state = State::Skipping;
        self.counters.bad_frames += 1;
        Decoded::Bad(FrameFault::FrameTooLong)
    }

    fn skip_frame(&mut self) -> Option<()> {
        match self.find_blank_line() {
            Some((_, next)) => {
                self.counters.garbage_bytes += next as u64;
                self.consume(next);
                self.state = State::Frame;
                Some(())
            }
            None => {
                // Everything searched can go, but for the byte that tells how this frame ends its lines.
                let done = match self.line_end {
                    Some(_) => self.searched,
                    None => self.searched.saturating_sub(1),
                };
                self.counters.garbage_bytes += done as u64;
                self.counters.bytes += done as u64;
                self.buffer.advance(done);
                self.searched -= done;
                None
            }
        }
    }

    fn skip_line(&mut self) -> Option<()> {
        let found = memchr(b'\n', &self.buffer);
        let done = found.map_or(self.buffer.len(), |at| at + 1);
        self.counters.garbage_bytes += done as u64;
        self.consume(done);
        found?;
        self.state = State::Frame;
        Some(())
    }

    fn skip_blank(&mut self) {
        let blank = self
            .buffer
            .iter()
            .take_while(|&&byte| byte == b'\r' || byte == b'\n')
            .count();
        if blank > 0 {
            self.consume(blank);
        }
    }

    fn consume(&mut self, count: usize) {
        self.buffer.advance(count);
        self.forget(count);
    }

    fn split(&mut self, count: usize) -> Bytes {
        let bytes = self.buffer.split_to(count).freeze();
        self.forget(count);
        bytes
    }

    fn forget(&mut self, count: usize) {
        self.counters.bytes += count as u64;
        self.searched = 0;
        self.line_end = None;
    }
}
