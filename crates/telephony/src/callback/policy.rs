//! How a queue calls back.

use serde::{Deserialize, Serialize};

/// Most attempts that can be set.
pub const MAX_ATTEMPTS: u8 = 10;
/// Prefixes that can be set, and the length of one.
pub const MAX_PREFIXES: usize = 32;

/// How a queue calls back. Off, and no number allowed, until somebody says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Policy {
    /// Whether it does.
    pub on: bool,
    /// Attempts before a request is given up.
    pub attempts: u8,
    /// Between two attempts, in milliseconds.
    pub pause_ms: u64,
    /// What numbers begin with that may be called.
    pub prefixes: Vec<String>,
    /// A call that was ordered is on the PBX by then, or nobody knows.
    pub unseen_ms: u64,
    /// So long a cut link may hide a call before a person is asked.
    pub unsure_ms: u64,
    /// So long a request is kept.
    pub keep_ms: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            on: false,
            attempts: 3,
            pause_ms: 5 * 60 * 1000,
            prefixes: Vec::new(),
            unseen_ms: 15 * 1000,
            unsure_ms: 2 * 60 * 1000,
            keep_ms: 8 * 3600 * 1000,
        }
    }
}

impl Policy {
    /// Whether this number is called back.
    pub fn allows(&self, number: &str) -> bool {
        self.on && self.prefixes.iter().any(|prefix| number.starts_with(&**prefix))
    }
}
