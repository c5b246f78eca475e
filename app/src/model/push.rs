//! Browsers that are told of alarms while no page of Starboard is open.

use serde::{Deserialize, Serialize};

/// A browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its number.
    pub id: i64,
    /// As it calls itself.
    pub device: String,
    /// Since when.
    pub created_ms: u64,
    /// When its push service last took an alarm for it.
    pub told_ms: Option<u64>,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// What there is of web push for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The public key that a browser subscribes to; None where this server can reach no push service.
    pub key: Option<String>,
    /// When this was looked up.
    pub now_ms: u64,
    /// Their browsers, newest first.
    pub devices: Vec<Device>,
}
