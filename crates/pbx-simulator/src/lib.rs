//! A small company's PBX that speaks the Asterisk Manager Interface: forty extensions, three queues, two
//! trunks, parking, a conference and voicemail.
//!
//! [`World`] is the PBX: pure, deterministic, with time as an argument. [`run`] and [`Simulator`] put it on a
//! socket, where it lives a working day by itself, does what a script says, produces a load, or plays a
//! capture. Events, their order and their headers are those of Asterisk 22.

mod actions;
mod clock;
mod company;
mod day;
mod dice;
mod life;
mod play;
mod server;
pub mod verb;
mod wire;
mod world;

pub use actions::Reply;
pub use server::{Bound, Error, MAX_CONNECTIONS, Options, Play, Simulator, User, run};
pub use verb::VerbError;
pub use wire::{Class, Frame, Request};
pub use world::truth::{PersonTruth, QueueTruth, Truth};
pub use world::{Habits, MAX_CHANNELS, Noise, Settings, World};
