//! The other end: reading actions and writing responses and events, for whoever plays the PBX.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;

use crate::decoder::{MAX_FRAME_BYTES, MAX_LINE_BYTES};
use crate::event::bridge::BridgeRef;
use crate::event::channel::ChannelRef;
use crate::header;
use crate::message::Message;
pub use crate::name::escaped;

/// The first line Asterisk 22 sends.
pub const BANNER: &[u8] = b"Asterisk Call Manager/11.0.0\r\n";

/// Why a stream of actions cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    /// A line over [`MAX_LINE_BYTES`].
    #[error("a line of the action is too long")]
    LineTooLong,
    /// An action over [`MAX_FRAME_BYTES`].
    #[error("the action is too long")]
    FrameTooLong,
}

/// Cuts a byte stream into actions the way Asterisk does: any line feed ends a line, an empty line the action.
#[derive(Debug, Default)]
pub struct RequestDecoder {
    buffer: BytesMut,
    /// Start of the line being read.
    line: usize,
}

impl RequestDecoder {
    /// A decoder at the start of a connection.
    pub fn new() -> Self {
        RequestDecoder::default()
    }

    /// The buffer to read a socket into. Only append to it.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next action, or `None` when more bytes are needed.
    #[expect(
        clippy::should_implement_trait,
        reason = "`None` means \"more bytes\", not the end"
    )]
    pub fn next(&mut self) -> Option<Result<Request, RequestFault>> {
        loop {
            let Some(found) = memchr(b'\n', &self.buffer[self.line..]) else {
                let pending = self.buffer.len() - self.line;
                return (pending > MAX_LINE_BYTES).then_some(Err(RequestFault::LineTooLong));
            };
            let end = self.line + found;
            let line = &self.buffer[self.line..end];
            let is_blank = line.is_empty() || line == b"\r";
            if is_blank && self.line == 0 {
                self.buffer.advance(end + 1);
            } else if is_blank {
                let bytes = self.buffer.split_to(self.line).freeze();
                self.buffer.advance(end + 1 - self.line);
                self.line = 0;
                return Some(Ok(Request { bytes }));
            } else {
                self.line = end + 1;
                if self.line > MAX_FRAME_BYTES {
                    return Some(Err(RequestFault::FrameTooLong));
                }
            }
        }
    }
}

/// An action as the PBX reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    bytes: Bytes,
}

impl Request {
    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.bytes
            .split(|&byte| byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter_map(header::split)
    }

    /// The headers in order, `Action` and `ActionID` included.
    pub fn headers(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.lines()
            .map(|(name, value)| (String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
    }

    /// The first value under this name, whatever its case.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.lines()
            .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| String::from_utf8_lossy(value))
    }

    /// Every value under this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        self.lines()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| String::from_utf8_lossy(value))
    }

    /// The action's name; empty when the frame has none.
    pub fn action(&self) -> Cow<'_, str> {
        self.get("Action").unwrap_or_default()
    }

    /// The `ActionID` to answer with.
    pub fn action_id(&self) -> Option<Cow<'_, str>> {
        self.get("ActionID").filter(|id| !id.is_empty())
    }
}

impl fmt::Debug for Request {
    /// Secrets do not appear.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.headers() {
            let secret = name.eq_ignore_ascii_case("Secret") || name.eq_ignore_ascii_case("Key");
            map.entry(&name, if secret { &"[redacted]" } else { &value });
        }
        map.finish()
    }
}

/// Reads one action frame (with or without its blank line); `None` when it holds none, or more than one.
pub fn parse_action(frame: &[u8]) -> Option<Request> {
    let mut decoder = RequestDecoder::new();
    decoder.push(frame);
    decoder.push(b"\n\n");
    let request = decoder.next()?.ok()?;
    decoder.next().is_none().then_some(request)
}

/// A value given to a [`MessageBuilder`] would have ended its header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{header} holds a line end or a NUL")]
pub struct BuildError {
    /// The header's name.
    pub header: String,
}

/// Writes one response or event. A header with a line end in it cannot be written: [`build`](Self::build)
/// refuses the whole message.
///
/// ```
/// use ami::wire::MessageBuilder;
/// let message = MessageBuilder::event("Hangup").header("Cause", 16).build().unwrap();
/// assert_eq!(message.event_name(), Some("Hangup"));
/// assert!(MessageBuilder::event("Hangup").header("Cause", "16\r\nX: 1").build().is_err());
/// ```
#[derive(Debug, Clone)]
pub struct MessageBuilder {
    text: String,
    fault: Option<BuildError>,
}

