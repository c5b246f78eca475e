//! Asterisk's own counters beside figures.

use app::{
    access::QueueOn,
    model::figures::{CountedOf, PolicyOf},
};

use crate::services::Services;

/// What Asterisk counts of the queues of an answer.
pub(super) fn counted(services: &Services, policies: &[PolicyOf]) -> Vec<CountedOf> {
    let mut queues: Vec<QueueOn> = policies.iter().map(|one| one.queue.clone()).collect();
    queues.dedup();
    let counted = queues.into_iter().filter_map(|queue| {
        let counted = services
            .hub
            .look(queue.0, |switchboard, _| switchboard.counted(&queue.1).copied());
        counted.flatten().map(|counted| CountedOf { queue, counted })
    });
    counted.collect()
}
