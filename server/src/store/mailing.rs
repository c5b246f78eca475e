//! Reports that are sent by mail again and again.

use app::model::{
    UserId,
    mailing::{Every, MAX_MAILINGS, Mailing},
};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store, ms, visit::count};

/// Those that are tried at once.
const MOST_DUE: i64 = 20;

/// One that is due, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMailing {
    /// Who set it up.
    pub user: UserId,
    /// What it is.
    pub mailing: Mailing,
}

fn mailing(row: &SqliteRow) -> sqlx::Result<DueMailing> {
    let some = |value: Option<i64>| value.map(count);
    let recipients: &str = row.try_get("recipients")?;
    Ok(DueMailing {
        user: UserId(row.try_get("user_id")?),
        mailing: Mailing {
            id: row.try_get("id")?,
            address: row.try_get("address")?,
            every: Every::of(row.try_get("every")?).unwrap_or_default(),
            at_minute: u16::try_from(row.try_get::<i64, _>("at_minute")?).unwrap_or_default(),
            zone: row.try_get("zone")?,
            format: row.try_get("format")?,
            to: serde_json::from_str(recipients).unwrap_or_default(),
            due_ms: count(row.try_get("due_ms")?),
            try_ms: count(row.try_get("try_ms")?),
            tries: u32::try_from(row.try_get::<i64, _>("tries")?).unwrap_or_default(),
            sent_ms: some(row.try_get("sent_ms")?),
            trouble: row.try_get("trouble")?,
        },
    })
}

impl Store {
    /// Those of a person, in the order in which they were made.
    pub async fn mailings(&self, user: UserId) -> Result<Vec<Mailing>> {
        let rows = sqlx::query("SELECT * FROM mailing WHERE user_id = ? ORDER BY id")
            .bind(user.0)
            .fetch_all(&self.read)
            .await?;
        let all = rows.iter().map(|row| Ok(mailing(row)?.mailing));
        all.collect()
    }

    /// One of a person.
    pub async fn mailing(&self, user: UserId, id: i64) -> Result<Option<Mailing>> {
        let all = self.mailings(user).await?;
        Ok(all.into_iter().find(|one| one.id == id))
    }

    /// Begins one, whatever its number; None where there are too many.
    pub async fn begin_mailing(&self, user: UserId, new: &Mailing) -> Result<Option<i64>> {
        let done = sqlx::query(
            "INSERT INTO mailing (user_id, address, every, at_minute, zone, format, recipients, due_ms, try_ms)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8
             WHERE (SELECT count(*) FROM mailing WHERE user_id = ?1) < ?9",
        )
        .bind(user.0)
        .bind(&new.address)
        .bind(new.every.word())
        .bind(i64::from(new.at_minute))
        .bind(&new.zone)
        .bind(&new.format)
        .bind(serde_json::json!(new.to).to_string())
        .bind(ms(new.due_ms))
        .bind(i64::from(MAX_MAILINGS))
        .execute(&self.write)
        .await?;
        Ok((done.rows_affected() == 1).then(|| done.last_insert_rowid()))
    }

    /// Ends one of a person; false where it is not there.
    pub async fn end_mailing(&self, user: UserId, id: i64) -> Result<bool> {
        let done = sqlx::query("DELETE FROM mailing WHERE id = ? AND user_id = ?")
            .bind(id)
            .bind(user.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Those that are to be tried now, the longest due first.
    pub async fn due_mailings(&self, now_ms: u64) -> Result<Vec<DueMailing>> {
        let rows = sqlx::query("SELECT * FROM mailing WHERE try_ms <= ? ORDER BY try_ms LIMIT ?")
            .bind(ms(now_ms))
            .bind(MOST_DUE)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(mailing).collect::<sqlx::Result<_>>()?)
    }

    /// Notes what came of a try: when one was sent, or why not; and when the next one is due and tried.
    pub async fn tried_mailing(&self, now: &Mailing) -> Result<()> {
        sqlx::query(
            "UPDATE mailing SET due_ms = ?, try_ms = ?, tries = ?, sent_ms = ?, trouble = ? WHERE id = ?",
        )
        .bind(ms(now.due_ms))
        .bind(ms(now.try_ms))
        .bind(i64::from(now.tries))
        .bind(now.sent_ms.map(ms))
        .bind(&now.trouble)
        .bind(now.id)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
