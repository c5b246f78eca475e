//! A call that is over, as it is kept: what lists and figures ask for, and its whole story packed.
//!
//! Nothing in it is guessed: what was not seen is marked, and a call that nobody saw end says so.

use serde::{Deserialize, Serialize};

use crate::{
    Call, CallId, CallResult, Direction, End, EndedBy, EndedCall, Leg, LegRole, Moment, MomentKind, Party,
    Quality, Recording, Story, Timestamp,
};

/// The first byte of a packed story: how the rest is to be read. Another layout of legs or moments is another number.
const LAYOUT: u8 = 1;

/// Who hung up, as far as the PBX told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HungUpBy {
    /// The caller.
    Caller,
    /// Whom they talked to last, or had called.
    Callee,
    /// Somebody else who was on the call.
    Other,
    /// Nobody's phone asked for it: the PBX ended it, or nothing says who did.
    Nobody,
}

/// What a call was or had, as bits: one number in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(pub u32);

impl Marks {
    /// Its beginning was not seen.
    pub const DISCOVERED: Marks = Marks(1);
    /// For a time nothing was seen of it.
    pub const GAP: Marks = Marks(1 << 1);
    /// Nobody saw it end: it was gone when the PBX was seen again.
    pub const LOST_TRACK: Marks = Marks(1 << 2);
    /// The PBX stopped under it.
    pub const PBX_STOPPED: Marks = Marks(1 << 3);
    /// It was recorded, or a part of it.
    pub const RECORDED: Marks = Marks(1 << 4);
    /// Somebody was put on hold.
    pub const HELD: Marks = Marks(1 << 5);
    /// It was handed on.
    pub const TRANSFERRED: Marks = Marks(1 << 6);
    /// It was parked.
    pub const PARKED: Marks = Marks(1 << 7);
    /// It went into a conference.
    pub const CONFERENCE: Marks = Marks(1 << 8);
    /// Somebody took it whom it did not ring for.
    pub const PICKED_UP: Marks = Marks(1 << 9);
    /// Somebody listened to it.
    pub const SUPERVISED: Marks = Marks(1 << 10);
    /// It is only somebody's phone that listened to another call.
    pub const SUPERVISION: Marks = Marks(1 << 11);
    /// Nobody saw it: Asterisk's own records of it are all that tells of it.
    pub const TOLD: Marks = Marks(1 << 12);
    /// What nobody saw of it, its end above all, is told by Asterisk's own records.
    pub const HEALED: Marks = Marks(1 << 13);

    /// Whether it has all of these.
    pub fn has(self, marks: Marks) -> bool {
        self.0 & marks.0 == marks.0
    }

    /// Whether something of it was not seen.
    pub fn is_partial(self) -> bool {
        let unseen = [
            Self::DISCOVERED,
            Self::GAP,
            Self::LOST_TRACK,
            Self::TOLD,
            Self::HEALED,
        ];
        unseen.into_iter().any(|mark| self.has(mark))
    }

    fn add(&mut self, marks: Marks) {
        self.0 |= marks.0;
    }
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedCall {
    /// Its id.
    pub id: CallId,
    /// The linked id it began with.
    pub linked: String,
    /// Which way it went.
    pub direction: Direction,
    /// What came of it.
    pub result: CallResult,
    /// Who called.
    pub caller: Party,
    /// Whom they talked to last, else what they dialled.
    pub callee: Party,
    /// What the caller dialled first.
    pub dialled: String,
    /// Who else was on it or was rung.
    pub others: Vec<Party>,
    /// The queue it came through, the latest.
    pub queue: Option<String>,
    /// The trunk it ran over, the first.
    pub trunk: Option<String>,
    /// When it began,
    pub started: Timestamp,
    /// when two people first talked,
    pub answered: Option<Timestamp>,
    /// and when it ended, or the last proof of life of one whose end nobody saw.
    pub ended: Timestamp,
    /// For how long somebody was on hold, in milliseconds.
    pub held_ms: u64,
    /// The extension that answered first,
    pub first_by: Option<String>,
    /// and the one that answered last.
    pub last_by: Option<String>,
    /// The Q.850 cause of its end.
    pub cause: u16,
    /// Who hung up.
    pub hung_up_by: HungUpBy,
    /// What it was or had.
    pub marks: Marks,
    /// Files that it was recorded to, as the PBX names them.
    pub files: Vec<String>,
    /// What was measured of it.
    #[serde(default)]
    pub quality: Quality,
    /// Its legs and moments, packed: see [`unpack`].
    pub told: Vec<u8>,
}

impl FinishedCall {
    /// What is kept of a call that ended.
    pub fn of(ended: &EndedCall) -> Self {
        let EndedCall {
            call,
            linked,
            files,
            quality,
            end,
        } = ended;
        let answers = answering(call);
        Self {
            id: call.id.clone(),
            linked: linked.clone(),
            direction: call.direction,
            result: end.result,
            caller: call.caller.clone(),
            // whom somebody listens to is for the story alone to say
            callee: if is_supervision(call) {
                Party::default()
            } else {
                call.callee.clone()
            },
            dialled: call.dialled.clone(),
            others: others(call),
            queue: call.queue.as_ref().map(|visit| visit.queue.clone()),
            trunk: call.legs.iter().find_map(|leg| leg.trunk.clone()),
            started: call.started,
            answered: call.answered,
            ended: end.at.max(call.started),
            held_ms: call.held_ms,
            first_by: answers.first().cloned(),
            last_by: answers.last().cloned(),
            cause: end.cause,
            hung_up_by: hung_up_by(call, end),
            marks: marks(call, end),
            files: files.clone(),
            quality: *quality,
            told: pack(&call.legs, &call.story),
        }
    }

