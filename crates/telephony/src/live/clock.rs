//! One time line out of two clocks: ours, and the one the PBX stamps its events with when it does.

use crate::Timestamp;

/// A difference between the clocks that changes by more than this is a step of one of them.
pub(crate) const STEP_MS: i64 = 2_000;

/// Maps the PBX's stamps onto our clock. The smallest delay seen is taken for none, so what the network
/// adds to a single event does not enter a duration. Never goes backwards.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: Option<i64>,
    last: Timestamp,
    steps: u64,
}

impl Clock {
    /// When an event happened that arrived `now` with this stamp (microseconds since the epoch, PBX clock).
    pub(crate) fn at(&mut self, now: Timestamp, stamp_us: Option<u64>) -> Timestamp {
        let at = match stamp_us.and_then(|stamp| i64::try_from(stamp / 1_000).ok()) {
            None => now,
            Some(stamp_ms) => {
                let arrived_ms = i64::try_from(now.0).unwrap_or(i64::MAX);
                let offset = arrived_ms.saturating_sub(stamp_ms);
                let known = *self.offset_ms.get_or_insert(offset);
                if offset.saturating_sub(known).saturating_abs() > STEP_MS {
                    self.steps += 1;
                    self.offset_ms = Some(offset);
                } else if offset < known {
                    self.offset_ms = Some(offset);
                }
                let ours = stamp_ms.saturating_add(self.offset_ms.unwrap_or(offset));
                Timestamp(u64::try_from(ours).unwrap_or(now.0))
            }
        };
        self.last = self.last.max(at);
        self.last
    }

    /// The latest time given out.
    pub(crate) fn last(&self) -> Timestamp {
        self.last
    }

    /// Steps of either clock noticed.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_do_not_stretch_durations_and_steps_are_counted() {
        let mut clock = Clock::default();
        let first = clock.at(Timestamp(10_000), Some(5_000_000));
        let late = clock.at(Timestamp(11_900), Some(6_000_000));
        assert_eq!(late.since_ms(first), 1_000);
        let stepped = clock.at(Timestamp(12_000), Some(3_000_000));
        assert!(stepped >= late);
        assert_eq!(clock.steps(), 1);
        assert!(clock.at(Timestamp(1), None) >= stepped, "never backwards");
    }
}
