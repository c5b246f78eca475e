//! Who serves the queue: what they do, since when, and what can be done about it.

use leptos::{html, prelude::*};
use telephony::{DeviceState, Member, MemberState, Queue};
use web_sys::KeyboardEvent;

use super::{
    QueueKey,
    card::of,
    deed::{Hands, give, may_manage_callers, may_manage_members, may_pause, of_member},
    menu::Does,
    sheet::Draft,
};
use crate::{
    browser,
    components::{
        Icon, StateMark, Timer, roving,
        window::{first_rows, near, rest},
    },
    live::Live,
    look::{always, look},
    model::{PbxId, Viewer},
    words::{Status, shortened, visible, visible::NAME_CHARS},
};

/// Rows drawn before it is known how many can be seen.
const FIRST_ROWS: usize = 60;

/// What a member does, in the words of the screens.
pub fn status_of(member: &Member) -> Status {
    match (member.state, member.device_state) {
        (MemberState::Busy, DeviceState::OnHold) => Status::OnHold,
        _ => Status::from(member),
    }
}

/// The members.
#[component]
pub(super) fn Agents(key: QueueKey, row: ArcRwSignal<Queue>) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    // in the order of penalty and name: who changes state stays where they were
    let members = of(&row, |row| {
        row.members
            .iter()
            .map(|one| one.interface.clone())
            .collect::<Vec<_>>()
    });
    let list = NodeRef::<html::Ul>::new();
    let element = move || list.get().map(Into::into);
    let first = first_rows(FIRST_ROWS);
    let shown = near(members, element, element, first);
    Effect::new(move |_| {
        shown.track();
        if let Some(list) = list.get() {
            request_animation_frame(move || roving::settle(&list));
        }
    });
    let manages = {
        let key = key.clone();
        Memo::new(move |_| may_manage_members(&viewer.read(), &key))
    };
    let adding = key.clone();
    view! {
        <section class="queue-part queue-agents" aria-label="Agents">
            <header class="queue-part-head">
                <h3>"Agents " <span class="count">{move || members.read().len()}</span></h3>
                {move || manages.get().then(|| {
                    let key = adding.clone();
                    view! {
                        <button type="button" class="button quiet needs-js" on:click=move |_| hands.draft.set(Some(Draft::Add(key.clone())))>
                            <Icon name="plus"/>"Add an agent"
                        </button>
                    }
                })}
            </header>
            <ul class="rows" node_ref=list on:keydown=|event| { roving::moved(&event); }>
                <For each=move || shown.get() key=|interface| interface.clone() let:interface>
                    <Agent key=key.clone() row=row.clone() interface/>
                </For>
            </ul>
            {rest(members, first)}
            {move || members.read().is_empty().then(|| view! { <p class="queue-none">"Nobody serves this queue."</p> })}
        </section>
    }
    .into_any()
}

/// Since when a member does what it does: its own word, else that of the phone behind it.
fn since_of(live: &Live, pbx: PbxId, member: &Member) -> Option<u64> {
    if let Some(since) = member.paused_since.or(member.since) {
        return Some(since.0);
    }
    let key = (pbx, member.extension.clone()?);
    live.extensions.with(&key, |row| match row.engagements.first() {
        Some(engagement) => engagement.since.0,
        None => row.since.0,
    })
}