    /// From its beginning to its end, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.ended.since_ms(self.started)
    }

    /// For how long people could hear each other, in milliseconds.
    pub fn talk_ms(&self) -> u64 {
        let since = self.answered.map_or(0, |at| self.ended.since_ms(at));
        since.saturating_sub(self.held_ms)
    }
}

impl EndedCall {
    /// A call whose end nobody saw: at the last moment at which it was there.
    pub fn unseen(call: Call, seen: Timestamp) -> Self {
        let at = seen.max(call.started);
        // one that was found under way goes by the name of whichever channel was found first; Asterisk's own records of it go
        // by that of whoever placed it
        let mut legs = call.legs.iter();
        let first = legs.find(|leg| leg.role == LegRole::Caller);
        let first = first.filter(|leg| call.discovered && !leg.id.0.is_empty());
        Self {
            linked: first.map_or_else(|| call.id.0.clone(), |leg| leg.id.0.clone()),
            files: Vec::new(),
            quality: Quality::default(),
            end: End {
                at,
                by: EndedBy::LostTrack,
                cause: 0,
                result: CallResult::Interrupted,
            },
            call,
        }
    }

    /// The same call with the beginning that is known of it from before it was found again.
    pub fn begun_as(mut self, earlier: Call, seen: Timestamp) -> Self {
        self.call = self.call.begun_as(earlier, seen);
        if self.call.answered.is_some() && self.end.by == EndedBy::Pbx {
            self.end.result = CallResult::Answered;
        }
        self
    }
}

impl Call {
    /// The same call with the beginning that is known of it from before it was found again; `seen` is when that was seen
    /// last. It keeps the name it began with.
    pub fn begun_as(mut self, earlier: Call, seen: Timestamp) -> Self {
        let known: Vec<Leg> = std::mem::take(&mut self.legs);
        let gone = earlier
            .legs
            .into_iter()
            .filter(|leg| known.iter().all(|one| one.id != leg.id));
        self.legs = gone
            .chain(known.iter().cloned())
            .take(crate::board::MAX_LEGS)
            .collect();
        let found = Moment {
            at: self.started.max(seen),
            what: MomentKind::GapCrossed { from: seen },
        };
        let since = self
            .story
            .iter()
            .filter(|moment| !matches!(moment.what, MomentKind::Discovered));
        self.story = earlier.story.iter().chain([found]).chain(since).collect();
        self.id = earlier.id;
        self.started = earlier.started;
        self.caller = earlier.caller;
        self.dialled = earlier.dialled;
        self.discovered = earlier.discovered;
        if self.direction == Direction::Internal {
            self.direction = earlier.direction;
        }
        self.answered = earlier.answered.or(self.answered);
        self.held_ms = self.held_ms.saturating_add(earlier.held_ms);
        self.queue = self.queue.take().or(earlier.queue);
        if self.recording == Recording::Off {
            self.recording = earlier.recording;
        }
        self
    }
}

/// Whether a call is only somebody's phone that listens to another call.
pub fn is_supervision(call: &Call) -> bool {
    let mut people = call
        .legs
        .iter()
        .filter(|leg| leg.role != LegRole::Internal)
        .peekable();
    people.peek().is_some() && people.all(|leg| leg.role == LegRole::Supervisor)
}

