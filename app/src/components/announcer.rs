//! What is read aloud: my ringing call at once, a summary when asked for, and nothing else.

use leptos::prelude::*;
use telephony::Activity;

use crate::{
    live::Live,
    model::Viewer,
    words::{Status, with_whom},
};

/// What was asked to be read aloud last.
#[derive(Clone, Copy)]
pub struct Spoken(RwSignal<String>);

impl Default for Spoken {
    fn default() -> Self {
        Self::new()
    }
}

impl Spoken {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(RwSignal::new(String::new()))
    }

    /// Says how things stand.
    pub fn summary(self, live: &Live) {
        let text = untrack(|| summary(live));
        // the same words twice are read only when they change in between
        let text = if self.0.read_untracked().as_str() == text {
            format!("{text} ")
        } else {
            text
        };
        self.0.set(text);
    }
}

fn summary(live: &Live) -> String {
    let calls = live.calls.len();
    let waiting: usize = live
        .queues
        .keys()
        .iter()
        .filter_map(|key| live.queues.peek(key, |queue| queue.waiting.len()))
        .sum();
    let mut ringing = 0;
    let mut talking = 0;
    for key in live.extensions.keys() {
        match live.extensions.peek(&key, |row| Status::from(row)) {
            Some(Status::Ringing) => ringing += 1,
            Some(Status::Talking) => talking += 1,
            _ => {}
        }
    }
    format!(
        "{calls} calls, {ringing} phones ringing, {talking} people talking, {waiting} callers waiting, {} parked.",
        live.parked.len()
    )
}

/// The two regions a screen reader listens to.
#[component]
pub fn Announcer() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let spoken = expect_context::<Spoken>();
    let my_ringing_call = Memo::new(move |_| {
        let own = viewer.read().own_extension().cloned()?;
        live.extensions
            .with(&(own.pbx, own.number), |row| {
                let ringing = row
                    .engagements
                    .iter()
                    .find(|engagement| engagement.activity == Activity::Ringing)?;
                Some(format!("Your phone rings: {}", with_whom(ringing)))
            })
            .flatten()
    });
    view! {
        <div class="unseen" role="alert" aria-live="assertive">
            {move || my_ringing_call.get().unwrap_or_default()}
        </div>
        <div class="unseen" aria-live="polite" id="summary">{move || spoken.0.get()}</div>
    }
    .into_any()
}
