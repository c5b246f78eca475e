//! Live state in the browser: the contract with the socket, the socket, the board of signals.

pub mod board;
pub mod clock;
pub mod early;
pub mod help;
pub mod keepsake;
pub mod note;
pub mod protocol;
pub mod socket;
pub mod supervising;
pub mod table;

pub use board::{CallKey, ExtensionKey, Live, LiveBoard};
pub use clock::Freshness;
