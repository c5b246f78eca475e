//! A page's socket: whole messages out as shared bytes, small ones in. Nothing waits in it but the rest of
//! one message.

use std::{
    io::{self, Read, Write},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tungstenite::{
    Error,
    protocol::{CloseFrame, Message, Role, WebSocketConfig, WebSocketContext, frame::coding::CloseCode},
};

use crate::http::connection::Connection;

/// The largest message a page may send; ours are a few bytes.
const MAX_IN_BYTES: usize = 64 << 10;
/// What is read at once: pages send next to nothing, and each socket pays for it.
const READ_BYTES: usize = 64;
/// Answers to pings that wait while a message is on its way; a page that asks for more is not one of ours.
const MAX_REPLY_BYTES: usize = 4 << 10;
/// A ping without anything in it.
const PING: &[u8] = &[0x89, 0];

/// The socket.
#[derive(Debug)]
pub(super) struct Line {
    connection: Connection,
    reader: Box<WebSocketContext>,
    out: Out,
}

/// What the system did not take yet. Everything that goes out goes through here, so that no frame ever
/// begins inside another.
#[derive(Debug, Default)]
struct Out {
    /// The rest of a message.
    message: Bytes,
    /// The protocol's own small frames, sent after it.
    replies: Vec<u8>,
}

impl Out {
    fn is_empty(&self) -> bool {
        self.message.is_empty() && self.replies.is_empty()
    }

    /// Gives the system what it takes now; true when it took anything.
    fn push(&mut self, connection: &mut Connection) -> io::Result<bool> {
        let mut moved = false;
        loop {
            if self.message.is_empty() {
                if self.replies.is_empty() {
                    return Ok(moved);
                }
                self.message = std::mem::take(&mut self.replies).into();
            }
            match connection.try_write(&self.message) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => {
                    moved = true;
                    if taken == self.message.len() {
                        // gives the shared bytes free
                        self.message = Bytes::new();
                    } else {
                        self.message.advance(taken);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(moved),
                Err(error) => return Err(error),
            }
        }
    }
}

/// What the reader sees: the stream to read from, the queue to write to.
struct Wire<'a> {
    connection: &'a mut Connection,
    out: &'a mut Out,
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.connection.try_read(buffer)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.out.replies.len() + bytes.len() > MAX_REPLY_BYTES {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        self.out.replies.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Line {
    /// A socket after its handshake; `early` came with it.
    pub(super) fn new(connection: Connection, early: &Bytes) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_REPLY_BYTES)
            .max_message_size(Some(MAX_IN_BYTES))
            .max_frame_size(Some(MAX_IN_BYTES));
        let reader = WebSocketContext::from_partially_read(early.to_vec(), Role::Server, Some(config));
        Self {
            connection,
            reader: Box::new(reader),
            out: Out::default(),
        }
    }

    /// Whether the system has taken everything so far.
    pub(super) fn is_clear(&mut self) -> bool {
        self.out.is_empty() && self.connection.is_flushed()
    }

    /// Sends a whole frame; what the system does not take now follows with [`Line::poll`]. Only a clear
    /// line takes one.
    pub(super) fn send(&mut self, framed: Bytes) -> io::Result<()> {
        debug_assert!(self.is_clear(), "one message at a time");
        self.out.message = framed;
        self.out.push(&mut self.connection).map(drop)
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&mut self) -> io::Result<()> {
        self.out.replies.extend_from_slice(PING);
        self.out.push(&mut self.connection).map(drop)
    }

    /// Ready when something happened: a message may be there, or the system took more.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Moved>> {
        while !self.out.is_empty() && self.connection.poll_write_ready(context)?.is_ready() {
            if self.out.push(&mut self.connection)? {
                return Poll::Ready(Ok(Moved::Out));
            }
        }
        if !self.connection.is_flushed() && self.connection.poll_flushed(context)?.is_ready() {
            return Poll::Ready(Ok(Moved::Out));
        }
        ready!(self.connection.poll_read_ready(context))?;
        Poll::Ready(Ok(Moved::In))
    }

    /// The next message, if a whole one is there.
    pub(super) fn receive(&mut self) -> Result<Option<Message>, Error> {
        let mut wire = Wire {
            connection: &mut self.connection,
            out: &mut self.out,
        };
        let received = self.reader.read(&mut wire);
        let pushed = self.out.push(&mut self.connection);
        match received {
            Ok(message) => pushed.map(|_| Some(message)).map_err(Error::Io),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                pushed.map(|_| None).map_err(Error::Io)
            }
            Err(error) => Err(error),
        }
    }

    /// Says a last word and why, and waits for the page to close. The caller bounds the time.
    pub(super) async fn close(&mut self, word: Option<Bytes>, code: CloseCode) -> Result<(), Error> {
        if let Some(word) = word {
            // after whatever is under way: a frame cut off would make nonsense of the word
            std::future::poll_fn(|context| self.poll_clear(context)).await?;
            self.send(word)?;
        }
        let mut wire = Wire {
            connection: &mut self.connection,
            out: &mut self.out,
        };
        let reason = CloseFrame {
            code,
            reason: "".into(),
        };
        self.reader.close(&mut wire, Some(reason))?;
        std::future::poll_fn(|context| self.poll_clear(context)).await?;
        loop {
            while self.receive()?.is_some() {}
            std::future::poll_fn(|context| self.connection.poll_read_ready(context)).await?;
        }
    }

    fn poll_clear(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            ready!(self.connection.poll_write_ready(context))?;
            self.out.push(&mut self.connection)?;
        }
        self.connection.poll_flushed(context)
    }
}

/// What happened on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// The page may have said something.
    In,
    /// The page took more of what waits for it.
    Out,
}
