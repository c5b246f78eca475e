//! One attempt to show who one is, counted before it is looked at.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use app::AppError;

use super::CallerBackend;
use crate::access::{
    hashing::HashError,
    throttle::{Guess, Throttle},
};

/// Characters of a name that are told apart.
const MAX_ACCOUNT_CHARS: usize = 80;

/// An attempt under way. Dropped, it was a failure.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    throttle: &'a Throttle,
    account: String,
    guess: Guess,
    source: IpAddr,
    /// Nothing came of it yet.
    open: AtomicBool,
}

impl<'a> Attempt<'a> {
    /// Counts the attempt, or says how long to wait.
    pub(super) fn begin(backend: &'a CallerBackend, account: &str, guess: Guess) -> Result<Self, AppError> {
        let attempt = Self {
            throttle: &backend.services.throttle,
            account: account.chars().take(MAX_ACCOUNT_CHARS).collect(),
            guess,
            source: backend.caller.address,
            open: AtomicBool::new(false),
        };
        attempt
            .throttle
            .begin(&attempt.account, guess, attempt.source, Instant::now())
            .map_err(|retry_after_s| AppError::TooMany { retry_after_s })?;
        attempt.open.store(true, Ordering::Relaxed);
        Ok(attempt)
    }

    /// It was good.
    pub(super) fn passed(self) {
        self.open.store(false, Ordering::Relaxed);
        self.throttle.passed(&self.account, self.guess, self.source);
    }

    /// It was not looked at, and does not count.
    pub(super) fn withdrawn(&self) {
        self.open.store(false, Ordering::Relaxed);
        self.throttle.withdrawn(&self.account, self.guess, self.source);
    }

    /// A hash; where there is none the attempt was not looked at.
    pub(super) fn hashed<T>(&self, hashed: Result<T, HashError>) -> Result<T, AppError> {
        hashed.map_err(|error| {
            self.withdrawn();
            error.into()
        })
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.open.load(Ordering::Relaxed) {
            // the wait counts from the answer on, however long the hash took
            self.throttle
                .failed(&self.account, self.guess, self.source, Instant::now());
        }
    }
}
