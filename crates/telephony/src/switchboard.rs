//! The owner's side of a board: turns messages of one PBX into changes of its rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use ami::{Kind, Message};
use memchr::memmem::Finder;

use crate::company::Company;
use crate::live::arena::Arena;
use crate::live::bridge::{Bridge, BridgeSlot};
use crate::live::call::{CallSlot, LiveCall};
use crate::live::channel::{Channel, ChannelSlot};
use crate::live::clock::Clock;
use crate::live::directory::Directory;
use crate::live::recent::Recent;
use crate::offer::Offer;
use crate::resync::Resync;
use crate::{
    Board, Call, CallId, Counted, Counters, EndedCall, Gap, Key, Output, Settings, Timestamp, Visit,
};

/// Channels followed at once.
pub const MAX_CHANNELS: usize = 20_000;
/// Rows kept of each kind (extensions, queues, trunks, parked calls, conferences).
pub const MAX_ROWS: usize = 20_000;
/// Members of one queue, callers waiting in one, people in one conference.
pub const MAX_IN_ROW: usize = 1_000;
/// Orders remembered until their channel is born.
pub const MAX_EXPECTED: usize = 256;
/// Bytes kept of a text from the network. What is named by a longer name is not followed, and counted.
pub const MAX_TEXT_BYTES: usize = 160;

/// Variables that say something, as they stand in an event.
const VARIABLES: [&[u8]; 3] = [b"QUEUESTATUS", b"MIXMONITOR_FILENAME", b"RTPAUDIOQOSMES\r"];

/// The live state of one PBX.
pub struct Switchboard {
    pub(crate) settings: Settings,
    pub(crate) board: Board,
    /// Rows of calls nobody is on yet (Local halves that have not dialled).
    pub(crate) wings: BTreeMap<CallId, Call>,
    pub(crate) channels: Arena<Channel>,
    pub(crate) by_uid: HashMap<Box<str>, ChannelSlot>,
    /// First halves of Local channels by the name both share.
    pub(crate) local_halves: HashMap<Box<str>, ChannelSlot>,
    pub(crate) calls: Arena<LiveCall>,
    /// The call a linked id stands for.
    pub(crate) by_linked: HashMap<Box<str>, CallSlot>,
    pub(crate) bridges: Arena<Bridge>,
    pub(crate) by_bridge: HashMap<Box<str>, BridgeSlot>,
    pub(crate) bridge_serial: u64,
    pub(crate) directory: Directory,
    pub(crate) recent: Recent,
    pub(crate) clock: Clock,
    /// When the PBX was started, on our clock.
    pub(crate) booted: Option<Timestamp>,
    /// When the PBX said that it stops.
    pub(crate) stopping: Option<Timestamp>,
    /// The last sign of life before the link was cut.
    pub(crate) cut: Option<Timestamp>,
    pub(crate) resync: Resync,
    pub(crate) counters: Counters,
    pub(crate) touched: Vec<CallSlot>,
    /// Rows that changed and were not given out yet; those of calls that are up apart.
    pub(crate) dirty: BTreeSet<Key>,
    pub(crate) dirty_calls: Vec<CallSlot>,
    /// Numbers of calls ordered under these channel ids, until the channel is born.
    pub(crate) expected: VecDeque<(String, String)>,
    /// Callers who are being given to somebody.
    pub(crate) offers: Vec<Offer>,
    /// Whose state counts for a member, where that is not the member itself.
    pub(crate) state_interfaces: HashMap<String, String>,
    pub(crate) watch: crate::observe::callback::Watch,
    /// Kept for its memory only.
    pub(crate) company: Company,
    pub(crate) ended: Vec<EndedCall>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) visits: Vec<Visit>,
    /// What the PBX counts itself, by queue.
    pub(crate) counted: HashMap<String, Counted>,
    /// Visits whose caller is gone while the PBX has not said yet who ended the talk.
    pub(crate) unended: VecDeque<Visit>,
    /// The account may see variables: what none says did not happen.
    pub(crate) sees_variables: bool,
    variable: Finder<'static>,
    callback: Finder<'static>,
    application: Finder<'static>,
}

