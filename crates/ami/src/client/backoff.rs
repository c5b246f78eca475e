//! When to try again: soon at first, rarely later, and never all clients at once.

use super::link::DownReason;
use crate::session::CloseReason;

/// Longest wait after the first failure.
pub const MIN_BACKOFF_MS: u64 = 1_000;
/// Longest wait after many.
pub const MAX_BACKOFF_MS: u64 = 30_000;
/// Wait after refused credentials: trying them again soon only locks the account.
pub const CREDENTIALS_RETRY_MS: u64 = 60_000;
/// A link that stays up this long was a good one: the next failure starts over.
const GOOD_LINK_MS: u64 = 10_000;
/// No two attempts are closer than this.
const FLOOR_MS: u64 = 50;

#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Failures in a row so far.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait after an attempt that ended so, with full jitter.
    pub(super) fn after(&mut self, reason: &DownReason, up_for_ms: Option<u64>) -> u64 {
        if up_for_ms.is_some_and(|up_for_ms| up_for_ms >= GOOD_LINK_MS) {
            self.failures = 0;
        }
        let window_ms = window_ms(self.failures);
        self.failures = self.failures.saturating_add(1);
        match reason {
            DownReason::Session(
                CloseReason::CredentialsRefused { .. } | CloseReason::CredentialsUnusable(_),
            ) => CREDENTIALS_RETRY_MS,
            DownReason::Requested => FLOOR_MS,
            _ => rand::random_range(FLOOR_MS..=window_ms),
        }
    }
}

fn window_ms(failures: u32) -> u64 {
    // More doublings than it takes to reach the bound only overflow.
    const DOUBLINGS: u32 = 8;
    (MIN_BACKOFF_MS << failures.min(DOUBLINGS)).min(MAX_BACKOFF_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_doubles_to_its_bound() {
        let windows: Vec<_> = [0, 1, 2, 4, 5, 63, 64, 1000].map(window_ms).into();
        assert_eq!(
            windows,
            [1_000, 2_000, 4_000, 16_000, 30_000, 30_000, 30_000, 30_000]
        );
    }

    #[test]
    fn a_good_link_starts_over_and_refused_credentials_wait_a_minute() {
        let mut backoff = Backoff::default();
        for _ in 0..8 {
            assert!((FLOOR_MS..=MAX_BACKOFF_MS).contains(&backoff.after(&DownReason::Refused, None)));
        }
        assert!(backoff.after(&DownReason::Refused, Some(GOOD_LINK_MS)) <= MIN_BACKOFF_MS);
        let refused = CloseReason::CredentialsRefused {
            message: String::new(),
        };
        assert_eq!(backoff.after(&refused.into(), None), CREDENTIALS_RETRY_MS);
    }
}
