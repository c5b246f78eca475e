//! One connection to a manager interface without its socket: bytes and times go in, bytes to send, messages
//! and outcomes come out. Nothing here reads a clock or a socket, so every state can be tested.

mod config;
mod incoming;
mod inflight;
mod login;
mod outcome;
mod state;
mod trust;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::action::system::Ping;
use crate::action::{Action, EncodeError};
use crate::decoder::{DecodeCounters, Decoded, Decoder, Limits};
use crate::message::Message;
use crate::value::{Value, ValueError};

pub use config::SessionConfig;
use inflight::InFlight;
use login::excerpt;
pub use outcome::{NotSent, Outcome, UnknownReason};
pub use state::{CloseReason, State};
use trust::Trust;

/// How a manager interface greets, before its version.
const GREETING: &str = "Asterisk Call Manager/";
/// Time between two signs of life we ask for.
pub const PING_INTERVAL_MS: u64 = 5_000;
/// A connection that said nothing for this long is dead.
pub const SILENCE_LIMIT_MS: u64 = 12_000;
/// Time an action has to be answered, and a list to send its next item.
pub const ACTION_DEADLINE_MS: u64 = 10_000;
/// Time from the connection to the end of the login.
pub const LOGIN_DEADLINE_MS: u64 = 10_000;
/// Most actions that wait for their answer at once.
pub const MAX_IN_FLIGHT: usize = 64;
/// Most items of one list that are kept.
pub const MAX_LIST_ITEMS: usize = 100_000;
/// Most bytes of one list that are kept.
pub const MAX_LIST_BYTES: usize = 32 << 20;

/// Names an action of this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(u64);

/// What a session wants done, or has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes.
    Transmit(Bytes),
    /// An event or a response, in the order they came. Answers to the session's own login and pings are left out.
    Message(Message),
    /// An action is over.
    Finished {
        /// Which one.
        id: ActionId,
        /// What it came to.
        outcome: Outcome,
    },
    /// A caller wrote into the stream, and so many events were not believed: some were Asterisk's own, perhaps.
    Distrusted {
        /// How many.
        events: u64,
    },
    /// The state changed.
    State(State),
}

/// A session; see the [module](self).
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    decoder: Decoder,
    state: State,
    version: Option<String>,
    next_id: u64,
    in_flight: InFlight,
    output: VecDeque<Output>,
    started_ms: u64,
    heard_ms: u64,
    pinged_ms: u64,
    shutdown: Option<bool>,
    unmatched: u64,
    /// Nothing for who only reads a recording.
    trust: Option<Trust>,
    forged: u64,
}

impl Session {
    /// A session on a connection made just now.
    pub fn new(config: SessionConfig, now_ms: u64) -> Self {
        Session {
            decoder: Decoder::new(config.limits),
            config,
            state: State::AwaitingBanner,
            version: None,
            next_id: 0,
            in_flight: InFlight::default(),
            output: VecDeque::new(),
            started_ms: now_ms,
            heard_ms: now_ms,
            pinged_ms: now_ms,
            shutdown: None,
            unmatched: 0,
            trust: Some(Trust::default()),
            forged: 0,
        }
    }

    /// A session that reads what another one was told: a recording. It counts as logged in and sends nothing
    /// unless it is [`tick`](Self::tick)ed.
    pub fn watching(limits: Limits, now_ms: u64) -> Self {
        Session {
            state: State::Up,
            trust: None,
            ..Session::new(SessionConfig::of_nobody(limits), now_ms)
        }
    }

    /// Where it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the greeting calls the version, `11.0.0`.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether what was read so far ends inside a frame.
    pub fn is_mid_frame(&self) -> bool {
        self.decoder.is_mid_frame()
    }

    /// What was read.
    pub fn decode_counters(&self) -> DecodeCounters {
        self.decoder.counters()
    }

    /// Responses that answered nothing we wait for (late ones, mostly).
    pub fn unmatched_responses(&self) -> u64 {
        self.unmatched
    }

    /// Events that were not believed.
    pub fn forged_events(&self) -> u64 {
        self.forged
    }

