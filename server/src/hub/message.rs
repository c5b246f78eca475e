//! A message for pages: encoded and framed for their sockets once, so that a thousand pages share its bytes.

use std::borrow::Cow;

use app::live::protocol::{LiveChange, LiveSnapshot, ServerFrame};
use bytes::Bytes;
use serde::Serialize;

use super::lane::Entry;
use crate::access::Sight;

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For browsers.
    #[default]
    Postcard,
    /// For people who debug.
    Json,
}

/// A whole WebSocket frame of a server: unmasked, final.
#[derive(Clone, Debug, Default)]
pub struct Message {
    framed: Bytes,
    head_bytes: u8,
}

/// The final frame of a binary message, of a text message.
const BINARY: u8 = 0x82;
const TEXT: u8 = 0x81;
/// The longest head of a frame without a mask.
const MAX_HEAD_BYTES: usize = 10;

impl Format {
    /// Encodes and frames.
    pub fn message(self, frame: &ServerFrame) -> Message {
        // the head is as long as the payload asks for: room is left for the longest
        let mut buffer = vec![0; MAX_HEAD_BYTES];
        let encoded = match self {
            Format::Postcard => postcard(frame, &mut buffer),
            Format::Json => serde_json::to_writer(&mut buffer, frame).map_err(anyhow::Error::from),
        };
        checked(encoded, &mut buffer);
        self.framed(buffer)
    }

    /// A snapshot.
    pub fn snapshot(self, snapshot: &LiveSnapshot) -> Message {
        self.message(&ServerFrame::Snapshot(snapshot.clone()))
    }

    /// Changes `after + 1 ..= upto` as somebody sees them; None where they see none.
    pub fn changes(
        self,
        after: u64,
        upto: u64,
        entries: &[Entry],
        pieces: &Pieces,
        sight: &Sight,
    ) -> Option<Message> {
        let seen = entries.iter().enumerate().filter_map(|(at, entry)| {
            let change = sight.change(&entry.change, &entry.before, entry.now.as_deref(), entry.private)?;
            Some((at, change))
        });
        match self {
            Format::Json => {
                let changes: Vec<LiveChange> = seen.map(|(_, change)| change.into_owned()).collect();
                let some = !changes.is_empty();
                some.then(|| self.message(&ServerFrame::Changes { after, upto, changes }))
            }
            Format::Postcard => {
                let mut rows = Vec::new();
                let mut count = 0;
                for (at, change) in seen {
                    count += 1;
                    match change {
                        // as everybody gets it: encoded already
                        Cow::Borrowed(_) => rows.extend_from_slice(pieces.get(at)),
                        Cow::Owned(change) => {
                            let encoded = postcard(&change, &mut rows);
                            checked(encoded, &mut rows);
                        }
                    }
                }
                (count > 0).then(|| {
                    let mut buffer = beginning(after, upto, count);
                    buffer.extend_from_slice(&rows);
                    self.framed(buffer)
                })
            }
        }
    }

    /// Puts the head before a payload that has room for it.
    fn framed(self, mut buffer: Vec<u8>) -> Message {
        let opcode = match self {
            Format::Postcard => BINARY,
            Format::Json => TEXT,
        };
        let (head, head_bytes) = head(opcode, buffer.len() - MAX_HEAD_BYTES);
        let start = MAX_HEAD_BYTES - head_bytes;
        buffer[start..MAX_HEAD_BYTES].copy_from_slice(&head[..head_bytes]);
        buffer.shrink_to_fit();
        Message {
            framed: Bytes::from(buffer).slice(start..),
            head_bytes: head_bytes as u8,
        }
    }
}

/// Every change of a frame, each encoded for itself: frames for those who see only some are put together from them.
#[derive(Debug)]
pub struct Pieces {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Pieces {
    /// Encodes each.
    pub fn of(entries: &[Entry]) -> Self {
        let mut bytes = Vec::new();
        let ends = entries.iter().map(|entry| {
            let encoded = postcard(&entry.change, &mut bytes);
            checked(encoded, &mut bytes);
            bytes.len()
        });
        let ends = ends.collect();
        Self { bytes, ends }
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[at]]
    }
}

/// The bytes of `ServerFrame::Changes` before its rows, with room for a head.
fn beginning(after: u64, upto: u64, count: usize) -> Vec<u8> {
    let mut buffer = vec![0; MAX_HEAD_BYTES];
    let none = ServerFrame::<telephony::Board>::Changes {
        after,
        upto,
        changes: Vec::new(),
    };
    let encoded = postcard(&none, &mut buffer);
    // the last byte counts no rows; both are unsigned LEB128
    buffer.pop();
    let counted = encoded.and_then(|()| postcard(&count, &mut buffer));
    checked(counted, &mut buffer);
    buffer
}

/// Our own types always encode; if not, the receiver sees a message it cannot read and says so.
fn checked(encoded: anyhow::Result<()>, buffer: &mut Vec<u8>) {
    if let Err(error) = encoded {
        tracing::error!(error = %format!("{error:#}"), "a message could not be encoded");
        buffer.resize(buffer.len().max(MAX_HEAD_BYTES), 0);
    }
}

fn postcard(value: &impl Serialize, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    postcard::to_extend(value, std::mem::take(buffer)).map(|filled| *buffer = filled)?;
    Ok(())
}

/// RFC 6455, 5.2: seven bits of length, or 126 and sixteen, or 127 and sixty-four.
fn head(opcode: u8, length: usize) -> ([u8; MAX_HEAD_BYTES], usize) {
    let mut head = [0; MAX_HEAD_BYTES];
    head[0] = opcode;
    if let Ok(short) = u8::try_from(length)
        && short < 126
    {
        head[1] = short;
        (head, 2)
    } else if let Ok(medium) = u16::try_from(length) {
        head[1] = 126;
        head[2..4].copy_from_slice(&medium.to_be_bytes());
        (head, 4)
    } else {
        head[1] = 127;
        head[2..].copy_from_slice(&(length as u64).to_be_bytes());
        (head, 10)
    }
}

impl Message {
    /// As it goes on the wire.
    pub fn framed(&self) -> &Bytes {
        &self.framed
    }

    /// What is in it.
    pub fn payload(&self) -> &[u8] {
        &self.framed[usize::from(self.head_bytes)..]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use app::live::protocol::{ByeReason, LiveSnapshot};

    use super::*;

    #[test]
    fn frames_of_every_length_hold_what_was_put_in() {
        for length in [0, 1, 90, 125, 126, 300, 65_000, 65_535, 65_536, 200_000] {
            let frame = ServerFrame::Snapshot(LiveSnapshot {
                build: "x".repeat(length),
                ..LiveSnapshot::default()
            });
            for format in [Format::Postcard, Format::Json] {
                let message = format.message(&frame);
                let mut context =
                    tungstenite::protocol::WebSocketContext::new(tungstenite::protocol::Role::Client, None);
                let mut wire = std::io::Cursor::new(message.framed().to_vec());
                let read = context.read(&mut wire).unwrap();
                assert_eq!(read.is_text(), format == Format::Json);
                assert_eq!(read.into_data(), message.payload(), "{length}");
            }
            let postcard = Format::Postcard.message(&frame);
            assert_eq!(
                postcard::from_bytes::<ServerFrame>(postcard.payload()).unwrap(),
                frame
            );
        }
        let bye = Format::Postcard.message(&ServerFrame::Bye(ByeReason::Restarting));
        assert_eq!(&bye.framed()[..2], [BINARY, 2]);
    }
}
