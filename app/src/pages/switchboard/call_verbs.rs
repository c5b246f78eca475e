//! What can be done with a call, on its row: the same behind buttons, keys and menu.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::Call;
use web_sys::{Element, KeyboardEvent};

use super::call_row::of;
use crate::{
    asking::Deed,
    components::{
        Icon,
        deed_button::DeedButton,
        menu::{Act, Entry, Menu, performer},
        supervise,
        transfer::Draft,
    },
    live::CallKey,
    look::look,
    model::{PbxId, Viewer},
    verbs,
    words::{address, between},
};

/// The verbs of a row, drawn on hover and focus; the keys of the row do the same.
#[component]
pub fn CallVerbs(row: ArcRwSignal<Call>, pbx: PbxId) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let perform = performer();
    let begun = {
        let row = row.clone();
        look(move || row.with(|row| draft(&viewer.read(), pbx, row)))
    };
    let movable = {
        let begun = begun.clone();
        Memo::new(move |_| begun().is_some())
    };
    let of = move |make: fn(&Viewer, PbxId, &Call) -> Option<Deed>| {
        of(&row, move |row| make(&viewer.read(), pbx, row))
    };
    view! {
        <span class="verbs needs-js">
            <DeedButton deed=of(Deed::pick_up) small=true skip_tab=true/>
            {move || movable.get().then(|| {
                let begun = begun.clone();
                let begin = move |_| {
                    if let Some(begun) = untrack(|| begun()) {
                        perform.run(Act::Transfer(begun));
                    }
                };
                view! {
                    <button type="button" class="icon-button" tabindex="-1" aria-label="Transfer" title="Transfer (t)"
                        on:click=begin>
                        <Icon name="arrow-right-left"/>
                    </button>
                }.into_any()
            })}
            <DeedButton deed=of(Deed::park) small=true skip_tab=true/>
            <DeedButton deed=of(Deed::hang_up) small=true skip_tab=true/>
        </span>
    }
    .into_any()
}

fn draft(viewer: &Viewer, pbx: PbxId, row: &Call) -> Option<Draft> {
    let leg = verbs::can_be_moved(viewer, pbx, row).then(|| verbs::default_leg(viewer, pbx, row))??;
    Some(Draft::new(pbx, row.id.clone(), leg))
}

/// What can be done with a call; the same behind keys and menu.
#[derive(Clone)]
pub(super) struct CallActions {
    key: CallKey,
    row: ArcRwSignal<Call>,
    menu: Menu,
    perform: Callback<Act>,
    viewer: RwSignal<Viewer>,
    search: Memo<String>,
}

impl CallActions {
    pub(super) fn new(key: CallKey, row: ArcRwSignal<Call>) -> Self {
        Self {
            key,
            row,
            menu: expect_context(),
            perform: performer(),
            viewer: expect_context(),
            search: use_location().search,
        }
    }

    fn entries(&self) -> Vec<Entry> {
        let (pbx, viewer, row) = (
            self.key.0,
            self.viewer.read_untracked(),
            self.row.read_untracked(),
        );
        let href = address::call(pbx.0, &row.id.0, &self.search.read_untracked());
        let mut entries = vec![Entry::new("Open the call", "arrow-right", Act::Go(href))];
        entries.extend(Deed::pick_up(&viewer, pbx, &row).map(Entry::deed));
        entries.extend(
            draft(&viewer, pbx, &row)
                .map(|begun| Entry::new("Transfer", "arrow-right-left", Act::Transfer(begun))),
        );
        entries.extend(Deed::park(&viewer, pbx, &row).map(Entry::deed));
        entries.extend(Deed::record(&viewer, pbx, &row).map(Entry::deed));
        entries.extend(Deed::stop_recording(&viewer, pbx, &row).map(Entry::deed));
        entries.extend(Deed::hang_up(&viewer, pbx, &row).map(Entry::deed));
        let supervision = supervise::entries(&viewer, pbx, &row).into_iter();
        entries.extend(supervision.map(|(label, deed)| Entry {
            label,
            ..Entry::deed(deed)
        }));
        entries
    }

    fn title(&self) -> String {
        self.row.with_untracked(between)
    }

    pub(super) fn menu_at(&self, left_px: i32, top_px: i32) {
        self.menu.open(self.title(), self.entries(), left_px, top_px);
    }

    /// `on` is the row.
    pub(super) fn key(&self, event: &KeyboardEvent, on: &Element) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let only = |label: &str| {
            let mut entries = self.entries();
            entries.retain(|entry| entry.label == label);
            entries
        };
        let entries = match event.key().as_str() {
            "t" => only("Transfer"),
            "p" => only("Park"),
            "h" => only("Hang up"),
            "m" | "ContextMenu" => self.entries(),
            _ => return,
        };
        event.prevent_default();
        // a deed that touches others is shown with its consequence before it is done
        match entries.as_slice() {
            [only] if only.note.is_empty() && !matches!(only.act, Act::Go(_)) => {
                self.perform.run(only.act.clone())
            }
            _ => {
                self.menu.open_below(self.title(), entries, on);
            }
        }
    }
}
