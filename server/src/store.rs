//! The database: SQLite, one writer and a few readers. All SQL of the product is below this module.

mod agent;
mod alarm;
mod api_request;
mod by_hand;
mod callback;
mod cdr;
mod cel;
mod copy;
mod erasure;
mod health;
mod help;
mod history;
mod identity;
mod lost;
mod mailing;
mod order;
mod pbx;
mod people;
mod policy;
mod push;
mod queue_log;
mod recording;
mod request;
mod role;
mod saved_search;
mod screen;
mod sealed;
mod session;
mod setup;
mod sign_in;
mod spool;
mod supervision;
mod team;
mod token;
mod trail;
mod user;
mod visit;
mod wallboard;
mod wrap_up;

use std::{
    fs::OpenOptions,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use anyhow::{Context, bail};
use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use agent::{DEFAULT_SHORT_ABANDON_S, DEFAULT_TARGET_S, SessionInQueue, SpanRecord};
pub use api_request::Asked;
pub use callback::{CallsOfDay, HeardWish};
pub use cdr::{
    After, Anew, Batch, CDR_PASSWORD_COLUMN, CdrSource, CheckTally, Coverage, Kept, Kind, NewRebuild,
    Rebuild, RebuildTally, RecordRow, RecordsSight, Siblings, Table, TableError, ToldBy, Turn,
};
pub use copy::{Carried, Copy as CallCopy, Month as CopyMonth, State as CopyState};
pub use erasure::{NewErasure, Number, Phase as ErasurePhase, UnderWay};
pub use help::HelpRecord;
pub use history::{
    CallPart, CallSums, CallWalk, Common, Difference, Every, IN_A_MS, MOST_ADDED_UP, OpenCall, QUARTER_MS,
    Recounted, Said, Seen, Stored,
};
pub use lost::{ClaimRecord, Claimed, HOLD_MS, LostRecord, LostState, MAX_CLAIMS, Place, Touched, TryRecord};
pub use mailing::DueMailing;
pub use pbx::{PbxRecord, SECRET_COLUMN};
pub use people::Wanted;
pub use push::PushDevice;
pub use queue_log::{LogAgents, LogOf, LogPlace, LogTally, Verdict};
pub use recording::{
    Growing, KnownFile, LinkRecord, ListenRecord, NewHold, NewLink, Policy as RecordingPolicy, Reap,
    RecordingRecord, SeenFile, Settled, state_word,
};
pub use request::Claim;
pub use role::Removed;
pub use screen::ScreenRecord;
pub use sealed::{Resealed, SEALED};
pub use session::{SessionRecord, SessionRow};
pub use sign_in::{CODE_BYTES, HANDLE_BYTES, PasskeyRecord, SignInRecord, TOTP_COLUMN};
pub use spool::Spooled;
pub use supervision::Supervised;
pub use token::TokenRecord;
pub use trail::{Found, Head, Line, NewLine, Search, TrailLook};
pub use user::{UserRecord, built_in_id};
pub use visit::{OpenVisit, Recording, RingRecord, VisitFilter, VisitRecord};
pub use wallboard::{Changed, WallboardRecord};
pub use wrap_up::OpenWrapUp;

/// How long a statement waits for another process's lock.
const BUSY: Duration = Duration::from_secs(5);
/// How long a caller waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(6);
/// Readers beside the one writer.
const READERS: u32 = 4;
/// Memory that the writer, and each reader, may fill with what it has read, in KiB; a small database never does. All of it
/// together leaves a server of 2,000 agents below 200 MB however many calls there are.
const WRITER_KIB: u32 = 48 << 10;
const READER_KIB: u32 = 12 << 10;
/// Pages of the log from which on they are written back: a burst of calls touches the same ones again and again.
const LOG_PAGES: u32 = 8_192;

// SQLite's result codes (https://www.sqlite.org/rescode.html) for "not now".
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;

/// What callers tell apart.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Full, locked or unreadable for now: may work later without a restart.
    #[error("the database is not available: {0}")]
    Unavailable(&'static str),
    /// A unique name is in use.
    #[error("this {0} is taken")]
    Taken(&'static str),
    /// Nobody would be left who can let others in.
    #[error("nobody would be left who can let others in")]
    LastAdministrator,
    /// Anything else is a fault of ours.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// A result from the database.
pub type Result<T> = std::result::Result<T, StoreError>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return StoreError::Unavailable("busy"),
            sqlx::Error::Io(_) => return StoreError::Unavailable("not readable"),
            sqlx::Error::Database(database) => {
                let code = database.code().and_then(|code| code.parse::<i32>().ok());
                // the low byte is the primary code
                match code.map(|code| code & 0xff) {
                    Some(SQLITE_FULL) => return StoreError::Unavailable("the disk is full"),
                    Some(SQLITE_BUSY | SQLITE_LOCKED) => return StoreError::Unavailable("locked"),
                    Some(SQLITE_READONLY) => return StoreError::Unavailable("read-only"),
                    Some(SQLITE_IOERR | SQLITE_CANTOPEN) => return StoreError::Unavailable("not readable"),
                    _ if database.message().contains("pbx.name") => return StoreError::Taken("name"),
                    _ if database.message().contains("user.username") => {
                        return StoreError::Taken("user name");
                    }
                    _ if database.message().contains("identity.") => return StoreError::Taken("identity"),
                    _ if database.message().contains("team.name") => return StoreError::Taken("team name"),
                    _ if database.message().contains("pause_reason.name") => {
                        return StoreError::Taken("reason");
                    }
                    _ if database.message().contains("wallboard.") => {
                        return StoreError::Taken("wallboard name");
                    }
                    _ if database.message().contains("role.name") => return StoreError::Taken("role name"),
                    _ => {}
                }
            }
            _ => {}
        }
        StoreError::Other(error.into())
    }
}

