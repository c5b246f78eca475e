//! The command palette: people, calls, pages and verbs behind one key.

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::{
    Icon,
    connect::Pair,
    menu::{Act, Entry, performer},
    person_verbs::person_name,
    supervise,
    transfer::Draft,
};
use crate::{
    access::Ability,
    asking::Deed,
    live::Live,
    lower,
    model::Viewer,
    verbs,
    words::{Status, address, between, check_number, visible},
};

/// Whether the palette is open.
#[derive(Clone, Copy)]
pub struct PaletteOpen(pub RwSignal<bool>);

/// What is typed into the palette, or was typed while it or a sheet was on its way.
#[derive(Clone, Copy)]
pub struct TypedAhead(pub RwSignal<String>);

impl TypedAhead {
    /// What was typed before there was a field for it.
    pub fn take(self) -> String {
        let typed = self.0.get_untracked();
        self.0.set(String::new());
        typed
    }

    /// Takes a key that was pressed while they are on their way. True when it was one of ours.
    pub fn ahead(self, key: &str) -> bool {
        let mut letters = key.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => self.0.update(|typed| typed.push(letter)),
            _ if key == "Backspace" => self.0.update(|typed| {
                typed.pop();
            }),
            _ => return false,
        }
        true
    }
}

/// Entries shown at most: further typing narrows them.
const MAX_ENTRIES: usize = 12;

/// Draws the palette.
#[component]
pub fn Palette() -> impl IntoView {
    let open = expect_context::<PaletteOpen>().0;
    let live = StoredValue::new(expect_context::<Live>());
    let viewer = expect_context::<RwSignal<Viewer>>();
    let perform = performer();
    let dialog = NodeRef::<html::Dialog>::new();
    let typed = expect_context::<TypedAhead>().0;
    let chosen = RwSignal::new(0_usize);
    let entries = Memo::new(move |_| {
        if open.get() {
            let typed = typed.get();
            live.with_value(|live| untrack(|| found(live, &viewer.read_untracked(), &typed)))
        } else {
            Vec::new()
        }
    });
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            if open.get() && !dialog.open() {
                chosen.set(0);
                let _ = dialog.show_modal();
            } else if !open.get() && dialog.open() {
                dialog.close();
            }
        }
    });
    let run = move |index: usize| {
        if let Some(entry) = entries.with_untracked(|entries| entries.get(index).cloned()) {
            open.set(false);
            perform.run(entry.act);
        }
    };
    let key = move |event: KeyboardEvent| {
        let count = entries.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => chosen.update(|at| *at = (*at + count - 1) % count),
            "Enter" => run(chosen.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <dialog class="palette" node_ref=dialog aria-label="Search or do" on:close=move |_| { open.set(false); typed.set(String::new()); }>
            <div class="palette-input">
                <Icon name="search"/>
                <input
                    type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" autofocus
                    aria-label="Search people, calls, pages and what can be done"
                    aria-activedescendant=move || format!("palette-{}", chosen.get())
                    placeholder="A name, a number, a page, a verb" maxlength="64" autocomplete="off"
                    prop:value=move || typed.get()
                    on:input=move |event| { typed.set(event_target_value(&event)); chosen.set(0); }
                    on:keydown=key
                />
            </div>
            <ul class="palette-list" id="palette-list" role="listbox" aria-label="Found">
                {move || entries.get().into_iter().enumerate().map(|(index, entry)| view! {
                    <li
                        role="option" id=format!("palette-{index}") class="menu-item"
                        aria-selected=move || if chosen.get() == index { "true" } else { "false" }
                        on:click=move |_| run(index)
                        on:pointermove=move |_| chosen.set(index)
                    >
                        <Icon name=entry.icon/>
                        <span>{entry.label}{(!entry.note.is_empty()).then(|| view! { <small>{entry.note}</small> })}</span>
                    </li>
                }).collect_view()}
            </ul>
            {move || entries.read().is_empty().then(|| view! {
                <p class="palette-empty">"Nothing is called that. A number can be called from here: type it."</p>
            })}
        </dialog>
    }
    .into_any()
}

