//! What runs by itself beside requests and links.

pub mod alarms;
pub mod channel_events;
pub mod copying;
pub mod mailings;
pub mod poked;
pub mod wrap_up;
