//! Slows guessing down: steps for an account from one source, a bucket for each source, and where somebody has proved
//! the password already a bucket for the account as well. Never for ever.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Waits after the first, second, ... failure in a row, in seconds.
const STEPS_S: [u64; 4] = [1, 3, 5, 10];
/// Failures of one account from one source are forgotten after so long.
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Failures a source has before it must wait, and an account whose password is known.
const USUAL: Allowance = Allowance {
    burst: 10.0,
    refill_s: 60.0,
};
/// The same for the account of somebody who may change everything.
const STRICT: Allowance = Allowance {
    burst: 3.0,
    refill_s: 300.0,
};
/// Entries kept of each kind.
const MAX_ENTRIES: usize = 10_000;

/// What is guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A password or a set-up token: whoever knows a name can try, so no account is held back as a whole.
    Password,
    /// What comes after the password; only those come here who have it.
    Second {
        /// Of somebody who may change everything.
        strict: bool,
    },
}

/// So many failures at once, and one more every so often.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    burst: f64,
    refill_s: f64,
}

/// Counts failures of signing in.
#[derive(Debug, Default)]
pub struct Throttle {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    steps: HashMap<(String, IpAddr), Failures>,
    sources: HashMap<IpAddr, Bucket>,
    accounts: HashMap<String, Bucket>,
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
    allowance: Allowance,
}

impl Throttle {
    /// Begins an attempt, which counts as failed until [`Throttle::passed`]: guesses side by side gain
    /// nothing. Gives the seconds to wait where it is too early.
    pub fn begin(&self, account: &str, guess: Guess, source: IpAddr, now: Instant) -> Result<(), u64> {
        let source = network(source);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut inner.steps, |failures| {
            now.duration_since(failures.last) > FORGET
        });
        make_room(&mut inner.sources, |bucket| bucket.is_full(now));
        make_room(&mut inner.accounts, |bucket| bucket.is_full(now));
        let of_source = take(inner.sources.get(&source), USUAL, now)?;
        let of_account = match guess {
            Guess::Password => None,
            Guess::Second { strict } => {
                let allowance = if strict { STRICT } else { USUAL };
                Some(take(inner.accounts.get(account), allowance, now)?)
            }
        };
        let key = (guess.key(account), source);
        let before = inner
            .steps
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
        let failures = Failures {
            count: count + 1,
            last: now,
        };
        inner.steps.insert(key, failures);
        inner.sources.insert(source, of_source);
        if let Some(bucket) = of_account {
            inner.accounts.insert(account.to_owned(), bucket);
        }
        Ok(())
    }

    /// The attempt was good: the account's failures are forgotten, what it took is given back.
    pub fn passed(&self, account: &str, guess: Guess, source: IpAddr) {
        let source = network(source);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.steps.remove(&(guess.key(account), source));
        give_back(inner.sources.get_mut(&source));
        if guess != Guess::Password {
            give_back(inner.accounts.get_mut(account));
        }
    }

    /// The attempt was not good: the wait begins now.
    pub fn failed(&self, account: &str, guess: Guess, source: IpAddr, now: Instant) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = inner.steps.get_mut(&(guess.key(account), network(source))) {
            failures.last = now;
        }
    }

    /// The attempt was not looked at: it does not count, and those before it still do.
    pub fn withdrawn(&self, account: &str, guess: Guess, source: IpAddr) {
        let source = network(source);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (guess.key(account), source);
        match inner.steps.get_mut(&key) {
            Some(failures) if failures.count > 1 => failures.count -= 1,
            Some(_) => drop(inner.steps.remove(&key)),
            None => {}
        }
        give_back(inner.sources.get_mut(&source));
        if guess != Guess::Password {
            give_back(inner.accounts.get_mut(account));
        }
    }
}

impl Guess {
    /// Steps are counted apart: a good password does not make a second factor's guesses forgotten. No user name holds
    /// a slash.
    fn key(self, account: &str) -> String {
        match self {
            Guess::Password => account.to_owned(),
            Guess::Second { .. } => format!("{account}/second"),
        }
    }
}

impl Bucket {
    fn filled(self, now: Instant) -> f64 {
        let refilled = now.duration_since(self.at).as_secs_f64() / self.allowance.refill_s;
        (self.tokens + refilled).min(self.allowance.burst)
    }

