//! The queue between the reader and its consumer: bounded in bytes, and never a reason to wait.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::link::LinkState;
use crate::message::Message;

/// Most bytes of messages that wait for their consumer.
pub const MAX_QUEUED_BYTES: usize = 64 << 20;
/// What a message costs besides its own bytes.
const NOTICE_OVERHEAD_BYTES: usize = 96;
/// Link states beyond this many replace the last one instead of queueing.
const MAX_QUEUED_STATES: usize = 1024;

/// What a client tells, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The link changed its state.
    Link(LinkState),
    /// A message, and when it was read on the client's clock.
    Message(Message, u64),
    /// A caller wrote into the stream: so many events were not believed, and some were the PBX's own, perhaps.
    Distrusted {
        /// How many.
        events: u64,
    },
    /// Messages were read and could not be queued; the link goes down and comes back after this.
    Lost {
        /// How many.
        messages: u64,
    },
}

#[derive(Debug, Default)]
struct Inner {
    notices: VecDeque<Notice>,
    states: usize,
    /// The producer is gone.
    finished: bool,
    /// The consumer is gone: messages are not kept.
    unread: bool,
}

#[derive(Debug, Default)]
struct Shared {
    /// Never held for longer than an append or a swap: a consumer that is preempted while it holds this
    /// would keep the reader from its socket.
    inner: Mutex<Inner>,
    /// Bytes and notices the consumer has not taken, wherever they are.
    bytes: AtomicUsize,
    waiting: AtomicUsize,
    arrived: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held; a poisoned queue is still whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The producing end.
#[derive(Debug)]
pub(super) struct Sender {
    shared: Arc<Shared>,
}

/// What a client tells. Dropping it leaves the client running for its handle alone.
#[derive(Debug)]
pub struct Notices {
    shared: Arc<Shared>,
    /// What was swapped out of the queue and not yet given out.
    ready: VecDeque<Notice>,
}

pub(super) fn queue() -> (Sender, Notices, Depth) {
    let shared = Arc::new(Shared::default());
    (
        Sender {
            shared: shared.clone(),
        },
        Notices {
            shared: shared.clone(),
            ready: VecDeque::new(),
        },
        Depth { shared },
    )
}

/// Looks at the queue from outside.
#[derive(Debug, Clone)]
pub(super) struct Depth {
    shared: Arc<Shared>,
}

impl Depth {
    pub(super) fn bytes(&self) -> usize {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn notices(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }
}

impl Sender {
    /// Appends messages; says how many did not fit.
    pub(super) fn messages(&self, batch: &mut Vec<Message>, received_ms: u64) -> u64 {
        if batch.is_empty() {
            return 0;
        }
        let mut lost = 0;
        let mut bytes = self.shared.bytes.load(Ordering::Relaxed);
        let mut inner = self.shared.lock();
        if inner.unread {
            batch.clear();
            return 0;
        }
        let before = (bytes, inner.notices.len());
        for message in batch.drain(..) {
            let size = message.size_bytes() + NOTICE_OVERHEAD_BYTES;
            if lost > 0 || bytes + size > MAX_QUEUED_BYTES {
                lost += 1;
                continue;
            }
            bytes += size;
            inner.notices.push_back(Notice::Message(message, received_ms));
        }
        if lost > 0 {
            inner.notices.push_back(Notice::Lost { messages: lost });
        }
        self.shared.bytes.fetch_add(bytes - before.0, Ordering::Relaxed);
        self.shared
            .waiting
            .fetch_add(inner.notices.len() - before.1, Ordering::Relaxed);
        drop(inner);
        self.shared.arrived.notify_one();
        lost
    }

    /// Events that were not believed.
    pub(super) fn distrusted(&self, events: u64) {
        let mut inner = self.shared.lock();
        if inner.unread {
            return;
        }
        if let Some(Notice::Distrusted { events: known }) = inner.notices.back_mut() {
            *known += events;
            return;
        }
        inner.notices.push_back(Notice::Distrusted { events });
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        drop(inner);
        self.shared.arrived.notify_one();
    }

    pub(super) fn link(&self, state: LinkState) {
        let mut inner = self.shared.lock();
        if inner.unread {
            return;
        }
        if inner.states >= MAX_QUEUED_STATES && matches!(inner.notices.back(), Some(Notice::Link(_))) {
            inner.notices.pop_back();
        } else {
            inner.states += 1;
            self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        }
        inner.notices.push_back(Notice::Link(state));
        drop(inner);
        self.shared.arrived.notify_one();
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shared.lock().finished = true;
        self.shared.arrived.notify_one();
    }
}

impl Notices {
    /// Appends up to `limit` notices to `into`, waiting for the first one; how many. Zero: the client is over.
    /// Cancel-safe: nothing is taken before it returns.
    pub async fn recv_many(&mut self, into: &mut Vec<Notice>, limit: usize) -> usize {
        let shared = self.shared.clone();
        loop {
            let arrived = shared.arrived.notified();
            let (taken, finished) = self.take(into, limit);
            if taken > 0 || finished || limit == 0 {
                return taken;
            }
            arrived.await;
        }
    }

    /// The next notice; `None` when the client is over. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Notice> {
        let mut one = Vec::with_capacity(1);
        self.recv_many(&mut one, 1).await;
        one.pop()
    }

    /// Takes what is there without waiting.
    pub fn try_recv_many(&mut self, into: &mut Vec<Notice>, limit: usize) -> usize {
        self.take(into, limit).0
    }

    fn take(&mut self, into: &mut Vec<Notice>, limit: usize) -> (usize, bool) {
        let mut finished = false;
        if self.ready.is_empty() {
            let mut inner = self.shared.lock();
            std::mem::swap(&mut inner.notices, &mut self.ready);
            inner.states = 0;
            finished = inner.finished && self.ready.is_empty();
        }
        let start = into.len();
        into.extend(self.ready.drain(..self.ready.len().min(limit)));
        let taken = &into[start..];
        let bytes: usize = taken.iter().map(size_bytes).sum();
        self.shared.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.shared.waiting.fetch_sub(taken.len(), Ordering::Relaxed);
        (taken.len(), finished)
    }
}

fn size_bytes(notice: &Notice) -> usize {
    match notice {
        Notice::Message(message, _) => message.size_bytes() + NOTICE_OVERHEAD_BYTES,
        Notice::Link(_) | Notice::Lost { .. } | Notice::Distrusted { .. } => 0,
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        inner.unread = true;
        inner.notices = VecDeque::new();
        self.shared.bytes.store(0, Ordering::Relaxed);
        self.shared.waiting.store(0, Ordering::Relaxed);
    }
}
