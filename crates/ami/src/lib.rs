//! The Asterisk Manager Interface (AMI).
//!
//! The library is built in layers, each usable on its own:
//!
//! * [`Decoder`] cuts bytes into [`Message`]s, [`Message::kind`] tells what one is from its first line,
//!   [`Message::event`] parses it into a typed [`Event`].

pub mod action;
#[cfg(feature = "client")]
pub mod client;
pub mod event;
pub mod wire;

mod cause;
mod decoder;
mod header;
mod id;
mod kind;
mod message;
mod secret;
pub mod session;
mod state;
mod text;
mod value;

pub use action::{Action, Answer, EncodeError, MAX_ACTION_HEADERS, MAX_ACTION_LINE_BYTES};
pub use cause::Cause;
pub use decoder::{
    DecodeCounters, Decoded, Decoder, FrameFault, Limits, MAX_FRAME_BYTES, MAX_GARBAGE_BYTES, MAX_HEADERS,
    MAX_LINE_BYTES,
};
pub use event::bridge::BridgeRef;
pub use event::channel::ChannelRef;
pub use event::{Event, Meta};
pub use id::{
    AorName, BridgeId, ChannelName, ConferenceName, ContextName, DeviceName, EndpointName, ExtensionName,
    Interface, LinkedId, MailboxName, ParkingLotName, QueueName, UniqueId,
};
pub use kind::Kind;
pub use message::Message;
pub use secret::Secret;
pub use session::{ActionId, CloseReason, NotSent, Outcome, Output, Session, SessionConfig, UnknownReason};
pub use state::{
    AgentCompleteReason, AudioDirection, ChannelState, ContactState, DeviceState, DialStatus, Disposition,
    ExtensionState, Membership, PresenceState, RegistrationState, TransferResult,
};
pub use text::{Visible, visible};
pub use value::{Direction, MAX_VALUE_BYTES, Value, ValueError, Variable};
