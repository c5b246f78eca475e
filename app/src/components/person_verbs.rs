//! What can be done with a person, wherever one is shown: the same behind buttons, keys and menu.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::Extension;
use web_sys::{Element, KeyboardEvent};

use super::{
    Icon,
    connect::Pair,
    menu::{Act, Entry, Menu, performer},
};
use crate::{
    favourites::Favourites,
    live::ExtensionKey,
    model::Viewer,
    verbs,
    words::{
        address, shortened, visible,
        visible::{NAME_CHARS, isolated},
        with_whom,
    },
};

/// The verbs of a person's tile or row, drawn on hover and focus; its keys do the same.
#[component]
pub fn PersonVerbs(
    /// Whose.
    actions: PersonActions,
) -> impl IntoView {
    let more = actions.clone();
    let number = actions.key.1.clone();
    let call = actions.clone();
    view! {
        <span class="verbs">
            <a class="icon-button" tabindex="-1" href=address::dial(&number) aria-label=format!("Call {number}") title="Call (c)"
                on:click=move |event| { event.prevent_default(); event.stop_propagation(); call.call(); }>
                <Icon name="phone"/>
            </a>
            <button type="button" class="icon-button needs-js" tabindex="-1" aria-label="More" title="More (m)"
                on:click=move |event| {
                    if let Some(element) = crate::browser::target_element(&event) { more.menu_below(&element) }
                }>
                <Icon name="ellipsis"/>
            </button>
        </span>
    }
    .into_any()
}

/// What can be done with a person; the same behind keys, menu and buttons.
#[derive(Clone)]
pub struct PersonActions {
    key: ExtensionKey,
    row: ArcRwSignal<Extension>,
    menu: Menu,
    perform: Callback<Act>,
    search: Memo<String>,
    favourites: Favourites,
    viewer: RwSignal<Viewer>,
}

impl PersonActions {
    /// Of one person.
    pub fn new(key: ExtensionKey, row: ArcRwSignal<Extension>) -> Self {
        Self {
            key,
            row,
            menu: expect_context(),
            perform: performer(),
            search: use_location().search,
            favourites: expect_context(),
            viewer: expect_context(),
        }
    }

    /// Calls them.
    pub fn call(&self) {
        self.perform.run(Act::Call(self.key.1.clone()));
    }

    fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![Entry::new(
            format!("Call {}", self.key.1),
            "phone",
            Act::Call(self.key.1.clone()),
        )];
        // one without a call is not for this viewer
        let row = self.row.read_untracked();
        for engagement in row.engagements.iter().filter(|one| !one.call.0.is_empty()) {
            let href = address::call(self.key.0.0, &engagement.call.0, &self.search.read_untracked());
            entries.push(Entry::new(
                format!("Open the call with {}", with_whom(engagement)),
                "arrow-right",
                Act::Go(href),
            ));
        }
        if verbs::may_connect(&self.viewer.read_untracked(), self.key.0, &self.key.1) {
            entries.push(Entry::new(
                "Connect with…",
                "arrow-right-left",
                Act::Connect(Pair {
                    pbx: self.key.0,
                    from: self.key.1.clone(),
                    to: String::new(),
                }),
            ));
        }
        let favourite = if untrack(|| self.favourites.has(&self.key)) {
            "Remove from favourites"
        } else {
            "Add to favourites"
        };
        entries.push(Entry::new(favourite, "star", Act::Favourite(self.key.clone())));
        entries
    }

    fn title(&self) -> String {
        self.row.with_untracked(person_name)
    }

    /// Opens the menu at a point of the window.
    pub fn menu_at(&self, left_px: i32, top_px: i32) {
        self.menu.open(self.title(), self.entries(), left_px, top_px);
    }

    fn menu_below(&self, element: &Element) {
        self.menu.open_below(self.title(), self.entries(), element);
    }

    /// Does what a key pressed on the person means; `on` is their row.
    pub fn key(&self, event: &KeyboardEvent, on: &Element) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "c" => self.call(),
            "f" => self.perform.run(Act::Favourite(self.key.clone())),
            "Enter" => {
                let open = self
                    .entries()
                    .into_iter()
                    .find(|entry| matches!(entry.act, Act::Go(_)));
                self.perform
                    .run(open.map_or_else(|| Act::Call(self.key.1.clone()), |entry| entry.act));
            }
            "m" | "ContextMenu" => self.menu_below(on),
            _ => return,
        }
        event.prevent_default();
    }
}

/// The name, else the number; fit to be shown.
pub fn person_name(row: &Extension) -> String {
    row.name
        .as_deref()
        .filter(|name| !name.trim().is_empty())
        .map_or_else(
            || visible(&row.number).into_owned(),
            |name| isolated(shortened(name, NAME_CHARS)),
        )
}
