//! One kind of row: a signal for each, and a signal for which there are.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use leptos::prelude::*;

/// Rows by key. A row's signal stays the same object for as long as the row is there.
pub struct Table<K, R> {
    inner: RwLock<Inner<K, R>>,
    keys: ArcRwSignal<Vec<K>>,
}

struct Inner<K, R> {
    // in the order of the keys: rows come sorted, and few come or go at a time
    rows: Vec<Entry<K, R>>,
    keys_changed: bool,
}

struct Entry<K, R> {
    key: K,
    row: ArcRwSignal<R>,
    // gone, unless it comes back before the batch ends
    leaving: bool,
}

impl<K, R> Default for Table<K, R> {
    fn default() -> Self {
        Self {
            inner: RwLock::new(Inner {
                rows: Vec::new(),
                keys_changed: false,
            }),
            keys: ArcRwSignal::new(Vec::new()),
        }
    }
}

impl<K: Ord, R> Inner<K, R> {
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.rows.binary_search_by(|entry| entry.key.cmp(key))
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
        let inner = self.read();
        let place = inner.place(key).ok()?;
        Some(inner.rows[place].row.clone())
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
        match inner.place(&key) {
            Ok(place) => {
                let entry = &mut inner.rows[place];
                entry.leaving = false;
                let signal = entry.row.clone();
                drop(inner);
                if signal.with_untracked(|old| *old != row) {
                    signal.set(row);
                }
            }
            Err(place) => {
                let entry = Entry {
                    key,
                    row: ArcRwSignal::new(row),
                    leaving: false,
                };
                inner.rows.insert(place, entry);
                inner.keys_changed = true;
            }
        }
    }

    /// Takes a row away at the end of the batch.
    pub fn remove(&self, key: &K) {
        let mut inner = self.write();
        if let Ok(place) = inner.place(key) {
            inner.rows[place].leaving = true;
        }
    }

    /// Marks every row that `which` names as leaving: what comes again before [`Table::publish`] stays.
    pub fn mark(&self, which: impl Fn(&K) -> bool) {
        for entry in &mut self.write().rows {
            entry.leaving |= which(&entry.key);
        }
    }

    /// Ends a batch: rows that left are dropped, and the list is told once if it changed.
    pub fn publish(&self) {
        let (keys, left) = {
            let mut inner = self.write();
            let gone = |entry: &mut Entry<K, R>| entry.leaving;
            let left: Vec<Entry<K, R>> = if inner.rows.iter().any(|entry| entry.leaving) {
                inner.rows.extract_if(.., gone).collect()
            } else {
                Vec::new()
            };
            if left.is_empty() && !inner.keys_changed {
                return;
            }
            inner.keys_changed = false;
            let keys: Vec<K> = inner.rows.iter().map(|entry| entry.key.clone()).collect();
            (keys, left)
        };
        self.keys.set(keys);
        drop(left);
    }
}