/// Everybody else who was on a call or was rung: not who listened to it.
fn others(call: &Call) -> Vec<Party> {
    let mut others: Vec<Party> = Vec::new();
    let people = call
        .legs
        .iter()
        .filter(|leg| matches!(leg.role, LegRole::Caller | LegRole::Callee));
    for party in people.map(|leg| &leg.party) {
        let named = !party.number.is_empty() || party.name.is_some();
        let known = *party == call.caller || *party == call.callee || others.contains(party);
        if named && !known {
            others.push(party.clone());
        }
    }
    others
}

/// Extensions that answered, in order. Who is rung first because they placed the call did not answer it.
fn answering(call: &Call) -> Vec<String> {
    let answers = call.story.iter().filter_map(|moment| match moment.what {
        MomentKind::Answered { party }
        | MomentKind::QueueConnected { agent: party, .. }
        | MomentKind::PickedUp { by: party }
        | MomentKind::Unparked { by: Some(party), .. } => party.extension,
        _ => None,
    });
    let mut answers: Vec<String> = answers.collect();
    if !answers.is_empty() && answers.first() == call.caller.extension.as_ref() {
        answers.remove(0);
    }
    answers
}

/// The last one whose phone asked for it.
fn hung_up_by(call: &Call, end: &End) -> HungUpBy {
    if end.by != EndedBy::Pbx {
        return HungUpBy::Nobody;
    }
    let told = call.story.iter().filter_map(|moment| match moment.what {
        MomentKind::HungUp { party, .. } => Some(party),
        _ => None,
    });
    match told.last() {
        None => HungUpBy::Nobody,
        Some(party) if party == call.caller => HungUpBy::Caller,
        Some(party) if party == call.callee => HungUpBy::Callee,
        Some(_) => HungUpBy::Other,
    }
}

fn marks(call: &Call, end: &End) -> Marks {
    let mut marks = Marks::default();
    match end.by {
        EndedBy::Pbx => {}
        EndedBy::PbxStopped => marks.add(Marks::PBX_STOPPED),
        EndedBy::LostTrack => marks.add(Marks::LOST_TRACK),
    }
    if call.discovered {
        marks.add(Marks::DISCOVERED);
    }
    if call.recording != Recording::Off {
        marks.add(Marks::RECORDED);
    }
    if is_supervision(call) {
        marks.add(Marks::SUPERVISION);
    }
    for moment in call.story.iter() {
        marks.add(match moment.what {
            MomentKind::Held { .. } => Marks::HELD,
            MomentKind::BlindTransfer { .. } | MomentKind::AttendedTransfer { .. } => Marks::TRANSFERRED,
            MomentKind::Parked { .. } => Marks::PARKED,
            MomentKind::PickedUp { .. } => Marks::PICKED_UP,
            MomentKind::ConferenceJoined { .. } => Marks::CONFERENCE,
            MomentKind::Recording {
                state: Recording::On | Recording::Paused,
            } => Marks::RECORDED,
            MomentKind::Supervised { .. } => Marks::SUPERVISED,
            MomentKind::GapCrossed { .. } => Marks::GAP,
            MomentKind::Discovered => Marks::DISCOVERED,
            MomentKind::Started { .. }
            | MomentKind::Ringing { .. }
            | MomentKind::Answered { .. }
            | MomentKind::NotAnswered { .. }
            | MomentKind::Resumed { .. }
            | MomentKind::QueueJoined { .. }
            | MomentKind::QueueLeft { .. }
            | MomentKind::QueueConnected { .. }
            | MomentKind::Unparked { .. }
            | MomentKind::ParkTimedOut { .. }
            | MomentKind::ConferenceLeft { .. }
            | MomentKind::Recording {
                state: Recording::Off,
            }
            | MomentKind::HungUp { .. }
            | MomentKind::Sounded { .. } => Marks::default(),
        });
    }
    marks
}

/// Legs and moments in as few bytes as they take.
pub fn pack(legs: &[Leg], story: &Story) -> Vec<u8> {
    // strings and numbers always pack
    postcard::to_extend(&(legs, story), vec![LAYOUT]).unwrap_or_default()
}

/// What [`pack`] made; None where it is of a layout that is not known.
pub fn unpack(told: &[u8]) -> Option<(Vec<Leg>, Story)> {
    let (layout, rest) = told.split_first()?;
    (*layout == LAYOUT).then(|| postcard::from_bytes(rest).ok())?
}
