//! The WebSocket contract at `/live`. Binary messages, postcard; `?format=json` sends text for debugging.
//!
//! The server's first message is a [`ServerFrame::Snapshot`]; then [`ServerFrame::Changes`] whose ranges
//! join without a hole. A client that sees a hole asks for a snapshot; a client that cannot keep up gets one
//! unasked. A different build id means: reload when convenient.

use serde::{Deserialize, Serialize};
use telephony::{Board, Change, Row, Timestamp};

use crate::model::{PbxId, Viewer};

/// The path of the socket.
pub const PATH: &str = "/live";
/// Seconds between two pulses: with nothing heard for three of them the link counts as cut.
pub const PULSE_S: u64 = 5;

/// How the link between Starboard and one PBX is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub enum LinkStatus {
    /// First connection under way.
    Connecting,
    /// Connected; the board is being compared with the PBX's own lists.
    CatchingUp,
    /// Connected and compared.
    Live,
    /// Cut. `reason` is a plain sentence, `since` the last sign of life.
    Down {
        /// Why, for people.
        reason: String,
        /// Since when the board is old.
        since: Timestamp,
    },
    /// The PBX does not accept the user name or secret.
    CredentialsRefused {
        /// Since when the board is old.
        since: Timestamp,
    },
    /// Switched off by an administrator.
    Disabled,
}

/// One PBX in the frame of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct PbxRow {
    /// Its id.
    pub id: PbxId,
    /// Its name.
    pub name: String,
    /// Its link.
    pub link: LinkStatus,
    /// What the PBX does not let us see, in plain words (missing rights); empty when all is well.
    pub blind_spots: Vec<String>,
}

/// What a page makes of a board: its rows as they come, which is how a board is written.
pub type Rows = Vec<Row>;

/// One PBX with everything on its board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PbxSnapshot<B = Board> {
    /// The PBX.
    pub pbx: PbxRow,
    /// Its board.
    pub board: B,
    /// What Starboard adds to it, by name.
    pub notes: Vec<(String, String)>,
}

/// Everything a viewer may see, at one sequence number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct LiveSnapshot<B = Board> {
    /// The build that made it: a client of another build reloads.
    pub build: String,
    /// The server's clock at the time, for the client's offset.
    pub now: Timestamp,
    /// The last change that is in it.
    pub sequence: u64,
    /// Every PBX the viewer may see.
    pub pbxs: Vec<PbxSnapshot<B>>,
}

impl LiveSnapshot {
    /// The same as a page reads it.
    pub fn into_rows(self) -> LiveSnapshot<Rows> {
        let pbxs = self.pbxs.into_iter().map(|one| PbxSnapshot {
            pbx: one.pbx,
            board: one.board.rows().collect(),
            notes: one.notes,
        });
        LiveSnapshot {
            build: self.build,
            now: self.now,
            sequence: self.sequence,
            pbxs: pbxs.collect(),
        }
    }
}

/// One change of what a viewer sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub enum LiveChange {
    /// A PBX is new or its link changed.
    Pbx(PbxRow),
    /// A PBX is gone.
    PbxRemoved(PbxId),
    /// A row of a board changed.
    Row {
        /// Which board.
        pbx: PbxId,
        /// The change.
        change: Change,
    },
    /// What Starboard adds to a board has changed ([`super::note`]).
    Note {
        /// Which board.
        pbx: PbxId,
        /// Which note.
        name: String,
        /// What it says, packed; None when it is gone.
        says: Option<String>,
    },
}

/// Why the server ends a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ByeReason {
    /// The session is over or its rights changed.
    SignedOut,
    /// The server stops; come back.
    Restarting,
    /// The session goes on and sees otherwise: load the page anew.
    Changed,
}

/// From the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub enum ServerFrame<B = Board> {
    /// Everything, anew.
    Snapshot(LiveSnapshot<B>),
    /// Changes `after+1 ..= upto`, coalesced: the last state of each row in the range.
    Changes {
        /// The last change the receiver must have.
        after: u64,
        /// The last change in here.
        upto: u64,
        /// The rows.
        changes: Vec<LiveChange>,
    },
    /// Nothing new; all is well at this sequence and time.
    Pulse {
        /// Last sequence.
        sequence: u64,
        /// The server's clock.
        now: Timestamp,
    },
    /// The socket ends.
    Bye(ByeReason),
    /// What the viewer may see and do has changed; a snapshot follows.
    You(Box<Viewer>),
}

/// From the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame {
    /// A hole was seen, or the page woke up.
    SnapshotPlease,
    /// The page became visible or hidden: a hidden page gets one message a second at most.
    Visible(bool),
}
