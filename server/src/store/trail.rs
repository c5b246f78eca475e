//! The audit trail's tables: rows at the end, both ends sealed, a prefix that goes when it is old.

mod begin;
mod read;

use sqlx::{Sqlite, SqliteConnection, Transaction};

pub use read::{Found, Search, TrailLook};

use super::{Result, Store, StoreError, ms};
use crate::{
    seal::Seal,
    trail::{
        Who,
        chain::{ChainKey, NOTHING_BEFORE},
        keys::ChainKeys,
    },
};
use app::audit::{Action, Outcome};

/// The column of the chain's sealed keys, for the seal's binding.
const KEY_COLUMN: &str = "audit_key.key_sealed";

/// A row of the trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// Number; the next row has the next number.
    pub id: i64,
    /// When.
    pub at_ms: i64,
    /// The act whose outcome this row tells; None for an act itself.
    pub act_id: Option<i64>,
    /// The user's id; None where the actor is no user.
    pub actor_id: Option<i64>,
    /// The user's name at that time, or `kind:name`.
    pub actor: String,
    /// Where from.
    pub address: String,
    /// A word.
    pub action: String,
    /// On what.
    pub object: String,
    /// What is told with it: a JSON object, or nothing.
    pub detail: String,
    /// A word.
    pub outcome: String,
    /// The chain's key that made the hash.
    pub key_id: i64,
    /// Chains it to the row before.
    pub hash: Vec<u8>,
}

/// Both ends of the trail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// The oldest row that is kept.
    pub first_id: i64,
    /// The hash of the row before it.
    pub before_hash: Vec<u8>,
    /// The newest row.
    pub last_id: i64,
    /// Its hash.
    pub last_hash: Vec<u8>,
    /// The key of the next row.
    pub key_id: i64,
    /// Seals all of this.
    pub mac: Vec<u8>,
}

/// What is to be written; number, key and hash come with the writing.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// When.
    pub at_ms: u64,
    /// The act whose outcome this is.
    pub act_id: Option<i64>,
    /// Who.
    pub who: Who,
    /// Where from.
    pub address: String,
    /// What.
    pub action: Action,
    /// On what.
    pub object: String,
    /// What is told with it.
    pub detail: String,
    /// What came of it.
    pub outcome: Outcome,
}

impl NewLine {
    /// What Starboard does by itself.
    pub(crate) fn by_itself(at_ms: u64, action: Action, object: String, detail: String) -> Self {
        Self {
            at_ms,
            act_id: None,
            who: Who::itself(),
            address: String::new(),
            action,
            object,
            detail,
            outcome: Outcome::Done,
        }
    }
}

/// The end of the trail, held by a transaction that adds to it.
pub(super) struct Tail {
    pub(super) head: Head,
    pub(super) key: ChainKey,
}

impl Tail {
    /// Takes hold of the end. Where it was tampered with the trail says so and goes on: what must be written is written.
    pub(super) async fn hold(
        transaction: &mut Transaction<'_, Sqlite>,
        keys: &ChainKeys,
        now_ms: u64,
    ) -> Result<Self> {
        let head = head(&mut *transaction).await?;
        let Some(head) = head else {
            return Err(StoreError::Other(anyhow::anyhow!(
                "the audit trail was not begun"
            )));
        };
        let key = key(&mut *transaction, keys, head.key_id).await?;
        let genuine = ChainKey::fits(&key.head(&head), &head.mac);
        let mut tail = Self { head, key };
        if !genuine {
            tail.mend(transaction, now_ms, "the sealed end is not what Starboard wrote")
                .await?;
        } else if tail.head.last_id < keys.newest() {
            tail.mend(
                transaction,
                now_ms,
                "rows that Starboard wrote since its start are gone",
            )
            .await?;
        }
        Ok(tail)
    }

