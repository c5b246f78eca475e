//! A copy of the calls that are over in PostgreSQL, for reading: every change is noted by triggers in the transaction that makes it, and
//! carried over row by row as it is, so that whatever is carried over twice comes to the same. This program's own database stays what
//! counts: while the copy is away, changes wait in it.

mod months;
mod tables;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use sqlx::{
    PgPool, Postgres, Row, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use self::tables::{TABLES, Table};
use super::{Result, Store};

/// Changes, or calls, that are carried over at once.
const BATCH: i64 = 2_000;
/// Connections to it.
const CONNECTIONS: u32 = 6;
/// How long one is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The copy.
#[derive(Clone, Debug)]
pub struct Copy {
    pub(super) pool: PgPool,
    /// Everything was carried over, not long ago.
    current: Arc<AtomicBool>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copied {
    filled: i64,
    whole: bool,
    position: i64,
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
    /// Opens it, and brings its schema up to date.
    ///
    /// # Errors
    /// It cannot be reached, or is the copy of something else.
    pub async fn open(options: PgConnectOptions) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            current: Arc::default(),
        })
    }

    /// Whether it has everything, so that it can be read.
    pub fn is_current(&self) -> bool {
        self.current.load(Ordering::Relaxed)
    }

    /// Says so.
    pub fn set_current(&self, current: bool) {
        self.current.store(current, Ordering::Relaxed);
    }

    /// Brings its schema up to date, and sees that it is a copy of this database or of none yet.
    ///
    /// # Errors
    /// It cannot be reached, or is the copy of another one.
    pub async fn begin(&self, store: &Store) -> anyhow::Result<()> {
        sqlx::migrate!("../migrations/postgres")
            .run(&self.pool)
            .await
            .context("the copy's schema could not be brought up to date")?;
        let name = store.copy_source().await?;
        sqlx::query(
            "INSERT INTO copied (source, filled, whole, position) VALUES ($1, -1, false, 0) ON CONFLICT DO NOTHING",
        )
        .bind(&name)
        .execute(&self.pool)
        .await?;
        let source: String = sqlx::query_scalar("SELECT source FROM copied")
            .fetch_one(&self.pool)
            .await?;
        ensure!(
            source == name,
            "this PostgreSQL has a copy of another Starboard's calls"
        );
        Ok(())
    }

    async fn copied(&self) -> Result<Copied> {
        let row = sqlx::query("SELECT filled, whole, position FROM copied")
            .fetch_one(&self.pool)
            .await?;
        Ok(Copied {
            filled: row.try_get("filled")?,
            whole: row.try_get("whole")?,
            position: row.try_get("position")?,
        })
    }

    /// Carries over what is next.
    ///
    /// # Errors
    /// Either database's. What was carried over before stays.
    pub async fn carry(&self, store: &Store) -> Result<Carried> {
        let mut copied = self.copied().await?;
        let mut keys = Keys::default();
        let carried = if copied.whole {
            let changes = store.copy_changes(copied.position, BATCH).await?;
            for (id, what, key) in &changes {
                copied.position = *id;
                let table = usize::try_from(what - 1).ok().and_then(|at| keys.get_mut(at));
                if let Some(table) = table {
                    table.push(*key);
                }
            }
            let is_all = (changes.len() as i64) < BATCH;
            // a call brings along whatever it refers to
            if is_all { Carried::All } else { Carried::Some }
        } else {
            let calls = store.calls_after(copied.filled, BATCH).await?;
            copied.filled = calls.last().copied().unwrap_or(copied.filled);
            if (calls.len() as i64) < BATCH {
                copied.whole = true;
                keys[tables::HOURS] = store.hours_of_calls("call_hour", "hour").await?;
                keys[tables::DAYS] = store.hours_of_calls("call_day", "day").await?;
            }
            (keys[tables::PARTIES], keys[tables::KINDS]) = store.referred_to(&calls).await?;
            keys[tables::CALLS] = calls;
            Carried::Some
        };
        for table in &mut keys {
            table.sort_unstable();
            table.dedup();
        }
        if keys.iter().all(Vec::is_empty) && carried == Carried::All {
            return Ok(carried);
        }
        let mut transaction = self.pool.begin().await?;
        months::make(&mut transaction, &keys[tables::CALLS]).await?;
        for (table, keys) in TABLES.iter().zip(&keys) {
            if !keys.is_empty() {
                let rows = store.rows_of(table, keys).await?;
                put(&mut transaction, table, keys, &rows).await?;
            }
        }
        sqlx::query("UPDATE copied SET filled = $1, whole = $2, position = $3")
            .bind(copied.filled)
            .bind(copied.whole)
            .bind(copied.position)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        if copied.position > 0 {
            store.forget_changes(copied.position).await?;
        }
        Ok(carried)
    }
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

