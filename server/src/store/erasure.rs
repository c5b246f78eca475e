//! Erasing what is kept of a telephone number: a phase after the other, each in batches that are one transaction and leave behind
//! how far it got. Killed anywhere, it is gone on with from there, and two that work on one erasure come to the same end.

mod calls;
mod files;
mod found;
mod number;
mod records;
mod texts;

use app::{
    audit::{Fact, Outcome},
    model::erase::{Erasure, Tally},
};
use sqlx::{Row, Sqlite, Transaction, sqlite::SqliteRow};

pub use number::Number;

use super::{Result, Store, ms, trail::add_with, visit::count};
use crate::trail::{Act, Who, keys::ChainKeys};

/// Erasures that are listed.
const LISTED: i64 = 50;
/// Pages of the index that are merged at once, and how often.
const MERGED: i64 = 256;
const MOST_MERGES: usize = 10_000;

/// What is done one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Recordings are marked; from here on they are not heard.
    Mark,
    /// Calls of which it is known who was on them.
    Calls,
    /// Every other call whose story names the number.
    Stories,
    /// Visits of queues.
    Visits,
    /// Talks with somebody who was lost.
    Contacts,
    /// Asterisk's own records.
    Records,
    /// What channels did.
    Events,
    /// What is in no order of time.
    Rest,
    /// Who was on calls.
    Parties,
    /// Files are removed.
    Files,
}

const PHASES: [Phase; 10] = [
    Phase::Mark,
    Phase::Calls,
    Phase::Stories,
    Phase::Visits,
    Phase::Contacts,
    Phase::Records,
    Phase::Events,
    Phase::Rest,
    Phase::Parties,
    Phase::Files,
];

/// An erasure under way.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// Its number.
    pub id: i64,
    /// What is erased.
    pub number: Number,
    /// What is done at the moment.
    pub phase: Phase,
    /// What began it.
    pub act: Act,
    /// How far the phase got.
    after: i64,
}

impl UnderWay {
    /// What stands where a name or number was.
    fn name(&self) -> String {
        format!("Erased {}", self.id)
    }

    fn person(&self) -> String {
        person(self.id)
    }
}

/// The one person that everybody is who was erased together; no number is.
fn person(id: i64) -> String {
    format!("erased {id}")
}

/// Who begins an erasure, and why.
#[derive(Clone, Debug)]
pub struct NewErasure<'a> {
    /// What is erased.
    pub number: &'a Number,
    /// Why, for people.
    pub purpose: &'a str,
    /// The open row in the audit trail.
    pub act: &'a Act,
    /// Calls and recordings that are held.
    pub held: u64,
}

fn under_way(row: &SqliteRow) -> sqlx::Result<Option<UnderWay>> {
    let who = Who {
        id: row.try_get("user_id")?,
        name: row.try_get("actor")?,
    };
    let phase: i64 = row.try_get("phase")?;
    // a phase of a later version is left to that one
    let Some(phase) = usize::try_from(phase).ok().and_then(|at| PHASES.get(at)) else {
        return Ok(None);
    };
    Ok(Some(UnderWay {
        id: row.try_get("id")?,
        number: Number::of_person(row.try_get("person")?),
        phase: *phase,
        act: Act::begun(row.try_get("act_id")?, who, app::audit::Action::EraseNumber),
        after: row.try_get("after")?,
    }))
}

fn shown(row: &SqliteRow) -> sqlx::Result<Erasure> {
    let tally = |name: &str| row.try_get::<i64, _>(name).map(count);
    Ok(Erasure {
        id: row.try_get("id")?,
        hint: row.try_get("hint")?,
        purpose: row.try_get("purpose")?,
        by: row.try_get("actor")?,
        began_ms: tally("began_ms")?,
        done_ms: row.try_get::<Option<i64>, _>("done_ms")?.map(count),
        tally: Tally {
            calls: tally("calls")?,
            recordings: tally("recordings")?,
            notes: tally("notes")?,
            others: tally("others")?,
        },
        held: tally("held")?,
        left: row.try_get("left_over")?,
    })
}

const ONE: &str = "SELECT * FROM erasure WHERE id = ?";

