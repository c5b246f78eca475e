//! One queue, opened.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::{
    QueueKey,
    agents::Agents,
    callers::Callers,
    day::{Day, Today},
    deed::queue_name,
};
use crate::{
    components::{Icon, callbacks::CallbackList, trouble::Nothing},
    live::Live,
    model::callback::QueueCallbacks,
    words::address,
};

/// The pane; where there is little room it is the whole page.
#[component]
pub(super) fn QueuePane(key: QueueKey, today: Today) -> impl IntoView {
    let live = expect_context::<Live>();
    let search = use_location().search;
    let there = {
        let (live, key) = (live.clone(), key.clone());
        Memo::new(move |_| live.queues.with(&key, |_| ()).is_some())
    };
    let pbx = key.0;
    let old = {
        let live = live.clone();
        Memo::new(move |_| live.freshness(pbx).is_old())
    };
    let pbx_name = {
        let live = live.clone();
        move || {
            live.pbxs
                .with(&pbx, |row| crate::words::visible(&row.name).into_owned())
        }
    };
    let name = queue_name(&key);
    view! {
        <section class="pane queue-pane" aria-label="Queue" class:old=move || old.get()>
            <a class="pane-close icon-button" href=move || address::with_search("/queues", &search.read()) aria-label="Close the queue's pane">
                <Icon name="x"/>
            </a>
            {move || match live.queues.get(&key).filter(|_| there.get()) {
                Some(row) => {
                    let key = key.clone();
                    view! {
                        <Title text=name.clone()/>
                        <header class="pane-head">
                            <h2>{name.clone()}</h2>
                            <p class="soft">{pbx_name.clone()} " · " {
                                let row = row.clone();
                                move || row.with(|row| strategy(&row.strategy))
                            }</p>
                        </header>
                        <div class="queue-parts">
                            <Callers key=key.clone() row=row.clone()/>
                            <Keeping key=key.clone()/>
                            <Agents key=key.clone() row=row.clone()/>
                            <Day key row today/>
                        </div>
                    }.into_any()
                }
                None => view! {
                    <Title text="Queue"/>
                    <Nothing icon="headset" title="This queue is not there">
                        <p>"It was taken out of the PBX, or it is not yours to see."</p>
                        <a class="button" href="/queues">"All queues"</a>
                    </Nothing>
                }.into_any(),
            }}
        </section>
    }
    .into_any()
}

/// Who hung up and keeps the place.
#[component]
fn Keeping(key: QueueKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let (pbx, name) = key;
    let queue = name.clone();
    let kept = Memo::new(move |_| {
        let note = live.note::<QueueCallbacks>(pbx, &name);
        note.is_some_and(|note| !note.requests.is_empty())
    });
    move || {
        kept.get().then(|| {
            view! {
                <section class="queue-part" aria-label="Who keeps the place">
                    <h3>"Keep their place"</h3>
                    <CallbackList pbx queue=queue.clone()/>
                </section>
            }
            .into_any()
        })
    }
}

/// How the queue chooses whom it rings.
fn strategy(name: &str) -> String {
    match name {
        "ringall" => "Rings everybody".into(),
        "rrmemory" | "rrordered" => "Rings in turn".into(),
        "leastrecent" => "Rings whose last call is longest ago".into(),
        "fewestcalls" => "Rings who took the fewest calls".into(),
        "random" | "wrandom" => "Rings at random".into(),
        "linear" => "Rings in a fixed order".into(),
        other => crate::words::shortened(other, crate::words::visible::NAME_CHARS),
    }
}
