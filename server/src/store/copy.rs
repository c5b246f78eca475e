//! A copy of the calls that are over in PostgreSQL, for reading: every change is noted by triggers in the transaction that makes it, and
//! carried over row by row as it is, so that whatever is carried over twice comes to the same. This program's own database stays what
//! counts: while the copy is away, changes wait in it.

mod changes;
mod months;
mod pools;
mod tables;

pub use months::Month;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, ensure};
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, PgPool, Postgres, Row, Transaction,
    postgres::{PgConnectOptions, PgSslMode},
};

use self::tables::{TABLES, Table};
use super::{Result, Store};
use crate::config::PostgresConfig;

/// Changes, or calls, that are carried over at once.
const BATCH: i64 = 5_000;
/// How long one is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// More changes than this do not wait for a copy that is away: it is begun anew when it is back.
const MOST_WAITING: i64 = 2_000_000;

/// The copy.
#[derive(Clone, Debug)]
pub struct Copy {
    pub(super) pool: PgPool,
    /// The same for pages of all calls, which are asked for in one way: planned once.
    pub(super) pages: PgPool,
    state: Arc<Mutex<State>>,
    /// Whether calls are looked for in it.
    is_searched: bool,
}

/// How it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not reached yet.
    New,
    /// It is being filled: so many of a thousand parts of all time are in it.
    Filling(u16),
    /// It can be read whenever no change waits.
    Usable {
        /// Calls before this one are not in it.
        begins: i64,
    },
    /// It does not do its part, and why.
    Failed(String),
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copied {
    parties: i64,
    calls: i64,
    whole: bool,
    position: i64,
    /// Calls before it are not in it.
    begins: i64,
}

/// What came of carrying something over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// There may be more.
    Some,
    /// There is no more.
    All,
}

/// Rows by their keys, of each of [`TABLES`].
type Keys = [Vec<i64>; TABLES.len()];

impl Copy {
    /// One that is reached when it is needed, and whose answers are waited for as long as people wait.
    ///
    /// # Errors
    /// Its address cannot be read.
    pub fn new(at: &PostgresConfig) -> anyhow::Result<Self> {
        let options = address(at)?.options([("statement_timeout", "30s")]);
        Ok(Self::with(options, at.search.0))
    }

    /// The same for commands, which wait for longer.
    ///
    /// # Errors
    /// Its address cannot be read.
    pub fn patient(at: &PostgresConfig) -> anyhow::Result<Self> {
        Ok(Self::with(address(at)?, at.search.0))
    }

    fn with(options: PgConnectOptions, is_searched: bool) -> Self {
        let (pool, pages) = pools::of(options);
        Self {
            pool,
            pages,
            state: Arc::new(Mutex::new(State::New)),
            is_searched,
        }
    }

    /// How it does.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Whether calls are looked for in it.
    pub fn is_searched(&self) -> bool {
        self.is_searched
    }

    /// Whether calls from this one on are looked for in it.
    pub(super) fn has_from(&self, call: i64) -> bool {
        self.is_searched && matches!(self.state(), State::Usable { begins } if begins <= call)
    }

    /// It does not do its part.
    pub fn failed(&self, why: String) {
        self.set(State::Failed(why));
    }

    /// Sees that it answers, or why not: the pool would only say that it waited for long enough.
    async fn reach(&self) -> anyhow::Result<()> {
        let reaching = self.pool.connect_options();
        let reached = tokio::time::timeout(PATIENCE, reaching.connect()).await;
        Ok(reached.context("it does not answer")??.close().await?)
    }

