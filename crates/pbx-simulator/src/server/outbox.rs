//! What waits to be sent to one connection. It never makes the PBX wait: a client that does not read is cut,
//! as Asterisk does it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{mpsc, watch};

use super::Line;

/// Bytes that may wait for one connection before it is cut.
pub(crate) const MAX_BACKLOG_BYTES: usize = 8 * 1024 * 1024;
/// Frames written in one go.
const BATCH_FRAMES: usize = 512;

/// The engine's side.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    frames: mpsc::UnboundedSender<Bytes>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The socket's side.
#[derive(Debug)]
pub(crate) struct Waiting {
    frames: mpsc::UnboundedReceiver<Bytes>,
    waiting_bytes: Arc<AtomicUsize>,
}

pub(crate) fn outbox() -> (Outbox, Waiting) {
    let (sender, frames) = mpsc::unbounded_channel();
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let bytes = Arc::clone(&waiting_bytes);
    (
        Outbox {
            frames: sender,
            waiting_bytes: bytes,
        },
        Waiting {
            frames,
            waiting_bytes,
        },
    )
}

impl Outbox {
    /// False when the connection is gone or has to go: too much waits already.
    pub(crate) fn send(&self, frame: Bytes) -> bool {
        let waiting = self.waiting_bytes.fetch_add(frame.len(), Ordering::Relaxed) + frame.len();
        waiting <= MAX_BACKLOG_BYTES && self.frames.send(frame).is_ok()
    }
}

impl Waiting {
    /// Writes until nothing more will come, the socket fails or `cut` says so.
    pub(crate) async fn write(
        mut self,
        mut socket: OwnedWriteHalf,
        mut line: watch::Receiver<Line>,
        mut cut: watch::Receiver<bool>,
    ) {
        let mut frames = Vec::with_capacity(BATCH_FRAMES);
        let mut batch = BytesMut::new();
        loop {
            frames.clear();
            let received = tokio::select! {
                received = self.frames.recv_many(&mut frames, BATCH_FRAMES) => received,
                Ok(_) = cut.wait_for(|cut| *cut) => return,
            };
            if received == 0 {
                // The connection ends in order: what was queued has been written.
                let _ = socket.shutdown().await;
                return;
            }
            batch.clear();
            for frame in &frames {
                batch.extend_from_slice(frame);
            }
            let written = async {
                if line.wait_for(|line| *line != Line::Silent).await.is_err() {
                    return false;
                }
                socket.write_all(&batch).await.is_ok()
            };
            let written = tokio::select! {
                written = written => written,
                Ok(_) = cut.wait_for(|cut| *cut) => false,
            };
            if !written {
                return;
            }
            self.waiting_bytes.fetch_sub(batch.len(), Ordering::Relaxed);
        }
    }
}
