//! One person's tile: who, what they do, with whom, for how long, and what can be done.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::Extension;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, KeyboardEvent};

use crate::{
    asking::{Asking, Tone},
    components::{
        Icon, StateMark, Timer,
        connect::{ConnectDraft, Pair},
        menu::{Act, Entry, Menu, performer},
        transfer::{Draft, TransferDraft},
    },
    dragging::{Dragged, Dragging},
    favourites::Favourites,
    live::{ExtensionKey, Live},
    model::Viewer,
    verbs,
    words::{Status, address, shortened, visible, visible::NAME_CHARS, with_whom},
};

/// The tile.
#[component]
pub fn Person(key: ExtensionKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.extensions.get(&key)?;
    let favourites = expect_context::<Favourites>();
    let dragging = expect_context::<Dragging>();
    let (pbx, number) = key.clone();
    let status = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| Status::from(row)))
    };
    let name = {
        let row = row.clone();
        Memo::new(move |_| row.with(person_name))
    };
    let old = {
        let live = live.clone();
        Memo::new(move |_| live.freshness(pbx).is_old())
    };
    let label = {
        let row = row.clone();
        move || row.with(spoken)
    };
    let actions = Actions::new(key.clone(), row.clone());
    let key_actions = actions.clone();
    let menu_actions = actions.clone();
    let over = RwSignal::new(false);
    let dropped = dropper(key.clone());
    let drag_key = key.clone();
    let is_favourite = move || favourites.has(&key);
    Some(view! {
        <li class="tile" data-state=move || status.get().slug() class:old=move || old.get() class:over=move || over.get()
            draggable="true"
            on:dragstart=move |event| dragging.begin(&event, Dragged::Person(drag_key.clone()))
            on:dragend=move |_| dragging.end()
            on:dragover=move |event: DragEvent| if dragging.some() { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: DragEvent| { event.prevent_default(); over.set(false); dropped.run(()); }
            on:contextmenu=move |event| { event.prevent_default(); menu_actions.menu_at(event.client_x(), event.client_y()); }
        >
            <div class="tile-main" role="group" tabindex="0" data-cell aria-label=label
                on:keydown=move |event| key_actions.key(&event)>
                <span class="tile-name">
                    {move || name.get()}
                    {move || is_favourite().then(|| view! { <svg class="icon favourite" aria-label="Favourite" role="img"><use href="/icons.svg#star"></use></svg> })}
                </span>
                <span class="tile-number number">{number}</span>
                <StateMark status/>
                <Doing row=row pbx/>
            </div>
            <TileVerbs actions/>
        </li>
    }.into_any())
}

/// With whom and for how long; for those who do nothing, what is worth knowing.
#[component]
fn Doing(row: ArcRwSignal<Extension>, pbx: crate::model::PbxId) -> impl IntoView {
    let since = {
        let row = row.clone();
        Signal::derive(move || {
            row.with(|row| {
                row.engagements
                    .first()
                    .map_or(row.since.0, |engagement| engagement.since.0)
            })
        })
    };
    let with = {
        let row = row.clone();
        Memo::new(move |_| row.with(with_first))
    };
    let busy = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| !row.engagements.is_empty()))
    };
    let voicemail = Memo::new(move |_| row.with(|row| row.voicemail.unwrap_or(0)));
    view! {
        <span class="tile-with">{move || with.get()}</span>
        {move || busy.get().then(|| view! { <Timer pbx since_ms=since/> })}
        {move || (voicemail.get() > 0).then(|| view! {
            <span class="tile-mail" title="New voicemail"><Icon name="voicemail"/>{voicemail.get()}</span>
        })}
    }
    .into_any()
}

