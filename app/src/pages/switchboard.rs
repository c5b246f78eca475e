//! The switchboard: people, calls, who waits; one call's pane beside them.

pub mod call_pane;
pub mod call_row;
pub mod calls;
mod filter;
pub mod people;
pub mod person;
pub mod story;
pub mod waiting;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_location};

pub use self::call_pane::CallPane;
use self::{calls::Calls, people::People, waiting::WaitingRegion};
use crate::live::Live;

/// The screen.
#[component]
pub fn Switchboard() -> impl IntoView {
    let location = use_location();
    let pane_open = Memo::new(move |_| location.pathname.read().starts_with("/calls/"));
    view! {
        <Title text="Switchboard"/>
        <h1 class="unseen">"Switchboard"</h1>
        <div class="switchboard" data-pane=move || if pane_open.get() { "open" } else { "closed" }>
            <BlindSpots/>
            <People/>
            <div class="switchboard-side">
                <WaitingRegion/>
                <Calls/>
            </div>
            <Outlet/>
        </div>
    }
    .into_any()
}

/// No call is open.
#[component]
pub fn NoPane() -> impl IntoView {}

/// What a PBX does not let us see, and how to mend it.
#[component]
fn BlindSpots() -> impl IntoView {
    let live = expect_context::<Live>();
    let spots = Memo::new(move |_| {
        let pbxs = live.pbxs.keys().into_iter();
        pbxs.filter_map(|id| {
            live.pbxs
                .with(&id, |row| (row.name.clone(), row.blind_spots.clone()))
        })
        .filter(|(_, spots)| !spots.is_empty())
        .collect::<Vec<_>>()
    });
    move || {
        (!spots.read().is_empty()).then(|| {
            view! {
                <details class="banner blind-spots" data-tone="unknown">
                    <summary>"Some things cannot be seen on this PBX"</summary>
                    <ul>
                        {spots.get().into_iter().flat_map(|(name, spots)| {
                            spots.into_iter().map(move |spot| view! { <li>{format!("{name}: {spot}")}</li> })
                        }).collect_view()}
                    </ul>
                </details>
            }
        })
    }
}
