//! Points in time as the PBX link saw them.

use serde::{Deserialize, Serialize};

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
}
