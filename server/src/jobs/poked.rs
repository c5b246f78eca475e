//! Work that goes on by itself: as soon as somebody says that there is some, and now and then anyway.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Interval, MissedTickBehavior},
};

/// Tells whoever does the work that there is some.
#[derive(Clone, Debug, Default)]
pub struct Poked(Arc<Notify>);

/// Turns at which work is looked for anyway, the first one at once.
pub fn turns(every: Duration) -> Interval {
    let mut turns = tokio::time::interval(every);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turns
}

impl Poked {
    /// There is something to do.
    pub fn poke(&self) {
        self.0.notify_one();
    }

    /// Waits until there is, or for the next turn.
    pub async fn next(&self, turns: &mut Interval) {
        tokio::select! {
            _ = turns.tick() => {}
            () = self.0.notified() => {}
        }
    }
}
