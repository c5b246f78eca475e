//! The live socket: opens, checks that no change is missing, notices silence, comes back with patience.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{ArrayBuffer, Uint8Array};
use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, MessageEvent, WebSocket};

use super::{
    Live,
    clock::SocketState,
    early, keepsake,
    protocol::{self, ByeReason, ClientFrame, LiveChange, Rows, ServerFrame},
};
use crate::{
    api::account::{Doorstep, LoadDoorstep},
    browser, sending,
};

/// First wait before coming back, doubled each time.
const FIRST_WAIT_MS: u64 = 500;
/// Longest wait before coming back.
const LONGEST_WAIT_MS: u64 = 10_000;
/// Heard nothing for so long: the link counts as cut.
const SILENCE_MS: u64 = protocol::PULSE_S * 1_000 * 3;
/// Changes are folded in at most this often, which is about how often a screen draws.
const BETWEEN_FOLDS_MS: u64 = 16;
/// How long a page that is to come anew waits.
const BEFORE_RELOAD: Duration = Duration::from_secs(1);
/// How often the board is put aside for the offline page.
const KEEPSAKE_EVERY_MS: u64 = 30_000;

/// A running socket; [`Feed::stop`] ends it.
#[derive(Clone)]
pub struct Feed(Rc<RefCell<State>>);

struct State {
    board: Live,
    socket: Option<WebSocket>,
    // what the present socket calls; dropped with it
    handlers: Vec<Closure<dyn FnMut(MessageEvent)>>,
    // counts sockets: late events of an earlier one are not for us
    generation: u32,
    sequence: u64,
    asked_for_snapshot: bool,
    pending: Vec<LiveChange>,
    frame_asked: bool,
    failures: u32,
    heard_local_ms: u64,
    folded_local_ms: u64,
    kept_local_ms: u64,
    stopped: bool,
}

impl Feed {
    /// Opens the socket for a board, or goes on with the one that the document has opened.
    pub fn start(board: Live) -> Self {
        let now_ms = browser::now_ms();
        keepsake::begin();
        let feed = Self(Rc::new(RefCell::new(State {
            board,
            socket: None,
            handlers: Vec::new(),
            generation: 0,
            sequence: 0,
            asked_for_snapshot: false,
            pending: Vec::new(),
            frame_asked: false,
            failures: 0,
            heard_local_ms: now_ms,
            folded_local_ms: 0,
            // the first board is put aside as soon as it is there
            kept_local_ms: 0,
            stopped: false,
        })));
        feed.connect();
        feed
    }

    /// Ends the socket for good.
    pub fn stop(&self) {
        self.0.borrow_mut().stopped = true;
        self.close();
    }

    /// Once a second: moves the timers and notices silence.
    pub fn tick(&self) {
        let now_ms = browser::now_ms();
        let (board, silent) = {
            let state = self.0.borrow();
            let silent = state.socket.is_some() && now_ms.saturating_sub(state.heard_local_ms) > SILENCE_MS;
            (state.board.clone(), silent)
        };
        board.clock.tick(now_ms);
        if silent {
            self.lost();
        }
        let keep = now_ms.saturating_sub(self.0.borrow().kept_local_ms) > KEEPSAKE_EVERY_MS;
        if keep && board.link.get_untracked() == SocketState::Live {
            self.0.borrow_mut().kept_local_ms = now_ms;
            keepsake::keep(&board);
        }
    }

    /// The page was shown or hidden.
    pub fn visible(&self, shown: bool) {
        self.send(ClientFrame::Visible(shown));
        let (board, waiting_to_return) = {
            let state = self.0.borrow();
            (state.board.clone(), state.socket.is_none() && !state.stopped)
        };
        if shown {
            board.clock.tick(browser::now_ms());
            self.flush();
            if waiting_to_return {
                self.0.borrow_mut().failures = 0;
                self.connect();
            }
        } else if board.link.get_untracked() == SocketState::Live {
            keepsake::keep(&board);
        }
    }

