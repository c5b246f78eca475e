//! Asterisk's own call records: kept as they are beside the calls, with where they come from and what came of holding them
//! against each other.

mod against;
mod coverage;
mod keep;
mod lease;
mod look;
mod put_right;
mod rebuild;
mod rows;
mod source;
mod table;

pub use against::CheckTally;
pub use coverage::Coverage;
pub use keep::{Kept, Siblings, ToldBy};
pub use lease::Turn;
pub use look::RecordsSight;
pub use rebuild::{Anew, NewRebuild, Rebuild, RebuildTally};
pub use rows::RecordRow;
pub use source::{CDR_PASSWORD_COLUMN, CdrSource, Kind};
pub use table::{After, Batch, Table, TableError};

/// A name is given again only by a PBX whose clock was set back; records of a call lie no further apart.
pub(in crate::store) const SAME_MS: u64 = 24 * 3_600 * 1_000;
