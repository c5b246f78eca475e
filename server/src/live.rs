//! The live socket: a snapshot first, then shared frames whose ranges join; a snapshot instead of a backlog.

use std::pin::Pin;

use app::live::protocol::{ByeReason, ClientFrame, ServerFrame};
use axum::{
    Extension,
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::watch;

use crate::{
    access::{Rights, Sight},
    caller::Caller,
    hub::{
        Hub,
        lane::{Format, Latest, Missed},
    },
    services::Services,
    session::{self, ends::Watch},
};

/// The largest message a page may send; ours are a few bytes.
const MAX_IN_BYTES: usize = 64 << 10;
/// What is read at once: pages send next to nothing, and each socket pays for it.
const READ_BUFFER_BYTES: usize = 1 << 10;
/// The largest answer that may wait in one socket, beside the system's own buffer.
const MAX_WRITE_BUFFER_BYTES: usize = 16 << 20;
/// A ping goes out every third pulse (15 s); a page that was silent for this many pulses is gone.
const PULSES_BETWEEN_PINGS: u64 = 3;
const MAX_SILENT_PULSES: u64 = 8;
/// One message that cannot be delivered for so many pulses ends the socket.
const MAX_STUCK_PULSES: u64 = 6;

/// How the socket is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Options {
    /// `json` for people who debug.
    #[serde(default)]
    format: Option<String>,
}

/// `GET /live`.
pub async fn upgrade(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !services.origins.allows(&headers) {
        tracing::warn!("a live socket from a foreign origin was refused");
        return (
            StatusCode::FORBIDDEN,
            "This socket is for Starboard's own pages.\n",
        )
            .into_response();
    }
    let (Some(viewer), Some(id)) = (&caller.viewer, caller.session.id()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let format = match options.format.as_deref() {
        None | Some("postcard") => Format::Postcard,
        Some("json") => Format::Json,
        Some(_) => return (StatusCode::BAD_REQUEST, "format is postcard or json\n").into_response(),
    };
    let sight = Rights::of(viewer).sight();
    let watch = services.ends.watch(session::hash(id));
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(MAX_IN_BYTES)
        .max_frame_size(MAX_IN_BYTES)
        .on_upgrade(move |socket| async move { serve(socket, &services, watch, sight, format).await })
}

async fn serve(socket: WebSocket, services: &Services, watch: Watch, sight: Sight, format: Format) {
    let hub = &*services.hub;
    let latest = hub.lane(false).follow();
    let mut page = Page {
        socket,
        hub,
        latest,
        sight,
        format,
        hidden: false,
        sequence: 0,
        pulse: 0,
        heard_pulse: 0,
    };
    hub.lane(false).joined(format);
    let ended = watch.ended();
    tokio::pin!(ended);
    if let Err(Over::Session) = page.run(ended.as_mut()).await {
        let reason = if services.ends.stopping() {
            ByeReason::Restarting
        } else {
            ByeReason::SignedOut
        };
        let bye = page.message(format.encode(&ServerFrame::Bye(reason)));
        let code = match reason {
            ByeReason::Restarting => close_code::RESTART,
            ByeReason::SignedOut => close_code::POLICY,
        };
        let farewell = async {
            page.socket.send(bye).await?;
            page.socket
                .send(Message::Close(Some(CloseFrame {
                    code,
                    reason: Utf8Bytes::default(),
                })))
                .await
        };
        // a page that does not take its farewell is dropped with the socket
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), farewell).await;
    }
    hub.lane(page.hidden).left(format);
}

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// The page is gone, or does not keep to the contract.
    Gone,
    /// The session is over, or the server stops.
    Session,
}

/// One connected page. Small: there may be thousands.
struct Page<'a> {
    socket: WebSocket,
    hub: &'a Hub,
    latest: watch::Receiver<Latest>,
    sight: Sight,
    format: Format,
    hidden: bool,
    /// The last change it has.
    sequence: u64,
    /// The last pulse seen.
    pulse: u64,
    /// The pulse at which the page was last heard.
    heard_pulse: u64,
}