    fn connect(&self) {
        let generation = {
            let mut state = self.0.borrow_mut();
            if state.stopped || state.socket.is_some() {
                return;
            }
            state.generation += 1;
            state.heard_local_ms = browser::now_ms();
            state.generation
        };
        let Some((socket, heard)) = early::take().or_else(|| Some((opened()?, Vec::new()))) else {
            self.lost();
            return;
        };
        let on_message = self.handler(generation, Self::message);
        let on_close = self.handler(generation, |feed, _| feed.lost());
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        {
            let mut state = self.0.borrow_mut();
            state.socket = Some(socket);
            state.handlers = vec![on_message, on_close];
        }
        for event in heard {
            if self.0.borrow().generation == generation {
                self.message(event);
            }
        }
    }

    fn handler(&self, generation: u32, act: fn(&Feed, MessageEvent)) -> Closure<dyn FnMut(MessageEvent)> {
        let weak = Rc::downgrade(&self.0);
        Closure::new(move |event: MessageEvent| {
            if let Some(state) = weak.upgrade()
                && state.borrow().generation == generation
            {
                act(&Feed(state.clone()), event);
            }
        })
    }

    fn message(&self, event: MessageEvent) {
        let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() else {
            return;
        };
        let bytes = Uint8Array::new(&buffer).to_vec();
        self.0.borrow_mut().heard_local_ms = browser::now_ms().saturating_sub(browser::age_ms(&event));
        match postcard::from_bytes::<ServerFrame<Rows>>(&bytes) {
            Ok(frame) => self.frame(frame),
            Err(_) => {
                // another build speaks another language: say so, and keep what we have as old
                let board = self.0.borrow().board.clone();
                board.newer_build.set(true);
                self.lost();
            }
        }
    }

    fn frame(&self, frame: ServerFrame<Rows>) {
        let (board, heard_ms) = {
            let state = self.0.borrow();
            (state.board.clone(), state.heard_local_ms)
        };
        match frame {
            ServerFrame::Snapshot(snapshot) => {
                {
                    let mut state = self.0.borrow_mut();
                    state.sequence = snapshot.sequence;
                    state.asked_for_snapshot = false;
                    state.pending.clear();
                    state.failures = 0;
                }
                board.clock.set_by(snapshot.now.0, heard_ms);
                board.clock.tick(browser::now_ms());
                board.replace(snapshot);
                board.link.set(SocketState::Live);
            }
            ServerFrame::Changes { after, upto, changes } => self.changes(&board, after, upto, changes),
            ServerFrame::Pulse { sequence, now } => {
                board.clock.set_by(now.0, heard_ms);
                if sequence > self.0.borrow().sequence {
                    self.ask_for_snapshot(&board);
                }
            }
            ServerFrame::Bye(ByeReason::SignedOut) => self.signed_out(),
            ServerFrame::Bye(ByeReason::Restarting) => self.lost(),
            // the page that asked for it is on its way elsewhere already
            ServerFrame::Bye(ByeReason::Changed) => set_timeout(browser::reload, BEFORE_RELOAD),
            ServerFrame::You(viewer) => board.you.set(Some(viewer)),
        }
    }

    fn changes(&self, board: &Live, after: u64, upto: u64, changes: Vec<LiveChange>) {
        let known = self.0.borrow().sequence;
        if after > known {
            self.ask_for_snapshot(board);
            return;
        }
        if upto <= known {
            return;
        }
        let (rested, frame_asked) = {
            let mut state = self.0.borrow_mut();
            state.sequence = upto;
            state.pending.extend(changes);
            let since_ms = browser::now_ms().saturating_sub(state.folded_local_ms);
            (since_ms >= BETWEEN_FOLDS_MS, state.frame_asked)
        };
        // a change after a rest is in the next frame, those that follow are together in the one after it. No frames
        // are drawn for a hidden page, and the server sends it one message a second
        if rested || !browser::page_visible() {
            self.flush();
        } else if !frame_asked {
            self.0.borrow_mut().frame_asked = true;
            let feed = self.clone();
            request_animation_frame(move || {
                feed.0.borrow_mut().frame_asked = false;
                feed.flush();
            });
        }
    }

