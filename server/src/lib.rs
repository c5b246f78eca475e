//! The server: AMI links in, pages and live sockets out.

pub mod access;
pub mod clock;
pub mod config;
pub mod error;
pub mod seal;
pub mod security;
pub mod session;
pub mod store;
pub mod telemetry;
