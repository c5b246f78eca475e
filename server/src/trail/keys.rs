//! The chain's keys as this process knows them, and how far it has written.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context, Result};

use super::chain::ChainKey;
use crate::seal::Seal;

/// Opened keys.
#[derive(Debug)]
pub struct ChainKeys {
    seal: Seal,
    opened: Mutex<HashMap<i64, ChainKey>>,
    newest: AtomicI64,
}

impl ChainKeys {
    /// Keys that this seal opens.
    pub fn new(seal: Seal) -> Self {
        Self {
            seal,
            opened: Mutex::default(),
            newest: AtomicI64::new(0),
        }
    }

    /// A key that was opened before.
    pub fn known(&self, id: i64) -> Option<ChainKey> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.get(&id).cloned()
    }

    /// Opens a key and keeps it. There is one more with each rotation.
    pub fn open(&self, column: &str, id: i64, sealed: &[u8]) -> Result<ChainKey> {
        let secret = self.seal.unseal(column, id, sealed)?;
        let key = ChainKey::read(&secret).context("a key of the audit trail is not one")?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.insert(id, key.clone());
        Ok(key)
    }

    /// The newest row that this process wrote; 0 before the first.
    pub fn newest(&self) -> i64 {
        self.newest.load(Ordering::SeqCst)
    }

    /// A row of this process is on the disk.
    pub fn written(&self, id: i64) {
        self.newest.fetch_max(id, Ordering::SeqCst);
    }
}