#[component]
fn Agent(key: QueueKey, row: ArcRwSignal<Queue>, interface: String) -> impl IntoView {
    let live = expect_context::<Live>();
    let hands = expect_context::<Hands>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let pbx = key.0;
    let member = {
        let interface = interface.clone();
        Memo::new(move |_| row.with(|row| row.members.iter().find(|one| one.interface == interface).cloned()))
    };
    let read = move |read: fn(&Member) -> String| member.read().as_ref().map(read).unwrap_or_default();
    let status = look(move || member.read().as_ref().map_or(Status::Unreachable, status_of));
    let slug = status.clone();
    let since = Memo::new(move |_| member.read().as_ref().and_then(|one| since_of(&live, pbx, one)));
    let note = Memo::new(move |_| member.read().as_ref().map(note_of).unwrap_or_default());
    let over = RwSignal::new(false);
    let of = StoredValue::new(key);
    let entries = move || -> Vec<Does> {
        let Some(member) = member.get_untracked() else {
            return Vec::new();
        };
        let viewer = viewer.read_untracked();
        of.with_value(|key| {
            let mut entries = Vec::new();
            if may_pause(&viewer, key, &member) {
                let label = if member.paused_since.is_some() {
                    "Another reason…"
                } else {
                    "Pause…"
                };
                entries.push(Does::Draft(label, "pause", Draft::pause(key, &member)));
            }
            if may_manage_members(&viewer, key) {
                entries.push(Does::Draft(
                    "Penalty…",
                    "list-ordered",
                    Draft::penalty(key, &member),
                ));
            }
            entries.extend(of_member(&viewer, key, &member).into_iter().map(Does::Deed));
            entries
        })
    };
    let name = move || read(|one| shortened(&one.name, NAME_CHARS));
    let acts = Memo::new(move |_| {
        member
            .read()
            .as_ref()
            .is_some_and(|member| of.with_value(|key| may_pause(&viewer.read(), key, member)))
    });
    let paused = Memo::new(move |_| {
        member
            .read()
            .as_ref()
            .is_some_and(|one| one.paused_since.is_some())
    });
    let press = move |which: &[&str]| {
        let found = entries().into_iter().find(|does| match does {
            Does::Deed(deed) => which.contains(&deed.label),
            Does::Draft(label, ..) => which.contains(label),
        });
        if let Some(does) = found {
            hands.chosen(does);
        }
    };
    let pause_or_end = move || {
        press(if paused.get_untracked() {
            &["End the pause"]
        } else {
            &["Pause…"]
        })
    };
    let key_pressed = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "p" => pause_or_end(),
            "r" => press(&["Another reason…", "Pause…"]),
            "x" => press(&["Out of the queue"]),
            "m" | "ContextMenu" | "Enter" => {
                if let Some(element) = browser::target_element(&event) {
                    hands.menu_below(untrack(name), entries(), &element);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let droppable = move || {
        let dragged = hands.dragged.read();
        let fits = |member: &Member| member.extension.is_some();
        dragged
            .as_ref()
            .is_some_and(|one| of.with_value(|key| one.of.0 == key.0))
            && member.read().as_ref().is_some_and(fits)
            && of.with_value(|key| may_manage_callers(&viewer.read(), key))
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(false);
        let to = member.get_untracked().and_then(|one| one.extension);
        if let (Some(dragged), Some(to)) = (hands.dragged.get_untracked(), to) {
            hands.dragged.set(None);
            hands.begin(give(&dragged.of, dragged.call, &dragged.who, &to, &untrack(name)));
        }
    };
    view! {
        <li class="queue-row" class:over=move || over.get() data-state=move || slug().slug()
            on:contextmenu=move |event| if acts.get_untracked() {
                event.prevent_default();
                hands.menu_at(untrack(name), entries(), event.client_x(), event.client_y());
            }
            on:dragover=move |event| if untrack(droppable) { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped>
            <div class="queue-main" data-cell tabindex="-1" role="group" aria-label=name on:keydown=key_pressed
                aria-keyshortcuts=move || acts.get().then_some("p r x m")>
                <StateMark status quiet=true/>
                <span class="party" title=visible(&interface).into_owned()>{name}</span>
                <span class="queue-notes">{move || note.get()}</span>
                {move || match since.get() {
                    Some(since_ms) => view! { <Timer pbx since_ms=always(since_ms)/> }.into_any(),
                    None => view! { <span class="timer">"–"</span> }.into_any(),
                }}
            </div>
            {move || acts.get().then(|| view! {
                <span class="row-verbs needs-js">
                    <button type="button" class="icon-button" tabindex="-1" disabled=move || hands.busy.get()
                        title=move || if paused.get() { "End the pause" } else { "Pause…" }
                        aria-label=move || if paused.get() { "End the pause" } else { "Pause…" }
                        on:click=move |_| pause_or_end()>
                        {move || view! { <Icon name=if paused.get() { "play" } else { "pause" }/> }}
                    </button>
                    <button type="button" class="icon-button" tabindex="-1" title="More" aria-label="More" aria-haspopup="menu"
                        on:click=move |event| if let Some(element) = browser::around(&event, "button") {
                            hands.menu_below(untrack(name), entries(), &element);
                        }>
                        <Icon name="ellipsis"/>
                    </button>
                </span>
            })}
        </li>
    }
    .into_any()
}

/// What is worth knowing beside the state.
fn note_of(member: &Member) -> String {
    let mut notes = Vec::new();
    if member.paused_since.is_some() {
        let reason = member
            .pause_reason
            .as_deref()
            .map(str::trim)
            .filter(|reason| !reason.is_empty());
        notes.push(reason.map_or_else(|| "paused".to_owned(), |reason| shortened(reason, NAME_CHARS)));
        match member.device_state {
            DeviceState::InUse | DeviceState::Busy | DeviceState::OnHold => notes.push("on a call".into()),
            DeviceState::Ringing | DeviceState::RingInUse => notes.push("phone rings".into()),
            DeviceState::NotInUse
            | DeviceState::Unknown
            | DeviceState::Unavailable
            | DeviceState::Invalid => {}
        }
    } else {
        notes.push(status_of(member).word().to_lowercase());
    }
    if member.penalty > 0 {
        notes.push(format!("penalty {}", member.penalty));
    }
    if member.calls_taken > 0 {
        notes.push(match member.calls_taken {
            1 => "1 call".into(),
            many => format!("{many} calls"),
        });
    }
    notes.join(" · ")
}