fn found(live: &Live, viewer: &Viewer, typed: &str) -> Vec<Entry> {
    let wanted = lower(typed.trim());
    let mut entries = Vec::new();
    if let Ok(number) = check_number(typed) {
        entries.push(Entry::new(format!("Call {number}"), "phone", Act::Call(number)));
    }
    if wanted.is_empty() {
        pages(viewer, &mut entries);
    }
    people(live, viewer, &mut entries);
    calls(live, viewer, &mut entries);
    if !wanted.is_empty() {
        pages(viewer, &mut entries);
    }
    entries.retain(|entry| {
        let label = lower(&entry.label);
        // what changes a call has to be named, so that Enter behind a name never ends one
        let by_its_verb = || wanted.split_whitespace().any(|word| label.starts_with(word));
        match &entry.act {
            Act::Call(number) if *number == wanted => true,
            Act::Ask(_) | Act::Transfer(_) | Act::Connect(_) if !by_its_verb() => false,
            Act::Go(_)
            | Act::Call(_)
            | Act::Ask(_)
            | Act::Transfer(_)
            | Act::Connect(_)
            | Act::Favourite(_) => {
                let text = format!("{label} {}", lower(&entry.note));
                wanted.split_whitespace().all(|word| text.contains(word))
            }
        }
    });
    entries.truncate(MAX_ENTRIES);
    entries
}

fn pages(viewer: &Viewer, entries: &mut Vec<Entry>) {
    let go = |label, icon, href: &str| Entry::new(label, icon, Act::Go(href.into()));
    entries.push(go("Go to the switchboard", "layout-grid", "/"));
    entries.push(go("Go to extensions", "contact", "/extensions"));
    entries.push(go("Go to my profile, theme and density", "circle-user", "/me"));
    if viewer.rights.has(Ability::ManageConnections) {
        entries.push(go("Go to PBX connections", "server", "/admin/pbx"));
        entries.push(go("Connect a PBX", "plus", "/admin/pbx/new"));
    }
    if viewer.rights.has(Ability::SeeAudit) {
        entries.push(go("Go to the audit trail", "scroll-text", "/admin/audit"));
    }
}

fn calls(live: &Live, viewer: &Viewer, entries: &mut Vec<Entry>) {
    for (pbx, id) in live.calls.keys() {
        let Some(call) = live.calls.get(&(pbx, id)) else {
            continue;
        };
        let call = call.read_untracked();
        let people = between(&call);
        entries.push(Entry {
            label: format!("Open the call {people}"),
            icon: "arrow-right",
            note: Status::from(&*call).word().into(),
            act: Act::Go(address::call(pbx.0, &call.id.0, "")),
        });
        if verbs::can_be_moved(viewer, pbx, &call)
            && let Some(leg) = verbs::default_leg(viewer, pbx, &call)
        {
            let begun = Draft::new(pbx, call.id.clone(), leg);
            entries.push(Entry::new(
                format!("Transfer {people}"),
                "arrow-right-left",
                Act::Transfer(begun),
            ));
        }
        let deeds = [
            Deed::pick_up(viewer, pbx, &call),
            Deed::park(viewer, pbx, &call),
            Deed::hang_up(viewer, pbx, &call),
        ];
        for deed in deeds.into_iter().flatten() {
            let label = format!("{} {people}", deed.label);
            entries.push(Entry {
                label,
                ..Entry::deed(deed)
            });
        }
        for (label, deed) in supervise::entries(viewer, pbx, &call) {
            entries.push(Entry {
                label: format!("{label} ({people})"),
                ..Entry::deed(deed)
            });
        }
    }
}

fn people(live: &Live, viewer: &Viewer, entries: &mut Vec<Entry>) {
    for key in live.extensions.keys() {
        let found = live.extensions.peek(&key, |row| {
            let name = person_name(row);
            let connect = Act::Connect(Pair {
                pbx: key.0,
                from: row.number.clone(),
                to: String::new(),
            });
            let entry = |label: String, icon, act| Entry {
                label,
                icon,
                note: format!("{} · {}", visible(&row.number), Status::from(row).word()),
                act,
            };
            let call = entry(format!("Call {name}"), "phone", Act::Call(row.number.clone()));
            let may_connect = verbs::may_connect(viewer, key.0, &row.number);
            let connect =
                may_connect.then(|| entry(format!("Connect {name} with…"), "arrow-right-left", connect));
            [Some(call), connect]
        });
        entries.extend(found.into_iter().flatten().flatten());
    }
}
