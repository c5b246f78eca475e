//! Asterisk's own call records: read from where it keeps them, and held against the calls that were seen.

pub mod check;
pub mod job;
mod lines;
pub mod place;
pub mod sync;
pub mod zone;