    /// Goes on from the rows that are there, and says that something is wrong with them.
    pub(super) async fn mend(
        &mut self,
        transaction: &mut Transaction<'_, Sqlite>,
        now_ms: u64,
        why: &str,
    ) -> Result<()> {
        tracing::error!(
            why,
            "the audit trail is broken; `starboard audit verify` says where"
        );
        let last: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
                .fetch_optional(&mut **transaction)
                .await?;
        let first: Option<i64> = sqlx::query_scalar("SELECT min(id) FROM audit")
            .fetch_one(&mut **transaction)
            .await?;
        let (last_id, last_hash) = last.unwrap_or((self.head.last_id, NOTHING_BEFORE.to_vec()));
        self.head.first_id = first.unwrap_or(last_id + 1);
        self.head.last_id = last_id;
        self.head.last_hash = last_hash;
        self.seal(&mut *transaction).await?;
        let detail = crate::trail::detail::json(&[app::audit::Fact::told("why", why)]);
        let line = NewLine::by_itself(now_ms, Action::TrailBroken, "audit trail".into(), detail);
        self.add(transaction, line).await?;
        Ok(())
    }

    /// Adds a row.
    pub(super) async fn add(
        &mut self,
        transaction: &mut Transaction<'_, Sqlite>,
        new: NewLine,
    ) -> Result<i64> {
        let mut line = Line {
            id: self.head.last_id + 1,
            at_ms: ms(new.at_ms),
            act_id: new.act_id,
            actor_id: new.who.id,
            actor: new.who.name,
            address: new.address,
            action: new.action.word().into(),
            object: new.object,
            detail: new.detail,
            outcome: new.outcome.word().into(),
            key_id: self.head.key_id,
            hash: Vec::new(),
        };
        self.chain(transaction, &mut line).await?;
        Ok(line.id)
    }

