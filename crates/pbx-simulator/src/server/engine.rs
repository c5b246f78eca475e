//! The one task that owns the world: it steps it when something is due and tells every connection.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use crate::verb::{LinkVerb, VerbError, link_verb};
use crate::wire::{Class, Frame, Request, Text};
use crate::world::{Settings, World};

use super::Line;
use super::outbox::Outbox;

/// How long Asterisk takes to boot.
const BOOT_MS: u64 = 1500;
/// The longest sleep, so that a far-off task does not overflow a timer.
const MAX_SLEEP_MS: u64 = 60_000;

/// A connection that has logged in.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) outbox: Outbox,
    /// Closes it at once.
    pub(crate) cut: watch::Sender<bool>,
    /// What its user may see, and what it asked to see.
    pub(crate) read: Class,
    pub(crate) write: Class,
    pub(crate) mask: Class,
    /// Gets a capture instead of the world's events.
    pub(crate) plays: bool,
}

/// What somebody wants of the engine.
#[derive(Debug)]
pub(crate) enum Wish {
    Join {
        id: u64,
        connection: Connection,
    },
    Leave {
        id: u64,
    },
    Act {
        id: u64,
        request: Request,
    },
    Script {
        line: String,
        answer: oneshot::Sender<Result<String, VerbError>>,
    },
}

pub(crate) struct Engine {
    world: World,
    wishes: mpsc::Receiver<Wish>,
    line: watch::Sender<Line>,
    connections: BTreeMap<u64, Connection>,
    begun: Instant,
    begun_ms: u64,
    /// When a silence or a boot ends.
    until_ms: Option<u64>,
}

impl Engine {
    pub(crate) fn new(settings: Settings, wishes: mpsc::Receiver<Wish>, line: watch::Sender<Line>) -> Self {
        let begun_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        Engine {
            world: World::new(settings, begun_ms),
            wishes,
            line,
            connections: BTreeMap::new(),
            begun: Instant::now(),
            begun_ms,
            until_ms: None,
        }
    }

    fn now_ms(&self) -> u64 {
        self.begun_ms + u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) async fn run(mut self) {
        loop {
            let sleep_ms = self.next_ms().saturating_sub(self.now_ms()).min(MAX_SLEEP_MS);
            tokio::select! {
                wish = self.wishes.recv() => match wish {
                    Some(wish) => self.obey(wish),
                    None => return,
                },
                () = tokio::time::sleep(Duration::from_millis(sleep_ms)) => {}
            }
            self.advance();
        }
    }

    fn next_ms(&self) -> u64 {
        let far = self.now_ms() + MAX_SLEEP_MS;
        let due_ms = if *self.line.borrow() == Line::Down {
            None
        } else {
            self.world.next_due_ms()
        };
        [due_ms, self.until_ms].into_iter().flatten().min().unwrap_or(far)
    }

    fn advance(&mut self) {
        let now_ms = self.now_ms();
        if self.until_ms.is_some_and(|until_ms| until_ms <= now_ms) {
            self.until_ms = None;
            if *self.line.borrow() == Line::Down {
                self.world.restart(now_ms);
            }
            self.line.send_replace(Line::Open);
        }
        if *self.line.borrow() != Line::Down {
            let frames = self.world.step(now_ms);
            self.tell(&frames);
        }
    }

    fn tell(&mut self, frames: &[Frame]) {
        if frames.is_empty() {
            return;
        }
        self.connections.retain(|_, connection| {
            let sent = connection.plays
                || frames
                    .iter()
                    .filter(|frame| {
                        connection.read.allows(frame.class) && connection.mask.allows(frame.class)
                    })
                    .all(|frame| connection.outbox.send(frame.bytes.clone()));
            if !sent {
                tracing::warn!("a client does not read and is cut");
                connection.cut.send_replace(true);
            }
            sent
        });
    }

    fn obey(&mut self, wish: Wish) {
        match wish {
            Wish::Join { id, connection } => {
                let up_s = self.now_ms().saturating_sub(self.world.started_ms) / 1000;
                let booted = Text::event("FullyBooted", Class::SYSTEM)
                    .with("Uptime", up_s)
                    .with("LastReload", up_s)
                    .with("Status", "Fully Booted");
                if connection.read.allows(Class::SYSTEM) {
                    connection.outbox.send(booted.frame().bytes);
                }
                self.connections.insert(id, connection);
            }
            Wish::Leave { id } => drop(self.connections.remove(&id)),
            Wish::Act { id, request } => self.act(id, &request),
            Wish::Script { line, answer } => {
                let done = match link_verb(&line) {
                    Some(verb) => verb.map(|verb| self.do_to_link(verb)),
                    None => self.perform(&line),
                };
                // Nobody listening for the answer is nothing to worry about.
                let _ = answer.send(done);
            }
        }
    }

    fn perform(&mut self, line: &str) -> Result<String, VerbError> {
        if *self.line.borrow() == Line::Down {
            return Err(VerbError::NotNow("the PBX".to_owned()));
        }
        let now_ms = self.now_ms();
        let (done, frames) = self.world.script(now_ms, line);
        self.tell(&frames);
        done
    }

    fn act(&mut self, id: u64, request: &Request) {
        let now_ms = self.now_ms();
        // What is due comes first, so that a list never shows less than the events before it.
        let frames = self.world.step(now_ms);
        self.tell(&frames);
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let frames: Vec<Bytes> = match request.action().to_ascii_lowercase().as_str() {
            "events" => {
                let mask = request.get("EventMask").unwrap_or_default();
                connection.mask = Class::of_mask(mask);
                let on = if connection.mask == Class::NONE {
                    "Off"
                } else {
                    "On"
                };
                vec![
                    Text::response("Success", request.action_id())
                        .with("Events", on)
                        .frame()
                        .bytes,
                ]
            }
            "ping" | "logoff" => self.world.act(request, connection.write).frames,
            _ if connection.plays => {
                let refused =
                    Text::response("Error", request.action_id()).with("Message", "Permission denied");
                vec![refused.frame().bytes]
            }
            _ => self.world.act(request, connection.write).frames,
        };
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        if !frames.into_iter().all(|frame| connection.outbox.send(frame)) {
            connection.cut.send_replace(true);
            self.connections.remove(&id);
        }
    }

    fn do_to_link(&mut self, verb: LinkVerb) -> String {
        let now_ms = self.now_ms();
        match verb {
            LinkVerb::Cut => self.cut_all(),
            LinkVerb::Silent { for_ms } => {
                self.until_ms = Some(now_ms + for_ms);
                self.line.send_replace(Line::Silent);
            }
            LinkVerb::Restart => {
                let frames = self.world.step(now_ms);
                self.tell(&frames);
                let frames = self.world.shut_down(now_ms, true);
                self.tell(&frames);
                // Dropping an outbox ends its connection once everything is written.
                self.connections.clear();
                self.go_down(now_ms);
            }
            LinkVerb::Crash => {
                self.cut_all();
                self.go_down(now_ms);
            }
        }
        String::new()
    }

    fn go_down(&mut self, now_ms: u64) {
        self.until_ms = Some(now_ms + BOOT_MS);
        self.line.send_replace(Line::Down);
    }

    fn cut_all(&mut self) {
        for connection in std::mem::take(&mut self.connections).into_values() {
            connection.cut.send_replace(true);
        }
    }
}
