//! A lane: frames encoded once and shared, the last of them kept so that a page can catch up.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use app::{
    access::About,
    live::protocol::{LiveChange, ServerFrame},
};
use tokio::sync::watch;

use super::message::{Format, Message, Pieces};
use crate::access::Sight;

/// Frames kept for those who fall behind: three seconds at full pace. Further back a snapshot is shorter.
pub(super) const MAX_FRAMES: usize = 64;
/// Bytes kept for them.
const MAX_BYTES: usize = 1 << 20;

/// A change on its way out.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The row as it is now.
    pub change: LiveChange,
    /// What it was about since the last frame: whoever saw it then hears that it is gone.
    pub before: Vec<Arc<About>>,
    /// What it is about now, where the row does not say so itself: a note.
    pub now: Option<Arc<About>>,
    /// Whether supervision is for supervisors alone to see on this PBX.
    pub private: bool,
}

/// Changes `after + 1 ..= upto`, encoded.
#[derive(Debug, Default)]
pub struct Frame {
    /// The last change a receiver must have.
    pub after: u64,
    /// The last change in it.
    pub upto: u64,
    postcard: Message,
    json: Option<Message>,
    /// For those who see only some of it.
    some: Option<(Vec<Entry>, Pieces)>,
}

/// What a frame is to somebody.
#[derive(Debug)]
pub enum Seen {
    /// This.
    Message(Message),
    /// Nothing of theirs is in it.
    Nothing,
    /// It was made before anybody wanted it so: a snapshot is needed.
    NotMade,
}

impl Frame {
    /// The rows in it, for those who see some of them; None when it was made before anybody wanted it so.
    pub fn rows(&self) -> Option<&[Entry]> {
        self.some.as_ref().map(|(entries, _)| entries.as_slice())
    }

    /// What of it somebody sees who was told everything up to `told`.
    pub fn seen(&self, sight: &Sight, format: Format, told: u64) -> Seen {
        if sight.is_whole() {
            let message = match format {
                Format::Postcard => Some(&self.postcard),
                Format::Json => self.json.as_ref(),
            };
            return message.map_or(Seen::NotMade, |message| Seen::Message(message.clone()));
        }
        let Some((entries, pieces)) = &self.some else {
            return Seen::NotMade;
        };
        let message = format.changes(told, self.upto, entries, pieces, sight);
        message.map_or(Seen::Nothing, Seen::Message)
    }
}

/// What a page waits for.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    /// The newest frame.
    pub frame: Arc<Frame>,
    /// Counts the pulses.
    pub pulse: u64,
}

/// What a page has missed.
#[derive(Debug)]
pub enum Missed {
    /// These frames join what it has.
    Frames(Vec<Arc<Frame>>),
    /// Too much: it needs a snapshot.
    TooMuch,
}

/// One lane.
#[derive(Debug)]
pub struct Lane {
    ring: Mutex<Ring>,
    latest: watch::Sender<Latest>,
    json_readers: AtomicUsize,
    some_readers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Ring {
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    upto: u64,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            ring: Mutex::default(),
            latest: watch::channel(Latest::default()).0,
            json_readers: AtomicUsize::new(0),
            some_readers: AtomicUsize::new(0),
        }
    }
}

impl Lane {
    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a frame of everything up to `upto` and tells everyone. Nothing new, no frame.
    pub fn push(&self, upto: u64, entries: impl Iterator<Item = Entry>) {
        let entries: Vec<Entry> = entries.collect();
        let mut ring = self.ring();
        let after = ring.upto;
        if upto == after {
            return;
        }
        let for_some = self.some_readers.load(Ordering::Relaxed) > 0;
        let (changes, some) = if for_some {
            let pieces = Pieces::of(&entries);
            let changes = entries.iter().map(|entry| entry.change.clone()).collect();
            (changes, Some((entries, pieces)))
        } else {
            (entries.into_iter().map(|entry| entry.change).collect(), None)
        };
        let frame = ServerFrame::Changes { after, upto, changes };
        let json = self.json_readers.load(Ordering::Relaxed) > 0;
        let frame = Arc::new(Frame {
            after,
            upto,
            postcard: Format::Postcard.message(&frame),
            json: json.then(|| Format::Json.message(&frame)),
            some,
        });
        ring.upto = upto;
        ring.bytes += frame.postcard.framed().len();
        ring.frames.push_back(frame.clone());
        while ring.frames.len() > MAX_FRAMES || (ring.bytes > MAX_BYTES && ring.frames.len() > 1) {
            let Some(oldest) = ring.frames.pop_front() else {
                break;
            };
            ring.bytes -= oldest.postcard.framed().len();
        }
        self.latest.send_modify(|latest| latest.frame = frame);
    }

    /// Wakes everyone without a frame.
    pub fn pulse(&self) {
        self.latest.send_modify(|latest| latest.pulse += 1);
    }

    /// Follows the lane.
    pub fn follow(&self) -> watch::Receiver<Latest> {
        self.latest.subscribe()
    }

    /// How many follow.
    pub fn followers(&self) -> usize {
        self.latest.receiver_count()
    }

    /// Has frames made in `format` and for this sight from now on, until [`Lane::left`].
    pub fn joined(&self, format: Format, sight: &Sight) {
        if format == Format::Json {
            self.json_readers.fetch_add(1, Ordering::Relaxed);
        }
        if !sight.is_whole() {
            self.some_readers.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The opposite of [`Lane::joined`].
    pub fn left(&self, format: Format, sight: &Sight) {
        if format == Format::Json {
            self.json_readers.fetch_sub(1, Ordering::Relaxed);
        }
        if !sight.is_whole() {
            self.some_readers.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Has frames keep their rows from now on, until [`Lane::left_rows`].
    pub fn joined_rows(&self) {
        self.some_readers.fetch_add(1, Ordering::Relaxed);
    }

    /// The opposite of [`Lane::joined_rows`].
    pub fn left_rows(&self) {
        self.some_readers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the frames kept join a snapshot of this sequence.
    pub fn reaches_back_to(&self, sequence: u64) -> bool {
        let ring = self.ring();
        ring.upto <= sequence || ring.frames.front().is_some_and(|oldest| oldest.after <= sequence)
    }

    /// What somebody who has everything up to `sequence` has missed.
    pub fn missed(&self, sequence: u64) -> Missed {
        let ring = self.ring();
        if ring.upto <= sequence {
            return Missed::Frames(Vec::new());
        }
        let first = ring.frames.partition_point(|frame| frame.upto <= sequence);
        match ring.frames.get(first) {
            Some(frame) if frame.after <= sequence => {
                Missed::Frames(ring.frames.iter().skip(first).cloned().collect())
            }
            Some(_) | None => Missed::TooMuch,
        }
    }
}
