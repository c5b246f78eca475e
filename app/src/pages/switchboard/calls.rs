//! Calls: one row a call.

use std::cmp::Reverse;

use leptos::{html, prelude::*};
use telephony::{Call, CallState};

use super::{call_row::CallRow, filter::chosen_pbx};
use crate::{
    components::{roving, trouble::Nothing},
    live::{CallKey, Live},
};

/// Rows drawn before somebody asks for more.
const FIRST_ROWS: usize = 200;

/// The region.
#[component]
pub fn Calls() -> impl IntoView {
    let live = expect_context::<Live>();
    let pbx = chosen_pbx();
    let limit = RwSignal::new(FIRST_ROWS);
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
    let shown = move || keys.with(|keys| keys.iter().take(limit.get()).cloned().collect::<Vec<CallKey>>());
    let count = move || keys.with(Vec::len);
    let list = NodeRef::<html::Ul>::new();
    Effect::new(move |_| {
        keys.track();
        if let Some(list) = list.get() {
            request_animation_frame(move || roving::settle(&list));
        }
    });
    view! {
        <section class="region calls" aria-labelledby="calls-title">
            <header class="region-head">
                <h2 id="calls-title">"Calls " <span class="count">{count}</span></h2>
            </header>
            <ul class="rows" node_ref=list on:keydown=|event| { roving::moved(&event); }>
                <For each=shown key=|key| key.clone() let:key>
                    <CallRow key/>
                </For>
            </ul>
            {move || (count() > limit.get()).then(|| view! {
                <button type="button" class="button more" on:click=move |_| limit.update(|limit| *limit += FIRST_ROWS)>
                    "Show more calls"
                </button>
            })}
            {move || (count() == 0).then(|| view! {
                <Nothing icon="phone" title="No calls right now">
                    <p>"A call appears here the moment it begins. To start one, pick a person or type a number above."</p>
                </Nothing>
            })}
        </section>
    }
    .into_any()
}
