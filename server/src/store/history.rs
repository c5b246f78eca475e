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
pub use walk::CallWalk;
pub use words::IN_A_MS;
pub(super) use words::whole;

use base::Base;

use super::Store;

/// Calls that are kept, where they are read.
#[derive(Clone, Debug)]
pub(in crate::store) struct Kept {
    /// What they are in.
    base: Base,
    /// What people say of them is in.
    own: Base,
}

impl Store {
    /// Where calls are read.
    pub(in crate::store) fn kept(&self) -> Kept {
        let own = Base::Sqlite(self.read.clone());
        let copy = self.copy.as_ref().filter(|copy| copy.is_current());
        let base = copy.map_or_else(|| own.clone(), |copy| Base::Postgres(copy.pool.clone()));
        Kept { base, own }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
