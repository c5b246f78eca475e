//! Calls: one row a call.

use std::cmp::Reverse;

use leptos::{html, prelude::*};
use telephony::{Call, CallState};

use super::{call_row::CallRow, filter::chosen_pbx};
use crate::{
    components::{roving, trouble::Nothing, window::near},
    live::Live,
};

/// Rows drawn before it is known how many can be seen.
const FIRST_ROWS: usize = 80;

/// The region.
#[component]
pub fn Calls() -> impl IntoView {
    let live = expect_context::<Live>();
    let pbx = chosen_pbx();
    let keys = Memo::new(move |_| {
        let mut keys = live.calls.keys();
        keys.retain(|(of, _)| pbx.get().is_none_or(|pbx| pbx == *of));
        // what needs a person is above, then the newest first
        keys.sort_by_key(|key| {
            let place = |row: &Call| {
                (
                    !matches!(row.state, CallState::Ringing | CallState::Dialling),
                    Reverse(row.started),
                )
            };
            live.calls.with(key, place)
        });
        keys
    });
    let count = move || keys.with(Vec::len);
    let list = NodeRef::<html::Ul>::new();
    let element = move || list.get().map(Into::into);
    let shown = near(keys, element, element, FIRST_ROWS);
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
            {move || (count() == 0).then(|| view! {
                <Nothing icon="phone" title="No calls right now">
                    <p>"A call appears here the moment it begins. To start one, pick a person or type a number above."</p>
                </Nothing>
            }.into_any())}
        </section>
    }
    .into_any()
}
