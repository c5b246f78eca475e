//! What the reducer is told about a PBX, with defaults that fit a stock or FreePBX-like dialplan.

use serde::{Deserialize, Serialize};

/// Shortest name of an endpoint that is taken for an extension number without a hint.
pub const EXTENSION_DIGITS_MIN: usize = 2;
/// Longest one: longer digit strings are account numbers at a provider.
pub const EXTENSION_DIGITS_MAX: usize = 6;

/// Settings of one PBX.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Endpoints that are trunks whatever else they look like; a trailing `*` matches any rest.
    pub trunks: Vec<String>,
    /// Endpoints that are extensions whatever else they look like; a trailing `*` matches any rest.
    pub extensions: Vec<String>,
    /// The context numbers are dialled in (click-to-call, transfers).
    pub dial_context: String,
    /// The parking lot used when none is named.
    pub parking_lot: String,
    /// How long a phone rings for a click-to-call, in milliseconds.
    pub ring_timeout_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            trunks: Vec::new(),
            extensions: Vec::new(),
            dial_context: "from-internal".to_owned(),
            parking_lot: "default".to_owned(),
            ring_timeout_ms: 30_000,
        }
    }
}

/// Whether `name` is one of `patterns`.
pub(crate) fn matches(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_the_rest() {
        let patterns = vec!["provider*".to_owned(), "gsm".to_owned()];
        assert!(matches(&patterns, "provider-2"));
        assert!(matches(&patterns, "gsm"));
        assert!(!matches(&patterns, "gsm2"));
    }
}
