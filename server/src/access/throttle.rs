//! Slows guessing down: steps for an account from one source, a bucket for each source. Never for ever.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::Mutex,
    time::{Duration, Instant},
};

/// Waits after the first, second, ... failure in a row, in seconds.
const STEPS_S: [u64; 4] = [1, 3, 5, 10];
/// Failures of one account from one source are forgotten after so long.
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Failures a source has before it must wait.
const BURST: f64 = 10.0;
/// Seconds until a source has one more.
const REFILL_S: f64 = 60.0;
/// Entries kept of each kind.
const MAX_ENTRIES: usize = 10_000;

/// Counts failures of signing in.
#[derive(Debug, Default)]
pub struct Throttle {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    accounts: HashMap<(String, IpAddr), Failures>,
    sources: HashMap<IpAddr, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: usize,
    last: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Throttle {
    /// Begins an attempt, which counts as failed until [`Throttle::passed`]: guesses side by side gain
    /// nothing. Gives the seconds to wait where it is too early.
    pub fn begin(&self, account: &str, source: IpAddr, now: Instant) -> Result<(), u64> {
        let source = network(source);
        let mut inner = self
            .inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        make_room(&mut inner.accounts, |failures| {
            now.duration_since(failures.last) > FORGET
        });
        make_room(&mut inner.sources, |bucket| bucket.filled(now) >= BURST);
        let bucket = inner
            .sources
            .get(&source)
            .map_or(BURST, |bucket| bucket.filled(now));
        if bucket < 1.0 {
            return Err(seconds((1.0 - bucket) * REFILL_S));
        }
        let key = (account.to_owned(), source);
        let before = inner
            .accounts
            .get(&key)
            .filter(|failures| now.duration_since(failures.last) <= FORGET);
        let count = before.map_or(0, |failures| failures.count);
        if let Some(failures) = before {
            let step = STEPS_S[(failures.count - 1).min(STEPS_S.len() - 1)];
            let wait = Duration::from_secs(step).saturating_sub(now.duration_since(failures.last));
            if !wait.is_zero() {
                return Err(seconds(wait.as_secs_f64()));
            }
        }
        inner.accounts.insert(
            key,
            Failures {
                count: count + 1,
                last: now,
            },
        );
        inner.sources.insert(
            source,
            Bucket {
                tokens: bucket - 1.0,
                at: now,
            },
        );
        Ok(())
    }

    /// The attempt was good: the account's failures are forgotten, the source gets its token back.
    pub fn passed(&self, account: &str, source: IpAddr) {
        let source = network(source);
        let mut inner = self
            .inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        inner.accounts.remove(&(account.to_owned(), source));
        if let Some(bucket) = inner.sources.get_mut(&source) {
            bucket.tokens = (bucket.tokens + 1.0).min(BURST);
        }
    }
}

impl Bucket {
    fn filled(self, now: Instant) -> f64 {
        (self.tokens + now.duration_since(self.at).as_secs_f64() / REFILL_S).min(BURST)
    }
}

/// One home or office has a whole IPv6 /64.
fn network(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => IpAddr::V4(mapped),
            None => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

fn seconds(wait_s: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 600"
    )]
    let whole = wait_s.ceil().clamp(1.0, 600.0) as u64;
    whole
}

fn make_room<K: Clone + Eq + Hash, V>(map: &mut HashMap<K, V>, spent: impl Fn(&V) -> bool) {
    if map.len() < MAX_ENTRIES {
        return;
    }
    map.retain(|_, value| !spent(value));
    if map.len() >= MAX_ENTRIES
        && let Some(key) = map.keys().next().cloned()
    {
        map.remove(&key);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn each_failure_waits_longer_up_to_ten_seconds_and_never_for_ever() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        for step in [1, 3, 5, 10, 10, 10] {
            assert_eq!(throttle.begin("ada", HOME, now), Ok(()));
            assert_eq!(throttle.begin("ada", HOME, now), Err(step));
            now += Duration::from_secs(step);
        }
        assert_eq!(throttle.begin("ada", HOME, now), Ok(()));
    }

    #[test]
    fn success_forgets_and_another_source_is_not_held_back() {
        let throttle = Throttle::default();
        let now = Instant::now();
        assert_eq!(throttle.begin("ada", HOME, now), Ok(()));
        assert_eq!(
            throttle.begin("ada", "198.51.100.7".parse().unwrap(), now),
            Ok(())
        );
        throttle.passed("ada", HOME);
        assert_eq!(throttle.begin("ada", HOME, now), Ok(()));
    }

    #[test]
    fn a_source_that_tries_many_names_runs_dry_and_recovers() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for name in 0..10 {
            assert_eq!(throttle.begin(&format!("user{name}"), HOME, now), Ok(()));
        }
        assert_eq!(throttle.begin("user10", HOME, now), Err(60));
        assert_eq!(
            throttle.begin("user10", HOME, now + Duration::from_secs(60)),
            Ok(())
        );
    }

    #[test]
    fn the_tables_stay_bounded() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for number in 0..(MAX_ENTRIES as u32 + 500) {
            let source = IpAddr::V4(std::net::Ipv4Addr::from_bits(number));
            assert_eq!(throttle.begin("ada", source, now), Ok(()));
        }
        let inner = throttle.inner.lock().unwrap();
        assert!(inner.accounts.len() <= MAX_ENTRIES && inner.sources.len() <= MAX_ENTRIES);
    }
}
