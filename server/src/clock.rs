//! The clock: wall time anchored once to a monotonic one, so that it never goes backwards.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use telephony::Timestamp;

/// Tells the time in the way the boards need it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    anchor_ms: u64,
    anchor: Instant,
}

impl Clock {
    /// Anchors the clock now.
    pub fn start() -> Self {
        Self { anchor_ms: wall_ms(), anchor: Instant::now() }
    }

    /// Milliseconds since the epoch; never less than before.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.anchor_ms + u64::try_from(self.anchor.elapsed().as_millis()).unwrap_or(u64::MAX / 2))
    }
}

/// The wall clock, for what is stored: milliseconds since the epoch.
pub fn wall_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX / 2)
}
