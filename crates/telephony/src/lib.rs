//! The live state of one Asterisk PBX as plain data and one pure reducer.
//!
//! Bytes become [`ami::Message`]s elsewhere; [`Switchboard::observe`] turns a message and a time into
//! [`Change`]s; [`Board::apply`] folds a change into a copy. Server and browser run the same code.
//! Nothing here reads a clock, does IO or waits.
//!
//! # Laws
//!
//! Held by `tests/laws.rs` over recordings of a real Asterisk, whole, cut and damaged.
//!
//! * **Replica**: folding the changes given out so far into an empty board (or into a snapshot taken at any
//!   point) gives the owner's board, after every message, or after every [`Switchboard::flush`] where several
//!   messages are noted before.
//! * **Idempotence**: a change is a whole row or a removal; applying it twice does no harm.
//! * **Resync**: cut the link anywhere, describe the world again by lists, and who is on which call with whom
//!   is as if nothing had been missed. Lists do not tell times, stories, legs that ended, which service a
//!   caller hears, or who holds whom (a party alone in a bridge while another of the call is in company
//!   elsewhere is taken for held). Nor do they tell what the last one left on a call did before: who saw it
//!   leaves that word standing until the hang-up, lest a row flicker on its way out.
//! * **No ghosts**: the last hang-up leaves no call, waiting caller, parked call or conference.
//! * **Total**: events lost, repeated or out of order neither panic nor break a bound, and the next complete
//!   description of the world repairs whatever they did.
//!
//! # What a call is
//!
//! One call is what a person would call one, however many channels Asterisk makes of it. A channel joins the
//! call that its `Linkedid` stands for at birth. After that linked ids decide nothing, because Asterisk
//! rewrites them in mid-call; what decides is union: a channel dials another, two are halves of one Local
//! channel, two meet in a bridge where people talk, an event names them together (transfer, pickup, parking
//! retrieved). When two calls become one, the survivor is the one with the outside world on it, else the
//! older one. It takes over the other's legs and story; the other's row is removed, and it never ends as a
//! call of its own. Conferences unite nobody: each participant's call stays a row, the room lists them.
//!
//! Who listens in (`ChanSpy`) keeps a row of its own, which ends as [`CallResult::Service`], and shows as a
//! [`LegRole::Supervisor`] leg on the call listened to, whose parties and state it never touches. A call on
//! which there is no phone or trunk yet is not on the board, and when it ends so it is not told.
//!
//! # Caller and callee
//!
//! The caller is the first person on the call; for a call that is placed for somebody, whose own phone rings
//! first, that person. Until somebody talks the callee is the number dialled. From then on caller and callee
//! are two sides: who is transferred keeps its side, who takes a transferrer's place takes its side, and a
//! party that is held while others consult keeps its place.
//!
//! # Direction
//!
//! Inbound when the caller's channel runs over a trunk, else outbound when a called one does, else internal.
//! A device is, in this order: what [`Settings`] say; the phone of the extension whose hint names it; a trunk
//! when the PBX shows that it registers elsewhere or only authenticates to elsewhere; an extension when its
//! name is a number of 2 to 6 digits; a trunk in any other telephone technology. Recorders, announcers and
//! snoops are nobody.
//!
//! # Names
//!
//! A party on an extension's own phone is that extension, whatever caller id the call carries. The
//! extension's name is the caller id name its own phone is born with, else the name on its mailbox. An
//! outside party is the caller id it came with, or the number dialled to reach it.
//!
//! # Time
//!
//! Times are ours. Where the PBX stamps its events, durations are the PBX's: stamps are mapped onto our clock
//! by the smallest delay seen. A step of either clock is counted; time never runs backwards.
//!
//! # Rights of the AMI account
//!
//! To read: `call` (channels, bridges, transfers, parking, conferences), `agent` (queues), `system`
//! (registrations, contacts, bridge and endpoint lists), `reporting` (lists), and `dialplan`, best filtered to
//! `VarSet` of `QUEUESTATUS`, `MIXMONITOR_FILENAME` and `RTPAUDIOQOSMES`, and to `Newexten`: without it a queue timeout and a
//! hang-up are told apart by the order of events only, nothing says how calls sounded, and services have no name. To write: `reporting` and `system` for the lists,
//! `call` and `originate` for commands. Every list may be refused: see [`List`] and [`Command`].

pub mod agent;
pub mod alarm;
pub mod board;
pub mod call;
pub mod callback;
pub mod cdr;
pub mod cel;
pub mod change;
pub mod command;
pub mod conference;
pub mod extension;
pub mod figures;
pub mod finished;
pub mod lost;
pub mod output;
pub mod parking;
pub mod quality;
pub mod queue;
pub mod queue_command;
pub mod queue_log;
pub mod recording;
pub mod replay;
pub mod resync;
pub mod settings;
pub mod story;
pub mod switchboard;
pub mod time;
pub mod trunk;
pub mod visit;

mod company;
mod ending;
mod engage;
mod flush;
mod live;
mod lower;
mod lower_queue;
mod lower_recorder;
mod members;
mod merge;
mod observe;
mod offer;
mod scene;
mod settle;
mod supervise;

pub use agent::{AgentChange, AgentId, Agents, Doing};
pub use board::Board;
pub use call::{
    Call, CallId, CallResult, CallState, Direction, End, EndedBy, EndedCall, Leg, LegId, LegRole, LegState,
    Moment, MomentKind, Party, QueueVisit, Recording,
};
pub use change::{Change, Key, Row};
pub use command::{Command, Outcome, Recorder, Refusal, Supervision};
pub use conference::{Conference, Participant};
pub use extension::{Activity, DeviceState, Engagement, Extension, Registration};
pub use finished::{FinishedCall, HungUpBy, Marks};
pub use output::{Counters, Gap, Output};
pub use parking::ParkedCall;
pub use quality::{Mes, Quality};
pub use queue::{Counted, Member, MemberState, Queue, Waiting};
pub use queue_command::{QueueCommand, QueueRefusal};
pub use resync::List;
pub use settings::Settings;
pub use story::Story;
pub use switchboard::Switchboard;
pub use time::Timestamp;
pub use trunk::{Trunk, TrunkRegistration};
pub use visit::{Left, Visit};
