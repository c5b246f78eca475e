//! The live socket: a snapshot first, then shared frames whose ranges join; a snapshot instead of a backlog.

mod eyes;
mod line;
mod upgrade;

use std::{pin::Pin, time::Duration};

use app::{
    live::protocol::{ByeReason, ClientFrame, ServerFrame},
    model::Viewer,
};
use bytes::Bytes;
use tokio::sync::watch;
use tungstenite::{Error, Message, error::ProtocolError, protocol::frame::coding::CloseCode};

pub use self::upgrade::upgrade;

use self::{
    eyes::{Eyes, Look},
    line::{Line, Moved},
};
use crate::{
    hub::{
        lane::{Frame, Latest, Missed, Seen},
        message::Format,
    },
    services::Services,
    session::ends::Watch,
};

/// A ping goes out every third pulse (15 s); a page that was silent for this many pulses is gone.
const PULSES_BETWEEN_PINGS: u64 = 3;
const MAX_SILENT_PULSES: u64 = 8;
/// A page that takes nothing of what waits for it for so many pulses is gone.
const MAX_STUCK_PULSES: u64 = 6;
/// How long a page may take to hear a farewell and to close.
const FAREWELL: Duration = Duration::from_secs(1);

async fn serve(mut page: Page, watch: Watch) {
    let over = {
        let ended = watch.ended();
        tokio::pin!(ended);
        page.run(ended.as_mut()).await
    };
    page.services
        .hub
        .lane(page.hidden)
        .left(page.format, &page.eyes.sight);
    let farewell = match over {
        Over::Gone => return,
        Over::Nonsense => Box::pin(page.line.close(None, CloseCode::Policy)),
        Over::Session => {
            let (reason, code) = if page.services.ends.stopping() {
                (ByeReason::Restarting, CloseCode::Restart)
            } else if watch.goes_on() {
                (ByeReason::Changed, CloseCode::Normal)
            } else {
                (ByeReason::SignedOut, CloseCode::Policy)
            };
            let word = page.format.message(&ServerFrame::Bye(reason)).framed().clone();
            Box::pin(page.line.close(Some(word), code))
        }
    };
    // however it ends, the socket is dropped now
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// The page is gone.
    Gone,
    /// The page does not keep to the contract.
    Nonsense,
    /// The session is over, or the server stops.
    Session,
}

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Over::Gone
    }
}

/// One connected page. Small: there may be thousands.
struct Page {
    line: Line,
    services: Services,
    latest: watch::Receiver<Latest>,
    eyes: Eyes,
    format: Format,
    hidden: bool,
    /// It has none yet, or asked for one.
    wants_snapshot: bool,
    /// Who looks has changed, and the page has not heard yet.
    viewer: Option<Box<Viewer>>,
    /// The last change it has, or has on its way, or does not see.
    sequence: u64,
    /// The last change it was told of.
    told: u64,
    /// The last pulse seen.
    pulse: u64,
    /// The pulse at which the page was last heard.
    heard_pulse: u64,
    /// The pulse since which it has taken nothing of what waits for it.
    stuck_pulse: Option<u64>,
}

impl Page {
    fn new(line: Line, services: Services, eyes: Eyes, format: Format) -> Self {
        let lane = services.hub.lane(false);
        lane.joined(format, &eyes.sight);
        let mut latest = lane.follow();
        let pulse = latest.borrow_and_update().pulse;
        Self {
            line,
            services,
            latest,
            eyes,
            format,
            hidden: false,
            wants_snapshot: true,
            viewer: None,
            sequence: 0,
            told: 0,
            pulse,
            heard_pulse: pulse,
            stuck_pulse: None,
        }
    }

