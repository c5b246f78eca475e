//! Calls that are over: written once, in batches, with everything that makes them found; searched and counted.

mod anew;
mod base;
mod disposition;
mod figures;
mod known;
mod open;
mod plan;
mod read;
mod recount;
mod said;
mod search;
mod shape;
mod sql;
mod sums;
mod totals;
mod walk;
mod words;
mod write;

pub(super) use disposition::as_of_visit;
pub use figures::Every;
pub use open::OpenCall;
pub use read::{Seen, Stored};
pub use recount::Recounted;
pub use said::Said;
pub use shape::Difference;
pub use sums::{CallSums, Common, MOST_ADDED_UP, QUARTER_MS};
pub use walk::{CallPart, CallWalk};
pub use words::IN_A_MS;
pub(super) use words::whole;

use app::model::history::CallSearch;
use base::Base;
use sql::id_of;
use sqlx::SqliteConnection;

use super::{CallCopy, Result, Store, StoreError};

/// What a connection that writes has of its own, so that calls are written in few statements.
pub(in crate::store) async fn at_once(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    for views in [known::MEET, &write::PUT] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(views))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Calls that are kept, where they are read.
#[derive(Clone, Debug)]
pub(in crate::store) struct Kept {
    /// What they are in.
    base: Base,
    /// What people say of them is in.
    own: Base,
    /// The copy, where that is what they are in.
    copy: Option<CallCopy>,
}

impl Store {
    /// Where calls are looked for: in their copy while it has everything, else here. What people say of calls is here alone.
    async fn kept(&self, search: &CallSearch) -> Result<Kept> {
        let own = self.own();
        let from = search.from_ms.map_or(0, id_of);
        let copy = self.copy.as_ref().filter(|copy| copy.has_from(from));
        match copy.filter(|_| !search.is_of_what_was_said()) {
            Some(copy) if !self.has_changes().await? => Ok(Kept {
                base: Base::Postgres(copy.pool.clone()),
                copy: Some(copy.clone()),
                ..own
            }),
            _ => Ok(own),
        }
    }

    /// This program's own database, which always has everything.
    fn own(&self) -> Kept {
        let own = Base::Sqlite(self.read.clone());
        Kept {
            base: own.clone(),
            own,
            copy: None,
        }
    }
}

impl Kept {
    /// The same for pages of all calls.
    fn for_pages(&self) -> Kept {
        let base = self.copy.as_ref().map(|copy| Base::Postgres(copy.pages.clone()));
        Kept {
            base: base.unwrap_or_else(|| self.base.clone()),
            ..self.clone()
        }
    }

    /// Whether it was the copy that failed; it is not asked again before it was seen to answer.
    fn is_copy_that_failed(&self, error: &StoreError) -> bool {
        if let Some(copy) = &self.copy {
            tracing::warn!(%error, "the copy of calls does not answer; they are looked for in the own database");
            copy.failed(error.to_string());
        }
        self.copy.is_some()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
