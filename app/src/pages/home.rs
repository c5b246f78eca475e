//! Home: what matters now, how the day goes, what is mine to do, and how the system does; each as far as one's role shows it.

pub mod now;
pub mod system;
pub mod today;

use leptos::prelude::*;
use leptos_meta::Title;

use self::{now::Now, system::System, today::Day};
use super::{
    desk::{day::MyDay, lost::MyLost, seat::my_seats},
    queues::{QueueKey, card::Card, day::Today},
};
use crate::{access::Ability, live::Live, model::Viewer};

/// Queues that are shown; the page of queues has all.
const MOST_QUEUES: usize = 6;

/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may = move |ability: Ability| Memo::new(move |_| viewer.read().rights.has(ability));
    let (calls, queues) = (may(Ability::SeeCalls), may(Ability::SeeQueues));
    let (serves, returns) = (may(Ability::ServeQueues), may(Ability::ReturnCalls));
    let manages = may(Ability::ManageConnections);
    view! {
        <Title text="Home"/>
        <header class="page-head"><h1>"Home"</h1></header>
        <div class="home">
            <Now/>
            <div class="home-main">
                {move || calls.get().then(|| view! { <Day/> }.into_any())}
                {move || queues.get().then(|| view! { <Queues/> }.into_any())}
            </div>
            <div class="home-side">
                {move || manages.get().then(|| view! { <System/> }.into_any())}
                {move || returns.get().then(|| view! { <MyLost/> }.into_any())}
                {move || serves.get().then(|| view! { <Mine/> }.into_any())}
            </div>
        </div>
    }
    .into_any()
}

/// My own day.
#[component]
fn Mine() -> impl IntoView {
    let seats = my_seats();
    view! { <MyDay seats/> }
}

/// The queues in which somebody waits, and some others.
#[component]
fn Queues() -> impl IntoView {
    let live = expect_context::<Live>();
    let keys = Memo::new(move |_| {
        let keys: Vec<QueueKey> = live.queues.keys();
        let (mut waiting, quiet): (Vec<_>, Vec<_>) = keys
            .into_iter()
            .partition(|key| live.queues.with(key, |row| row.waiting.is_empty()) == Some(false));
        waiting.extend(quiet);
        waiting.truncate(MOST_QUEUES);
        waiting
    });
    let today = Today::follow(keys);
    let open = Memo::new(|_| None);
    view! {
        <section aria-labelledby="home-queues" hidden=move || keys.read().is_empty()>
            <h2 id="home-queues" class="home-title"><a href="/queues">"Queues"</a></h2>
            <ul class="queue-cards" aria-label="Queues">
                <For each=move || keys.get() key=|key| key.clone() let:key>
                    <Card key open today/>
                </For>
            </ul>
        </section>
    }
    .into_any()
}
