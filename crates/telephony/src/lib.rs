//! The live state of one Asterisk PBX as plain data and one pure reducer.
//!
//! Bytes become [`ami::Event`]s elsewhere; [`Switchboard::observe`] turns an event and a time into
//! [`Change`]s; [`Board::apply`] folds a change into a copy. Server and browser run the same code.
//! Nothing here reads a clock, does IO or waits.

pub mod board;
pub mod call;
pub mod change;
pub mod command;
pub mod conference;
pub mod extension;
pub mod output;
pub mod parking;
pub mod queue;
pub mod replay;
pub mod resync;
pub mod settings;
pub mod switchboard;
pub mod time;
pub mod trunk;

mod company;
mod ending;
mod engage;
mod live;
mod lower;
mod members;
mod merge;
mod observe;
mod settle;

pub use board::Board;
pub use call::{
    Call, CallId, CallResult, CallState, Direction, End, EndedBy, EndedCall, Leg, LegId, LegRole, LegState,
    Moment, MomentKind, Party, QueueVisit, Recording,
};
pub use change::{Change, Key, Row};
pub use command::{Command, Outcome, Refusal};
pub use conference::{Conference, Participant};
pub use extension::{Activity, DeviceState, Engagement, Extension, Registration};
pub use output::{Counters, Gap, Output};
pub use parking::ParkedCall;
pub use queue::{Member, MemberState, Queue, Waiting};
pub use resync::List;
pub use settings::Settings;
pub use switchboard::Switchboard;
pub use time::Timestamp;
pub use trunk::{Trunk, TrunkRegistration};
