//! The context menu: the verbs of a row, at the pointer or at the row.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_navigate;
use web_sys::KeyboardEvent;

use super::{
    Icon,
    connect::{ConnectDraft, Pair},
    roving,
    transfer::{Draft, TransferDraft},
};
use crate::{
    asking::{Asking, Deed},
    browser,
    favourites::Favourites,
    model::Viewer,
};

/// Marks what had the focus before the menu opened, to give it back.
const CAME_FROM: &str = "data-came-from";

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Opens a page.
    Go(String),
    /// Calls a number from the own phone.
    Call(String),
    /// Asks a PBX.
    Ask(Deed),
    /// Begins a transfer.
    Transfer(Draft),
    /// Begins to bring two people together.
    Connect(Pair),
    /// Puts a person among the favourites, or takes them out.
    Favourite(crate::live::ExtensionKey),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The word.
    pub label: String,
    /// The icon.
    pub icon: &'static str,
    /// What is to be known before choosing it; may be empty.
    pub note: String,
    /// What it does.
    pub act: Act,
}

impl Entry {
    /// An entry without a note.
    pub fn new(label: impl Into<String>, icon: &'static str, act: Act) -> Self {
        Self {
            label: label.into(),
            icon,
            note: String::new(),
            act,
        }
    }

    /// The entry of a deed, its consequence as the note.
    pub fn deed(deed: Deed) -> Self {
        Self {
            label: deed.label.into(),
            icon: deed.icon,
            note: deed.consequence.clone(),
            act: Act::Ask(deed),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Open {
    title: String,
    entries: Vec<Entry>,
    left_px: i32,
    top_px: i32,
}

/// The menu of the page: one at a time.
#[derive(Clone, Copy)]
pub struct Menu(RwSignal<Option<Open>>);

impl Menu {
    /// Closed.
    pub fn closed() -> Self {
        Self(RwSignal::new(None))
    }

    /// Whether it is open; tracked.
    pub fn is_open(self) -> bool {
        self.0.read().is_some()
    }

    /// Opens it at a point of the window.
    pub fn open(self, title: String, entries: Vec<Entry>, left_px: i32, top_px: i32) {
        if !entries.is_empty() {
            self.0.set(Some(Open {
                title,
                entries,
                left_px,
                top_px,
            }));
        }
    }

    /// Closes it.
    pub fn close(self) {
        self.0.set(None);
    }

    /// Opens it below an element.
    pub fn open_below(self, title: String, entries: Vec<Entry>, element: &web_sys::Element) {
        let place = element.get_bounding_client_rect();
        self.open(title, entries, place.left() as i32 + 8, place.bottom() as i32);
    }
}

/// Keeps in mind what has the focus, before a menu takes it.
pub fn keep_focus() {
    if let Some(element) = document().active_element() {
        let _ = element.set_attribute(CAME_FROM, "");
    }
}

/// Gives the focus back after a menu.
pub fn return_focus() {
    let came_from = format!("[{CAME_FROM}]");
    browser::focus(&came_from);
    for element in browser::everywhere(&came_from) {
        let _ = element.remove_attribute(CAME_FROM);
    }
}

/// Draws the menu of the page.
#[component]
pub fn ContextMenu() -> impl IntoView {
    let menu = expect_context::<Menu>().0;
    let perform = performer();
    let panel = NodeRef::<html::Div>::new();
    let close = move || {
        menu.set(None);
        return_focus();
    };
    Effect::new(move |_| {
        let (Some(open), Some(panel)) = (menu.get(), panel.get()) else {
            return;
        };
        keep_focus();
        place(&panel, &open);
        browser::focus("[role=menuitem]");
    });
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" | "Tab" => {
            event.prevent_default();
            close();
        }
        _ => {
            roving::moved(&event);
        }
    };
    move || {
        menu.get().map(|open| {
            view! {
                <div class="menu-shade" on:click=move |_| close() on:contextmenu=move |event| {
                    event.prevent_default();
                    close();
                }></div>
                <section aria-label="What can be done">
                    <div class="menu" role="menu" aria-label=open.title.clone() node_ref=panel on:keydown=key>
                        <p class="menu-title" aria-hidden="true">{open.title.clone()}</p>
                        {open.entries.into_iter().map(|entry| {
                            let Entry { label, icon, note, act } = entry;
                            view! {
                                <button type="button" class="menu-item" role="menuitem" data-cell tabindex="-1"
                                    on:click=move |_| { close(); perform.run(act.clone()); }>
                                    <Icon name=icon/>
                                    <span>{label}{(!note.is_empty()).then(|| view! { <small>{note}</small> })}</span>
                                </button>
                            }
                        }).collect_view()}
                    </div>
                </section>
            }
        })
    }
}

/// What carries out the acts of menus and of the palette.
pub fn performer() -> Callback<Act> {
    let asking = expect_context::<Asking>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let draft = expect_context::<TransferDraft>();
    let pair = expect_context::<ConnectDraft>();
    let favourites = use_context::<Favourites>();
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new(use_navigate());
    Callback::new(move |act: Act| match act {
        Act::Go(href) => navigate.with_value(|navigate| navigate(&href, Default::default())),
        Act::Call(number) => asking.call(busy, &viewer.read_untracked(), &number),
        Act::Ask(deed) => asking.ask(busy, deed.pbx, deed.command, deed.what),
        Act::Transfer(begun) => draft.begin(begun),
        Act::Connect(begun) => pair.begin(begun),
        Act::Favourite(key) => {
            if let Some(favourites) = favourites {
                favourites.toggle(&key);
            }
        }
    })
}

/// Puts the panel at its point, inside the window. Through the object model: the page allows no style attribute.
fn place(panel: &web_sys::HtmlElement, open: &Open) {
    put(panel, open.left_px, open.top_px);
}

/// Puts a panel at a point, inside the window.
pub(crate) fn put(panel: &web_sys::HtmlElement, left_px: i32, top_px: i32) {
    let size = |value: Result<wasm_bindgen::JsValue, _>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0) as i32
    };
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let left_px = left_px.min(width - panel.offset_width() - 8).max(8);
    let top_px = top_px.min(height - panel.offset_height() - 8).max(8);
    let style = web_sys::HtmlElement::style(panel);
    let _ = style.set_property("left", &format!("{left_px}px"));
    let _ = style.set_property("top", &format!("{top_px}px"));
}
