//! What runs by itself beside requests and links.

pub mod alarms;
pub mod mailings;
pub mod wrap_up;
