//! Exports under way: how many there may be at once, how far each is, and calling one off.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use app::model::export::ExportState;

use super::Broken;
use crate::places::{Place, Places};

/// Exports of one person at once, and of everybody.
const MOST_OF_ONE: usize = 2;
const MOST: usize = 8;
/// For how long what came of one is told afterwards.
const TOLD: Duration = Duration::from_secs(60);
/// Letters of the name that a page gives one.
const NAME_LETTERS: usize = 40;
/// Names that are remembered.
const MOST_NAMES: usize = 64;

/// All of this process.
#[derive(Debug)]
pub struct Exports {
    places: Places,
    named: Mutex<HashMap<(i64, String), Arc<UnderWay>>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            places: Places::new(MOST, MOST_OF_ONE),
            named: Mutex::default(),
        }
    }
}

/// One of them.
#[derive(Debug, Default)]
pub struct UnderWay {
    rows: AtomicU64,
    per_mille: AtomicU16,
    off: AtomicBool,
    ended: OnceLock<(Instant, Result<(), Broken>)>,
}

impl UnderWay {
    /// So many more rows were read, and so much of all is done.
    pub fn read(&self, rows: usize, per_mille: u16) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        self.per_mille.store(per_mille, Ordering::Relaxed);
    }

    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Calls it off.
    pub fn call_off(&self) {
        self.off.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    pub fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    /// It is over; the first end counts.
    pub fn end(&self, came_of_it: Result<(), Broken>) {
        let _ = self.ended.set((Instant::now(), came_of_it));
    }

    /// What its page shows.
    pub fn state(&self) -> ExportState {
        ExportState {
            rows: self.rows(),
            per_mille: self.per_mille.load(Ordering::Relaxed),
            ended: self
                .ended
                .get()
                .map(|(_, came_of_it)| came_of_it.map_err(|why| why.to_string())),
        }
    }

    fn is_past(&self) -> bool {
        self.ended.get().is_some_and(|(at, _)| at.elapsed() > TOLD)
    }
}

impl Exports {
    /// A place for one more of this person. None when there is none.
    pub fn place(&self, user: i64) -> Option<Place> {
        self.places.take(user)
    }

    fn named(&self) -> MutexGuard<'_, HashMap<(i64, String), Arc<UnderWay>>> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.retain(|_, one| !one.is_past());
        named
    }

    /// Begins one; by the name that its page gave it, it can be asked after and called off.
    pub fn begin(&self, user: i64, name: Option<&str>) -> Arc<UnderWay> {
        let under_way = Arc::new(UnderWay::default());
        let is_name = |name: &&str| {
            (1..=NAME_LETTERS).contains(&name.len())
                && name.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'-')
        };
        let mut named = self.named();
        if let Some(name) = name.filter(is_name)
            && named.len() < MOST_NAMES
        {
            named.insert((user, name.to_owned()), under_way.clone());
        }
        under_way
    }

    /// One of this person's, by its name.
    pub fn of(&self, user: i64, name: &str) -> Option<Arc<UnderWay>> {
        self.named().get(&(user, name.to_owned())).cloned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_two_at_once_and_everybody_eight() {
        let exports = Exports::default();
        let mine: Vec<Place> = std::iter::from_fn(|| exports.place(1)).take(9).collect();
        assert_eq!(mine.len(), 2);
        let others: Vec<Place> = (2..9)
            .flat_map(|user| [exports.place(user), exports.place(user)])
            .flatten()
            .collect();
        assert_eq!(others.len(), 6);
        drop(mine);
        assert!(exports.place(1).is_some());
    }

    #[test]
    fn one_is_asked_after_by_its_owner_alone() {
        let exports = Exports::default();
        exports.begin(1, Some("a-1")).read(7, 250);
        let state = exports.of(1, "a-1").unwrap().state();
        assert_eq!((state.rows, state.per_mille, state.ended), (7, 250, None));
        assert!(exports.of(2, "a-1").is_none());
        for name in ["", "a/../b", &"a".repeat(41)] {
            exports.begin(1, Some(name));
            assert!(exports.of(1, name).is_none(), "{name}");
        }
    }

    #[test]
    fn names_are_bounded() {
        let exports = Exports::default();
        for name in 0..1_000 {
            exports.begin(1, Some(&name.to_string()));
        }
        assert_eq!(exports.named().len(), MOST_NAMES);
    }
}
