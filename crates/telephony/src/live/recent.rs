//! Channels that ended lately, so that a late or repeated event does not bring one back to life.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Ended channels remembered.
pub(crate) const MAX_RECENT: usize = 4096;

/// A bounded set that forgets its oldest member first. Holds hashes: a collision in 2^64 hides one channel
/// until the next description of the world.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    hasher: RandomState,
    order: VecDeque<u64>,
    members: HashSet<u64>,
}

impl Recent {
    pub(crate) fn insert(&mut self, uniqueid: &str) {
        let hash = self.hasher.hash_one(uniqueid);
        if self.members.insert(hash) {
            self.order.push_back(hash);
            if self.order.len() > MAX_RECENT
                && let Some(oldest) = self.order.pop_front()
            {
                self.members.remove(&oldest);
            }
        }
    }

    pub(crate) fn contains(&self, uniqueid: &str) -> bool {
        self.members.contains(&self.hasher.hash_one(uniqueid))
    }
}