impl std::fmt::Debug for Switchboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Switchboard")
            .field("channels", &self.channels.len())
            .field("calls", &self.calls.len())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Switchboard {
    /// An empty board.
    pub fn new(settings: Settings) -> Self {
        Switchboard {
            settings,
            board: Board::default(),
            wings: BTreeMap::new(),
            channels: Arena::default(),
            by_uid: HashMap::new(),
            local_halves: HashMap::new(),
            calls: Arena::default(),
            by_linked: HashMap::new(),
            bridges: Arena::default(),
            by_bridge: HashMap::new(),
            bridge_serial: 0,
            directory: Directory::default(),
            recent: Recent::default(),
            clock: Clock::default(),
            booted: None,
            stopping: None,
            cut: None,
            resync: Resync::default(),
            counters: Counters::default(),
            touched: Vec::new(),
            dirty: BTreeSet::new(),
            dirty_calls: Vec::new(),
            expected: VecDeque::new(),
            offers: Vec::new(),
            state_interfaces: HashMap::new(),
            watch: Default::default(),
            company: Company::default(),
            ended: Vec::new(),
            gaps: Vec::new(),
            visits: Vec::new(),
            counted: HashMap::new(),
            unended: VecDeque::new(),
            sees_variables: false,
            variable: Finder::new(b"\nVariable: "),
            callback: Finder::new(crate::observe::callback::EVENT.as_bytes()),
            application: Finder::new(b"\nApplication: "),
        }
    }

    /// The board. Once everything is [flushed](Self::flush) it is what folding every change given out makes of an
    /// empty one.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// What the PBX itself counts of a queue that is on the board.
    pub fn counted(&self, queue: &str) -> Option<&Counted> {
        self.counted
            .get(queue)
            .filter(|_| self.board.queues.contains_key(queue))
    }

    /// What passed so far.
    pub fn counters(&self) -> Counters {
        Counters {
            clock_steps: self.clock.steps(),
            ..self.counters
        }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells that a call to `number` was ordered under this channel id (see [`lower`](Self::lower)): the PBX
    /// itself names the number only when the own phone has answered.
    pub fn expect_call(&mut self, id: &str, number: &str) {
        if self.expected.len() >= MAX_EXPECTED {
            self.expected.pop_front();
        }
        self.expected.push_back((bounded(id), bounded(number)));
    }

    /// Takes one message that arrived `now` and gives out what came of it.
    pub fn observe(&mut self, message: &Message, now: Timestamp, out: &mut Output) {
        self.note(message, now);
        self.flush(out);
    }

    /// Takes one message that arrived `now`. Responses and events of no concern cost next to nothing. Nothing
    /// is given out before [`flush`](Self::flush): after several messages a row is then given out once.
    pub fn note(&mut self, message: &Message, now: Timestamp) {
        self.counters.messages += 1;
        if !self.concerns(message) {
            return;
        }
        let Some(event) = message.event() else { return };
        self.counters.relevant += 1;
        let at = self.clock.at(now, event.timestamp_us());
        self.dispatch(message, &event, at);
        self.settle_touched(at);
    }

    /// Whether the message can change anything, judged by its kind and, for the two commonest kinds, by
    /// one search through its bytes.
    fn concerns(&mut self, message: &Message) -> bool {
        match message.kind() {
            Kind::VarSet => {
                self.sees_variables = true;
                let name = after(&self.variable, message.as_bytes());
                name.is_some_and(|name| VARIABLES.iter().any(|one| name.starts_with(one)))
            }
            Kind::Newexten => {
                after(&self.application, message.as_bytes()).is_some_and(crate::observe::service::concerns)
            }
            Kind::UserEvent => self.callback.find(message.as_bytes()).is_some(),
            Kind::DbGetTreeResponse => true,
            Kind::Response
            | Kind::RtcpSent
            | Kind::RtcpReceived
            | Kind::Cel
            | Kind::Cdr
            | Kind::TestEvent
            | Kind::NewConnectedLine
            | Kind::BridgeCreate
            | Kind::SoftHangupRequest
            | Kind::MusicOnHoldStart
            | Kind::MusicOnHoldStop
            | Kind::SuccessfulAuth
            | Kind::ChallengeSent
            | Kind::DtmfBegin
            | Kind::DtmfEnd
            | Kind::Reload => false,
            Kind::Other => match message.event_name() {
                Some("VoicemailUserEntry" | "VoicemailUserEntryComplete") => true,
                Some(_) | None => {
                    self.counters.unknown_events += 1;
                    false
                }
            },
            kind => kind.is_live(),
        }
    }

    /// Brings every touched call's row up to date.
    pub(crate) fn settle_touched(&mut self, at: Timestamp) {
        while let Some(call) = self.touched.pop() {
            self.settle(call, at);
        }
    }

    /// The call's row has to be looked at again.
    pub(crate) fn touch(&mut self, call: CallSlot) {
        if !self.touched.contains(&call) {
            self.touched.push(call);
        }
    }

    pub(crate) fn mark(&mut self, key: Key) {
        self.dirty.insert(key);
    }

    /// The row of a call, wherever it is, marked as changed.
    pub(crate) fn row_mut(&mut self, call: CallSlot) -> Option<&mut Call> {
        let live = self.calls.get_mut(call)?;
        if live.on_board {
            mark_call(&mut self.dirty_calls, live, call);
            self.board.calls.get_mut(&live.id)
        } else {
            self.wings.get_mut(&live.id)
        }
    }

    pub(crate) fn row(&self, call: CallSlot) -> Option<&Call> {
        let live = self.calls.get(call)?;
        if live.on_board {
            self.board.calls.get(&live.id)
        } else {
            self.wings.get(&live.id)
        }
    }
}

/// What follows what is looked for.
fn after<'m>(finder: &Finder<'_>, message: &'m [u8]) -> Option<&'m [u8]> {
    let at = finder.find(message)?;
    message.get(at + finder.needle().len()..)
}

/// The call's row has changed since it was given out.
pub(crate) fn mark_call(dirty: &mut Vec<CallSlot>, live: &mut LiveCall, call: CallSlot) {
    if !live.changed {
        live.changed = true;
        dirty.push(call);
    }
}

/// Whether a name may be kept as it is: one that is longer names nothing we would follow, and cut short it could
/// name something else.
pub(crate) fn fits(name: &str) -> bool {
    name.len() <= MAX_TEXT_BYTES
}

/// Text from the network, cut to [`MAX_TEXT_BYTES`] at a character boundary.
pub(crate) fn bounded(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
