//! One event or response: a reference-counted slice of what the socket delivered, read on demand.

use std::borrow::Cow;
use std::fmt;

use bytes::{Bytes, BytesMut};
use memchr::memchr;

use crate::header::{self, Headers};
use crate::kind::Kind;
use crate::text::{Raw, visible};

/// One frame. Cloning is cheap: the bytes are shared with the read buffer (use
/// [`detached`](Message::detached) to keep one for long without keeping its neighbours).
///
/// Header names are compared without regard to ASCII case. A byte that is not UTF-8 reads as U+FFFD.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The lines, without the blank line that ends the frame.
    bytes: Bytes,
    kind: Kind,
}

impl Message {
    /// Whether a line can open a frame.
    pub(crate) fn starts_frame(line: &[u8]) -> bool {
        Kind::of_line(line).is_some()
    }

    /// A frame without its final blank line; `None` when it starts with neither `Event` nor `Response`.
    pub fn from_frame(bytes: Bytes) -> Option<Self> {
        let line = match memchr(b'\n', &bytes) {
            Some(at) => &bytes[..at],
            None => &bytes[..],
        };
        let kind = Kind::of_line(line.strip_suffix(b"\r").unwrap_or(line))?;
        Some(Message { bytes, kind })
    }

    /// What the first line says. Costs nothing: it was read when the frame was cut.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether this answers an action. (`OriginateResponse` is an event, although it has a `Response` header.)
    pub fn is_response(&self) -> bool {
        self.kind == Kind::Response
    }

    /// Whether this is a response that says anything but `Error`.
    pub fn is_success(&self) -> bool {
        self.is_response() && !self.first_value().eq_ignore_ascii_case(b"Error")
    }

    /// The name of the event, `None` for a response.
    pub fn event_name(&self) -> Option<&str> {
        if self.is_response() {
            None
        } else {
            std::str::from_utf8(self.first_value()).ok()
        }
    }

    fn first_value(&self) -> &[u8] {
        header::Lines::new(&self.bytes)
            .next()
            .and_then(header::split)
            .map_or(&[], |(_, value)| value)
    }

    /// The headers in the order they came, repeated ones included.
    pub fn headers(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.raw_headers()
            .map(|(name, value)| (String::from_utf8_lossy(name), value.text()))
    }

    pub(crate) fn raw_headers(&self) -> Headers<'_> {
        Headers::new(&self.bytes)
    }

    /// The first value under this name.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.raw(name).map(Raw::text)
    }

    pub(crate) fn raw(&self, name: &str) -> Option<Raw<'_>> {
        header::Lines::new(&self.bytes)
            .filter_map(header::split)
            .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| Raw::Bytes(value))
    }

    /// Every value under this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        self.raw_headers()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.text())
    }

    /// The `ActionID`, on responses, on items of lists, and on events an action caused.
    pub fn action_id(&self) -> Option<Cow<'_, str>> {
        self.get("ActionID")
    }

    /// The `Message` header of a response, empty when there is none.
    pub fn text(&self) -> Cow<'_, str> {
        self.get("Message").unwrap_or_default()
    }

    /// The lines a `Command` printed, empty ones included.
    pub fn output(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.get_all("Output")
    }

    /// The permission class a live event was sent under (`call,all`); items of lists have none.
    pub fn privilege(&self) -> Option<Cow<'_, str>> {
        self.get("Privilege")
    }

    /// The name of the variable a `VarSet` sets, found from the end of the frame: cheap enough to ask of
    /// every `VarSet` before parsing one.
    pub fn variable(&self) -> Option<&[u8]> {
        if self.kind != Kind::VarSet {
            return None;
        }
        let at = memchr::memmem::rfind(&self.bytes, b"\nVariable: ")?;
        header::Lines::new(self.bytes.get(at + 1..)?)
            .next()
            .and_then(header::split)
            .map(|(_, value)| value)
    }

    /// The frame without its final blank line.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the frame, without its final blank line.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the frame as it goes over the wire, blank line included.
    pub fn write_to(&self, out: &mut BytesMut) {
        out.extend_from_slice(&self.bytes);
        let end: &[u8] = match memchr(b'\n', &self.bytes) {
            Some(at) if at == 0 || self.bytes[at - 1] != b'\r' => b"\n\n",
            Some(_) | None => b"\r\n\r\n",
        };
        out.extend_from_slice(end);
    }

    /// A copy that does not keep the read buffer alive.
    pub fn detached(&self) -> Message {
        Message {
            bytes: Bytes::copy_from_slice(&self.bytes),
            kind: self.kind,
        }
    }
}

impl fmt::Debug for Message {
    /// Control characters appear escaped; values of headers that carry secrets do not appear.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.headers() {
            let value = if is_secret(&name) {
                Cow::Borrowed("[redacted]")
            } else {
                value
            };
            map.entry(
                &format_args!("{}", visible(&name)),
                &format_args!("{}", visible(&value)),
            );
        }
        map.finish()
    }
}

/// Headers of answers that carry credentials (`AuthDetail`, `AuthList`, `Challenge`).
fn is_secret(name: &str) -> bool {
    [
        "Password",
        "Secret",
        "Md5Cred",
        "PasswordDigest",
        "OauthSecret",
        "RefreshToken",
    ]
    .iter()
    .any(|secret| name.eq_ignore_ascii_case(secret))
}
