//! How boards and screens are exchanged: in lists, to be shown, and the figures of a day.

use serde::{Deserialize, Serialize};
use telephony::{Timestamp, figures::Sums};

use super::{ScreenId, Wallboard, WallboardId};
use crate::{
    access::QueueOn,
    model::{OwnExtension, PbxId, people::TeamId},
};

/// A board in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallboardRow {
    /// Id.
    pub id: WallboardId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// Whether it belongs to whoever looks.
    pub mine: bool,
    /// Whether others may open it.
    pub shared: bool,
    /// How many pages it has.
    pub pages: u32,
    /// How many screens show it, of those of whoever looks.
    pub screens: u32,
    /// When it was changed last.
    pub changed_ms: u64,
}

/// A team with its extensions, as far as whoever looks sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamOf {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// The extensions of its people.
    pub extensions: Vec<OwnExtension>,
}

/// A screen in the list of whoever paired it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenRow {
    /// Id.
    pub id: ScreenId,
    /// What they call it.
    pub name: String,
    /// The board it shows.
    pub board: WallboardId,
    /// That board's name.
    pub board_name: String,
    /// Whether it gets no names.
    pub masked: bool,
    /// Paired at.
    pub created_ms: u64,
    /// Last seen at
    pub seen_ms: u64,
    /// from there.
    pub address: String,
}

/// What the list is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallboards {
    /// The own ones, then those of others, by name.
    pub boards: Vec<WallboardRow>,
    /// The own screens, newest first.
    pub screens: Vec<ScreenRow>,
    /// Now.
    pub now_ms: u64,
}

/// A board to be shown or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Id.
    pub id: WallboardId,
    /// Counts its changes.
    pub version: i64,
    /// Whether it belongs to whoever looks.
    pub mine: bool,
    /// Whose it is; empty on a screen.
    pub owner: String,
    /// The board.
    pub board: Wallboard,
    /// The teams that its tiles are about, or to choose from.
    pub teams: Vec<TeamOf>,
    /// No tile shows a name, whatever it says itself.
    pub masked: bool,
}

/// The figures of one queue, of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueToday {
    /// The queue.
    pub queue: QueueOn,
    /// Sums over its visits.
    pub visits: Sums,
    /// The work after the talks in `visits`, in milliseconds.
    pub wrap_up_ms: u64,
}

/// The figures of a day, of what is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Today {
    /// When they were made.
    pub as_of: Timestamp,
    /// Queues that had visits.
    pub queues: Vec<QueueToday>,
    /// What is in time in queues that have rules of their own, in milliseconds.
    pub targets: Vec<(QueueOn, u64)>,
    /// PBXs of which not the whole day was seen.
    pub gaps: Vec<PbxId>,
}

/// A screen as it is about to be paired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairForm {
    /// The code it shows, as typed.
    pub code: String,
    /// The board it is to show.
    pub board: WallboardId,
    /// What to call it.
    pub name: String,
    /// It gets no names.
    pub masked: bool,
}

/// What a television has to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tv {
    /// Somebody is signed in in this browser: it is no screen.
    SomebodyIsSignedIn,
    /// A code, for somebody to approve.
    Code {
        /// `ABCD-EFGH`.
        code: String,
        /// Where it is typed.
        address: String,
        /// The address with the code as a QR code: a path of squares, and how wide and high it is.
        picture: (String, i32),
        /// How long it is good.
        left_ms: u64,
    },
    /// A board.
    Board {
        /// What the screen is called.
        name: String,
        /// The board.
        shown: Box<Shown>,
    },
}
