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

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let mut from = 0;
        loop {
            let Some(found) = memchr(b'\n', &rest[from..]) else {
                self.rest = None;
                return Some(rest);
            };
            let at = from + found;
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

/// Splits a line at its first colon. One space after the colon belongs to the syntax, and line feeds at
/// the end of the value to Asterisk's own slips; the rest is the value.
#[inline]
pub(crate) fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let value = &line[colon + 1..];
    let mut value = value.strip_prefix(b" ").unwrap_or(value);
    while let [head @ .., b'\n'] = value {
        value = head;
    }
    Some((&line[..colon], value))
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

    #[inline]
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
    fn values_keep_their_colons_and_lose_one_space() {
        assert_eq!(split(b"Header1: a: b"), Some((&b"Header1"[..], &b"a: b"[..])));
        assert_eq!(split(b"Message: ok\n"), Some((&b"Message"[..], &b"ok"[..])));
        assert_eq!(split(b"no colon"), None);
    }
}
