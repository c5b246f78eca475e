//! The Asterisk Manager Interface (AMI): decode it, speak it, and keep a connection to it.
//!
//! Written for programs that show or steer a PBX and must neither lose an event nor make one up. Nothing
//! is allocated to pass over an event, one pass over its headers types it, and everything is bounded.
//!
//! # Layers, each usable on its own
//!
//! | layer | what it does | needs |
//! | --- | --- | --- |
//! | [`Decoder`] | bytes to [`Message`]s, under any chunking | nothing |
//! | [`Message::kind`], [`Message::event`] | what a frame is, from its first line; its headers, typed | nothing |
//! | [`action`], [`Action`] | typed actions; one action is exactly one frame | nothing |
//! | [`Session`] | login, matching of answers, lists, pings, deadlines; bytes and times in, data out | nothing |
//! | [`wire`] | the PBX's side: reads actions, writes responses and events | nothing |
//! | `client` | keeps a link up for ever on tokio, with TLS | feature `client` |
//!
//! All but the client compile to wasm32, read no clock and do no input or output.
//!
//! # Reading
//!
//! ```
//! use ami::{Decoded, Decoder, Event, Limits};
//!
//! let mut decoder = Decoder::new(Limits::default());
//! decoder.push(b"Asterisk Call Manager/11.0.0\r\nEvent: Newstate\r\nPrivilege: call,all\r\n");
//! decoder.push(b"Channel: PJSIP/1001-00000000\r\nChannelState: 6\r\nUniqueid: 1.0\r\n\r\n");
//! while let Some(decoded) = decoder.next() {
//!     let Decoded::Message(message) = decoded else { continue };
//!     if !message.kind().is_live() {
//!         continue; // most of a busy stream, passed over unread
//!     }
//!     if let Some(Event::Newstate(event)) = message.event() {
//!         assert_eq!(event.channel.name.unwrap(), "PJSIP/1001-00000000");
//!         assert_eq!(event.channel.state, Some(ami::ChannelState::Up));
//!     }
//! }
//! ```
//!
//! # Asking
//!
//! ```
//! use ami::action::call::Hangup;
//! use ami::{Action, Cause, Value};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let channel = Value::new("channel", "PJSIP/1001-00000000")?; // refuses control characters
//! let action: Action = Hangup { channel, cause: Some(Cause::NormalClearing) }.into();
//! # let mut out = bytes::BytesMut::new();
//! action.encode(&Value::new("id", "1")?, &mut out)?;
//! # assert!(out.starts_with(b"Action: Hangup\r\nActionID: 1\r\n"));
//! # Ok(())
//! # }
//! ```
//!
//! # Staying connected
//!
#![cfg_attr(feature = "client", doc = "```no_run")]
#![cfg_attr(not(feature = "client"), doc = "```ignore")]
//! use ami::client::{self, ClientConfig, Clock, Notice};
//! use ami::{Secret, action::list::CoreShowChannels};
//!
//! # async fn example() {
//! let config = ClientConfig::new("pbx.example", "gui", Secret::new("secret"));
//! let (handle, mut notices) = client::start(config, Clock::start());
//! tokio::spawn(async move {
//!     let mut batch = Vec::new();
//!     while notices.recv_many(&mut batch, 4096).await > 0 {
//!         for notice in batch.drain(..) {
//!             match notice {
//!                 Notice::Link(state) => println!("{state:?}"),
//!                 Notice::Message(message, _at_ms) => println!("{message:?}"),
//!                 Notice::Lost { messages } => println!("{messages} lost: describe the world again"),
//!                 Notice::Distrusted { events } => println!("{events} not believed: describe the world again"),
//!             }
//!         }
//!     }
//! });
//! let channels = handle.list(CoreShowChannels {}).await;
//! # let _ = channels;
//! # }
//! ```
//!
//! # Promises
//!
//! * **Chunking.** What comes out does not depend on how the bytes were cut.
//! * **Framing.** CR LF frames and LF frames are read; a lone LF inside a CR LF frame belongs to its value, so
//!   it forges nothing. Blank lines before a frame are passed over.
//! * **Damage stays visible.** Bytes that are not UTF-8 read as U+FFFD. Control characters stay in the text;
//!   [`visible`] shows them. Malformed frames are counted and dropped, and the next one is read.
//! * **One action, one frame.** A [`Value`] cannot hold a control character.
//! * **Never twice.** An action whose answer did not come is [`Outcome::Unknown`] and is not sent again.
//! * **Bounds.** Frame, line and headers ([`Limits`]), actions in flight, items of a list, queued bytes: all
//!   named constants.
//! * **Secrets.** Passwords are wiped when dropped and redacted in every `Debug`.
//!
//! What the library does not do: events carry no sequence number, so loss inside Asterisk cannot be seen. After
//! [`FullyBooted`](Event::FullyBooted), a reconnect or a loss, ask for the lists again.

pub mod action;
#[cfg(feature = "client")]
pub mod client;
pub mod event;
pub mod session;
pub mod wire;

mod cause;
mod decoder;
mod doubt;
mod header;
mod id;
mod kind;
mod message;
mod name;
mod secret;
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
pub use name::Name;
pub use secret::Secret;
pub use session::{ActionId, CloseReason, NotSent, Outcome, Output, Session, SessionConfig, UnknownReason};
pub use state::{
    AgentCompleteReason, AudioDirection, ChannelState, ContactState, DeviceState, DialStatus, Disposition,
    ExtensionState, Membership, PresenceState, RegistrationState, TransferResult,
};
pub use text::{Visible, visible};
pub use value::{Direction, MAX_VALUE_BYTES, Value, ValueError, Variable};
