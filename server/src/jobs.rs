//! What runs by itself beside requests and links.

pub mod alarms;
pub mod wrap_up;