    /// Chains a row to the end and seals the new end.
    pub(super) async fn chain(
        &mut self,
        transaction: &mut Transaction<'_, Sqlite>,
        line: &mut Line,
    ) -> Result<()> {
        line.hash = self.key.row(&self.head.last_hash, line).to_vec();
        sqlx::query(
            "INSERT INTO audit (id, at_ms, act_id, actor_id, actor, address, action, object, detail, outcome, key_id, hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(line.id)
        .bind(line.at_ms)
        .bind(line.act_id)
        .bind(line.actor_id)
        .bind(&line.actor)
        .bind(&line.address)
        .bind(&line.action)
        .bind(&line.object)
        .bind(&line.detail)
        .bind(&line.outcome)
        .bind(line.key_id)
        .bind(&line.hash)
        .execute(&mut **transaction)
        .await?;
        self.head.last_id = line.id;
        self.head.last_hash.clone_from(&line.hash);
        self.seal(transaction).await
    }

    /// Seals both ends as they are now.
    pub(super) async fn seal(&mut self, connection: &mut SqliteConnection) -> Result<()> {
        self.head.mac = self.key.head(&self.head).to_vec();
        sqlx::query(
            "INSERT INTO audit_head (id, first_id, before_hash, last_id, last_hash, key_id, mac)
             VALUES (1, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET first_id = excluded.first_id, before_hash = excluded.before_hash,
             last_id = excluded.last_id, last_hash = excluded.last_hash, key_id = excluded.key_id, mac = excluded.mac",
        )
        .bind(self.head.first_id)
        .bind(&self.head.before_hash)
        .bind(self.head.last_id)
        .bind(&self.head.last_hash)
        .bind(self.head.key_id)
        .bind(&self.head.mac)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// From here on the chain has a new key.
    pub(super) async fn new_key(
        &mut self,
        transaction: &mut Transaction<'_, Sqlite>,
        seal: &Seal,
    ) -> Result<()> {
        let (id, key) = new_key(transaction, seal).await?;
        self.head.key_id = id;
        self.key = key;
        Ok(())
    }
}

/// Makes a key and keeps it sealed.
pub(super) async fn new_key(
    transaction: &mut Transaction<'_, Sqlite>,
    seal: &Seal,
) -> Result<(i64, ChainKey)> {
    let key = ChainKey::random();
    let id = sqlx::query("INSERT INTO audit_key (key_sealed) VALUES (x'')")
        .execute(&mut **transaction)
        .await?
        .last_insert_rowid();
    sqlx::query("UPDATE audit_key SET key_sealed = ? WHERE id = ?")
        .bind(seal.seal(KEY_COLUMN, id, &key.secret())?)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok((id, key))
}

/// Where the trail begins and ends.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Option<Head>> {
    let query = "SELECT first_id, before_hash, last_id, last_hash, key_id, mac FROM audit_head";
    Ok(sqlx::query_as(query).fetch_optional(connection).await?)
}

/// A key of the chain.
pub(super) async fn key(connection: &mut SqliteConnection, keys: &ChainKeys, id: i64) -> Result<ChainKey> {
    if let Some(key) = keys.known(id) {
        return Ok(key);
    }
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT key_sealed FROM audit_key WHERE id = ?")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    let sealed = sealed.ok_or_else(|| anyhow::anyhow!("key {id} of the audit trail is gone"))?;
    Ok(keys.open(KEY_COLUMN, id, &sealed)?)
}

/// Adds a row in the transaction that does what it tells: both are kept, or neither. [`ChainKeys::written`] takes the number that
/// this gives, after the commit.
pub(super) async fn add_with(
    transaction: &mut Transaction<'_, Sqlite>,
    keys: &ChainKeys,
    line: NewLine,
) -> Result<i64> {
    Tail::hold(transaction, keys, line.at_ms)
        .await?
        .add(transaction, line)
        .await
}

impl Store {
    /// Adds rows, all or none; gives their numbers.
    pub async fn add_lines(&self, keys: &ChainKeys, now_ms: u64, lines: Vec<NewLine>) -> Result<Vec<i64>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut tail = Tail::hold(&mut transaction, keys, now_ms).await?;
        let mut ids = Vec::with_capacity(lines.len());
        for line in lines {
            ids.push(tail.add(&mut transaction, line).await?);
        }
        transaction.commit().await?;
        keys.written(tail.head.last_id);
        Ok(ids)
    }

    /// Removes rows from before `before_ms`, at most so many at once, and says so in the trail. Gives how many went.
    pub async fn cut_trail(
        &self,
        keys: &ChainKeys,
        now_ms: u64,
        before_ms: u64,
        most: i64,
        days: u64,
    ) -> Result<u64> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let mut tail = Tail::hold(&mut transaction, keys, now_ms).await?;
        let first = tail.head.first_id;
        // up to the first row that is young enough: a clock that went backwards keeps rows longer, and no hole is made
        let young: Option<i64> =
            sqlx::query_scalar("SELECT min(id) FROM audit WHERE id >= ? AND id < ? AND at_ms >= ?")
                .bind(first)
                .bind(first + most)
                .bind(ms(before_ms))
                .fetch_one(&mut *transaction)
                .await?;
        let from = young.unwrap_or((first + most).min(tail.head.last_id + 1));
        if from <= first {
            transaction.rollback().await?;
            return Ok(0);
        }
        let last: Option<(Vec<u8>, i64)> = sqlx::query_as("SELECT hash, at_ms FROM audit WHERE id = ?")
            .bind(from - 1)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((hash, at_ms)) = last else {
            // a hole: verifying names it, and nothing is removed over it
            transaction.rollback().await?;
            tracing::error!("the audit trail is broken; old rows stay");
            return Ok(0);
        };
        tail.head.first_id = from;
        tail.head.before_hash = hash;
        tail.seal(&mut transaction).await?;
        let removed = sqlx::query("DELETE FROM audit WHERE id < ?")
            .bind(from)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        let until = app::words::moment::machine(at_ms.unsigned_abs());
        let facts = [
            app::audit::Fact::told("rows", removed.to_string()),
            app::audit::Fact::told("until", until),
            app::audit::Fact::told("kept", format!("{days} days")),
        ];
        let object = format!("rows {first} to {}", from - 1);
        let detail = crate::trail::detail::json(&facts);
        let line = NewLine::by_itself(now_ms, Action::TrailCut, object, detail);
        tail.add(&mut transaction, line).await?;
        transaction.commit().await?;
        keys.written(tail.head.last_id);
        Ok(removed)
    }
}
