//! The switchboard: people, calls, who waits; one call's pane beside them.

pub mod call_pane;
pub mod call_row;
pub mod call_verbs;
pub mod calls;
mod filter;
pub mod handling;
pub mod people;
pub mod person;
pub mod story;
pub mod waiting;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_location};

pub(super) use self::filter::chosen_pbx;
pub use self::{call_pane::CallPane, handling::Handling};
use self::{calls::Calls, people::People, waiting::WaitingRegion};
use crate::{
    access::Ability, components::trouble::Nothing, live::Live, look::look, model::Viewer, words::address,
};

/// The screen.
#[component]
pub fn Switchboard() -> impl IntoView {
    let location = use_location();
    let pane_open = Memo::new(move |_| address::is_call(&location.pathname.read()));
    let live = expect_context::<Live>();
    let connected = Memo::new(move |_| !live.pbxs.is_empty());
    view! {
        <Title text="Switchboard"/>
        <h1 class="unseen">"Switchboard"</h1>
        {move || if connected.get() {
            view! {
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
        } else {
            view! { <FirstRun/> }.into_any()
        }}
    }
    .into_any()
}

/// Nothing is connected: the one thing to do.
#[component]
fn FirstRun() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let is_admin = viewer.read_untracked().rights.has(Ability::ManageConnections);
    view! {
        <div class="first-run">
            <Nothing icon="plug" title="Connect your first PBX">
                <p>"Starboard shows people, calls and queues of an Asterisk the moment it is connected. All it needs is a manager user there."</p>
                {if is_admin {
                    view! { <a class="button primary" href="/admin/pbx/new">"Connect a PBX"</a> }.into_any()
                } else {
                    view! { <p>"An administrator can do that."</p> }.into_any()
                }}
            </Nothing>
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
    let spots = look(move || {
        let pbxs = live.pbxs.keys().into_iter();
        pbxs.filter_map(|id| {
            live.pbxs
                .with(&id, |row| (row.name.clone(), row.blind_spots.clone()))
        })
        .filter(|(_, spots)| !spots.is_empty())
        .collect::<Vec<_>>()
    });
    move || {
        let spots = spots();
        (!spots.is_empty()).then(|| {
            view! {
                <details class="banner blind-spots" data-tone="unknown">
                    <summary>"Some things cannot be seen on this PBX"</summary>
                    <ul>
                        {spots.into_iter().flat_map(|(name, spots)| {
                            spots.into_iter().map(move |spot| view! { <li>{format!("{name}: {spot}")}</li> }.into_any())
                        }).collect_view()}
                    </ul>
                </details>
            }
            .into_any()
        })
    }
}
