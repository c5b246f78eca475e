//! Live state in the browser: the contract with the socket, the socket, the board of signals.

pub mod protocol;
