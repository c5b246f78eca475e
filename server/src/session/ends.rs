//! Tells live sockets that their session is over: at once for a sign-out here, within seconds for one that
//! ran out or was ended in the database.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::IdHash;
use crate::{clock::wall_ms, store::Store};

/// How often the database is asked which sessions are alive.
const SWEEP: Duration = Duration::from_secs(4);

/// The sockets of one session: what ends them, how many they are, and whether the session goes on otherwise.
type Sockets = (CancellationToken, usize, Arc<AtomicBool>);
type Watched = Mutex<HashMap<IdHash, Sockets>>;

/// The sessions that have live sockets.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    watched: Arc<Watched>,
    stopping: Arc<AtomicBool>,
    emptied: Arc<Notify>,
}

/// One socket's share in its session; dropped with the socket.
#[derive(Debug)]
pub struct Watch {
    watched: Arc<Watched>,
    hash: IdHash,
    token: CancellationToken,
    anew: Arc<AtomicBool>,
    emptied: Arc<Notify>,
}

impl Ends {
    /// Watches a session for one socket.
    pub fn watch(&self, hash: IdHash) -> Watch {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, sockets, anew) = watched.entry(hash).or_default();
        *sockets += 1;
        if self.stopping() {
            token.cancel();
        }
        Watch {
            watched: self.watched.clone(),
            hash,
            token: token.clone(),
            anew: anew.clone(),
            emptied: self.emptied.clone(),
        }
    }

    /// Ends a session's sockets now.
    pub fn end(&self, hash: &IdHash) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, ..)) = watched.get(hash) {
            token.cancel();
        }
    }

    /// Ends a session's sockets now; the session goes on, and its pages come anew.
    pub fn renew(&self, hash: &IdHash) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, _, anew)) = watched.get(hash) {
            anew.store(true, Ordering::SeqCst);
            token.cancel();
        }
    }

    /// The server stops: ends every socket, and every one to come.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        for (token, ..) in self
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            token.cancel();
        }
    }

    /// Whether sockets end because the server stops.
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Sockets connected now.
    pub fn sockets(&self) -> usize {
        self.watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .map(|(_, sockets, _)| sockets)
            .sum()
    }

    /// Waits until no socket is connected any more.
    pub async fn drained(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.sockets() == 0 {
                return;
            }
            emptied.await;
        }
    }

    /// Asks the database for ever which sessions are alive. While it cannot answer, sockets stay.
    pub async fn sweep(self, store: Store) {
        let mut turn = tokio::time::interval(SWEEP);
        turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            turn.tick().await;
            if self
                .watched
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_empty()
            {
                continue;
            }
            self.look(&store).await;
        }
    }

    /// Ends the sockets of sessions that are over, now.
    pub async fn look(&self, store: &Store) {
        match store.sessions_alive(wall_ms()).await {
            Ok(alive) => self.keep(&alive.into_iter().collect()),
            Err(error) => tracing::warn!(%error, "live sessions could not be checked"),
        }
    }

    fn keep(&self, alive: &HashSet<Vec<u8>>) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        for (hash, (token, ..)) in watched.iter() {
            if !alive.contains(&hash[..]) {
                token.cancel();
            }
        }
    }
}

impl Watch {
    /// Whether the session goes on, and only its sockets end.
    pub fn goes_on(&self) -> bool {
        self.anew.load(Ordering::SeqCst)
    }

    /// Waits until the session is over.
    pub async fn ended(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sockets, _)) = watched.get_mut(&self.hash) {
            *sockets -= 1;
            if *sockets == 0 {
                watched.remove(&self.hash);
            }
            if watched.is_empty() {
                self.emptied.notify_waiters();
            }
        }
    }
}