impl MessageBuilder {
    /// An event of this name.
    pub fn event(name: &str) -> Self {
        MessageBuilder {
            text: String::with_capacity(512),
            fault: None,
        }
        .header("Event", name)
    }

    /// A response (`Success`, `Error`, `Goodbye`), with the request's `ActionID` when it had one.
    pub fn response(word: &str, action_id: Option<&str>) -> Self {
        let builder = MessageBuilder {
            text: String::with_capacity(128),
            fault: None,
        }
        .header("Response", word);
        match action_id {
            Some(id) => builder.header("ActionID", id),
            None => builder,
        }
    }

    /// Adds a header; repeated names stay repeated.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.add(name, value);
        self
    }

    /// Adds a header when there is a value.
    #[must_use]
    pub fn maybe(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        if let Some(value) = value {
            self.add(name, value);
        }
        self
    }

    /// Adds the headers that describe a channel, each name behind the prefix, as Asterisk orders them.
    #[must_use]
    pub fn channel(mut self, prefix: &str, channel: &ChannelRef<'_>) -> Self {
        let unknown = "<unknown>";
        let state = channel.state.unwrap_or(crate::ChannelState::Down);
        let mut add = |name: &str, value: &str| self.add(&format!("{prefix}{name}"), value);
        add("Channel", channel.name.as_ref().map_or("", AsRef::as_ref));
        add("ChannelState", &state.code().to_string());
        add("ChannelStateDesc", state.words());
        add("CallerIDNum", channel.caller_number.as_deref().unwrap_or(unknown));
        let name =
            |name: Option<&str>| name.map_or_else(|| unknown.to_owned(), |name| escaped(name).into_owned());
        add("CallerIDName", &name(channel.caller_name.as_deref()));
        add(
            "ConnectedLineNum",
            channel.connected_number.as_deref().unwrap_or(unknown),
        );
        add("ConnectedLineName", &name(channel.connected_name.as_deref()));
        add("Language", "en");
        add("AccountCode", channel.account.as_deref().unwrap_or(""));
        add("Context", channel.context.as_ref().map_or("", AsRef::as_ref));
        add("Exten", channel.exten.as_ref().map_or("", AsRef::as_ref));
        add("Priority", &channel.priority.unwrap_or(1).to_string());
        add("Uniqueid", channel.uniqueid.as_ref().map_or("", AsRef::as_ref));
        add("Linkedid", channel.linkedid.as_ref().map_or("", AsRef::as_ref));
        self
    }

    /// Adds the headers that describe a bridge, each name behind the prefix, as Asterisk orders them.
    #[must_use]
    pub fn bridge(mut self, prefix: &str, bridge: &BridgeRef<'_>) -> Self {
        let unknown = "<unknown>";
        let mut add = |name: &str, value: &str| self.add(&format!("{prefix}{name}"), value);
        add("BridgeUniqueid", bridge.id.as_ref().map_or("", AsRef::as_ref));
        add("BridgeType", bridge.kind.as_deref().unwrap_or(""));
        add("BridgeTechnology", bridge.technology.as_deref().unwrap_or(""));
        add("BridgeCreator", bridge.creator.as_deref().unwrap_or(unknown));
        add("BridgeName", bridge.name.as_deref().unwrap_or(unknown));
        add("BridgeNumChannels", &bridge.channels.unwrap_or(0).to_string());
        add("BridgeVideoSourceMode", "none");
        self
    }

    fn add(&mut self, name: &str, value: impl fmt::Display) {
        let start = self.text.len();
        let written = write!(self.text, "{name}: {value}");
        let ends_line = |byte: u8| matches!(byte, b'\r' | b'\n' | 0);
        if written.is_err()
            || name.contains(':')
            || self.text.as_bytes()[start..].iter().any(|&byte| ends_line(byte))
        {
            self.text.truncate(start);
            self.fault.get_or_insert_with(|| BuildError {
                header: name.to_owned(),
            });
        } else {
            self.text.push_str("\r\n");
        }
    }

    /// The message, or the first header that was refused.
    pub fn build(mut self) -> Result<Message, BuildError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.text.truncate(self.text.trim_end_matches("\r\n").len());
        Message::from_frame(Bytes::from(self.text)).ok_or(BuildError {
            header: "Event".to_owned(),
        })
    }

    /// Builds and appends the frame to what goes out.
    pub fn write_to(self, out: &mut BytesMut) -> Result<(), BuildError> {
        self.build().map(|message| message.write_to(out))
    }
}
