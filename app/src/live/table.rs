//! One kind of row: a signal for each, and a signal for which there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use leptos::prelude::*;

/// Rows by key. A row's signal stays the same object for as long as the row is there.
pub struct Table<K, R> {
    inner: RwLock<Inner<K, R>>,
    keys: ArcRwSignal<Vec<K>>,
}

struct Inner<K, R> {
    rows: BTreeMap<K, ArcRwSignal<R>>,
    // gone, unless they come back before the batch ends
    leaving: BTreeSet<K>,
    keys_changed: bool,
}

impl<K, R> Default for Table<K, R> {
    fn default() -> Self {
        Self {
            inner: RwLock::new(Inner {
                rows: BTreeMap::new(),
                leaving: BTreeSet::new(),
                keys_changed: false,
            }),
            keys: ArcRwSignal::new(Vec::new()),
        }
    }
}

impl<K, R> Table<K, R>
where
    K: Clone + Ord + Send + Sync + 'static,
    R: PartialEq + Send + Sync + 'static,
{
    fn read(&self) -> RwLockReadGuard<'_, Inner<K, R>> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner<K, R>> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The signal of one row.
    pub fn get(&self, key: &K) -> Option<ArcRwSignal<R>> {
        self.read().rows.get(key).cloned()
    }

    /// The keys, in order; tracked.
    pub fn keys(&self) -> Vec<K> {
        self.keys.get()
    }

    /// How many rows there are; tracked.
    pub fn len(&self) -> usize {
        self.keys.with(Vec::len)
    }

    /// Whether there is no row; tracked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One row as it is now, read through `look`; untracked.
    pub fn peek<T>(&self, key: &K, look: impl FnOnce(&R) -> T) -> Option<T> {
        self.get(key).map(|row| row.with_untracked(look))
    }

    /// One row as it is, read through `look`; tracks the row, and the list while the row is missing.
    pub fn with<T>(&self, key: &K, look: impl FnOnce(&R) -> T) -> Option<T> {
        let row = self.get(key);
        if row.is_none() {
            self.keys.track();
        }
        row.map(|row| row.with(look))
    }

    /// Sets a row; an equal one wakes nobody.
    pub fn upsert(&self, key: K, row: R) {
        let mut inner = self.write();
        inner.leaving.remove(&key);
        if let Some(signal) = inner.rows.get(&key).cloned() {
            drop(inner);
            if signal.with_untracked(|old| *old != row) {
                signal.set(row);
            }
        } else {
            inner.rows.insert(key, ArcRwSignal::new(row));
            inner.keys_changed = true;
        }
    }

    /// Takes a row away at the end of the batch.
    pub fn remove(&self, key: &K) {
        let mut inner = self.write();
        if inner.rows.contains_key(key) {
            inner.leaving.insert(key.clone());
        }
    }

    /// Marks every row that `which` names as leaving: what comes again before [`Table::publish`] stays.
    pub fn mark(&self, which: impl Fn(&K) -> bool) {
        let mut inner = self.write();
        let marked: Vec<K> = inner.rows.keys().filter(|key| which(key)).cloned().collect();
        inner.leaving.extend(marked);
    }

    /// Ends a batch: rows that left are dropped, and the list is told once if it changed.
    pub fn publish(&self) {
        let keys = {
            let mut inner = self.write();
            let leaving = std::mem::take(&mut inner.leaving);
            for key in &leaving {
                inner.rows.remove(key);
            }
            if leaving.is_empty() && !inner.keys_changed {
                return;
            }
            inner.keys_changed = false;
            inner.rows.keys().cloned().collect::<Vec<_>>()
        };
        self.keys.set(keys);
    }
}
