//! Calls that are over: written once, in batches, with everything that makes them found; searched and counted.

mod figures;
mod open;
mod plan;
mod read;
mod search;
mod sql;
mod words;
mod write;

pub use figures::Every;
pub use open::OpenCall;
pub use read::{Seen, Stored};
pub use words::IN_A_MS;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
