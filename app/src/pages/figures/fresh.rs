//! Keeps figures of a time that has not ended up to date, while the page is looked at.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    again::{Again, Newer},
    api::queues::LoadFigures,
    live::Live,
    model::figures::{Figures, FiguresQuery},
};

/// Figures are asked for as soon as a board changes, and again so long after an answer: with the two ways to the server
/// what is shown is never more than a second old.
const PAUSE: Duration = Duration::from_millis(600);
/// How often without any call: agents' time passes by itself.
const QUIET_MS: u64 = 30_000;

/// Asks again whenever the board of a queue in question changes.
pub(super) fn keep_fresh(question: Memo<FiguresQuery>) -> Newer<FiguresQuery, Figures> {
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let quiet = {
        let now_ms = now_ms.clone();
        Memo::new(move |_| now_ms.get() / QUIET_MS)
    };
    let again = Again::ready(LoadFigures::PATH, question, PAUSE);
    Effect::new(move |before: Option<FiguresQuery>| {
        let query = question.get();
        let runs = query
            .edges
            .last()
            .is_some_and(|end| *end > now_ms.get_untracked());
        if !runs {
            return query;
        }
        quiet.track();
        for key in live.queues.keys() {
            if query.queues.is_empty() || query.queues.contains(&key) {
                live.queues.with(&key, |_| ());
            }
        }
        if before.as_ref() == Some(&query) {
            again.soon();
        }
        query
    });
    again.newer()
}
