//! Points in time as the PBX link saw them.

use serde::{Deserialize, Serialize};

const MS_PER_S: u64 = 1_000;

/// Milliseconds since the Unix epoch, UTC. The link makes it from a monotonic clock anchored once,
/// so within one process it never goes backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Milliseconds from `earlier` to `self`; zero where `earlier` is later (a duration is never negative).
    pub fn since_ms(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So many seconds before; the epoch when it would be earlier.
    pub(crate) fn before_s(self, seconds: u64) -> Timestamp {
        Timestamp(self.0.saturating_sub(seconds.saturating_mul(MS_PER_S)))
    }

    /// So many seconds after.
    pub(crate) fn after_s(self, seconds: u64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(MS_PER_S)))
    }
}