/// The open database.
#[derive(Clone, Debug)]
pub struct Store {
    write: SqlitePool,
    read: SqlitePool,
    /// A copy of calls, for reading.
    copy: Option<CallCopy>,
}

impl Store {
    /// Opens or makes the file (mode 0600) and brings its schema up to date.
    pub async fn open(path: &Path) -> anyhow::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("the database {} cannot be opened", path.display()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            .collation("names", order::by_name);
        let writing = options
            .clone()
            .pragma("cache_size", format!("-{WRITER_KIB}"))
            // what was is not left behind in the pages that are written anyway: `store/erasure.rs` relies on it
            .pragma("secure_delete", "FAST")
            .pragma("wal_autocheckpoint", LOG_PAGES.to_string());
        brought_up_to_date(path, &writing).await?;
        let write = pool(1).after_connect(|connection, _| Box::pin(history::at_once(connection)));
        let write = write.connect_with(writing).await?;
        let reading = options
            .read_only(true)
            .pragma("cache_size", format!("-{READER_KIB}"));
        let read = pool(READERS).connect_with(reading).await?;
        Ok(Self {
            write,
            read,
            copy: None,
        })
    }

    /// The copy of calls, where there is one.
    pub fn copy(&self) -> Option<&CallCopy> {
        self.copy.as_ref()
    }

    /// The same, with a copy of calls beside it.
    #[must_use]
    pub fn with_copy(self, copy: CallCopy) -> Self {
        Self {
            copy: Some(copy),
            ..self
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.read).await?;
        Ok(())
    }

    /// Closes every connection and writes the log back.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Allows `pages` database pages at most, as a full disk would; for tests of that fault.
    pub async fn limit_pages(&self, pages: Option<u32>) -> Result<()> {
        let most = pages.unwrap_or(u32::MAX - 1);
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {most}")))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// Makes the database what this version knows.
async fn brought_up_to_date(path: &Path, writing: &SqliteConnectOptions) -> anyhow::Result<()> {
    let connection = SqliteConnection::connect_with(writing).await;
    let mut connection =
        connection.with_context(|| format!("the database {} cannot be opened", path.display()))?;
    match sqlx::migrate!("../migrations").run(&mut connection).await {
        Ok(()) => {}
        Err(MigrateError::VersionMissing(version)) => bail!(
            "the database {} was written by a newer Starboard (schema {version}): start that version, or \
             restore the backup made before the upgrade",
            path.display()
        ),
        Err(error) => return Err(error).context("the database's schema could not be brought up to date"),
    }
    Ok(connection.close().await?)
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        // a file does not hang up; asking whether it is still there costs as much as a statement
        .test_before_acquire(false)
        // one that was closed could not be opened again on a full disk
        .idle_timeout(None)
        .max_lifetime(None)
}

/// A time for a column.
fn ms(time_ms: u64) -> i64 {
    i64::try_from(time_ms).unwrap_or(i64::MAX)
}