    async fn run<F: Future<Output = ()>>(&mut self, ended: Pin<&mut F>) -> Over {
        let ended = async {
            ended.await;
            Over::Session
        };
        let serving = async {
            match self.serve().await {
                Ok(never) => match never {},
                Err(over) => over,
            }
        };
        tokio::select! {
            biased;
            over = ended => over,
            over = serving => over,
        }
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, Over> {
        loop {
            self.catch_up()?;
            let moved = tokio::select! {
                biased;
                changed = self.latest.changed() => match changed {
                    Ok(()) => None,
                    Err(_) => return Err(Over::Gone),
                },
                Ok(()) = self.eyes.rights.changed() => {
                    self.look_again().await?;
                    continue;
                }
                moved = std::future::poll_fn(|context| self.line.poll(context)) => Some(moved?),
            };
            match moved {
                Some(Moved::In) => self.listen()?,
                Some(Moved::Out) => self.stuck_pulse = None,
                None => {}
            }
        }
    }

    /// Sends what the page misses, as shared frames or a snapshot, while the line takes it.
    fn catch_up(&mut self) -> Result<(), Over> {
        while self.line.is_clear() {
            if let Some(viewer) = self.viewer.take() {
                let you = self.format.message(&ServerFrame::You(viewer));
                self.send(you.framed().clone())?;
                continue;
            }
            if self.wants_snapshot {
                self.wants_snapshot = false;
                self.snapshot()?;
                continue;
            }
            let (frame, pulse) = {
                let latest = self.latest.borrow_and_update();
                (latest.frame.clone(), latest.pulse)
            };
            if frame.upto > self.sequence {
                if frame.after > self.sequence || !self.show(&frame)? {
                    self.send_missed()?;
                }
                continue;
            }
            if pulse == self.pulse {
                return Ok(());
            }
            self.pulse = pulse;
            self.beat()?;
        }
        self.stand_still()
    }

    /// Something waits: an end to a page that takes none of it.
    fn stand_still(&mut self) -> Result<(), Over> {
        let pulse = self.latest.borrow_and_update().pulse;
        // it can answer no ping that it did not get
        self.heard_pulse = pulse;
        if pulse - *self.stuck_pulse.get_or_insert(pulse) > MAX_STUCK_PULSES {
            return Err(Over::Gone);
        }
        Ok(())
    }

    /// The next of the frames that are kept, or a snapshot where they do not reach back far enough.
    fn send_missed(&mut self) -> Result<(), Over> {
        let next = match self.services.hub.lane(self.hidden).missed(self.sequence) {
            // a page nobody looks at gets one message a second, not a handful
            Missed::Frames(frames) if !self.hidden || frames.len() <= 1 => frames.into_iter().next(),
            Missed::Frames(_) | Missed::TooMuch => None,
        };
        match next {
            Some(frame) if self.show(&frame)? => Ok(()),
            Some(_) | None => self.snapshot(),
        }
    }

    /// Sends what the page sees of a frame that joins what it has. False when the frame cannot say.
    fn show(&mut self, frame: &Frame) -> Result<bool, Over> {
        match frame.seen(&self.eyes.sight, self.format, self.told) {
            Seen::Message(message) => {
                self.send(message.framed().clone())?;
                self.told = frame.upto;
            }
            Seen::Nothing => {}
            Seen::NotMade => return Ok(false),
        }
        self.sequence = frame.upto;
        Ok(true)
    }

    fn snapshot(&mut self) -> Result<(), Over> {
        let hub = &self.services.hub;
        let (sequence, message) = hub.snapshot_message(&self.eyes.sight, self.format, self.told);
        self.send(message.framed().clone())?;
        self.sequence = sequence;
        self.told = sequence;
        Ok(())
    }

    /// Somebody's rights changed: if it was theirs, the page hears who looks now, and gets what they see now.
    async fn look_again(&mut self) -> Result<(), Over> {
        let lane = self.services.hub.lane(self.hidden);
        match self.eyes.look_again(&self.services).await {
            Look::Same => {}
            Look::Gone => return Err(Over::Session),
            Look::Other(before, viewer) => {
                lane.left(self.format, &before);
                lane.joined(self.format, &self.eyes.sight);
                self.viewer = Some(viewer);
                self.wants_snapshot = true;
            }
        }
        Ok(())
    }

    /// Every pulse: a sign of life, now and then a ping, and an end to a page that gives none.
    fn beat(&mut self) -> Result<(), Over> {
        if self.pulse - self.heard_pulse > MAX_SILENT_PULSES {
            return Err(Over::Gone);
        }
        let pulse = ServerFrame::Pulse {
            sequence: self.told,
            now: self.services.hub.clock().now(),
        };
        self.send(self.format.message(&pulse).framed().clone())?;
        if self.pulse.is_multiple_of(PULSES_BETWEEN_PINGS) {
            self.line.ping()?;
        }
        Ok(())
    }

    fn send(&mut self, framed: Bytes) -> Result<(), Over> {
        Ok(self.line.send(framed)?)
    }

    /// Takes in what the page says.
    fn listen(&mut self) -> Result<(), Over> {
        loop {
            match self.line.receive() {
                Ok(Some(message)) => {
                    self.heard_pulse = self.pulse;
                    self.heard(&message)?;
                }
                Ok(None) => return Ok(()),
                Err(
                    Error::ConnectionClosed
                    | Error::AlreadyClosed
                    | Error::Io(_)
                    | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake),
                ) => return Err(Over::Gone),
                Err(_) => return Err(Over::Nonsense),
            }
        }
    }

    fn heard(&mut self, message: &Message) -> Result<(), Over> {
        let frame = match message {
            Message::Binary(bytes) => postcard::from_bytes::<ClientFrame>(bytes).ok(),
            Message::Text(text) => serde_json::from_str(text).ok(),
            // answered by the line, which also says when it is over
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => return Ok(()),
        };
        match frame {
            Some(ClientFrame::SnapshotPlease) => self.wants_snapshot = true,
            Some(ClientFrame::Visible(visible)) if visible == self.hidden => {
                let hub = &self.services.hub;
                hub.lane(self.hidden).left(self.format, &self.eyes.sight);
                self.hidden = !visible;
                let lane = hub.lane(self.hidden);
                lane.joined(self.format, &self.eyes.sight);
                self.latest = lane.follow();
                // pulses are counted by lane, both at the same beat
                self.pulse = self.latest.borrow_and_update().pulse;
                self.heard_pulse = self.pulse;
                self.stuck_pulse = None;
                self.wants_snapshot |= visible;
            }
            Some(ClientFrame::Visible(_)) => {}
            None => return Err(Over::Nonsense),
        }
        Ok(())
    }
}
