//! What others hold of a client: send, list, count, stop.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot};

use super::queue::Depth;
use crate::action::Action;
use crate::message::Message;
use crate::session::{NotSent, Outcome, UnknownReason};

/// Most commands that wait for the client to look at them.
pub const COMMAND_QUEUE: usize = 256;

/// What a handle asks of the driver.
#[derive(Debug)]
pub(super) enum Command {
    Send(Action, oneshot::Sender<Outcome>),
    Reconnect,
    Stop,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) bytes: AtomicU64,
    pub(super) messages: AtomicU64,
    pub(super) bad_frames: AtomicU64,
    pub(super) unmatched_responses: AtomicU64,
    pub(super) forged: AtomicU64,
    pub(super) attempts: AtomicU64,
    pub(super) logins: AtomicU64,
    pub(super) overruns: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) longest_turn_us: AtomicU64,
    pub(super) last_read_us: AtomicU64,
}

/// What a client did since it was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCounters {
    /// Bytes read.
    pub bytes: u64,
    /// Messages read.
    pub messages: u64,
    /// Frames dropped as malformed.
    pub bad_frames: u64,
    /// Responses nobody waited for any more.
    pub unmatched_responses: u64,
    /// Events that were not believed, since a caller wrote into the stream.
    pub forged: u64,
    /// Connections tried.
    pub attempts: u64,
    /// Logins that succeeded.
    pub logins: u64,
    /// Connections given up because the consumer was too slow.
    pub overruns: u64,
    /// Messages lost by that.
    pub lost: u64,
    /// Actions sent.
    pub sent: u64,
    /// Actions whose outcome is not known.
    pub unknown: u64,
    /// Longest time between a read and the readiness for the next one, in microseconds.
    pub longest_turn_us: u64,
    /// When the socket was last read, in microseconds on the client's clock.
    pub last_read_us: u64,
    /// Bytes that wait for the consumer now.
    pub queued_bytes: u64,
    /// Notices that wait for the consumer now.
    pub queued_notices: u64,
}

/// Sends actions and steers the client. Clones share it; the client ends with the last one.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) counts: Arc<Counts>,
    pub(super) depth: Depth,
    pub(super) action_prefix: Arc<str>,
}

impl Handle {
    /// Sends an action now, whether the result is awaited or not: dropping what this returns neither takes
    /// it back nor repeats it. Without a connection the outcome is [`Outcome::NotSent`] at once.
    pub fn send(&self, action: impl Into<Action>) -> Pending {
        let (reply, outcome) = oneshot::channel();
        match self.commands.try_send(Command::Send(action.into(), reply)) {
            Ok(()) => Pending(Ok(outcome)),
            Err(mpsc::error::TrySendError::Full(_)) => Pending(Err(NotSent::TooManyInFlight)),
            Err(mpsc::error::TrySendError::Closed(_)) => Pending(Err(NotSent::LinkDown)),
        }
    }

    /// Asks for a list; its items, or whatever else became of it. The items also come as notices, in their
    /// place among the events.
    ///
    /// # Errors
    /// Any outcome but a complete list.
    pub async fn list(&self, action: impl Into<Action> + Send) -> Result<Vec<Message>, Outcome> {
        match self.send(action).await {
            Outcome::List {
                items,
                complete: true,
            } => Ok(items),
            other => Err(other),
        }
    }

    /// Whether a message belongs to an action this client sent.
    pub fn is_own(&self, message: &Message) -> bool {
        message
            .action_id()
            .is_some_and(|id| id.starts_with(&*self.action_prefix))
    }

    /// What the client did so far.
    pub fn counters(&self) -> ClientCounters {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        ClientCounters {
            bytes: load(&self.counts.bytes),
            messages: load(&self.counts.messages),
            bad_frames: load(&self.counts.bad_frames),
            unmatched_responses: load(&self.counts.unmatched_responses),
            forged: load(&self.counts.forged),
            attempts: load(&self.counts.attempts),
            logins: load(&self.counts.logins),
            overruns: load(&self.counts.overruns),
            lost: load(&self.counts.lost),
            sent: load(&self.counts.sent),
            unknown: load(&self.counts.unknown),
            longest_turn_us: load(&self.counts.longest_turn_us),
            last_read_us: load(&self.counts.last_read_us),
            queued_bytes: self.depth.bytes() as u64,
            queued_notices: self.depth.notices() as u64,
        }
    }

    /// Drops the connection, if there is one, and makes a new one without waiting. Refused credentials still
    /// wait their minute.
    pub fn reconnect(&self) {
        // A full queue means that the client is busy enough to see the next one.
        let _full_or_over = self.commands.try_send(Command::Reconnect);
    }

    /// Logs off and ends the client.
    pub async fn stop(&self) {
        // An error means that it ended already.
        let _over = self.commands.send(Command::Stop).await;
        self.commands.closed().await;
    }
}

/// The outcome of an action to come. Dropping it changes nothing about the action.
#[derive(Debug)]
pub struct Pending(Result<oneshot::Receiver<Outcome>, NotSent>);

impl Future for Pending {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        match &mut self.0 {
            Err(reason) => Poll::Ready(Outcome::NotSent(*reason)),
            Ok(outcome) => Pin::new(outcome)
                .poll(context)
                .map(|outcome| outcome.unwrap_or(Outcome::Unknown(UnknownReason::LinkLost))),
        }
    }
}