    fn flush(&self) {
        let (board, changes) = {
            let mut state = self.0.borrow_mut();
            (state.board.clone(), std::mem::take(&mut state.pending))
        };
        if !changes.is_empty() {
            board.apply(changes);
            self.0.borrow_mut().folded_local_ms = browser::now_ms();
        }
    }

    fn ask_for_snapshot(&self, board: &Live) {
        if !std::mem::replace(&mut self.0.borrow_mut().asked_for_snapshot, true) {
            board.link.set(SocketState::CatchingUp);
            self.send(ClientFrame::SnapshotPlease);
        }
    }

    fn send(&self, frame: ClientFrame) {
        if let Some(socket) = &self.0.borrow().socket
            && socket.ready_state() == WebSocket::OPEN
            && let Ok(bytes) = postcard::to_stdvec(&frame)
        {
            // a socket that cannot send is about to close: that is where it is dealt with
            let _ = socket.send_with_u8_array(&bytes);
        }
    }

    fn signed_out(&self) {
        self.stop();
        keepsake::forget();
        browser::go_to_sign_in();
    }

    /// A socket that is refused does not say why: asks whether the session ran out meanwhile.
    fn ask_whether_signed_in(&self) {
        let feed = self.clone();
        spawn_local(async move {
            // without an answer the server is away, and the socket is tried again
            let doorstep = sending::ask::<Doorstep>(LoadDoorstep::PATH, "").await;
            if doorstep.is_ok_and(|doorstep| !doorstep.signed_in) {
                feed.signed_out();
            }
        });
    }

    fn close(&self) {
        let mut state = self.0.borrow_mut();
        state.generation += 1;
        state.handlers.clear();
        if let Some(socket) = state.socket.take() {
            socket.set_onmessage(None);
            socket.set_onclose(None);
            let _ = socket.close();
        }
    }

    fn lost(&self) {
        self.close();
        self.flush();
        let (board, wait_ms) = {
            let mut state = self.0.borrow_mut();
            if state.stopped {
                return;
            }
            state.asked_for_snapshot = false;
            state.failures = state.failures.saturating_add(1);
            (
                state.board.clone(),
                wait_ms(state.failures, browser::random_u32()),
            )
        };
        if !matches!(board.link.get_untracked(), SocketState::Offline { .. }) {
            let since_ms = board.clock.server_ms(self.0.borrow().heard_local_ms);
            board.link.set(SocketState::Offline { since_ms });
            keepsake::keep(&board);
        }
        if self.0.borrow().failures > 1 {
            self.ask_whether_signed_in();
        }
        let feed = self.clone();
        set_timeout(move || feed.connect(), Duration::from_millis(wait_ms));
    }
}

fn opened() -> Option<WebSocket> {
    let socket = WebSocket::new(&browser::socket_address(protocol::PATH)?).ok()?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    Some(socket)
}

/// Doubling from half a second to ten, a random half of it taken off so that not all return at once.
fn wait_ms(failures: u32, random: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(16);
    let longest_ms = (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS);
    longest_ms - u64::from(random) % (longest_ms / 2)
}

#[cfg(test)]
mod tests {
    use super::wait_ms;

    #[test]
    fn waits_grow_to_ten_seconds_and_never_coincide_by_rule() {
        assert_eq!(wait_ms(1, 0), 500);
        assert_eq!(wait_ms(3, 0), 2_000);
        assert_eq!(wait_ms(40, 0), 10_000);
        for random in [1, 77, u32::MAX] {
            let wait = wait_ms(4, random);
            assert!((2_000..=4_000).contains(&wait), "{wait}");
        }
    }
}