    fn is_full(self, now: Instant) -> bool {
        self.filled(now) >= self.allowance.burst
    }
}

/// One token less, or the seconds until there is one.
fn take(bucket: Option<&Bucket>, allowance: Allowance, now: Instant) -> Result<Bucket, u64> {
    let tokens = bucket.map_or(allowance.burst, |bucket| bucket.filled(now).min(allowance.burst));
    if tokens < 1.0 {
        return Err(seconds((1.0 - tokens) * allowance.refill_s));
    }
    Ok(Bucket {
        tokens: tokens - 1.0,
        at: now,
        allowance,
    })
}

fn give_back(bucket: Option<&mut Bucket>) {
    if let Some(bucket) = bucket {
        bucket.tokens = (bucket.tokens + 1.0).min(bucket.allowance.burst);
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
    use std::net::Ipv4Addr;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn each_failure_waits_longer_up_to_ten_seconds_and_never_for_ever() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        for step in [1, 3, 5, 10, 10, 10] {
            assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
            assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Err(step));
            now += Duration::from_secs(step);
        }
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
    }

    #[test]
    fn success_forgets_and_another_source_is_not_held_back() {
        let throttle = Throttle::default();
        let now = Instant::now();
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
        assert_eq!(
            throttle.begin("ada", Guess::Password, "198.51.100.7".parse().unwrap(), now),
            Ok(())
        );
        throttle.passed("ada", Guess::Password, HOME);
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
    }

    #[test]
    fn a_source_that_tries_many_names_runs_dry_and_recovers() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for name in 0..10 {
            assert_eq!(
                throttle.begin(&format!("user{name}"), Guess::Password, HOME, now),
                Ok(())
            );
        }
        assert_eq!(throttle.begin("user10", Guess::Password, HOME, now), Err(60));
        assert_eq!(
            throttle.begin("user10", Guess::Password, HOME, now + Duration::from_secs(60)),
            Ok(())
        );
    }

    #[test]
    fn the_tables_stay_bounded() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for number in 0..(MAX_ENTRIES as u32 + 500) {
            let source = IpAddr::V4(Ipv4Addr::from_bits(number));
            assert_eq!(throttle.begin("ada", Guess::Password, source, now), Ok(()));
        }
        let inner = throttle.inner.lock().unwrap();
        assert!(inner.steps.len() <= MAX_ENTRIES && inner.sources.len() <= MAX_ENTRIES);
    }

    #[test]
    fn a_second_factor_is_not_guessed_from_many_sources_together() {
        let second = Guess::Second { strict: false };
        let strict = Guess::Second { strict: true };
        for (guess, burst, wait_s) in [(second, 10, 60), (strict, 3, 300)] {
            let throttle = Throttle::default();
            let now = Instant::now();
            let source = |number: u32| IpAddr::V4(Ipv4Addr::from_bits(number));
            for number in 0..burst {
                assert_eq!(throttle.begin("ada", guess, source(number), now), Ok(()));
            }
            assert_eq!(throttle.begin("ada", guess, source(99), now), Err(wait_s));
            // others, and the password of this one, are not held back by that
            assert_eq!(throttle.begin("bob", guess, source(99), now), Ok(()));
            assert_eq!(throttle.begin("ada", Guess::Password, source(99), now), Ok(()));
            let later = now + Duration::from_secs(wait_s);
            assert_eq!(throttle.begin("ada", guess, source(98), later), Ok(()));
        }
    }

    #[test]
    fn a_good_password_does_not_forgive_guesses_at_the_second_factor() {
        let throttle = Throttle::default();
        let now = Instant::now();
        let second = Guess::Second { strict: false };
        assert_eq!(throttle.begin("ada", second, HOME, now), Ok(()));
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
        throttle.passed("ada", Guess::Password, HOME);
        assert_eq!(throttle.begin("ada", second, HOME, now), Err(1));
    }

    #[test]
    fn an_attempt_that_was_not_looked_at_neither_counts_nor_forgives() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
        throttle.withdrawn("ada", Guess::Password, HOME);
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
        now += Duration::from_secs(1);
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Ok(()));
        throttle.withdrawn("ada", Guess::Password, HOME);
        assert_eq!(throttle.begin("ada", Guess::Password, HOME, now), Err(1));
    }
}
