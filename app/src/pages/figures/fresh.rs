//! Keeps figures of a time that has not ended up to date, while the page is looked at.

use std::{sync::Arc, time::Duration};

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use crate::{
    api::queues::LoadFigures,
    browser,
    live::Live,
    loaded,
    model::figures::{Figures, FiguresQuery},
    packed::pack,
    sending::ask_packed,
};

/// Figures are asked for as soon as a board changes, and again so long after an answer: with the two ways to the server
/// what is shown is never more than a second old.
const PAUSE: Duration = Duration::from_millis(600);
/// How often without any call: agents' time passes by itself.
const QUIET_MS: u64 = 30_000;

/// What is on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// Asked, or asked not long ago.
    busy: bool,
    /// Something changed after the question was sent.
    behind: bool,
}

/// Asks again whenever the board of a queue in question changes.
pub(super) fn keep_fresh(
    question: Memo<FiguresQuery>,
    newer: RwSignal<Option<(FiguresQuery, Arc<Figures>)>>,
) {
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let quiet = {
        let now_ms = now_ms.clone();
        Memo::new(move |_| now_ms.get() / QUIET_MS)
    };
    let way = StoredValue::new(Way::default());
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
            soon(question, newer, way);
        }
        query
    });
}

fn soon(
    question: Memo<FiguresQuery>,
    newer: RwSignal<Option<(FiguresQuery, Arc<Figures>)>>,
    way: StoredValue<Way>,
) {
    if way.with_value(|way| way.busy) {
        way.update_value(|way| way.behind = true);
        return;
    }
    way.set_value(Way {
        busy: true,
        behind: false,
    });
    spawn_local(async move {
        let Some(query) = question.try_get_untracked() else {
            // the page is gone
            return;
        };
        if browser::page_visible() {
            let arguments = pack(&query).unwrap_or_default();
            let answer = ask_packed(LoadFigures::PATH, &arguments).await;
            if let Ok(found) = loaded::<Figures>(&answer) {
                let _ = newer.try_set(Some((query, Arc::new(found))));
            }
        }
        let rested = move || {
            let behind = way.try_update_value(|way| {
                way.busy = false;
                way.behind
            });
            if behind == Some(true) {
                soon(question, newer, way);
            }
        };
        set_timeout(rested, PAUSE);
    });
}
