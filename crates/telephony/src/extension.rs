//! An extension: a number of ours with a phone behind it.

use serde::{Deserialize, Serialize};

use crate::{CallId, Timestamp, call::Direction};

/// Device state as Asterisk names it (`ast_devstate2str`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceState {
    /// Nothing known.
    #[default]
    Unknown,
    /// NOT_INUSE.
    NotInUse,
    /// INUSE.
    InUse,
    /// BUSY.
    Busy,
    /// INVALID.
    Invalid,
    /// UNAVAILABLE.
    Unavailable,
    /// RINGING.
    Ringing,
    /// RINGINUSE.
    RingInUse,
    /// ONHOLD.
    OnHold,
}

/// Whether a phone is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Registration {
    /// Not known (no right to ask, or a technology that does not register).
    #[default]
    Unknown,
    /// At least one contact is registered.
    Registered,
    /// Registered, and does not answer qualify.
    Unreachable,
    /// No contact.
    Unregistered,
}

/// A call as seen from an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Engagement {
    /// The call.
    pub call: CallId,
    /// The other side: name where known, else number.
    pub with: String,
    /// The other side's number.
    pub number: String,
    /// The call's direction.
    pub direction: Direction,
    /// What the extension does in it.
    pub activity: Activity,
    /// Since when.
    pub since: Timestamp,
}

/// What a person does in a call: one word a tile shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Activity {
    /// Their phone rings.
    Ringing,
    /// They wait for an answer.
    Dialling,
    /// In a menu, voicemail, queue or parking space.
    Waiting,
    /// They talk.
    Talking,
    /// They hold the other side, or are held.
    OnHold,
    /// They listen to a call of others, or speak into it.
    Supervising,
    /// They are in a conference.
    Conference,
}

/// One extension as a row of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Extension {
    /// The number people dial; its id on the board.
    pub number: String,
    /// The person's or place's name, where the PBX tells.
    pub name: Option<String>,
    /// The device to dial (`PJSIP/1001`).
    pub device: String,
    /// Device state.
    pub device_state: DeviceState,
    /// Registration.
    pub registration: Registration,
    /// Do not disturb, where visible (a `Custom:DND<number>` state or hint); None when not.
    pub dnd: Option<bool>,
    /// New voicemail messages, where known.
    pub voicemail: Option<u32>,
    /// What they are doing, most urgent first; at most [`crate::board::MAX_ENGAGEMENTS`].
    pub engagements: Vec<Engagement>,
    /// Since when the tile shows what it shows.
    pub since: Timestamp,
}
