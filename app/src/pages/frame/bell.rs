//! The bell: how many alarms are raised, and the way to them. What tells of them is fetched with the first new one.

use leptos::prelude::*;

use crate::{
    access::Ability,
    components::Icon,
    later,
    live::Live,
    model::{PbxId, Viewer},
};

/// The names of the alarms that were raised when the page came.
#[derive(Clone)]
pub(crate) struct AlarmsBefore(pub(crate) Vec<(PbxId, String)>);

/// The alarms that are raised, by name; tracked.
pub(crate) fn alarm_names(live: &Live) -> Vec<(PbxId, String)> {
    let mut names = live.notes.keys();
    names.retain(|(_, name)| name.starts_with("alarm/"));
    names
}

/// The bell of the top bar.
#[component]
pub fn Bell() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let sees = Memo::new(move |_| viewer.read().rights.has(Ability::SeeQueues));
    let count = Memo::new(move |_| alarm_names(&live).len());
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

/// Tells of alarms that are raised while the page is open.
#[component]
pub fn Voice() -> impl IntoView {
    let live = expect_context::<Live>();
    let before = untrack(|| alarm_names(&live));
    provide_context(AlarmsBefore(before.clone()));
    let wanted = RwSignal::new(false);
    Effect::new(move |_| {
        if alarm_names(&live).iter().any(|name| !before.contains(name)) && !wanted.get_untracked() {
            wanted.set(true);
        }
    });
    later::once_wanted(wanted, later::alarm_voice, |_| {})
}
