//! The clock: wall time anchored once to a monotonic one, so that it never goes backwards.

use std::time::{SystemTime, UNIX_EPOCH};

use telephony::Timestamp;

/// Tells the time in the way the boards need it. The links read the same monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    anchor_ms: u64,
    monotonic: ami::client::Clock,
}

impl Clock {
    /// Anchors the clock now.
    pub fn start() -> Self {
        Self {
            anchor_ms: wall_ms(),
            monotonic: ami::client::Clock::start(),
        }
    }

    /// Milliseconds since the epoch; never less than before.
    pub fn now(&self) -> Timestamp {
        self.at(self.monotonic.now_ms())
    }

    /// A time of the links' clock.
    pub fn at(&self, monotonic_ms: u64) -> Timestamp {
        Timestamp(self.anchor_ms.saturating_add(monotonic_ms))
    }

    /// What the links read.
    pub fn monotonic(&self) -> ami::client::Clock {
        self.monotonic
    }
}

/// The wall clock, for what is stored: milliseconds since the epoch.
pub fn wall_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX / 2)
}
