//! What runs by itself beside requests and links.

pub mod wrap_up;