/// The verbs of a tile, drawn on hover and focus; the keys of the tile do the same.
#[component]
fn TileVerbs(actions: Actions) -> impl IntoView {
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
struct Actions {
    key: ExtensionKey,
    row: ArcRwSignal<Extension>,
    menu: Menu,
    perform: Callback<Act>,
    search: Memo<String>,
    favourites: Favourites,
    viewer: RwSignal<Viewer>,
}

impl Actions {
    fn new(key: ExtensionKey, row: ArcRwSignal<Extension>) -> Self {
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

    fn call(&self) {
        self.perform.run(Act::Call(self.key.1.clone()));
    }

    fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![Entry::new(
            format!("Call {}", self.key.1),
            "phone",
            Act::Call(self.key.1.clone()),
        )];
        for engagement in &self.row.read_untracked().engagements {
            let href = address::call(self.key.0.0, &engagement.call.0, &self.search.read_untracked());
            entries.push(Entry::new(
                format!("Open the call with {}", with_whom(engagement)),
                "arrow-right",
                Act::Go(href),
            ));
        }
        if verbs::may_connect(&self.viewer.read_untracked()) {
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
            "Not a favourite"
        } else {
            "Favourite"
        };
        entries.push(Entry::new(favourite, "star", Act::Favourite(self.key.clone())));
        entries
    }

    fn title(&self) -> String {
        self.row.with_untracked(person_name)
    }

    fn menu_at(&self, left_px: i32, top_px: i32) {
        self.menu.open(self.title(), self.entries(), left_px, top_px);
    }

    fn menu_below(&self, element: &web_sys::Element) {
        self.menu.open_below(self.title(), self.entries(), element);
    }

    fn key(&self, event: &KeyboardEvent) {
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
            "m" | "ContextMenu" => {
                if let Some(element) = event.current_target().and_then(|target| target.dyn_into().ok()) {
                    self.menu_below(&element);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// What happens when something is dropped on this person: a call is handed to them, my own phone calls them,
/// and somebody else is connected with them.
fn dropper(key: ExtensionKey) -> Callback<()> {
    let dragging = expect_context::<Dragging>();
    let draft = expect_context::<TransferDraft>();
    let pair = expect_context::<ConnectDraft>();
    let asking = expect_context::<Asking>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let live = StoredValue::new(expect_context::<Live>());
    let busy = RwSignal::new(false);
    Callback::new(move |()| match dragging.take() {
        Some(Dragged::Call(call)) => {
            let viewer = viewer.read_untracked();
            let leg = live.with_value(|live| {
                live.calls.peek(&call, |row| {
                    verbs::can_be_moved(&viewer, call.0, row)
                        .then(|| verbs::default_leg(&viewer, call.0, row))?
                })
            });
            match leg.flatten() {
                Some(leg) if call.0 == key.0 => {
                    let (pbx, call) = call;
                    draft.begin(Draft {
                        to: key.1.clone(),
                        ..Draft::new(pbx, call, leg)
                    });
                }
                Some(_) => asking.tell(
                    Tone::Bad,
                    "Nothing was done: the call and the person are on different PBXs.",
                ),
                None => asking.tell(
                    Tone::Bad,
                    "Nothing was done: only a call in which somebody of ours talks can be handed on.",
                ),
            }
        }
        Some(Dragged::Person(from)) if from == key => {}
        Some(Dragged::Person(from)) => {
            let viewer = viewer.read_untracked();
            if from.0 != key.0 {
                asking.tell(Tone::Bad, "Nothing was done: these two are on different PBXs.");
            } else if verbs::own_number(&viewer, from.0).as_ref() == Some(&from.1) {
                asking.call(busy, &viewer, &key.1);
            } else if verbs::may_connect(&viewer) {
                pair.begin(Pair {
                    pbx: key.0,
                    from: from.1,
                    to: key.1.clone(),
                });
            } else {
                asking.tell(Tone::Bad, "Nothing was done: only your own phone can be made to call somebody. Drag your own tile, or a call.");
            }
        }
        None => {}
    })
}

fn person_name(row: &Extension) -> String {
    row.name
        .as_deref()
        .filter(|name| !name.trim().is_empty())
        .map_or_else(
            || visible(&row.number).into_owned(),
            |name| shortened(name, NAME_CHARS),
        )
}

fn with_first(row: &Extension) -> String {
    row.engagements.first().map_or_else(String::new, with_whom)
}

fn spoken(row: &Extension) -> String {
    let mut text = format!(
        "{}, {}, {}",
        person_name(row),
        row.number,
        Status::from(row).word()
    );
    let with = with_first(row);
    if !with.is_empty() {
        text.push_str(" with ");
        text.push_str(&with);
    }
    text
}
