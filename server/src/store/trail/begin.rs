//! The beginning of a trail: its first key, the rows of an earlier version, and what happens when its key is lost.

use app::audit::{Action, Fact, Outcome};
use sqlx::{Sqlite, Transaction};

use super::{Head, Line, Result, Store, Tail, head, key, new_key};
use crate::{
    seal::Seal,
    store::NewLine,
    trail::{chain::NOTHING_BEFORE, detail, keys::ChainKeys},
};

/// A row of an earlier version: number, time, actor, address, action, object, outcome.
type Before = (i64, i64, String, String, String, String, Option<String>);

impl Store {
    /// Begins the trail where there is none. Where its key does not open it goes on under a new one only if the old one
    /// is given up, which its rows say for ever. Must be done before the first row.
    pub async fn begin_trail(&self, keys: &ChainKeys, seal: &Seal, now_ms: u64, give_up: bool) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let changed = match head(&mut transaction).await? {
            None => {
                first(&mut transaction, seal, now_ms).await?;
                true
            }
            Some(found) => match key(&mut transaction, keys, found.key_id).await {
                Ok(_) => false,
                Err(error) if !give_up => return Err(error),
                Err(_) => {
                    let (id, key) = new_key(&mut transaction, seal).await?;
                    let mut tail = Tail {
                        head: Head { key_id: id, ..found },
                        key,
                    };
                    let why = "their key was given up as lost";
                    tail.mend(&mut transaction, now_ms, why).await?;
                    true
                }
            },
        };
        if changed {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(())
    }
}

async fn first(transaction: &mut Transaction<'_, Sqlite>, seal: &Seal, now_ms: u64) -> Result<()> {
    let (key_id, key) = new_key(transaction, seal).await?;
    let nothing = || NOTHING_BEFORE.to_vec();
    let mut tail = Tail {
        head: Head {
            first_id: 1,
            before_hash: nothing(),
            last_id: 0,
            last_hash: nothing(),
            key_id,
            mac: Vec::new(),
        },
        key,
    };
    tail.seal(&mut *transaction).await?;
    let carried = carry_over(transaction, &mut tail).await?;
    let facts = (carried > 0).then(|| Fact::told("carried over", carried.to_string()));
    let line = NewLine::by_itself(
        now_ms,
        Action::TrailBegun,
        "audit trail".into(),
        detail::json(facts.as_slice()),
    );
    tail.add(transaction, line).await?;
    Ok(())
}

/// Chains what an earlier version wrote, as its rows say: the act, and its outcome where it is known. Gives how many.
async fn carry_over(transaction: &mut Transaction<'_, Sqlite>, tail: &mut Tail) -> Result<u64> {
    /// Rows read at once.
    const PART: i64 = 1_000;
    let mut after = i64::MIN;
    let mut carried = 0;
    loop {
        let query = "SELECT id, at_ms, actor, address, action, object, outcome FROM audit_before WHERE id > ?
             ORDER BY id LIMIT ?";
        let rows: Vec<Before> = sqlx::query_as(query)
            .bind(after)
            .bind(PART)
            .fetch_all(&mut **transaction)
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        for (_, at_ms, actor, address, action, object, outcome) in rows {
            let mut act = Line {
                id: tail.head.last_id + 1,
                at_ms,
                actor,
                address,
                action,
                object,
                outcome: Outcome::Begun.word().into(),
                key_id: tail.head.key_id,
                ..Line::default()
            };
            tail.chain(transaction, &mut act).await?;
            carried += 1;
            let Some(text) = outcome else { continue };
            let (outcome, why) = read_outcome(&text);
            let mut told = Line {
                id: tail.head.last_id + 1,
                act_id: Some(act.id),
                object: String::new(),
                address: String::new(),
                detail: why.map_or_else(String::new, |why| detail::json(&[Fact::told("why", why)])),
                outcome: outcome.word().into(),
                ..act
            };
            tail.chain(transaction, &mut told).await?;
        }
    }
    sqlx::query("DROP TABLE audit_before")
        .execute(&mut **transaction)
        .await?;
    Ok(carried)
}

/// What an earlier version meant by an outcome.
fn read_outcome(text: &str) -> (Outcome, Option<&str>) {
    match text {
        "done" | "accepted" | "signed in" => (Outcome::Done, None),
        "unknown" => (Outcome::Unknown, None),
        "failed" => (Outcome::Failed, None),
        other => (
            Outcome::Refused,
            Some(other.strip_prefix("refused: ").unwrap_or(other)),
        ),
    }
}
