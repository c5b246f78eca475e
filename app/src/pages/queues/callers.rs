//! Who waits, in order, and what can be done about it.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;
use telephony::{CallId, Queue, Waiting};
use web_sys::KeyboardEvent;

use super::{
    QueueKey,
    card::of,
    deed::{DraggedCaller, Hands, caller_name, may_manage_callers, of_caller},
    menu::Does,
    sheet::Draft,
};
use crate::{
    browser,
    components::{
        Icon, Timer, roving,
        window::{first_rows, near, rest},
    },
    dragging::lift,
    live::Live,
    look::always,
    model::Viewer,
    words::{address, visible},
};

/// Rows drawn before it is known how many can be seen.
const FIRST_ROWS: usize = 40;

/// The line.
#[component]
pub(super) fn Callers(key: QueueKey, row: ArcRwSignal<Queue>) -> impl IntoView {
    let calls = of(&row, |row| {
        row.waiting.iter().map(|one| one.call.clone()).collect::<Vec<_>>()
    });
    let list = NodeRef::<html::Ol>::new();
    let element = move || list.get().map(Into::into);
    let first = first_rows(FIRST_ROWS);
    let shown = near(calls, element, element, first);
    Effect::new(move |_| {
        shown.track();
        if let Some(list) = list.get() {
            request_animation_frame(move || roving::settle(&list));
        }
    });
    view! {
        <section class="queue-part queue-line" aria-label="Callers">
            <h3>"Callers " <span class="count">{move || calls.read().len()}</span></h3>
            <ol class="rows" node_ref=list on:keydown=|event| { roving::moved(&event); }>
                <For each=move || shown.get() key=|call| call.clone() let:call>
                    <Caller key=key.clone() row=row.clone() call/>
                </For>
            </ol>
            {rest(calls, first)}
            {move || calls.read().is_empty().then(|| view! { <p class="queue-none"><Icon name="check"/>"Nobody waits."</p> })}
        </section>
    }
    .into_any()
}

#[component]
fn Caller(key: QueueKey, row: ArcRwSignal<Queue>, call: CallId) -> impl IntoView {
    let live = expect_context::<Live>();
    let hands = expect_context::<Hands>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let search = use_location().search;
    let pbx = key.0;
    let waiting = {
        let call = call.clone();
        Memo::new(move |_| row.with(|row| row.waiting.iter().find(|one| one.call == call).cloned()))
    };
    let joined = waiting.get_untracked().map_or(0, |one: Waiting| one.joined.0);
    let now = move |read: fn(&Waiting) -> String| waiting.read().as_ref().map(read).unwrap_or_default();
    let given = move || {
        let to = waiting.read().as_ref().and_then(|one| one.given_to.clone())?;
        let name = live
            .extensions
            .with(&(pbx, to.clone()), |row| row.name.clone())
            .flatten();
        Some(name.map_or(to, |name| visible(&name).into_owned()))
    };
    let of = key.clone();
    let manages = Memo::new(move |_| may_manage_callers(&viewer.read(), &of));
    let of = StoredValue::new(key);
    let entries = move || -> Vec<Does> {
        let Some(waiting) = waiting.get_untracked() else {
            return Vec::new();
        };
        let viewer = viewer.read_untracked();
        of.with_value(|key| {
            let mut entries: Vec<_> = of_caller(&viewer, key, &waiting)
                .into_iter()
                .map(Does::Deed)
                .collect();
            if may_manage_callers(&viewer, key) && waiting.given_to.is_none() {
                entries.insert(
                    0,
                    Does::Draft("Give to…", "headset", draft(key, &waiting, Draft::give)),
                );
                entries.push(Does::Draft(
                    "Priority…",
                    "list-ordered",
                    draft(key, &waiting, Draft::priority),
                ));
            }
            entries
        })
    };
    let title = move || now(caller_name);
    let press = move |which: &'static str| {
        let found = entries().into_iter().find(|does| match does {
            Does::Deed(deed) => deed.label == which,
            Does::Draft(label, ..) => *label == which,
        });
        if let Some(does) = found {
            hands.chosen(does);
        }
    };
    let key_pressed = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "f" => press("To the front"),
            "g" => press("Give to…"),
            "x" => press("Take out"),
            "m" | "ContextMenu" => {
                if let Some(element) = browser::target_element(&event) {
                    hands.menu_below(untrack(title), entries(), &element);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let menu = move |event: web_sys::MouseEvent| {
        if manages.get_untracked() {
            event.prevent_default();
            hands.menu_at(untrack(title), entries(), event.client_x(), event.client_y());
        }
    };
    let dragged = move |event: web_sys::DragEvent| {
        let waiting = waiting.get_untracked();
        if let Some(waiting) = waiting.filter(|_| manages.get_untracked()) {
            lift(&event);
            hands.dragged.set(Some(DraggedCaller {
                of: of.get_value(),
                call: waiting.call.clone(),
                who: caller_name(&waiting),
            }));
        }
    };
    view! {
        <li class="queue-row" data-state="waiting" draggable=move || manages.get().then_some("true")
            on:contextmenu=menu on:dragstart=dragged on:dragend=move |_| hands.dragged.set(None)>
            <a class="queue-main" data-cell href=move || address::call(pbx.0, &call.0, &search.read()) on:keydown=key_pressed
                aria-keyshortcuts=move || manages.get().then_some("f g x m")>
                <span class="position">{move || now(|one| one.position.to_string())}</span>
                <span class="party" title=move || now(|one| visible(&one.number).into_owned())>{title}</span>
                <span class="queue-notes">
                    {move || waiting.read().as_ref().and_then(|one| one.priority).filter(|one| *one != 0).map(|priority| view! {
                        <span class="chip" title="Priority">{format!("priority {priority}")}</span>
                    })}
                    {move || given().map(|to| view! { <span class="chip given"><Icon name="bell"/>{format!("rings {to}")}</span> })}
                </span>
                <Timer pbx since_ms=always(joined)/>
            </a>
            {move || manages.get().then(|| view! {
                <span class="row-verbs needs-js">
                    {move || (waiting.read().as_ref().is_some_and(|one| one.position > 1 && one.given_to.is_none())).then(|| view! {
                        <button type="button" class="icon-button" title="To the front" aria-label="To the front" tabindex="-1"
                            disabled=move || hands.busy.get() on:click=move |_| press("To the front")><Icon name="arrow-up-to-line"/></button>
                    })}
                    <button type="button" class="icon-button" title="Give to…" aria-label="Give to…" tabindex="-1"
                        disabled=move || given_now(waiting) on:click=move |_| press("Give to…")><Icon name="headset"/></button>
                    <button type="button" class="icon-button danger" title="Take out" aria-label="Take out" tabindex="-1"
                        disabled=move || given_now(waiting) on:click=move |_| press("Take out")><Icon name="log-out"/></button>
                </span>
            })}
        </li>
    }
    .into_any()
}

fn given_now(waiting: Memo<Option<Waiting>>) -> bool {
    waiting.read().as_ref().is_some_and(|one| one.given_to.is_some())
}

fn draft(key: &QueueKey, waiting: &Waiting, make: fn(QueueKey, CallId, String, i32) -> Draft) -> Draft {
    make(
        key.clone(),
        waiting.call.clone(),
        caller_name(waiting),
        waiting.priority.unwrap_or(0),
    )
}
