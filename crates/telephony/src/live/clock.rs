//! One time line out of two clocks: ours, and the one the PBX stamps its events with when it does.

use crate::Timestamp;

/// A difference between the clocks that changes by more than this is a step of one of them, or events that came late.
const STEP_MS: i64 = 2_000;
/// Nothing comes later than this: the link would have been given up.
const LATEST_MS: i64 = 20_000;
/// Events that come late for longer than this are not late: a clock was put back.
const SURE_MS: u64 = 10_000;

/// Maps the PBX's stamps onto our clock. The smallest delay seen is taken for none, so what the network
/// adds to a single event does not enter a duration. Never goes backwards.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: Option<i64>,
    /// Since when every event came late, and the smallest difference since then.
    late: Option<(Timestamp, i64)>,
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
                let offset = self.settled(now, arrived_ms.saturating_sub(stamp_ms));
                let ours = stamp_ms.saturating_add(offset);
                Timestamp(u64::try_from(ours).unwrap_or(now.0))
            }
        };
        self.last = self.last.max(at);
        self.last
    }

    /// What has to be added to a stamp, given the difference that an event came with. A line that stands still for some
    /// seconds looks like a clock that was put back, until an event comes in time again.
    fn settled(&mut self, now: Timestamp, offset: i64) -> i64 {
        let known = *self.offset_ms.get_or_insert(offset);
        let later = offset.saturating_sub(known);
        if (0..=STEP_MS).contains(&later) {
            self.late = None;
            return known;
        }
        if later < 0 {
            self.late = None;
            self.steps += u64::from(later < -STEP_MS);
            self.offset_ms = Some(offset);
            return offset;
        }
        let (since, least) = *self.late.get_or_insert((now, offset));
        let least = least.min(offset);
        if later <= LATEST_MS && now.since_ms(since) < SURE_MS {
            self.late = Some((since, least));
            return known;
        }
        self.late = None;
        self.steps += 1;
        self.offset_ms = Some(least);
        least
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

    /// When something happened that the PBX stamped so, told in seconds.
    fn at(clock: &mut Clock, now_s: f64, stamp_s: f64) -> f64 {
        let now = Timestamp((now_s * 1e3).round() as u64);
        clock.at(now, Some((stamp_s * 1e6).round() as u64)).0 as f64 / 1e3
    }

    #[test]
    fn delays_do_not_stretch_durations() {
        let mut clock = Clock::default();
        assert_eq!(at(&mut clock, 10.0, 5.0), 10.0);
        assert_eq!(at(&mut clock, 11.9, 6.0), 11.0);
        assert_eq!(clock.steps(), 0);
    }

    #[test]
    fn a_line_that_stood_still_does_not_move_what_happened_meanwhile() {
        let mut clock = Clock::default();
        assert_eq!(at(&mut clock, 10.0, 5.0), 10.0);
        // all of these arrive together, six seconds later
        for (stamp, happened) in [(5.5, 10.5), (7.0, 12.0), (8.5, 13.5), (11.0, 16.0)] {
            assert_eq!(at(&mut clock, 16.5, stamp), happened);
        }
        assert_eq!(at(&mut clock, 17.0, 12.0), 17.0);
        assert_eq!(clock.steps(), 0);
    }

    #[test]
    fn a_clock_that_was_put_forward_is_followed_at_once() {
        let mut clock = Clock::default();
        at(&mut clock, 10.0, 5.0);
        assert_eq!(at(&mut clock, 11.0, 3_606.0), 11.0);
        assert_eq!(at(&mut clock, 12.0, 3_607.0), 12.0);
        assert_eq!(clock.steps(), 1);
    }

    #[test]
    fn a_clock_that_was_put_back_is_followed_at_once_or_soon() {
        let mut clock = Clock::default();
        at(&mut clock, 4_000.0, 3_995.0);
        assert_eq!(at(&mut clock, 4_001.0, 396.0), 4_001.0, "nothing is an hour late");
        assert_eq!(clock.steps(), 1);
        for second in 0..10 {
            let told = at(&mut clock, 4_002.0 + f64::from(second), 391.0 + f64::from(second));
            assert!(told >= 4_001.0, "never backwards");
        }
        assert_eq!(at(&mut clock, 4_012.0, 401.0), 4_012.0);
        assert_eq!(clock.steps(), 2);
        assert!(
            clock.at(Timestamp(1), None) >= Timestamp(4_012_000),
            "never backwards"
        );
    }
}