    /// Brings its schema up to date, and sees that it is a copy of this database or of none yet. One that missed changes is
    /// emptied.
    ///
    /// # Errors
    /// It cannot be reached, or is the copy of another one.
    pub async fn begin(&self, store: &Store) -> anyhow::Result<()> {
        self.reach().await?;
        sqlx::migrate!("../migrations/postgres")
            .run(&self.pool)
            .await
            .context("its schema could not be brought up to date")?;
        let (name, generation) = store.copy_source().await?;
        let last = store.last_change().await?;
        let mut transaction = self.pool.begin().await?;
        sqlx::query("INSERT INTO copied (source, generation) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(&name)
            .bind(generation)
            .execute(&mut *transaction)
            .await?;
        let (source, of, position): (String, i64, i64) =
            sqlx::query_as("SELECT source, generation, position FROM copied FOR UPDATE")
                .fetch_one(&mut *transaction)
                .await?;
        ensure!(source == name, "{OF_ANOTHER}");
        // a database that was restored from a backup does not know what the copy knows
        if of != generation || position > last {
            for statement in [
                "TRUNCATE call, call_party, party, call_kind, call_hour, call_day",
                "UPDATE copied SET parties = DEFAULT, calls = DEFAULT, whole = DEFAULT, position = DEFAULT",
            ] {
                sqlx::query(statement).execute(&mut *transaction).await?;
            }
            sqlx::query("UPDATE copied SET generation = $1")
                .bind(generation)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Sees that it is a copy of this database.
    ///
    /// # Errors
    /// It cannot be reached, is none yet, or that of another one.
    pub async fn is_of(&self, store: &Store) -> anyhow::Result<()> {
        self.reach().await.context("PostgreSQL cannot be reached")?;
        let (name, _) = store.copy_source().await?;
        let source: Option<String> = sqlx::query_scalar("SELECT source FROM copied")
            .fetch_optional(&self.pool)
            .await
            .context("there is no copy of the calls: a server with these settings makes it")?;
        ensure!(source.is_some_and(|source| source == name), "{OF_ANOTHER}");
        Ok(())
    }

    async fn copied(&self) -> Result<Copied> {
        let row = sqlx::query("SELECT parties, calls, whole, position, begins FROM copied")
            .fetch_one(&self.pool)
            .await?;
        Ok(Copied {
            parties: row.try_get("parties")?,
            calls: row.try_get("calls")?,
            whole: row.try_get("whole")?,
            position: row.try_get("position")?,
            begins: row.try_get("begins")?,
        })
    }

    /// Carries over what is next.
    ///
    /// # Errors
    /// Either database's. What was carried over before stays.
    pub async fn carry(&self, store: &Store) -> Result<Carried> {
        let mut copied = self.copied().await?;
        if copied.whole {
            self.set(State::Usable {
                begins: copied.begins,
            });
        } else {
            self.set(State::Filling(store.per_mille(copied.calls).await?));
        }
        let mut keys = Keys::default();
        let carried = if copied.whole {
            let changes = store.copy_changes(copied.position, BATCH).await?;
            if changes.is_empty() {
                // whoever carried the last ones over was ended before it could forget them
                if store.has_changes().await? {
                    store.forget_changes(copied.position).await?;
                }
                return Ok(Carried::All);
            }
            for (id, what, key) in &changes {
                copied.position = *id;
                let table = usize::try_from(what - 1).ok().and_then(|at| keys.get_mut(at));
                if let Some(table) = table {
                    table.push(*key);
                }
            }
            let is_all = (changes.len() as i64) < BATCH;
            if is_all { Carried::All } else { Carried::Some }
        } else {
            keys[tables::PARTIES] = store.keys_after("party", copied.parties).await?;
            if let Some(last) = keys[tables::PARTIES].last() {
                copied.parties = *last;
            } else {
                let after = copied.calls.max(copied.begins - 1);
                keys[tables::CALLS] = store.keys_after("call", after).await?;
                match keys[tables::CALLS].last() {
                    Some(last) => copied.calls = *last,
                    None => {
                        copied.whole = true;
                        for (place, table, key) in [
                            (tables::KINDS, "call_kind", "id"),
                            (tables::HOURS, "call_hour", "hour"),
                            (tables::DAYS, "call_day", "day"),
                        ] {
                            keys[place] = store.all_keys(table, key).await?;
                        }
                    }
                }
            }
            Carried::Some
        };
        keys[tables::CALLS].retain(|call| *call >= copied.begins);
        for table in &mut keys {
            table.sort_unstable();
            table.dedup();
        }
        let mut transaction = self.pool.begin().await?;
        months::make(&mut transaction, &keys[tables::CALLS]).await?;
        for (table, keys) in TABLES.iter().zip(&keys) {
            if !keys.is_empty() {
                let rows = store.rows_of(table, keys).await?;
                put(&mut transaction, table, keys, &rows).await?;
            }
        }
        sqlx::query("UPDATE copied SET parties = $1, calls = $2, whole = $3, position = $4")
            .bind(copied.parties)
            .bind(copied.calls)
            .bind(copied.whole)
            .bind(copied.position)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        if copied.whole && copied.position == 0 {
            // what is planned without statistics takes a hundred times as long
            let mut connection = self.pool.acquire().await?;
            for statement in [
                "SET statement_timeout = 0",
                "VACUUM (ANALYZE)",
                "RESET statement_timeout",
            ] {
                sqlx::query(statement).execute(&mut *connection).await?;
            }
        }
        if copied.position > 0 {
            store.forget_changes(copied.position).await?;
        }
        Ok(carried)
    }
}

const OF_ANOTHER: &str = "this database has a copy of another Starboard's calls";

/// How it is reached.
fn address(at: &PostgresConfig) -> anyhow::Result<PgConnectOptions> {
    let options: PgConnectOptions = at
        .address
        .parse()
        .ok()
        .context("postgres: the address cannot be read")?;
    // over a network only whom we know; on this machine as the server likes it
    let protection = if at.is_here() {
        PgSslMode::Prefer
    } else {
        PgSslMode::VerifyFull
    };
    let options = options.application_name("starboard").ssl_mode(protection);
    let options = match &at.ca_file {
        Some(file) => options.ssl_root_cert(file),
        None => options,
    };
    Ok(match &at.password {
        Some(password) => options.password(password.expose_secret()),
        None => options,
    })
}

/// Replaces rows of a table.
async fn put(
    transaction: &mut Transaction<'static, Postgres>,
    table: &Table,
    keys: &[i64],
    rows: &[String],
) -> Result<()> {
    for statement in table.remove() {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(keys)
            .execute(&mut **transaction)
            .await?;
    }
    for (statement, rows) in table.insert().into_iter().zip(rows) {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(rows)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn over_a_network_only_a_server_that_proves_who_it_is_is_talked_to() {
        for (host, is_sure) in [
            ("db.example.org", true),
            ("192.0.2.7:5433", true),
            ("localhost", false),
            ("127.0.0.1:5433", false),
            ("[::1]", false),
        ] {
            let at = PostgresConfig {
                address: format!("postgres://starboard@{host}/calls"),
                password: None,
                password_file: None,
                search: Default::default(),
                ca_file: None,
            };
            let protection = address(&at).unwrap().get_ssl_mode();
            assert_eq!(matches!(protection, PgSslMode::VerifyFull), is_sure, "{host}");
        }
    }
}
