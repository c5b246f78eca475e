//! Commands under way: doubles wait for the first, and one person places one call at a time.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use app::model::UserId;
use telephony::Outcome;

use super::once::Once;

/// Commands that have begun and not ended.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    /// By request.
    pub commands: Once<Outcome>,
    calling: Arc<Mutex<HashSet<i64>>>,
}

impl InFlight {
    /// Takes a person's only line for placing calls.
    pub fn take_line(&self, user: UserId) -> Option<Line> {
        let mut calling = self.calling.lock().unwrap_or_else(PoisonError::into_inner);
        calling.insert(user.0).then(|| Line {
            calling: self.calling.clone(),
            user,
        })
    }
}

/// A person's only line for placing calls; free again when dropped.
#[derive(Debug)]
pub struct Line {
    calling: Arc<Mutex<HashSet<i64>>>,
    user: UserId,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.calling
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.user.0);
    }
}
