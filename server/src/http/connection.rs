//! One connection, plain or protected by TLS, with its place among those that may be open.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
};
use tokio_rustls::server::TlsStream;

/// A connection; its place is free when it is dropped, also where it became a live socket.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    /// Something was written that may not be on its way yet.
    unflushed: bool,
    _place: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Protected(Box<TlsStream<TcpStream>>),
}

impl Connection {
    /// As it was accepted.
    pub(crate) fn plain(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        Self {
            stream: Stream::Plain(stream),
            unflushed: false,
            _place: place,
        }
    }

    /// After its handshake.
    pub(crate) fn protected(stream: Box<TlsStream<TcpStream>>, place: OwnedSemaphorePermit) -> Self {
        Self {
            stream: Stream::Protected(stream),
            unflushed: false,
            _place: place,
        }
    }

    fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Protected(stream) => stream.get_ref().0,
        }
    }

    /// Reads what is there now; `WouldBlock` when nothing is, and then [`Self::poll_read_ready`] tells of more.
    pub(crate) fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.try_read(buffer),
            Stream::Protected(stream) => {
                let mut room = ReadBuf::new(buffer);
                let mut context = Context::from_waker(Waker::noop());
                match Pin::new(stream).poll_read(&mut context, &mut room) {
                    Poll::Ready(read) => read.map(|()| room.filled().len()),
                    Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
                }
            }
        }
    }

    /// Writes what the system takes now; `WouldBlock` when it takes nothing.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.try_write(bytes),
            Stream::Protected(stream) => {
                let mut context = Context::from_waker(Waker::noop());
                match Pin::new(stream).poll_write(&mut context, bytes) {
                    Poll::Ready(written) => {
                        self.unflushed = true;
                        written
                    }
                    Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
                }
            }
        }
    }

    /// Whether everything that was written is the system's.
    pub(crate) fn is_flushed(&mut self) -> bool {
        if self.unflushed {
            let mut context = Context::from_waker(Waker::noop());
            // an error is told by the next read or write
            let _ = self.poll_flushed(&mut context);
        }
        !self.unflushed
    }

    /// Ready when everything that was written is the system's.
    pub(crate) fn poll_flushed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(_) => Poll::Ready(Ok(())),
            Stream::Protected(stream) => {
                let flushed = Pin::new(stream).poll_flush(context);
                if flushed.is_ready() {
                    self.unflushed = false;
                }
                flushed
            }
        }
    }

    /// Ready when the system may take more.
    pub(crate) fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_write_ready(context)
    }

    /// Ready when there may be something to read; whoever asks has read everything before.
    pub(crate) fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_read_ready(context)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Protected(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Protected(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Stream::Protected(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Protected(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Protected(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Protected(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
