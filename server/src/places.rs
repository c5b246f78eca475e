//! Places for what takes long: so many for everybody, so many of them for one person.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place, until it is dropped.
pub type Place = [OwnedSemaphorePermit; 2];

/// The places.
#[derive(Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    of_one: Mutex<HashMap<i64, Arc<Semaphore>>>,
    most_of_one: usize,
}

impl Places {
    /// So many for everybody, and for one person.
    pub fn new(most: usize, most_of_one: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(most)),
            of_one: Mutex::default(),
            most_of_one,
        }
    }

    /// A place for a person. None when there is none.
    pub fn take(&self, user: i64) -> Option<Place> {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        of_one.retain(|_, places| places.available_permits() < self.most_of_one);
        let mine = of_one
            .entry(user)
            .or_insert_with(|| Arc::new(Semaphore::new(self.most_of_one)));
        let all = self.all.clone().try_acquire_owned().ok()?;
        Some([mine.clone().try_acquire_owned().ok()?, all])
    }
}