impl Store {
    /// By what a copy knows this database.
    async fn copy_source(&self) -> Result<String> {
        let name = sqlx::query_scalar("SELECT name FROM copy_source")
            .fetch_one(&self.read)
            .await?;
        Ok(name)
    }

    /// Has changes noted from now on, or no more.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_changes(&self, on: bool) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for statement in tables::triggers(on) {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&mut *transaction)
                .await?;
        }
        if !on {
            sqlx::query("DELETE FROM copy_change")
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn copy_changes(&self, after: i64, most: i64) -> Result<Vec<(i64, i64, i64)>> {
        let changes =
            sqlx::query_as("SELECT id, what, key FROM copy_change WHERE id > ? ORDER BY id LIMIT ?")
                .bind(after)
                .bind(most)
                .fetch_all(&self.read)
                .await?;
        Ok(changes)
    }

    async fn forget_changes(&self, until: i64) -> Result<()> {
        sqlx::query("DELETE FROM copy_change WHERE id <= ?")
            .bind(until)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// How many changes wait to be carried over.
    ///
    /// # Errors
    /// The database's.
    pub async fn changes_behind(&self) -> Result<u64> {
        let behind: i64 = sqlx::query_scalar("SELECT count(*) FROM copy_change")
            .fetch_one(&self.read)
            .await?;
        Ok(behind.unsigned_abs())
    }

    async fn calls_after(&self, after: i64, most: i64) -> Result<Vec<i64>> {
        let calls = sqlx::query_scalar("SELECT id FROM call WHERE id > ? ORDER BY id LIMIT ?")
            .bind(after)
            .bind(most)
            .fetch_all(&self.read)
            .await?;
        Ok(calls)
    }

    async fn hours_of_calls(&self, table: &str, at: &str) -> Result<Vec<i64>> {
        let hours = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT DISTINCT {at} FROM {table}")))
            .fetch_all(&self.read)
            .await?;
        Ok(hours)
    }

    /// Parties and kinds of calls.
    async fn referred_to(&self, calls: &[i64]) -> Result<(Vec<i64>, Vec<i64>)> {
        let calls = serde_json::to_string(calls).unwrap_or_default();
        let parties = sqlx::query_scalar(
            "WITH c AS (SELECT call.* FROM json_each(?) AS one CROSS JOIN call ON call.id = one.value)
             SELECT caller_id FROM c UNION SELECT callee_id FROM c
             UNION SELECT value FROM c, json_each(c.others) WHERE c.others IS NOT NULL",
        )
        .bind(&calls)
        .fetch_all(&self.read)
        .await?;
        let kinds = sqlx::query_scalar(
            "SELECT DISTINCT call.kind_id FROM json_each(?) AS one CROSS JOIN call ON call.id = one.value",
        )
        .bind(calls)
        .fetch_all(&self.read)
        .await?;
        Ok((parties, kinds))
    }

    /// Rows of a table by their keys, as JSON, for each of its statements.
    async fn rows_of(&self, table: &Table, keys: &[i64]) -> Result<Vec<String>> {
        let keys = serde_json::to_string(keys).unwrap_or_default();
        let mut all = Vec::new();
        for statement in table.read() {
            let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
                .bind(&keys)
                .fetch_one(&self.read)
                .await?;
            all.push(rows);
        }
        Ok(all)
    }
}
