//! Argon2id on threads of its own: as many at once as memory and the live boards allow, a bounded queue before them, and
//! below everything else in the eyes of the scheduler.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{self, SyncSender},
};

use anyhow::{Context, anyhow};
use app::AppError;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::password::normalised;
use crate::error::internal;

/// A password's hash: memory in KiB, passes and lanes. `cargo bench --bench signin` says what one costs.
const PASSWORD: (u32, u32, u32) = (64 * 1024, 2, 1);
/// A recovery code's: there are ten to make at once, and 50 random bits need no more than the least that is advised.
const CODE: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Bytes of a code's hash.
pub const CODE_HASH_BYTES: usize = 32;
/// Hashes that wait for their turn; whoever comes then is told to come back.
const WAITING: usize = 64;
/// What the hashing threads yield to everything else, as `nice` has it.
const NICE: i32 = 5;

type Job = Box<dyn FnOnce() + Send>;

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<HashError> for AppError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => AppError::Unavailable(
                "Very many people are signing in at this moment, so nothing was checked and nothing changed. \
                 Try again in a few seconds."
                    .into(),
            ),
            HashError::Fault(error) => internal(error),
        }
    }
}

/// Hashes and checks passwords and codes.
#[derive(Clone, Debug)]
pub struct Passwords {
    queue: SyncSender<Job>,
    /// Checked in place of an unknown user's, so that both take the same time.
    decoy: Arc<str>,
}

/// Half as many threads as there are cores.
fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).max(1)
}

impl Passwords {
    /// Starts the threads.
    pub fn new() -> anyhow::Result<Self> {
        let (queue, jobs) = mpsc::sync_channel::<Job>(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads() {
            let jobs = jobs.clone();
            let work = move || {
                // without it sign-ins are as urgent as calls, and nothing worse
                let _ = rustix::process::setpriority_process(None, NICE);
                loop {
                    // taken while the lock is held, done after it is given back
                    let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = job else { return };
                    job();
                }
            };
            std::thread::Builder::new()
                .name(format!("passwords-{number}"))
                .spawn(work)
                .context("a thread for passwords could not be started")?;
        }
        let decoy = hash_now("nobody has this password")?;
        Ok(Self {
            queue,
            decoy: decoy.into(),
        })
    }

    /// Hashes a password into PHC form.
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let password = Zeroizing::new(password.to_owned());
        Ok(self.in_turn(move || hash_now(&password)).await??)
    }

    /// Whether the password fits; without a hash the work is the same and the answer no.
    pub async fn fits(&self, password: &str, hash: Option<&str>) -> Result<bool, HashError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let password = Zeroizing::new(password.to_owned());
        let fits = self.in_turn(move || fits_now(&password, &hash)).await??;
        Ok(fits && known)
    }

    /// The hashes of recovery codes under one salt.
    pub async fn hash_codes(
        &self,
        codes: Vec<Zeroizing<String>>,
        salt: Vec<u8>,
    ) -> Result<Vec<[u8; CODE_HASH_BYTES]>, HashError> {
        let work = move || codes.iter().map(|code| hash_code_now(code, &salt)).collect();
        self.in_turn::<anyhow::Result<Vec<_>>>(work)
            .await?
            .map_err(HashError::Fault)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (tell, told) = oneshot::channel();
        let job = move || {
            // whoever went away meanwhile costs nothing any more
            if !tell.is_closed() {
                let _ = tell.send(work());
            }
        };
        self.queue.try_send(Box::new(job)).map_err(|_| HashError::Busy)?;
        told.await
            .map_err(|_| HashError::Fault(anyhow!("a hash was given up")))
    }
}

fn argon((memory_kib, passes, lanes): (u32, u32, u32)) -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(memory_kib, passes, lanes, None).map_err(|error| anyhow!("{error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash: argon2::password_hash::phc::PasswordHash = argon(PASSWORD)?
        .hash_password(normalised(password).as_bytes())
        .map_err(|error| anyhow!("{error}"))?;
    Ok(hash.to_string())
}

fn fits_now(password: &str, hash: &str) -> anyhow::Result<bool> {
    let hash = PasswordHash::new(hash).map_err(|error| anyhow!("a stored hash is unreadable: {error}"))?;
    let password = normalised(password);
    Ok(Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok())
}

fn hash_code_now(code: &str, salt: &[u8]) -> anyhow::Result<[u8; CODE_HASH_BYTES]> {
    let mut hash = [0; CODE_HASH_BYTES];
    argon(CODE)?
        .hash_password_into(code.as_bytes(), salt, &mut hash)
        .map_err(|error| anyhow!("{error}"))?;
    Ok(hash)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_only() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct staple horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"), "{hash}");
        assert!(passwords.fits("correct staple horse", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("correct staple hors", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("nobody has this password", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_its_accents_are_typed() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("zw\u{f6}lf zeichen").await.unwrap();
        assert!(passwords.fits("zwo\u{308}lf zeichen", Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_told_so_at_once() {
        let passwords = Passwords::new().unwrap();
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (begin, begun) = mpsc::channel();
        let waits = || -> Job {
            let (held, begin) = (held.clone(), begin.clone());
            Box::new(move || {
                let _ = begin.send(());
                let _ = held.lock().unwrap_or_else(PoisonError::into_inner).recv();
            })
        };
        // every thread is at work,
        for _ in 0..threads() {
            passwords.queue.try_send(waits()).unwrap();
            begun.recv().unwrap();
        }
        // and every place in the queue taken
        let mut crowd = 0;
        while passwords.queue.try_send(waits()).is_ok() {
            crowd += 1;
        }
        assert_eq!(crowd, WAITING);
        assert!(matches!(passwords.fits("x", None).await, Err(HashError::Busy)));
        drop(release);
        // and afterwards everything goes on
        let fits = loop {
            match passwords.fits("x", None).await {
                Err(HashError::Busy) => tokio::task::yield_now().await,
                other => break other.unwrap(),
            }
        };
        assert!(!fits);
    }
}
