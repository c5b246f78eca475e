//! How often programs may ask: so many requests a minute with one token, and from one address. Bounded memory.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The time in which all that was used comes back.
const WINDOW_S: f64 = 60.0;
/// So many times more may come from one address as with one token.
const TOKENS_AN_ADDRESS: u32 = 4;
/// Askers that are remembered; whoever has asked for nothing lately is forgotten first.
const MAX_ENTRIES: usize = 20_000;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    /// The requests with a token.
    Token(i64),
    /// The requests from an address, with whatever token or none.
    Address(IpAddr),
}

/// Counts requests.
#[derive(Debug)]
pub struct Limits {
    a_minute: u32,
    buckets: Mutex<HashMap<Of, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// How one limit stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    word: &'static str,
    quota: u32,
    left: u32,
    full_in_s: u64,
    /// Seconds to wait, where there was nothing left.
    pub(super) wait_s: Option<u64>,
}

impl Limits {
    /// So many requests a minute with one token.
    pub fn new(a_minute: usize) -> Self {
        Self {
            a_minute: u32::try_from(a_minute)
                .unwrap_or(u32::MAX / TOKENS_AN_ADDRESS)
                .max(1),
            buckets: Mutex::default(),
        }
    }

    /// Counts a request.
    pub(super) fn take(&self, of: Of, now: Instant) -> Standing {
        let (word, quota) = match of {
            Of::Token(_) => ("token", self.a_minute),
            Of::Address(_) => ("address", self.a_minute.saturating_mul(TOKENS_AN_ADDRESS)),
        };
        let burst = f64::from(quota);
        let a_second = burst / WINDOW_S;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut buckets, now);
        let bucket = buckets.entry(of).or_insert(Bucket { left: burst, at: now });
        let refilled = now.duration_since(bucket.at).as_secs_f64() * a_second;
        bucket.left = (bucket.left + refilled).min(burst);
        bucket.at = now;
        let wait_s = (bucket.left < 1.0).then(|| seconds((1.0 - bucket.left) / a_second));
        if wait_s.is_none() {
            bucket.left -= 1.0;
        }
        Standing {
            word,
            quota,
            left: bucket.left as u32,
            full_in_s: seconds((burst - bucket.left) / a_second),
            wait_s,
        }
    }
}

fn seconds(seconds: f64) -> u64 {
    (seconds.ceil() as u64).max(1)
}

/// Forgets whom a whole window has passed for: their bucket is full. Where all are in use, whoever is next goes.
fn make_room(buckets: &mut HashMap<Of, Bucket>, now: Instant) {
    if buckets.len() < MAX_ENTRIES {
        return;
    }
    let window = Duration::from_secs_f64(WINDOW_S);
    buckets.retain(|_, bucket| now.duration_since(bucket.at) < window);
    while buckets.len() >= MAX_ENTRIES {
        let Some(next) = buckets.keys().next().copied() else {
            return;
        };
        buckets.remove(&next);
    }
}

/// Says how limits stand, as the IETF's draft "RateLimit header fields for HTTP" has it.
pub(super) fn say(headers: &mut HeaderMap, standings: &[Standing]) {
    let list = |item: fn(&Standing) -> String| {
        let items: Vec<String> = standings.iter().map(item).collect();
        HeaderValue::try_from(items.join(", ")).ok()
    };
    let policy = list(|one| format!("\"{}\";q={};w={}", one.word, one.quota, WINDOW_S as u64));
    let state = list(|one| format!("\"{}\";r={};t={}", one.word, one.left, one.full_in_s));
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_minute_and_gets_it_back_bit_by_bit() {
        let limits = Limits::new(60);
        let now = Instant::now();
        for left in (0..60).rev() {
            let standing = limits.take(Of::Token(1), now);
            assert_eq!((standing.left, standing.wait_s), (left, None));
        }
        let refused = limits.take(Of::Token(1), now);
        assert_eq!(
            (refused.left, refused.wait_s, refused.full_in_s),
            (0, Some(1), 60)
        );
        assert_eq!(limits.take(Of::Token(2), now).wait_s, None, "another token");
        assert_eq!(
            limits.take(Of::Token(1), now + Duration::from_secs(1)).wait_s,
            None
        );
        let mut headers = HeaderMap::new();
        say(&mut headers, &[refused]);
        assert_eq!(headers[RATE_LIMIT_POLICY], "\"token\";q=60;w=60");
        assert_eq!(headers[RATE_LIMIT], "\"token\";r=0;t=60");
    }

    #[test]
    fn memory_stays_bounded() {
        let limits = Limits::new(60);
        let now = Instant::now();
        for id in 0..(MAX_ENTRIES as i64 + 100) {
            limits.take(Of::Token(id), now);
        }
        assert!(limits.buckets.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
