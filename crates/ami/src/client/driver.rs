//! The task that owns the socket.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::backoff::Backoff;
use super::clock::Clock;
use super::config::ClientConfig;
use super::connect::{Stream, connect};
use super::handle::{COMMAND_QUEUE, Command, Counts, Handle};
use super::link::{DownReason, LinkState};
use super::queue::{Notices, Sender, queue};
use crate::action::Action;
use crate::action::system::Logoff;
use crate::message::Message;
use crate::session::{ActionId, CloseReason, NotSent, Outcome, Output, Session, State};

/// Room kept for one read.
const READ_BYTES: usize = 64 << 10;
/// Time a farewell has to leave.
const FAREWELL_MS: u64 = 500;

/// Runs a client; see [`new`](super::new).
#[derive(Debug)]
pub struct Driver {
    config: ClientConfig,
    clock: Clock,
    commands: mpsc::Receiver<Command>,
    notices: Sender,
    counts: Arc<Counts>,
    action_prefix: Arc<str>,
}

pub(super) fn new(config: ClientConfig, clock: Clock) -> (Handle, Notices, Driver) {
    let (sender, receiver) = mpsc::channel(COMMAND_QUEUE);
    let (notices_in, notices, depth) = queue();
    let counts = Arc::new(Counts::default());
    let action_prefix: Arc<str> = format!("{:08x}-", rand::random::<u32>()).into();
    let handle = Handle {
        commands: sender,
        counts: counts.clone(),
        depth,
        action_prefix: action_prefix.clone(),
    };
    let driver = Driver {
        config,
        clock,
        commands: receiver,
        notices: notices_in,
        counts,
        action_prefix,
    };
    (handle, notices, driver)
}

/// Why a connection is over.
enum End {
    Down(DownReason),
    Stop,
}

impl Driver {
    /// Keeps the link up until the client is stopped or its last handle dropped.
    pub async fn run(mut self) {
        let mut backoff = Backoff::default();
        let mut since_ms = self.clock.now_ms();
        loop {
            let attempt = backoff.failures() + 1;
            self.notices.link(LinkState::Connecting { attempt });
            self.counts.attempts.fetch_add(1, Ordering::Relaxed);
            let mut up_at_ms = None;
            let reason = match self.connection(&mut up_at_ms).await {
                End::Down(reason) => reason,
                End::Stop => break,
            };
            let now_ms = self.clock.now_ms();
            if up_at_ms.is_some() {
                since_ms = now_ms;
            }
            let retry_in_ms =
                backoff.after(&reason, up_at_ms.map(|up_at_ms| now_ms.saturating_sub(up_at_ms)));
            let patient = is_about_credentials(&reason);
            self.notices.link(match reason {
                DownReason::Session(CloseReason::CredentialsRefused { message }) => {
                    LinkState::CredentialsRefused { message, retry_in_ms }
                }
                reason => LinkState::Down {
                    reason,
                    since_ms,
                    retry_in_ms,
                },
            });
            if self.pause(now_ms + retry_in_ms, patient).await.is_break() {
                break;
            }
        }
        self.notices.link(LinkState::Stopped);
    }

    /// One connection, from the first attempt to its end.
    async fn connection(&mut self, up_at_ms: &mut Option<u64>) -> End {
        let config = self.config.clone();
        let mut connecting = std::pin::pin!(connect(&config));
        let stream = loop {
            tokio::select! {
                stream = &mut connecting => match stream {
                    Ok(stream) => break stream,
                    Err(reason) => return End::Down(reason),
                },
                command = self.commands.recv() => match command {
                    Some(Command::Send(_, reply)) => refuse(reply),
                    Some(Command::Reconnect) => {}
                    Some(Command::Stop) | None => return End::Stop,
                },
            }
        };
        self.notices.link(LinkState::LoggingIn);
        let session = Session::new(self.config.session(&self.action_prefix), self.clock.now_ms());
        Connection {
            driver: self,
            session,
            replies: HashMap::new(),
            batch: Vec::new(),
            out: BytesMut::new(),
        }
        .serve(stream, up_at_ms)
        .await
    }

    /// Waits until it is time to try again, or somebody asks for it.
    async fn pause(&mut self, until_ms: u64, patient: bool) -> ControlFlow<()> {
        let until = self.clock.instant(until_ms);
        loop {
            tokio::select! {
                () = sleep_until(until) => return ControlFlow::Continue(()),
                command = self.commands.recv() => match command {
                    Some(Command::Send(_, reply)) => refuse(reply),
                    Some(Command::Reconnect) if patient => {}
                    Some(Command::Reconnect) => return ControlFlow::Continue(()),
                    Some(Command::Stop) | None => return ControlFlow::Break(()),
                },
            }
        }
    }
}

