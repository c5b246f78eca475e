//! The listening side: an engine that owns the world, a task for each connection.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::verb::VerbError;
use crate::wire::Class;
use crate::world::Settings;

mod control;
mod engine;
mod outbox;
mod session;

use engine::{Engine, Wish};

/// Wishes the engine may be behind with before those who wish have to wait.
const MAX_WISHES: usize = 1024;
/// AMI connections at once, as `manager.conf` limits sessions.
pub const MAX_CONNECTIONS: usize = 64;

/// Somebody who may log in.
#[derive(Clone)]
pub struct User {
    /// The name.
    pub name: String,
    /// The secret.
    pub secret: String,
    /// Classes of events this user sees.
    pub read: Class,
    /// Classes of actions this user may send.
    pub write: Class,
}

impl User {
    /// One who may do everything.
    #[must_use]
    pub fn full(name: &str, secret: &str) -> Self {
        User {
            name: name.to_owned(),
            secret: secret.to_owned(),
            read: Class::ALL,
            write: Class::ALL,
        }
    }

    /// One with the rights that Starboard asks an administrator for, and no more.
    #[must_use]
    pub fn cockpit(name: &str, secret: &str) -> Self {
        User {
            name: name.to_owned(),
            secret: secret.to_owned(),
            read: Class::SYSTEM.and(Class::CALL).and(Class::AGENT).and(Class::USER),
            write: Class::REPORTING
                .and(Class::CALL)
                .and(Class::AGENT)
                .and(Class::ORIGINATE),
        }
    }

    /// One who may look and not touch.
    #[must_use]
    pub fn viewer(name: &str, secret: &str) -> Self {
        User {
            name: name.to_owned(),
            secret: secret.to_owned(),
            read: Class::CALL
                .and(Class::AGENT)
                .and(Class::REPORTING)
                .and(Class::SYSTEM),
            write: Class::REPORTING,
        }
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A capture to play to every client that logs in, instead of a life of its own.
#[derive(Clone, Debug)]
pub struct Play {
    /// The raw AMI byte stream. A file beside it with the extension `idx` (lines of milliseconds and byte
    /// offset) gives the timing; without it everything comes at once.
    pub capture: PathBuf,
    /// How many times faster than recorded.
    pub speed: f64,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where AMI clients connect. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where scripts connect, if anywhere. Loopback only.
    pub control: Option<SocketAddr>,
    /// The world.
    pub settings: Settings,
    /// Who may log in.
    pub users: Vec<User>,
    /// A capture to play.
    pub play: Option<Play>,
}

impl Default for Options {
    /// A life of its own on a free loopback port, for `starboard` with the secret `starboard`.
    fn default() -> Self {
        Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            control: None,
            settings: Settings::default(),
            users: vec![User::full("starboard", "starboard")],
            play: None,
        }
    }
}

/// The addresses that were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// For AMI clients.
    pub ami: SocketAddr,
    /// For scripts.
    pub control: Option<SocketAddr>,
}

/// Why the simulator cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The control address is reachable from outside this machine.
    #[error("{0} is not a loopback address: scripts could be sent by anybody")]
    ControlExposed(SocketAddr),
    /// A capture cannot be read.
    #[error("cannot read {path}")]
    Capture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Whether connections live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Open,
    /// Nothing moves.
    Silent,
    /// Asterisk is not running.
    Down,
}

/// A running simulator. Dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    bound: Bound,
    wishes: mpsc::Sender<Wish>,
    tasks: JoinSet<()>,
}

/// Runs until the future is dropped. `on_bound` learns the addresses once both are listened on.
pub async fn run(options: Options, on_bound: impl FnOnce(Bound)) -> Result<(), Error> {
    let mut simulator = Simulator::start(options).await?;
    on_bound(simulator.bound);
    while simulator.tasks.join_next().await.is_some() {}
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

impl Simulator {
    /// Listens and begins to live.
    pub async fn start(options: Options) -> Result<Simulator, Error> {
        let (listener, ami) = listen(options.listen).await?;
        let control = match options.control {
            Some(address) if !address.ip().is_loopback() => return Err(Error::ControlExposed(address)),
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let recording = match &options.play {
            Some(play) => Some(Arc::new(crate::play::Recording::read(play)?)),
            None => None,
        };
        let (wishes, inbox) = mpsc::channel(MAX_WISHES);
        let (line, line_seen) = watch::channel(Line::Open);
        let mut tasks = JoinSet::new();
        tasks.spawn(Engine::new(options.settings, inbox, line).run());
        let users: Arc<[User]> = options.users.into();
        tasks.spawn(session::serve(
            listener,
            users,
            recording,
            wishes.clone(),
            line_seen,
        ));
        let bound = Bound {
            ami,
            control: control.as_ref().map(|(_, address)| *address),
        };
        if let Some((listener, _)) = control {
            tasks.spawn(control::serve(listener, wishes.clone()));
        }
        Ok(Simulator { bound, wishes, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// Does what a line of the script language says (see [`crate::verb`]) and returns what it answers.
    pub async fn script(&self, line: &str) -> Result<String, VerbError> {
        let (answer, answered) = oneshot::channel();
        let stopped = || VerbError::NotNow("the simulator".to_owned());
        let wish = Wish::Script {
            line: line.to_owned(),
            answer,
        };
        self.wishes.send(wish).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// A phone calls. Returns the Uniqueid of its channel.
    pub async fn call(&self, from: &str, to: &str) -> Result<String, VerbError> {
        self.script(&format!("call {from} {to}")).await
    }

    /// Somebody outside calls a queue. Returns the Uniqueid of the channel.
    pub async fn queue_call(&self, number: &str, queue: &str) -> Result<String, VerbError> {
        self.script(&format!("queue-call {number} {queue}")).await
    }

    /// A ringing phone is picked up.
    pub async fn answer(&self, who: &str) -> Result<(), VerbError> {
        self.script(&format!("answer {who}")).await.map(drop)
    }

    /// Somebody holds the other side.
    pub async fn hold(&self, who: &str) -> Result<(), VerbError> {
        self.script(&format!("hold {who}")).await.map(drop)
    }

    /// Somebody takes the other side back.
    pub async fn unhold(&self, who: &str) -> Result<(), VerbError> {
        self.script(&format!("unhold {who}")).await.map(drop)
    }

    /// Somebody puts the phone down.
    pub async fn hang_up(&self, who: &str) -> Result<(), VerbError> {
        self.script(&format!("hangup {who}")).await.map(drop)
    }

    /// Somebody sends the other side elsewhere.
    pub async fn transfer(&self, who: &str, to: &str) -> Result<(), VerbError> {
        self.script(&format!("transfer {who} {to}")).await.map(drop)
    }

    /// Somebody parks the other side. Returns the space.
    pub async fn park(&self, who: &str) -> Result<String, VerbError> {
        self.script(&format!("park {who}")).await
    }

    /// Closes every AMI connection; the PBX goes on.
    pub async fn cut_links(&self) -> Result<(), VerbError> {
        self.script("cut").await.map(drop)
    }

    /// Nothing moves on any connection for so long, as on a dead line.
    pub async fn go_silent(&self, for_time: std::time::Duration) -> Result<(), VerbError> {
        self.script(&format!("silent {}", for_time.as_secs_f64()))
            .await
            .map(drop)
    }

    /// Asterisk restarts: good-byes, then a new boot.
    pub async fn restart(&self) -> Result<(), VerbError> {
        self.script("restart").await.map(drop)
    }
}
