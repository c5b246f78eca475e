//! What has to be kept of what is seen, on its way from the boards to the database: bounded, and never waited for.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use app::model::PbxId;
use serde::{Deserialize, Serialize};
use telephony::{
    AgentChange, Call, CallId, EndedCall, FinishedCall, Timestamp, Visit,
    cdr::Told,
    cel::CelEvent,
    lost::{Contact, Missed},
};
use tokio::sync::{mpsc, watch};

use crate::clock::wall_ms;

/// Records on their way. A busy PBX makes some tens a second; a database that is away for long loses the rest, which is
/// counted and shown as a gap.
const MAX_RECORDS: usize = 65_536;
/// While more waits than this, what only explains is left out.
const MAX_EXPLAINING: u64 = 20_000;
/// What was put is written by then, unless the database takes nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Something to be kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A visit of a queue, as it is now.
    Visit(Box<Visit>),
    /// Somebody was reached; `serves` are the queues that the one of ours serves, where both are ours.
    Contact(Box<Contact>, Vec<String>),
    /// A call from outside that nobody answered.
    Missed(Box<Missed>),
    /// Who left a queue by a key keeps their place.
    KeptPlace(KeptPlace),
    /// A call that is up, as it is now.
    CallUp(Box<Call>),
    /// A call that is over.
    CallOver(Box<Over>),
    /// What was a call of its own is a part of another one.
    CallGone(CallId),
    /// Asterisk's own record of a try.
    Record(Box<Told>),
    /// What a channel did.
    #[serde(skip)]
    Event(Box<CelEvent>),
    /// What an agent does.
    Agent(AgentChange),
    /// The service level target that the PBX itself has for a queue, in seconds.
    Target(String, u32),
    /// From this moment on nothing is seen of the PBX; why, for people.
    Unseen(Timestamp, String),
    /// It is seen again, and its lists were compared.
    Seen(Timestamp),
    /// There is no such PBX any more.
    Removed(Timestamp),
}

/// A caller who is called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPlace {
    /// The queue that they left.
    pub queue: String,
    /// Their channel, where it was seen to wait there;
    pub channel: Option<String>,
    /// else they are found by the number that is called,
    pub number: String,
    /// and by when they asked.
    pub at: Timestamp,
}

/// A call that is over. Of one that was found under way the whole of it: more may be known of its beginning.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// All of it was seen.
    Whole(FinishedCall),
    /// It was found under way.
    Found(EndedCall),
}

impl Over {
    /// By which name the board knew it.
    pub fn id(&self) -> &CallId {
        match self {
            Over::Whole(call) => &call.id,
            Over::Found(ended) => &ended.call.id,
        }
    }
}

/// Where records are put.
#[derive(Debug)]
pub struct Records {
    sender: mpsc::Sender<(PbxId, What)>,
    lost: AtomicU64,
    /// How many were put,
    put: AtomicU64,
    /// and how many of them are written.
    written: watch::Sender<u64>,
    /// Since when something waits: when the first was put after everything was written, or when the last were written.
    since_ms: AtomicU64,
}

/// Where they come out.
pub type Incoming = mpsc::Receiver<(PbxId, What)>;

impl Records {
    /// Both ends.
    pub fn new() -> (Self, Incoming) {
        let (sender, receiver) = mpsc::channel(MAX_RECORDS);
        let records = Self {
            sender,
            lost: AtomicU64::new(0),
            put: AtomicU64::new(0),
            written: watch::Sender::new(0),
            since_ms: AtomicU64::new(0),
        };
        (records, receiver)
    }

    /// Puts one on its way.
    pub fn put(&self, pbx: PbxId, what: What) {
        if self.sender.try_send((pbx, what)).is_ok() {
            let before = self.put.fetch_add(1, Ordering::Release);
            if *self.written.borrow() >= before {
                self.since_ms.store(wall_ms(), Ordering::Relaxed);
            }
        } else if self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!("the database takes no records: from now on visits and states are lost");
        }
    }

    /// Puts one on its way that explains and decides nothing: it makes room for everything else.
    pub fn put_if_room(&self, pbx: PbxId, what: What) {
        if self.sender.capacity() > MAX_RECORDS / 2 && self.behind().0 < MAX_EXPLAINING {
            self.put(pbx, what);
        }
    }

    /// So many of them are written.
    pub fn written(&self, many: u64) {
        self.since_ms.store(wall_ms(), Ordering::Relaxed);
        self.written.send_replace(many);
    }

    /// How many wait to be written, and for how long already, in milliseconds.
    pub fn behind(&self) -> (u64, u64) {
        let since_ms = self.since_ms.load(Ordering::Relaxed);
        let waiting = self
            .put
            .load(Ordering::Acquire)
            .saturating_sub(*self.written.borrow());
        let age_ms = if waiting == 0 {
            0
        } else {
            wall_ms().saturating_sub(since_ms)
        };
        (waiting, age_ms)
    }

    /// Waits until what was put before is written; not for long, for a database may take none.
    pub async fn settled(&self) {
        let put = self.put.load(Ordering::Acquire);
        let mut written = self.written.subscribe();
        let _ = tokio::time::timeout(PATIENCE, written.wait_for(|written| *written >= put)).await;
    }

    /// How many were lost since this was last asked.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}
