//! Where the commands that look after an installation find it, and how they tell what went wrong.

use std::{fmt, path::PathBuf};

use anyhow::Result;
use app::audit::{Action, Fact, Outcome};

use crate::{
    config::Config,
    recordings::bucket::Bucket,
    rotation,
    seal::Seal,
    store::{Store, StoreError},
    trail::{Trail, Who},
};

/// The installation: the same settings as the server's.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Place {
    /// The configuration file (TOML); also STARBOARD_CONFIG.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The SQLite file.
    #[arg(long, value_name = "FILE", global = true)]
    database: Option<String>,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// A command that looks after an installation.
#[derive(Debug, clap::Args)]
pub(super) struct At<C: clap::Subcommand> {
    #[command(subcommand)]
    pub(super) command: C,
    #[command(flatten)]
    pub(super) place: Place,
}

/// An installation that is open; a server may run on it at the same time.
pub(super) struct Opened {
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) seal: Seal,
    pub(super) trail: Trail,
    /// Who types.
    pub(super) who: Who,
}

impl Opened {
    /// The bucket of the settings.
    pub(super) fn bucket(&self) -> Result<Option<Bucket>> {
        self.config.bucket.as_ref().map(Bucket::new).transpose()
    }
}

impl Place {
    /// Finds the database and the key file, for when they do not fit together.
    pub(super) async fn find(&self) -> Result<(Config, Store, Who)> {
        let config = self.settings(false)?;
        let store = Store::open(&config.database).await?;
        Ok((config, store, Who::command_line(&unix_user())))
    }

    fn settings(&self, may_be_made: bool) -> Result<Config> {
        let flags: Vec<(&str, String)> = self
            .database
            .iter()
            .map(|file| ("database", file.clone()))
            .collect();
        let config = Config::load(self.config.as_deref(), std::env::vars(), &flags)?;
        if may_be_made || config.database.exists() {
            return Ok(config);
        }
        let database = config.database.display();
        let message = format!("there is no database {database}: give the server's --config or --database");
        Err(Told::error(Exit::NotFound, "database", message))
    }

    /// Opens it. Where there is none, it is made only if that `may` be.
    pub(super) async fn open(&self, may_be_made: bool) -> Result<Opened> {
        let config = self.settings(may_be_made)?;
        let store = Store::open(&config.database).await?;
        let (seal, trail) = rotation::open(&store, &config.key_path()).await?;
        Ok(Opened {
            config,
            store,
            seal,
            trail,
            who: Who::command_line(&unix_user()),
        })
    }
}

impl Opened {
    /// Does something with a row in the audit trail before it and a row for what came of it. Where the first cannot be
    /// written, nothing is done.
    pub(super) async fn audited<T>(
        &self,
        action: Action,
        object: &str,
        facts: &[Fact],
        act: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let who = self.who.clone();
        let begun = self.trail.begin(who, "", action, object, facts).await?;
        let done = act.await;
        match &done {
            Ok(_) => self.trail.end(begun, Outcome::Done, &[]).await,
            Err(error) => {
                let why = Fact::told("why", format!("{error:#}"));
                self.trail.end(begun, Outcome::Failed, &[why]).await;
            }
        }
        done
    }

    /// The same of a change of the database.
    pub(super) async fn stored<T>(
        &self,
        action: Action,
        object: &str,
        facts: &[Fact],
        change: impl Future<Output = crate::store::Result<T>>,
    ) -> Result<T> {
        let change = async { change.await.map_err(told) };
        self.audited(action, object, facts, change).await
    }
}

/// How the program ends, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// A value is not good (so does the parser of the command line).
    Invalid = 2,
    /// There is no such user, or no installation.
    NotFound = 3,
    /// A name is taken, or this is the last administrator.
    Taken = 4,
    /// The audit trail is broken.
    Broken = 5,
}

/// Something that a person or a script can act on.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) exit: Exit,
    pub(super) field: &'static str,
    message: String,
}

impl Told {
    pub(super) fn error(exit: Exit, field: &'static str, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self {
            exit,
            field,
            message: message.into(),
        })
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Told {}

/// A store's error, where it is one to act on.
pub(super) fn told(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::LastAdministrator => {
            let message = "nothing was changed: this is the last administrator who can sign in";
            Told::error(Exit::Taken, "username", message)
        }
        StoreError::Taken(what) => Told::error(Exit::Taken, "username", format!("this {what} is taken")),
        other => other.into(),
    }
}

/// The Unix user's name, else the number.
fn unix_user() -> String {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(id.as_str())).then(|| name.to_owned())
    });
    name.unwrap_or(id)
}
