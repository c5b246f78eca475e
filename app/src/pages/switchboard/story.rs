//! The story of a call, oldest first, each moment with its time from the beginning.

use leptos::prelude::*;
use telephony::{Call, Moment};

use crate::{
    components::Icon,
    words::{clock, duration::machine, story::moment},
};

/// The list of moments.
#[component]
pub fn Story(row: ArcRwSignal<Call>) -> impl IntoView {
    let moments = Memo::new(move |_| {
        row.with(|row| {
            let moments: Vec<Moment> = row.story.iter().collect();
            let began = moments.first().map_or(row.started, |first| first.at);
            moments
                .iter()
                .enumerate()
                .map(|(index, one)| {
                    let (sentence, icon) = moment(&one.what);
                    (index, one.at.since_ms(began), sentence, icon)
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <ol class="story">
            <For each=move || moments.get() key=|(index, at_ms, _, _)| (*index, *at_ms)
                children=|(_, at_ms, sentence, icon)| view! {
                    <li>
                        <Icon name=icon/>
                        <span>{sentence}</span>
                        <time datetime=machine(at_ms)>{clock(at_ms)}</time>
                    </li>
                }
            />
        </ol>
    }
    .into_any()
}
