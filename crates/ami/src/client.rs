//! A client on tokio: keeps one connection to a PBX up for ever and never makes it wait.
//!
//! One task owns the socket. It reads, cuts and matches, and appends to a bounded queue; it awaits nothing but
//! the socket, commands and time. Whoever consumes [`Notices`] may be as slow as it likes: when the queue is
//! full the connection is given up and made anew, so that Asterisk never blocks and loss is never silent.

mod backoff;
mod clock;
mod config;
mod connect;
mod driver;
mod handle;
mod link;
mod probe;
mod queue;

use std::io;
use std::thread;

pub use backoff::{CREDENTIALS_RETRY_MS, MAX_BACKOFF_MS, MIN_BACKOFF_MS};
pub use clock::Clock;
pub use config::{CONNECT_TIMEOUT_MS, ClientConfig, DEFAULT_PORT, Tls};
pub use driver::Driver;
pub use handle::{COMMAND_QUEUE, ClientCounters, Handle, Pending};
pub use link::{DownReason, LinkState};
pub use probe::{ProbeError, ProbeReport, probe};
pub use queue::{MAX_QUEUED_BYTES, Notice, Notices};

/// A client that does nothing until its driver runs.
pub fn new(config: ClientConfig, clock: Clock) -> (Handle, Notices, Driver) {
    driver::new(config, clock)
}

/// Starts a client on the current runtime. It runs until it is stopped or every handle is dropped.
///
/// # Panics
/// Outside a tokio runtime.
pub fn start(config: ClientConfig, clock: Clock) -> (Handle, Notices) {
    let (handle, notices, driver) = new(config, clock);
    tokio::spawn(driver.run());
    (handle, notices)
}

/// Starts a client on a thread of its own, so that no other task can keep it from reading.
///
/// # Errors
/// When the thread or its runtime cannot be made.
pub fn start_on_thread(name: &str, config: ClientConfig, clock: Clock) -> io::Result<(Handle, Notices)> {
    let (handle, notices, driver) = new(config, clock);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || runtime.block_on(driver.run()))?;
    Ok((handle, notices))
}
