//! Callers who keep their place: every queue that calls back, with its requests and how it does it.

pub mod rules;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::rules::RulesForm;
use crate::{
    access::{Ability, About, QueueOn},
    api::callback::{LoadCallbackRules, load_callback_rules},
    components::{
        callbacks::CallbackList,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load, loaded,
    model::{
        Viewer,
        callback::{CallbackRules, QueueCallbacks},
    },
    words::{shortened, visible::NAME_CHARS},
};

/// The page.
#[component]
pub fn CallbacksPage() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let sets_up = Memo::new(move |_| viewer.read().rights.has(Ability::SetUpQueues));
    view! {
        <Title text="Callbacks"/>
        <header class="page-head"><h1>"Callbacks"</h1></header>
        <p class="page-word soft">"Who keeps their place and hangs up is called when an agent is free and their turn has come."</p>
        {move || if sets_up.get() {
            view! { <SetUp/> }.into_any()
        } else {
            view! { <Queues rules=Vec::new()/> }.into_any()
        }}
    }
    .into_any()
}

/// For whoever may change how queues call back.
#[component]
fn SetUp() -> impl IntoView {
    let rules = load(LoadCallbackRules::PATH, String::new(), load_callback_rules);
    view! {
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Vec<CallbackRules>>(&rules.await) {
                    Ok(rules) => view! { <Queues rules/> }.into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Queues(
    /// How queues call back, where the viewer may set that up.
    rules: Vec<CallbackRules>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let set_up: Vec<QueueOn> = rules.iter().map(|rules| rules.queue.clone()).collect();
    let queues = Memo::new(move |_| {
        let notes = live.notes_of::<QueueCallbacks>();
        let mut queues = set_up.clone();
        queues.extend(notes.into_iter().map(|(pbx, note)| (pbx, note.queue)));
        queues.sort();
        queues.dedup();
        queues
    });
    let rules = StoredValue::new(rules);
    let section = move |queue: QueueOn| {
        let found = rules.with_value(|rules| rules.iter().find(|rules| rules.queue == queue).cloned());
        view! { <QueueSection queue rules=found/> }
    };
    view! {
        <div class="callback-queues">
            <For each=move || queues.get() key=|queue| queue.clone() children=section/>
        </div>
        {move || queues.read().is_empty().then(|| view! {
            <Nothing icon="phone-outgoing" title="No queue calls back">
                <p>"Whoever sets up queues switches it on here; the dialplan then needs a key for callers to press."</p>
            </Nothing>
        }.into_any())}
    }
    .into_any()
}

#[component]
fn QueueSection(queue: QueueOn, rules: Option<CallbackRules>) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let (pbx, name) = queue;
    let title = shortened(&name, NAME_CHARS);
    let several = untrack(|| live.pbxs.len()) > 1;
    let on_pbx = live.pbxs.peek(&pbx, |row| row.name.clone()).filter(|_| several);
    let told = name.clone();
    let on = Memo::new(move |_| {
        live.note::<QueueCallbacks>(pbx, &told)
            .is_some_and(|note| note.on)
    });
    let about = About::queue(&name);
    let manages = Memo::new(move |_| viewer.read().rights.allow(Ability::ManageCallers, pbx, &about));
    let label = title.clone();
    let listed = name.clone();
    view! {
        <section class="paper callback-queue" aria-label=label>
            <header class="callback-head">
                <h2>{title}</h2>
                <span class="soft">{on_pbx}</span>
                <span class="state" data-state=move || if on.get() { "talking" } else { "unreachable" }>
                    {move || if on.get() { "Calls back" } else { "Does not call back" }}
                </span>
            </header>
            {move || manages.get().then(|| view! { <CallbackList pbx queue=listed.clone()/> }.into_any())}
            {rules.map(|rules| view! {
                <details>
                    <summary>"How it calls back"</summary>
                    <RulesForm rules/>
                </details>
            }.into_any())}
        </section>
    }
    .into_any()
}