    /// The buffer to read the socket into; tell by [`received`](Self::received) when something was.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        self.decoder.buffer_mut()
    }

    /// Appends what was read, for those who do not use [`buffer_mut`](Self::buffer_mut).
    pub fn push(&mut self, bytes: &[u8], now_ms: u64) {
        self.decoder.push(bytes);
        self.received(now_ms);
    }

    /// Something was appended to the buffer.
    pub fn received(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
        while !matches!(self.state, State::Closed(_)) {
            let Some(decoded) = self.decoder.next() else { break };
            match decoded {
                Decoded::Message(message) => self.message(message, now_ms),
                Decoded::Banner(text) => self.step(Input::Banner(text)),
                Decoded::Bad(_) => {
                    if self.state == State::AwaitingBanner {
                        self.step(Input::Banner(String::new()));
                    } else if self.decoder.is_hopeless() {
                        self.close(CloseReason::Garbage);
                    }
                }
            }
        }
    }

    /// Sends an action; its outcome comes as [`Output::Finished`].
    pub fn send(&mut self, action: &Action, now_ms: u64) -> Result<ActionId, NotSent> {
        if self.state != State::Up {
            return Err(NotSent::LinkDown);
        }
        if self.in_flight.len() >= MAX_IN_FLIGHT {
            return Err(NotSent::TooManyInFlight);
        }
        self.transmit(action, false, now_ms).map_err(NotSent::Encode)
    }

    /// The `ActionID` an action has on the wire.
    pub fn wire_id(&self, id: ActionId) -> String {
        format!("{}{}", self.config.action_prefix, id.0)
    }

    /// What wants doing next, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// When [`tick`](Self::tick) must be called at the latest.
    pub fn deadline_ms(&self) -> Option<u64> {
        match self.state {
            State::AwaitingBanner | State::AwaitingChallenge | State::AwaitingLogin => {
                Some(self.started_ms + LOGIN_DEADLINE_MS)
            }
            State::Up => {
                let life = (self.pinged_ms + PING_INTERVAL_MS).min(self.heard_ms + SILENCE_LIMIT_MS);
                Some(
                    self.in_flight
                        .deadline_ms()
                        .map_or(life, |action| action.min(life)),
                )
            }
            State::Closed(_) => None,
        }
    }

    /// Time passed.
    pub fn tick(&mut self, now_ms: u64) {
        match self.state {
            State::AwaitingBanner | State::AwaitingChallenge | State::AwaitingLogin => {
                if now_ms >= self.started_ms + LOGIN_DEADLINE_MS {
                    self.step(Input::LoginDeadline);
                }
            }
            State::Up => {
                let mute = self.trust.as_ref().is_some_and(|trust| trust.is_overdue(now_ms));
                if mute || now_ms >= self.heard_ms + SILENCE_LIMIT_MS {
                    self.close(CloseReason::HalfOpen);
                    return;
                }
                for (id, outcome) in self.in_flight.expire(now_ms) {
                    self.output.push_back(Output::Finished { id, outcome });
                }
                if now_ms >= self.pinged_ms + PING_INTERVAL_MS {
                    self.pinged_ms = now_ms;
                    self.internal(&Ping {}.into(), now_ms);
                }
            }
            State::Closed(_) => {}
        }
    }

    /// The connection was closed by the other end.
    pub fn closed(&mut self) {
        let reason = match (self.shutdown, self.decoder.is_mid_frame()) {
            (Some(restart), _) => CloseReason::Shutdown { restart },
            (None, _) if self.state != State::Up => CloseReason::TurnedAway,
            (None, true) => CloseReason::CutMidFrame,
            (None, false) => CloseReason::ClosedByPeer,
        };
        self.close(reason);
    }

    /// Ends the session. What is in flight becomes [`Outcome::Unknown`], and is never sent again.
    pub fn close(&mut self, reason: CloseReason) {
        if matches!(self.state, State::Closed(_)) {
            return;
        }
        for id in self.in_flight.abandon() {
            self.output.push_back(Output::Finished {
                id,
                outcome: Outcome::Unknown(UnknownReason::LinkLost),
            });
        }
        self.enter(State::Closed(reason));
    }

    /// The table of states. What is not in it changes nothing.
    fn step(&mut self, input: Input) {
        match (&self.state, input) {
            (State::AwaitingBanner, Input::Banner(text)) => match text.strip_prefix(GREETING) {
                Some(version) => {
                    self.version = Some(version.to_owned());
                    self.log_in();
                }
                None => self.close(CloseReason::NotAmi {
                    greeting: excerpt(&text),
                }),
            },
            (State::AwaitingBanner, Input::LoginDeadline) => self.close(CloseReason::NoGreeting),
            (State::AwaitingChallenge, Input::Answer(message)) => match message.get("Challenge") {
                Some(challenge) if message.is_success() => {
                    let key = self.config.secret.answer(&challenge);
                    self.answer_challenge(key);
                }
                Some(_) | None => self.refused(&message),
            },
            (State::AwaitingLogin, Input::Answer(message)) => {
                if message.is_success() {
                    self.pinged_ms = self.heard_ms;
                    self.enter(State::Up);
                } else {
                    self.refused(&message);
                }
            }
            (State::AwaitingChallenge | State::AwaitingLogin, Input::LoginDeadline) => {
                self.close(CloseReason::LoginTimeout)
            }
            // a recording begins with the greeting that somebody else got
            (State::Up, Input::Banner(text)) => {
                self.version = text.strip_prefix(GREETING).map(str::to_owned);
            }
            (State::AwaitingBanner, Input::Answer(_))
            | (State::AwaitingChallenge | State::AwaitingLogin, Input::Banner(_))
            | (State::Up, Input::Answer(_) | Input::LoginDeadline)
            | (State::Closed(_), Input::Banner(_) | Input::Answer(_) | Input::LoginDeadline) => {}
        }
    }

    /// Sends an action of the session's own.
    fn internal(&mut self, action: &Action, now_ms: u64) {
        if let Err(EncodeError::LineTooLong { header }) = self.transmit(action, true, now_ms) {
            self.close(CloseReason::CredentialsUnusable(ValueError::TooLong {
                field: header,
            }));
        }
    }

    fn transmit(&mut self, action: &Action, internal: bool, now_ms: u64) -> Result<ActionId, EncodeError> {
        let id = ActionId(self.next_id);
        let mut out = BytesMut::new();
        action.encode(&Value::trusted(self.wire_id(id)), &mut out)?;
        self.next_id += 1;
        self.in_flight.insert(id, action.answer(), internal, now_ms);
        self.output.push_back(Output::Transmit(out.freeze()));
        Ok(id)
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.output.push_back(Output::State(self.state.clone()));
    }
}

/// What moves a session from one state to the next.
enum Input {
    Banner(String),
    /// The response to an action of the session's own.
    Answer(Message),
    LoginDeadline,
}

#[cfg(test)]
mod tests;
