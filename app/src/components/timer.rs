//! A running time. All timers of the page move together, once a second, and stand still where the link is cut.

use leptos::prelude::*;

use crate::{live::Live, look::Look, model::PbxId, words::duration};

/// The time since a moment, as known for one PBX.
#[component]
pub fn Timer(
    /// Whose rows it belongs to.
    pbx: PbxId,
    /// Since when, Unix milliseconds.
    since_ms: Look<u64>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let elapsed_ms = move || live.as_of_ms(pbx).saturating_sub(since_ms());
    view! { <span class="timer">{move || duration::clock(elapsed_ms())}</span> }
}
