//! One connection, plain or protected by TLS, with its place among those that may be open.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Sleep, sleep},
};
use tokio_rustls::server::TlsStream;

/// An answer of which nothing was taken for so long is given up, and its connection closed: a stream of events, an
/// export, a file. Live sockets have limits of their own.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection; its place is free when it is dropped, also where it became a live socket.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    /// Something was written that may not be on its way yet.
    unflushed: bool,
    /// Since the other side takes nothing of an answer.
    patience: Option<Pin<Box<Sleep>>>,
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
            patience: None,
            _place: place,
        }
    }

    /// After its handshake.
    pub(crate) fn protected(stream: Box<TlsStream<TcpStream>>, place: OwnedSemaphorePermit) -> Self {
        Self {
            stream: Stream::Protected(stream),
            unflushed: false,
            patience: None,
            _place: place,
        }
    }

    fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Protected(stream) => stream.get_ref().0,
        }
    }

    /// What came of writing, or the end of our patience with it.
    fn patient<T>(&mut self, context: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.patience = None;
            return wrote;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        patience
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
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
        let wrote = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Protected(stream) => Pin::new(stream).poll_write(context, bytes),
        };
        self.patient(context, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Stream::Protected(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        };
        self.patient(context, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Protected(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wrote = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Protected(stream) => Pin::new(stream).poll_flush(context),
        };
        self.patient(context, wrote)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Protected(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Arc;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        sync::Semaphore,
        time::{Instant, advance},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_is_given_up_and_a_slow_one_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let mut connection = Connection::plain(stream, place);
        let part = vec![0; 1 << 20];
        let (tell, told) = std::sync::mpsc::channel();

        // takes more than the system keeps, and stops for a while, three times; then it stops for good. Time goes on only
        // where it is said: by itself it would pass while bytes are on their way
        let slow = async {
            let mut taken = vec![0; 16 << 20];
            for _ in 0..3 {
                reader.read_exact(&mut taken).await.unwrap();
                advance(PATIENCE / 3 * 2).await;
            }
            let last_taken = Instant::now();
            loop {
                advance(PATIENCE / 3).await;
                if let Ok(given_up) = told.try_recv() {
                    break (last_taken, given_up);
                }
            }
        };
        let writing = async {
            loop {
                if let Err(error) = connection.write(&part).await {
                    tell.send((error, Instant::now())).unwrap();
                    break;
                }
            }
        };
        let busy = async {
            loop {
                tokio::task::yield_now().await;
            }
        };
        let (last_taken, (error, given_up)) = tokio::select! {
            (done, ()) = async { tokio::join!(slow, writing) } => done,
            () = busy => unreachable!(),
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(given_up > last_taken);
    }
}
