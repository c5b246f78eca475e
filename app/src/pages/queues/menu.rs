//! The menu of a row of this page, at the pointer or below the row.

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::deed::{Deed, Hands};
use super::sheet::Draft;
use crate::{
    browser,
    components::{Icon, menu, roving},
};

/// What an entry does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Does {
    Deed(Deed),
    Draft(&'static str, &'static str, Draft),
}

/// An open menu.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OpenMenu {
    pub(super) title: String,
    pub(super) entries: Vec<Does>,
    pub(super) left_px: i32,
    pub(super) top_px: i32,
}

impl Hands {
    /// Opens the menu at a point; without entries there is none.
    pub(super) fn menu_at(self, title: String, entries: Vec<Does>, left_px: i32, top_px: i32) {
        if !entries.is_empty() {
            self.menu.set(Some(OpenMenu {
                title,
                entries,
                left_px,
                top_px,
            }));
        }
    }

    /// Opens it below an element.
    pub(super) fn menu_below(self, title: String, entries: Vec<Does>, element: &web_sys::Element) {
        let place = element.get_bounding_client_rect();
        self.menu_at(title, entries, place.left() as i32, place.bottom() as i32);
    }

    pub(super) fn chosen(self, does: Does) {
        match does {
            Does::Deed(deed) => self.begin(deed),
            Does::Draft(_, _, draft) => self.draft.set(Some(draft)),
        }
    }
}

/// Draws it.
#[component]
pub(super) fn RowMenu() -> impl IntoView {
    let hands = expect_context::<Hands>();
    let panel = NodeRef::<html::Div>::new();
    let close = move || {
        hands.menu.set(None);
        menu::return_focus();
    };
    Effect::new(move |_| {
        let (Some(open), Some(panel)) = (hands.menu.get(), panel.get()) else {
            return;
        };
        menu::keep_focus();
        menu::put(&panel, open.left_px, open.top_px);
        browser::focus("[role=menuitem]");
    });
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" | "Tab" => {
            event.prevent_default();
            event.stop_propagation();
            close();
        }
        _ => {
            roving::moved(&event);
        }
    };
    move || {
        hands.menu.get().map(|open| {
            view! {
                <div class="menu-shade" on:click=move |_| close() on:contextmenu=move |event| {
                    event.prevent_default();
                    close();
                }></div>
                <section aria-label="What can be done">
                    <div class="menu" role="menu" aria-label=open.title.clone() node_ref=panel on:keydown=key>
                        <p class="menu-title" aria-hidden="true">{open.title.clone()}</p>
                        {open.entries.into_iter().map(|does| {
                            let (label, icon) = match &does {
                                Does::Deed(deed) => (deed.label, deed.icon),
                                Does::Draft(label, icon, _) => (*label, *icon),
                            };
                            view! {
                                <button type="button" class="menu-item" role="menuitem" data-cell tabindex="-1"
                                    on:click=move |_| { close(); hands.chosen(does.clone()); }>
                                    <Icon name=icon/>
                                    <span>{label}</span>
                                </button>
                            }
                        }).collect_view()}
                    </div>
                </section>
            }
        })
    }
}
