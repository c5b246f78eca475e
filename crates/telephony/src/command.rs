//! What a person can ask of a PBX. A command is checked against the board and lowered to one action, or
//! refused with a reason; it is never built from raw text of a client.

use serde::{Deserialize, Serialize};

use crate::{CallId, LegId};

/// A command. Numbers are what a person typed; [`crate::Switchboard::lower`] checks them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Ring `from` (an extension of ours), and when it answers, call `to`.
    Call {
        /// The caller's own extension.
        from: String,
        /// The number to call: 1 to 32 of `0-9 * # +`.
        to: String,
    },
    /// End the whole call.
    HangUp {
        /// The call.
        call: CallId,
    },
    /// End one leg of it.
    HangUpLeg {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
    },
    /// Send the other side of `leg` to a number at once.
    BlindTransfer {
        /// The call.
        call: CallId,
        /// The leg that lets go (an extension's leg of ours).
        leg: LegId,
        /// Where to.
        to: String,
    },
    /// Let `leg` consult a number and connect on hang-up.
    AttendedTransfer {
        /// The call.
        call: CallId,
        /// The leg that consults.
        leg: LegId,
        /// Whom to consult.
        to: String,
    },
    /// Park the other side of `leg`.
    Park {
        /// The call.
        call: CallId,
        /// The leg that lets go.
        leg: LegId,
    },
    /// Connect `by` to a parked call.
    TakeParked {
        /// Parking lot.
        lot: String,
        /// Space.
        space: String,
        /// The taker's own extension.
        by: String,
    },
    /// Answer, at `by`, a call that rings elsewhere.
    PickUp {
        /// The ringing call.
        call: CallId,
        /// The taker's own extension.
        by: String,
    },
    /// Ring `by`, and when it answers, let it take part in what `leg` says and hears, or take its place.
    Supervise {
        /// The call.
        call: CallId,
        /// The leg of the one who is supervised: an extension's leg of ours.
        leg: LegId,
        /// How.
        how: Supervision,
        /// The supervisor's own extension.
        by: String,
    },
    /// End what [`Command::Supervise`] began, whether it rings or is heard.
    StopSupervising {
        /// The supervisor's leg.
        leg: LegId,
    },
    /// Record a call, or do something with the recording that runs.
    Record {
        /// The call.
        call: CallId,
        /// What.
        how: Recorder,
    },
}

/// What is done with the recording of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Recorder {
    /// It begins, to a file of its own.
    Start,
    /// What is said is not in it for now; silence is.
    Pause,
    /// It goes on.
    Resume,
    /// It ends.
    Stop,
}

/// How a supervisor takes part in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Supervision {
    /// Hears both sides and is heard by nobody.
    Listen,
    /// Hears both sides and is heard by the one who is supervised alone.
    Whisper,
    /// Hears both sides and is heard by both.
    Barge,
    /// Takes the place of the one who is supervised, whose leg ends. Nothing changes before the phone is answered.
    TakeOver,
}

/// What came of a command. Success means that the PBX accepted it; the board shows the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The PBX took it.
    Accepted,
    /// Somebody refused it, and why.
    Refused(Refusal),
    /// The PBX did not answer in time, or the link was cut with the action under way. Nothing is repeated.
    Unknown,
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The call is over.
    #[error("this call has ended")]
    CallGone,
    /// The leg is over.
    #[error("this part of the call has ended")]
    LegGone,
    /// The call is not in a state that allows it.
    #[error("the call is {0} now")]
    WrongState(String),
    /// Nobody is on the other side.
    #[error("there is nobody on the other side")]
    NoOtherSide,
    /// The number holds something other than digits, `*`, `#` and `+`, or has the wrong length.
    #[error("{field}: {problem}")]
    BadNumber {
        /// The field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No such extension on the board.
    #[error("extension {0} is not known")]
    UnknownExtension(String),
    /// The extension has no phone registered.
    #[error("the phone of extension {0} cannot be reached")]
    PhoneUnreachable(String),
    /// The parking space is empty.
    #[error("parking space {0} is empty")]
    SpaceEmpty(String),
    /// What a queue has against it, in words.
    #[error("{0}")]
    ByQueue(String),
    /// Nobody supervises a call that they are on.
    #[error("extension {0} is on this call itself")]
    OwnCall(String),
    /// The PBX said no, in its words.
    #[error("the PBX refused: {0}")]
    ByPbx(String),
    /// The link to the PBX is down.
    #[error("there is no connection to the PBX")]
    LinkDown,
}