fn is_about_credentials(reason: &DownReason) -> bool {
    matches!(
        reason,
        DownReason::Session(CloseReason::CredentialsRefused { .. } | CloseReason::CredentialsUnusable(_))
    )
}

fn refuse(reply: oneshot::Sender<Outcome>) {
    // Whoever asked may have gone.
    let _gone = reply.send(Outcome::NotSent(NotSent::LinkDown));
}

/// A connection and what waits on it.
struct Connection<'a> {
    driver: &'a mut Driver,
    session: Session,
    replies: HashMap<ActionId, oneshot::Sender<Outcome>>,
    batch: Vec<Message>,
    out: BytesMut,
}

impl Connection<'_> {
    async fn serve(mut self, stream: Box<dyn Stream>, up_at_ms: &mut Option<u64>) -> End {
        let (mut read, mut write) = tokio::io::split(stream);
        let mut unflushed = false;
        let mut counted = (0, 0, 0, 0, 0);
        let mut turn_started_us = None;
        let mut alarm = std::pin::pin!(sleep_until(Instant::now()));
        loop {
            let closed = self.settle(up_at_ms);
            self.count(&mut counted);
            if let ControlFlow::Break(reason) = closed {
                return End::Down(reason);
            }
            let deadline = self
                .session
                .deadline_ms()
                .map(|at_ms| self.driver.clock.instant(at_ms));
            if let Some(deadline) = deadline
                && alarm.deadline() != deadline
            {
                alarm.as_mut().reset(deadline);
            }
            if self.session.buffer_mut().capacity() - self.session.buffer_mut().len() < READ_BYTES / 4 {
                self.session.buffer_mut().reserve(READ_BYTES);
            }
            if let Some(started_us) = turn_started_us.take() {
                let turn_us = self.driver.clock.now_us().saturating_sub(started_us);
                self.driver
                    .counts
                    .longest_turn_us
                    .fetch_max(turn_us, Ordering::Relaxed);
            }
            tokio::select! {
                result = read.read_buf(self.session.buffer_mut()) => {
                    let read_us = self.driver.clock.now_us();
                    self.driver.counts.last_read_us.store(read_us, Ordering::Relaxed);
                    turn_started_us = Some(read_us);
                    match result {
                        Ok(0) => self.session.closed(),
                        Ok(_) => self.session.received(self.driver.clock.now_ms()),
                        Err(error) => self.fail(&error),
                    }
                }
                result = pump(&mut write, &mut self.out), if unflushed || !self.out.is_empty() => match result {
                    Ok(flushed) => unflushed = !flushed,
                    Err(error) => return self.broken(&error, up_at_ms),
                },
                () = &mut alarm, if deadline.is_some() => self.session.tick(self.driver.clock.now_ms()),
                command = self.driver.commands.recv() => match command {
                    Some(Command::Send(action, reply)) => self.send(&action, reply),
                    Some(Command::Reconnect) => {
                        self.session.close(CloseReason::Logoff);
                        let _logged_off = self.settle(up_at_ms);
                        return End::Down(DownReason::Requested);
                    }
                    Some(Command::Stop) | None => {
                        self.farewell(&mut write, up_at_ms).await;
                        return End::Stop;
                    }
                },
            }
        }
    }

    fn send(&mut self, action: &Action, reply: oneshot::Sender<Outcome>) {
        match self.session.send(action, self.driver.clock.now_ms()) {
            Ok(id) => {
                self.driver.counts.sent.fetch_add(1, Ordering::Relaxed);
                self.replies.insert(id, reply);
            }
            Err(reason) => {
                let _gone = reply.send(Outcome::NotSent(reason));
            }
        }
    }

    /// Carries out what the session wants.
    fn settle(&mut self, up_at_ms: &mut Option<u64>) -> ControlFlow<DownReason> {
        let now_ms = self.driver.clock.now_ms();
        let mut closed = None;
        let mut lost = 0;
        while let Some(output) = self.session.poll() {
            match output {
                Output::Message(message) => self.batch.push(message),
                Output::Transmit(bytes) => self.out.extend_from_slice(&bytes),
                Output::Finished { id, outcome } => {
                    if matches!(outcome, Outcome::Unknown(_)) {
                        self.driver.counts.unknown.fetch_add(1, Ordering::Relaxed);
                    }
                    if let Some(reply) = self.replies.remove(&id) {
                        // Whoever asked may have gone.
                        let _gone = reply.send(outcome);
                    }
                }
                Output::Distrusted { events } => {
                    // what is known from before comes first
                    lost += self.driver.notices.messages(&mut self.batch, now_ms);
                    self.driver.notices.distrusted(events);
                }
                Output::State(State::Up) => {
                    *up_at_ms = Some(now_ms);
                    self.driver.counts.logins.fetch_add(1, Ordering::Relaxed);
                    let version = self.session.version().unwrap_or_default().to_owned();
                    self.driver.notices.link(LinkState::Up { version });
                }
                Output::State(State::Closed(reason)) => closed = Some(reason),
                Output::State(State::AwaitingBanner | State::AwaitingChallenge | State::AwaitingLogin) => {}
            }
        }
        lost += self.driver.notices.messages(&mut self.batch, now_ms);
        if lost > 0 {
            self.driver.counts.overruns.fetch_add(1, Ordering::Relaxed);
            self.driver.counts.lost.fetch_add(lost, Ordering::Relaxed);
            self.session.close(CloseReason::Logoff);
            return ControlFlow::Break(self.drain(DownReason::Overrun));
        }
        match closed {
            Some(reason) => ControlFlow::Break(reason.into()),
            None => ControlFlow::Continue(()),
        }
    }

    /// Tells everybody who still waits that the outcome is unknown.
    fn drain(&mut self, reason: DownReason) -> DownReason {
        while let Some(output) = self.session.poll() {
            if let Output::Finished { id, outcome } = output
                && let Some(reply) = self.replies.remove(&id)
            {
                self.driver.counts.unknown.fetch_add(1, Ordering::Relaxed);
                let _gone = reply.send(outcome);
            }
        }
        reason
    }

    /// The socket failed while reading: what it means depends on where the session stands.
    fn fail(&mut self, error: &std::io::Error) {
        match error.kind() {
            // A peer that crashes resets; to us it is a connection closed inside or between frames.
            std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof => self.session.closed(),
            _ => self.session.close(CloseReason::ClosedByPeer),
        }
    }

    fn broken(&mut self, error: &std::io::Error, up_at_ms: &mut Option<u64>) -> End {
        self.fail(error);
        match self.settle(up_at_ms) {
            ControlFlow::Break(reason) => End::Down(reason),
            ControlFlow::Continue(()) => End::Down(DownReason::Broken {
                message: error.to_string(),
            }),
        }
    }

    async fn farewell(&mut self, write: &mut (impl AsyncWrite + Unpin), up_at_ms: &mut Option<u64>) {
        let _maybe_down = self.session.send(&Logoff {}.into(), self.driver.clock.now_ms());
        let _maybe_closed = self.settle(up_at_ms);
        let goodbye = async {
            write.write_all_buf(&mut self.out).await?;
            write.shutdown().await
        };
        // The connection is dropped either way.
        let _too_late = timeout(Duration::from_millis(FAREWELL_MS), goodbye).await;
        self.session.close(CloseReason::Logoff);
        let _closed = self.settle(up_at_ms);
    }

    /// Adds what the session counted since the last time.
    fn count(&self, last: &mut (u64, u64, u64, u64, u64)) {
        let counters = self.session.decode_counters();
        let now = (
            counters.bytes,
            counters.messages,
            counters.bad_frames,
            self.session.unmatched_responses(),
            self.session.forged_events(),
        );
        let counts = &self.driver.counts;
        counts.bytes.fetch_add(now.0 - last.0, Ordering::Relaxed);
        counts.messages.fetch_add(now.1 - last.1, Ordering::Relaxed);
        counts.bad_frames.fetch_add(now.2 - last.2, Ordering::Relaxed);
        counts
            .unmatched_responses
            .fetch_add(now.3 - last.3, Ordering::Relaxed);
        counts.forged.fetch_add(now.4 - last.4, Ordering::Relaxed);
        *last = now;
    }
}

/// Writes some of what is to go out, or flushes when all of it was written; whether it flushed. Cancel-safe.
async fn pump(write: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> std::io::Result<bool> {
    if out.is_empty() {
        write.flush().await?;
        return Ok(true);
    }
    write.write_buf(out).await?;
    Ok(false)
}