impl Page<'_> {
    async fn run<F: Future<Output = ()>>(&mut self, mut ended: Pin<&mut F>) -> Result<(), Over> {
        self.pulse = self.latest.borrow_and_update().pulse;
        self.heard_pulse = self.pulse;
        self.snapshot(ended.as_mut()).await?;
        loop {
            self.catch_up(ended.as_mut()).await?;
            let incoming = tokio::select! {
                biased;
                () = ended.as_mut() => return Err(Over::Session),
                changed = self.latest.changed() => match changed {
                    Ok(()) => None,
                    Err(_) => return Err(Over::Gone),
                },
                incoming = self.socket.recv() => Some(incoming),
            };
            if let Some(incoming) = incoming {
                let Some(Ok(message)) = incoming else {
                    return Err(Over::Gone);
                };
                self.heard_pulse = self.pulse;
                self.heard(&message, ended.as_mut()).await?;
            }
        }
    }

    /// Sends what the page misses, as shared frames or a snapshot.
    async fn catch_up<F: Future<Output = ()>>(&mut self, mut ended: Pin<&mut F>) -> Result<(), Over> {
        loop {
            let (frame, pulse) = {
                let latest = self.latest.borrow_and_update();
                (latest.frame.clone(), latest.pulse)
            };
            if frame.upto > self.sequence {
                if frame.after <= self.sequence
                    && let Some(bytes) = frame.bytes(self.format)
                {
                    self.send(bytes, ended.as_mut()).await?;
                    self.sequence = frame.upto;
                } else {
                    self.send_missed(ended.as_mut()).await?;
                }
                continue;
            }
            if pulse == self.pulse {
                return Ok(());
            }
            self.pulse = pulse;
            self.beat(ended.as_mut()).await?;
        }
    }

    async fn send_missed<F: Future<Output = ()>>(&mut self, mut ended: Pin<&mut F>) -> Result<(), Over> {
        let missed = match self.hub.lane(self.hidden).missed(self.sequence) {
            // a page nobody looks at gets one message a second, not a handful
            Missed::Frames(frames) if !self.hidden || frames.len() <= 1 => frames,
            Missed::Frames(_) | Missed::TooMuch => return self.snapshot(ended).await,
        };
        for frame in missed {
            let Some(bytes) = frame.bytes(self.format) else {
                return self.snapshot(ended).await;
            };
            self.send(bytes, ended.as_mut()).await?;
            self.sequence = frame.upto;
        }
        Ok(())
    }

    async fn snapshot<F: Future<Output = ()>>(&mut self, ended: Pin<&mut F>) -> Result<(), Over> {
        let (sequence, bytes) = self.hub.snapshot_frame(self.sight, self.format);
        self.send(bytes, ended).await?;
        self.sequence = sequence;
        Ok(())
    }

    /// Every pulse: a sign of life, now and then a ping, and an end to a page that gives none.
    async fn beat<F: Future<Output = ()>>(&mut self, mut ended: Pin<&mut F>) -> Result<(), Over> {
        if self.pulse - self.heard_pulse > MAX_SILENT_PULSES {
            return Err(Over::Gone);
        }
        let pulse = ServerFrame::Pulse {
            sequence: self.sequence,
            now: self.hub.clock().now(),
        };
        self.send(self.format.encode(&pulse), ended.as_mut()).await?;
        if self.pulse.is_multiple_of(PULSES_BETWEEN_PINGS) {
            self.deliver(Message::Ping(Bytes::new()), ended).await?;
        }
        Ok(())
    }

    async fn heard<F: Future<Output = ()>>(
        &mut self,
        message: &Message,
        ended: Pin<&mut F>,
    ) -> Result<(), Over> {
        let frame = match message {
            Message::Binary(bytes) => postcard::from_bytes::<ClientFrame>(bytes).ok(),
            Message::Text(text) => serde_json::from_str(text).ok(),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(Over::Gone),
        };
        match frame {
            Some(ClientFrame::SnapshotPlease) => self.snapshot(ended).await,
            Some(ClientFrame::Visible(visible)) if visible == self.hidden => {
                self.hub.lane(self.hidden).left(self.format);
                self.hidden = !visible;
                let lane = self.hub.lane(self.hidden);
                lane.joined(self.format);
                self.latest = lane.follow();
                // pulses are counted by lane, both at the same beat
                self.pulse = self.latest.borrow_and_update().pulse;
                self.heard_pulse = self.pulse;
                if visible {
                    self.snapshot(ended).await
                } else {
                    Ok(())
                }
            }
            Some(ClientFrame::Visible(_)) => Ok(()),
            None => Err(Over::Gone),
        }
    }

    fn message(&self, bytes: Bytes) -> Message {
        match self.format {
            Format::Postcard => Message::Binary(bytes),
            Format::Json => Message::Text(Utf8Bytes::try_from(bytes).unwrap_or_default()),
        }
    }

    async fn send<F: Future<Output = ()>>(&mut self, bytes: Bytes, ended: Pin<&mut F>) -> Result<(), Over> {
        let message = self.message(bytes);
        self.deliver(message, ended).await
    }

    /// Waits for a slow page as long as its session lasts and it takes anything at all.
    async fn deliver<F: Future<Output = ()>>(
        &mut self,
        message: Message,
        mut ended: Pin<&mut F>,
    ) -> Result<(), Over> {
        let sending = self.socket.send(message);
        tokio::pin!(sending);
        let mut stuck_since = None;
        loop {
            tokio::select! {
                biased;
                sent = &mut sending => return sent.map_err(|_| Over::Gone),
                () = ended.as_mut() => return Err(Over::Session),
                changed = self.latest.changed() => {
                    if changed.is_err() {
                        return Err(Over::Gone);
                    }
                    let pulse = self.latest.borrow_and_update().pulse;
                    if pulse - *stuck_since.get_or_insert(pulse) > MAX_STUCK_PULSES {
                        return Err(Over::Gone);
                    }
                }
            }
        }
    }
}
