//! Asks again for what is shown: as soon as something changed, and never too often.

use std::{sync::Arc, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};

use crate::{AppError, browser, loaded, packed::pack, sending::ask_packed};

/// Looks again and again while something is under way.
pub fn look_while(under_way: RwSignal<bool>, every: Duration, look: impl Fn() + Copy + 'static) {
    let looking = StoredValue::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(Some(looking)) = looking.try_update_value(Option::take) {
            looking.clear();
        }
    };
    on_cleanup(stop);
    Effect::new(move |_| {
        stop();
        if under_way.get() {
            looking.set_value(set_interval_with_handle(look, every).ok());
        }
    });
}

/// What was asked for again, and the question that it answers.
pub type Newer<Q, T> = RwSignal<Option<(Q, Arc<T>)>>;

/// A question that is asked again.
pub struct Again<Q: Send + Sync + 'static, T: Send + Sync + 'static> {
    /// Of which server function.
    path: &'static str,
    question: Memo<Q>,
    newer: Newer<Q, T>,
    /// Why the latest was not answered.
    trouble: RwSignal<Option<AppError>>,
    /// So long after an answer it is asked again at the earliest.
    pause: Duration,
    /// Also while nobody looks at the page.
    unseen: bool,
    way: StoredValue<Way>,
}

impl<Q: Send + Sync + 'static, T: Send + Sync + 'static> Clone for Again<Q, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: Send + Sync + 'static, T: Send + Sync + 'static> Copy for Again<Q, T> {}

/// What is on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// Asked, or asked not long ago.
    busy: bool,
    /// Something changed after the question was sent.
    behind: bool,
}

impl<Q, T> Again<Q, T>
where
    Q: Clone + Serialize + Send + Sync + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    /// Nothing is asked yet.
    pub fn ready(path: &'static str, question: Memo<Q>, pause: Duration) -> Self {
        Self {
            path,
            question,
            newer: RwSignal::new(None),
            trouble: RwSignal::new(None),
            pause,
            unseen: false,
            way: StoredValue::new(Way::default()),
        }
    }

    /// The same, also while nobody looks at the page.
    pub fn unseen(self) -> Self {
        Self { unseen: true, ..self }
    }

    /// What was answered.
    pub fn newer(self) -> Newer<Q, T> {
        self.newer
    }

    /// Why the latest was not answered; tracked.
    pub fn trouble(self) -> Option<AppError> {
        self.trouble.get()
    }

    /// Asks as soon as may be.
    pub fn soon(self) {
        if self.way.with_value(|way| way.busy) {
            self.way.update_value(|way| way.behind = true);
            return;
        }
        self.way.set_value(Way {
            busy: true,
            behind: false,
        });
        spawn_local(async move {
            let Some(question) = self.question.try_get_untracked() else {
                // the page is gone
                return;
            };
            if self.unseen || browser::page_visible() {
                // our own types always pack
                let arguments = pack(&question).unwrap_or_default();
                let answer = ask_packed(self.path, &arguments).await;
                match loaded::<T>(&answer) {
                    Ok(found) => drop(self.newer.try_set(Some((question, Arc::new(found))))),
                    Err(error) => drop(self.trouble.try_set(Some(error))),
                }
            }
            let rested = move || {
                let behind = self.way.try_update_value(|way| {
                    way.busy = false;
                    way.behind
                });
                if behind == Some(true) {
                    self.soon();
                }
            };
            set_timeout(rested, self.pause);
        });
    }
}
