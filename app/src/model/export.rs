//! A file that is being written.

use serde::{Deserialize, Serialize};

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportState {
    /// Rows so far.
    pub rows: u64,
    /// How much of all was gone through, of 1,000 parts.
    pub per_mille: u16,
    /// What came of it, once it is over: nothing to say, or why it is not whole.
    pub ended: Option<Result<(), String>>,
}