impl Store {
    /// Begins an erasure; None where the same number is being erased.
    pub async fn begin_erasure(&self, new: NewErasure<'_>, now_ms: u64) -> Result<Option<i64>> {
        let done = sqlx::query(
            "INSERT INTO erasure (person, hint, purpose, act_id, user_id, actor, began_ms, held)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(new.number.person())
        .bind(new.number.hint())
        .bind(new.purpose)
        .bind(new.act.id())
        .bind(new.act.who().id)
        .bind(&new.act.who().name)
        .bind(ms(now_ms))
        .bind(ms(new.held))
        .execute(&self.write)
        .await?;
        Ok((done.rows_affected() == 1).then(|| done.last_insert_rowid()))
    }

    /// The erasure of a number that is under way.
    pub async fn erasure_of(&self, number: &Number) -> Result<Option<i64>> {
        let id = sqlx::query_scalar("SELECT id FROM erasure WHERE person = ? AND done_ms IS NULL")
            .bind(number.person())
            .fetch_optional(&self.read)
            .await?;
        Ok(id)
    }

    /// Erasures, the latest first.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        let rows = sqlx::query("SELECT * FROM erasure ORDER BY id DESC LIMIT ?")
            .bind(LISTED)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(shown).collect::<sqlx::Result<_>>()?)
    }

    /// One of them.
    pub async fn erasure(&self, id: i64) -> Result<Option<Erasure>> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.read).await?;
        Ok(row.as_ref().map(shown).transpose()?)
    }

    /// Those that have not come to their end.
    pub async fn open_erasures(&self) -> Result<Vec<i64>> {
        let ids = sqlx::query_scalar("SELECT id FROM erasure WHERE done_ms IS NULL ORDER BY id")
            .fetch_all(&self.read)
            .await?;
        Ok(ids)
    }

    /// Where one of them is; None when it is over.
    pub async fn erasing(&self, id: i64) -> Result<Option<UnderWay>> {
        let row = sqlx::query("SELECT * FROM erasure WHERE id = ? AND done_ms IS NULL")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        Ok(row.as_ref().map(under_way).transpose()?.flatten())
    }

    /// Goes on a little. Of [`Phase::Files`] the files themselves are for whoever calls.
    pub async fn erase_some(&self, id: i64, now_ms: u64) -> Result<()> {
        let Some(seen) = self.erasing(id).await? else {
            return Ok(());
        };
        // what is looked for without a lock is looked at again under it
        let look = self.look(&seen).await?;
        let mut connection = self.write.acquire().await?;
        // what is erased leaves no trace in the pages that it was on
        sqlx::query("PRAGMA secure_delete = ON")
            .execute(&mut *connection)
            .await?;
        let done = async {
            let mut transaction = sqlx::Connection::begin_with(&mut *connection, "BEGIN IMMEDIATE").await?;
            let row = sqlx::query("SELECT * FROM erasure WHERE id = ? AND done_ms IS NULL")
                .bind(id)
                .fetch_optional(&mut *transaction)
                .await?;
            let now = row.as_ref().map(under_way).transpose()?.flatten();
            // another one went on meanwhile
            let Some(run) = now.filter(|now| (now.phase, now.after) == (seen.phase, seen.after)) else {
                return Ok(());
            };
            let mut step = Step {
                transaction: &mut transaction,
                run: &run,
                look: &look,
                tally: Tally::default(),
            };
            let next = step.go(now_ms).await?;
            let tally = step.tally;
            advance(&mut transaction, &run, next, tally).await?;
            transaction.commit().await?;
            Ok(())
        };
        let done: Result<()> = done.await;
        sqlx::query("PRAGMA secure_delete = FAST")
            .execute(&mut *connection)
            .await?;
        done
    }

    /// Ends an erasure, if nothing keeps it from its end: the number itself goes with it, and the trail has its end. Says what is
    /// left otherwise. None where another one ended it.
    pub async fn end_erasure(
        &self,
        (id, act): (i64, Act),
        why: &str,
        keys: &ChainKeys,
        now_ms: u64,
    ) -> Result<Option<Erasure>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let left = files::left(&mut transaction, id).await?;
        let left = match (left, why) {
            (0, _) => String::new(),
            (1, "") => "1 file is still there".to_owned(),
            (left, "") => format!("{left} files are still there"),
            (left, why) => format!("{left} files are still there: {why}"),
        };
        let ended = sqlx::query(
            "UPDATE erasure SET left_over = ?2, done_ms = CASE ?2 WHEN '' THEN ?3 END,
                person = CASE ?2 WHEN '' THEN '' ELSE person END,
                recordings = (SELECT count(*) FROM recording WHERE erasure_id = ?1 AND state = 'deleted')
             WHERE id = ?1 AND done_ms IS NULL",
        )
        .bind(id)
        .bind(left)
        .bind(ms(now_ms))
        .execute(&mut *transaction)
        .await?;
        let row = sqlx::query(ONE)
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
        let now = row.as_ref().map(shown).transpose()?;
        let now = now.filter(|_| ended.rows_affected() == 1);
        let told = match &now {
            Some(now) if now.done_ms.is_some() => {
                let facts = [Fact::told("erased", now.tally.says())];
                add_with(&mut transaction, keys, act.ended(Outcome::Done, &facts)).await?
            }
            _ => 0,
        };
        transaction.commit().await?;
        keys.written(told);
        Ok(now)
    }

    /// Rows of who was lost that an erasure closed or changed.
    pub async fn lost_erased(&self, id: i64) -> Result<Vec<i64>> {
        let rows = sqlx::query_scalar("SELECT id FROM lost WHERE person = ?")
            .bind(person(id))
            .fetch_all(&self.read)
            .await?;
        Ok(rows)
    }

    /// Takes what was erased out of the index of names and numbers, and out of pages that wait to be written back.
    pub async fn write_back(&self) -> Result<()> {
        let mut connection = self.write.acquire().await?;
        for at in 0..MOST_MERGES {
            let before: i64 = sqlx::query_scalar("SELECT total_changes()")
                .fetch_one(&mut *connection)
                .await?;
            // the first one says that all of it is to be merged
            let pages = if at == 0 { -MERGED } else { MERGED };
            sqlx::query("INSERT INTO party_text (party_text, rank) VALUES ('merge', ?)")
                .bind(pages)
                .execute(&mut *connection)
                .await?;
            let after: i64 = sqlx::query_scalar("SELECT total_changes()")
                .fetch_one(&mut *connection)
                .await?;
            if after - before < 2 {
                break;
            }
        }
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

/// One batch.
struct Step<'a, 'c> {
    transaction: &'a mut Transaction<'c, Sqlite>,
    run: &'a UnderWay,
    look: &'a found::Look,
    tally: Tally,
}

/// What follows a batch.
enum Next {
    /// More of the same, after this.
    More(i64),
    /// The next phase.
    Over,
    /// The phase again that comes before.
    Back(Phase),
}

impl Step<'_, '_> {
    async fn go(&mut self, now_ms: u64) -> Result<Next> {
        match self.run.phase {
            Phase::Mark => self.mark().await,
            Phase::Calls => self.calls().await,
            Phase::Stories => self.stories().await,
            Phase::Visits => self.visits().await,
            Phase::Contacts => self.contacts().await,
            Phase::Records => self.records().await,
            Phase::Events => self.events().await,
            Phase::Rest => self.rest(now_ms).await,
            Phase::Parties => self.parties().await,
            Phase::Files => Ok(Next::More(0)),
        }
    }
}

async fn advance(
    transaction: &mut Transaction<'_, Sqlite>,
    run: &UnderWay,
    next: Next,
    tally: Tally,
) -> Result<()> {
    let at = |phase: Phase| PHASES.iter().position(|one| *one == phase).unwrap_or_default();
    let (phase, after) = match next {
        Next::More(after) => (at(run.phase), after),
        Next::Over => (at(run.phase) + 1, 0),
        Next::Back(phase) => (at(phase), 0),
    };
    sqlx::query(
        "UPDATE erasure SET phase = ?2, after = ?3, calls = calls + ?4, notes = notes + ?5, others = others + ?6 WHERE id = ?1",
    )
    .bind(run.id)
    .bind(ms(phase as u64))
    .bind(after)
    .bind(ms(tally.calls))
    .bind(ms(tally.notes))
    .bind(ms(tally.others))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
