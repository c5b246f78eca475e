//! Calls: one row a call.

use std::cmp::Reverse;

use leptos::{html, prelude::*};
use telephony::{Call, CallState};

use super::{call_row::CallRow, filter::chosen_pbx};
use crate::{
    components::{
        roving,
        trouble::Nothing,
        window::{first_rows, near, rest},
    },
    live::Live,
    sorting::sorted,
};

/// Rows drawn before it is known how many can be seen.
const FIRST_ROWS: usize = 12;

/// The region.
#[component]
pub fn Calls() -> impl IntoView {
    let live = expect_context::<Live>();
    let pbx = chosen_pbx();
    let keys = Memo::new(move |_| {
        // what needs a person is above, then the newest first
        let place = |row: &Call| {
            (
                !matches!(row.state, CallState::Ringing | CallState::Dialling),
                Reverse(row.started),
            )
        };
        let keys = live.calls.keys().into_iter();
        let wanted = keys.filter(|(of, _)| pbx.get().is_none_or(|pbx| pbx == *of));
        let placed = wanted.map(|key| (live.calls.with(&key, place), key)).collect();
        let placed = sorted(placed, |(one, _), (two, _)| one.cmp(two));
        placed.into_iter().map(|(_, key)| key).collect::<Vec<_>>()
    });
    let count = move || keys.with(Vec::len);
    let list = NodeRef::<html::Ul>::new();
    let element = move || list.get().map(Into::into);
    let first = first_rows(FIRST_ROWS);
    let shown = near(keys, element, element, first);
    Effect::new(move |_| {
        shown.track();
        if let Some(list) = list.get() {
            request_animation_frame(move || roving::settle(&list));
        }
    });
    view! {
        <section class="region calls" aria-labelledby="calls-title">
            <header class="region-head">
                <h2 id="calls-title">"Calls " <span class="count">{move || count().to_string()}</span></h2>
            </header>
            <ul class="rows" node_ref=list on:keydown=|event| { roving::moved(&event); }>
                <For each=move || shown.get() key=|key| key.clone() let:key>
                    <CallRow key/>
                </For>
            </ul>
            {rest(keys, first)}
            {move || (count() == 0).then(|| view! {
                <Nothing icon="phone" title="No calls right now">
                    <p>"A call appears here the moment it begins. To start one, pick a person or type a number above."</p>
                </Nothing>
            }.into_any())}
        </section>
    }
    .into_any()
}
