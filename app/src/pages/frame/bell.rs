//! The bell: how many alarms are raised, and the way to them. What tells of them is fetched with what hands do.

use leptos::prelude::*;

use crate::{access::Ability, components::Icon, live::Live, model::Viewer};

/// The bell of the top bar.
#[component]
pub fn Bell() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let sees = Memo::new(move |_| viewer.read().rights.has(Ability::SeeQueues));
    let count = Memo::new(move |_| {
        let names = live.notes.keys();
        names
            .iter()
            .filter(|(_, name)| name.starts_with("alarm/"))
            .count()
    });
    move || {
        sees.get().then(|| {
            view! {
                <a class="icon-button bell" href="/alarms" title="Alarms" data-raised=move || (count.get() > 0).then_some("")>
                    <Icon name="bell"/>
                    <span class="unseen">"Alarms: "</span>
                    <span class="bell-count">{move || count.get().to_string()}</span>
                </a>
            }
            .into_any()
        })
    }
}
