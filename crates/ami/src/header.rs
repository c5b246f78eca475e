//! The lines of one frame: `Name: value`, ended by CR LF (or by LF alone when the first line is).

use memchr::memchr;

use crate::text::Raw;

/// What ends a line of this frame. Asterisk writes CR LF; in such a frame a lone LF is part of a value
/// (`Message: Park successful\n`), so it can neither end a line nor forge a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    CrLf,
    Lf,
}

/// Splits a frame (without its final blank line) into lines.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    rest: Option<&'a [u8]>,
    end: LineEnd,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(frame: &'a [u8]) -> Self {
        let end = match memchr(b'\n', frame) {
            Some(at) if at == 0 || frame[at - 1] != b'\r' => LineEnd::Lf,
            Some(_) | None => LineEnd::CrLf,
        };
        Lines {
            rest: Some(frame),
            end,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let mut from = 0;
        loop {
            let Some(at) = find(rest, from, b'\n') else {
                self.rest = None;
                return Some(rest);
            };
            let line_end = match self.end {
                LineEnd::Lf => at,
                LineEnd::CrLf if at > 0 && rest[at - 1] == b'\r' => at - 1,
                LineEnd::CrLf => {
                    from = at + 1;
                    continue;
                }
            };
            self.rest = Some(&rest[at + 1..]);
            return Some(&rest[..line_end]);
        }
    }
}

/// Where the byte is, from `from` on, eight bytes at a time: lines are too short for a call into a vector
/// search to pay.
#[inline(always)]
fn find(bytes: &[u8], mut from: usize, needle: u8) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let pattern = u64::from(needle) * LOW;
    while let Some(chunk) = bytes.get(from..).and_then(|rest| rest.first_chunk::<8>()) {
        // The lowest byte that is zero here is the needle; higher ones may be wrong, and are not looked at.
        let word = u64::from_le_bytes(*chunk) ^ pattern;
        let zero = word.wrapping_sub(LOW) & !word & HIGH;
        if zero != 0 {
            return Some(from + (zero.trailing_zeros() / 8) as usize);
        }
        from += 8;
    }
    bytes[from..]
        .iter()
        .position(|&byte| byte == needle)
        .map(|at| from + at)
}

/// Splits a line at its first colon. One space after the colon belongs to the syntax, and line feeds at
/// the end of the value to Asterisk's own slips; the rest is the value.
#[inline(always)]
pub(crate) fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = find(line, 0, b':')?;
    let value = &line[colon + 1..];
    let mut value = value.strip_prefix(b" ").unwrap_or(value);
    while let [head @ .., b'\n'] = value {
        value = head;
    }
    Some((&line[..colon], value))
}

/// A header's name with a fingerprint, so that telling it from a dozen others costs a dozen comparisons of
/// numbers instead of texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'a> {
    bytes: &'a [u8],
    key: u64,
}

impl<'a> Name<'a> {
    #[inline]
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        let ends = if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29)
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (u32::from_le_bytes(*first) as u64) | (u32::from_le_bytes(*last) as u64) << 32
        } else {
            0
        };
        Name {
            bytes,
            key: ends ^ (bytes.len() as u64) << 56,
        }
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    #[inline]
    pub(crate) fn is(self, other: Name<'_>) -> bool {
        self.key == other.key && self.bytes == other.bytes
    }

    /// What follows the prefix.
    #[inline]
    pub(crate) fn after(self, prefix: &[u8]) -> Option<Name<'a>> {
        if prefix.is_empty() {
            Some(self)
        } else {
            self.bytes.strip_prefix(prefix).map(Name::new)
        }
    }
}

/// The headers of a frame in one pass; lines without a colon are passed over.
pub(crate) struct Headers<'a> {
    lines: Lines<'a>,
    /// The whole frame when it is valid UTF-8: its slices then need no second check.
    text: Option<&'a str>,
    base: usize,
}

impl<'a> Headers<'a> {
    pub(crate) fn new(frame: &'a [u8]) -> Self {
        Headers {
            lines: Lines::new(frame),
            text: std::str::from_utf8(frame).ok(),
            base: frame.as_ptr() as usize,
        }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], Raw<'a>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.next()?;
            let Some((name, value)) = split(line) else {
                continue;
            };
            let raw = match self.text {
                Some(text) => {
                    let from = value.as_ptr() as usize - self.base;
                    // Cut at ASCII bytes, so these are character boundaries.
                    text.get(from..from + value.len())
                        .map_or(Raw::Bytes(value), Raw::Text)
                }
                None => Raw::Bytes(value),
            };
            return Some((name, raw));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_line_feed_stays_inside_its_value() {
        let frame = b"Response: Error\r\nMessage: nosuch\nEvent: Hangup\r\nActionID: 1";
        let lines: Vec<_> = Lines::new(frame).collect();
        assert_eq!(
            lines,
            [
                &b"Response: Error"[..],
                b"Message: nosuch\nEvent: Hangup",
                b"ActionID: 1"
            ]
        );
    }

    #[test]
    fn line_feeds_alone_end_lines_when_the_first_one_does() {
        let lines: Vec<_> = Lines::new(b"Event: A\nX: 1").collect();
        assert_eq!(lines, [&b"Event: A"[..], b"X: 1"]);
    }

    #[test]
    fn finding_agrees_with_looking_at_every_byte() {
        let bytes: Vec<u8> = (0..200u32)
            .map(|n| [b':', b';', b'\n', 0xba, 0x3b, 0][(n * n % 97 % 6) as usize])
            .collect();
        for from in 0..bytes.len() {
            for needle in [b':', b'\n', 0, 0xff] {
                let expected = bytes[from..]
                    .iter()
                    .position(|&byte| byte == needle)
                    .map(|at| from + at);
                assert_eq!(find(&bytes, from, needle), expected, "{needle} from {from}");
            }
        }
    }

    #[test]
    fn values_keep_their_colons_and_lose_one_space() {
        assert_eq!(split(b"Header1: a: b"), Some((&b"Header1"[..], &b"a: b"[..])));
        assert_eq!(split(b"Message: ok\n"), Some((&b"Message"[..], &b"ok"[..])));
        assert_eq!(split(b"no colon"), None);
    }
}
