//! Tells live sockets that their session is over: at once for a sign-out here, within seconds for one that
//! ran out or was ended in the database.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
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

type Watched = Mutex<Sockets>;

/// Every live socket.
#[derive(Debug, Default)]
struct Sockets {
    by_number: HashMap<u64, Socket>,
    next: u64,
}

/// One of them.
#[derive(Debug)]
struct Socket {
    /// Its session; none while that gets a new id.
    of: Option<IdHash>,
    /// Ends it.
    token: CancellationToken,
    /// The session goes on otherwise: its page comes anew.
    anew: Arc<AtomicBool>,
}

/// The sessions that have live sockets.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    watched: Arc<Watched>,
    stopping: Arc<AtomicBool>,
    stopped: CancellationToken,
    emptied: Arc<Notify>,
}

/// One socket's share in its session; dropped with the socket.
#[derive(Debug)]
pub struct Watch {
    watched: Arc<Watched>,
    number: u64,
    token: CancellationToken,
    anew: Arc<AtomicBool>,
    emptied: Arc<Notify>,
}

impl Ends {
    /// Watches a session for one socket.
    pub fn watch(&self, hash: IdHash) -> Watch {
        let token = CancellationToken::new();
        let anew = Arc::new(AtomicBool::new(false));
        let socket = Socket {
            of: Some(hash),
            token: token.clone(),
            anew: anew.clone(),
        };
        let mut watched = self.watched();
        let number = watched.next;
        watched.next += 1;
        watched.by_number.insert(number, socket);
        drop(watched);
        if self.stopping() {
            token.cancel();
        }
        Watch {
            watched: self.watched.clone(),
            number,
            token,
            anew,
            emptied: self.emptied.clone(),
        }
    }

    /// Ends a session's sockets now.
    pub fn end(&self, hash: &IdHash) {
        for socket in self.watched().by_number.values() {
            if socket.of.as_ref() == Some(hash) {
                socket.token.cancel();
            }
        }
    }

    /// Ends a session's sockets now; the session goes on, and its pages come anew.
    pub fn renew(&self, hash: &IdHash) {
        for socket in self.watched().by_number.values() {
            if socket.of.as_ref() == Some(hash) {
                socket.anew.store(true, Ordering::SeqCst);
                socket.token.cancel();
            }
        }
    }

    /// A session is about to get another id: takes its sockets off it, for [`Ends::settle`].
    pub fn lift(&self, from: &IdHash) -> Vec<u64> {
        let mut watched = self.watched();
        let theirs = watched
            .by_number
            .iter_mut()
            .filter(|(_, socket)| socket.of.as_ref() == Some(from));
        theirs
            .map(|(number, socket)| {
                socket.of = None;
                *number
            })
            .collect()
    }

    /// The session of these sockets has this id now.
    pub fn settle(&self, lifted: &[u64], to: IdHash) {
        let mut watched = self.watched();
        for number in lifted {
            if let Some(socket) = watched.by_number.get_mut(number) {
                socket.of = Some(to);
            }
        }
    }

    /// The server stops: ends every socket, and every one to come.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.stopped.cancel();
        for socket in self.watched().by_number.values() {
            socket.token.cancel();
        }
    }

    /// Waits until the server stops.
    pub async fn stopped(&self) {
        self.stopped.cancelled().await;
    }

    /// Whether sockets end because the server stops.
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Sockets connected now.
    pub fn sockets(&self) -> usize {
        self.watched().by_number.len()
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
            self.look(&store).await;
        }
    }

    /// Ends the sockets of sessions that are over, now.
    pub async fn look(&self, store: &Store) {
        let asked: HashSet<IdHash> = self
            .watched()
            .by_number
            .values()
            .filter_map(|socket| socket.of)
            .collect();
        if asked.is_empty() {
            return;
        }
        match store.sessions_alive(wall_ms()).await {
            Ok(alive) => self.keep(&asked, &alive.into_iter().collect()),
            Err(error) => tracing::warn!(%error, "live sessions could not be checked"),
        }
    }

    /// Ends what was `asked` for and is not `alive`; a session that began meanwhile was not asked for.
    fn keep(&self, asked: &HashSet<IdHash>, alive: &HashSet<Vec<u8>>) {
        for socket in self.watched().by_number.values() {
            if socket
                .of
                .is_some_and(|hash| asked.contains(&hash) && !alive.contains(&hash[..]))
            {
                socket.token.cancel();
            }
        }
    }

    fn watched(&self) -> MutexGuard<'_, Sockets> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
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
        watched.by_number.remove(&self.number);
        if watched.by_number.is_empty() {
            self.emptied.notify_waiters();
        }
    }
}
