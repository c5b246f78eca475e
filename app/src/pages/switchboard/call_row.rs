//! One call as a row.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::{Call, CallState, Direction, Recording};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::{
    asking::Deed,
    components::{
        Icon, StateMark, Timer,
        deed_button::DeedButton,
        icon::shape,
        menu::{Act, Entry, Menu, performer},
        transfer::Draft,
    },
    dragging::{Dragged, Dragging},
    live::{CallKey, Live},
    look::{Look, look},
    model::Viewer,
    verbs,
    words::{Status, address, between, called, party_name, party_text, shortened, visible::NAME_CHARS},
};

/// The row.
#[component]
pub fn CallRow(key: CallKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.calls.get(&key)?;
    let dragging = expect_context::<Dragging>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let location = use_location();
    let pbx = key.0;
    let id = key.1.clone();
    let href = move || address::call(pbx.0, &id.0, &location.search.read());
    let status = of(&row, |row| Status::from(row));
    let state = status.clone();
    let mine = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| verbs::is_mine(&viewer.read(), pbx, row)))
    };
    let open_path = address::call(pbx.0, &key.1.0, "");
    let open = Memo::new(move |_| *location.pathname.read() == open_path);
    let actions = Actions::new(key.clone(), row.clone());
    let (keys, menu) = (actions.clone(), actions);
    Some(view! {
        <li class="call" data-state=move || state().slug() class:old=move || live.freshness(pbx).is_old()
            class:mine=move || mine.get() draggable="true"
            on:dragstart=move |event| dragging.begin(&event, Dragged::Call(key.clone()))
            on:dragend=move |_| dragging.end()
            on:contextmenu=move |event| { event.prevent_default(); menu.menu_at(event.client_x(), event.client_y()); }
        >
            <a class="call-main" href=href data-cell draggable="false"
                aria-current=move || open.get().then_some("true")
                on:keydown=move |event| keys.key(&event)>
                <Way row=row.clone()/>
                <Between row=row.clone()/>
                <Time row=row.clone() pbx/>
                <span class="call-line">
                    <StateMark status/>
                    <Where row=row.clone()/>
                </span>
            </a>
            <RowVerbs row pbx/>
        </li>
    }.into_any())
}

fn of<T: 'static>(row: &ArcRwSignal<Call>, read: impl Fn(&Call) -> T + Send + Sync + 'static) -> Look<T> {
    let row = row.clone();
    look(move || row.with(&read))
}

/// Which way the call goes.
#[component]
fn Way(row: ArcRwSignal<Call>) -> impl IntoView {
    let way = of(&row, |row| match row.direction {
        Direction::Inbound => ("arrow-down-left", "From outside"),
        Direction::Outbound => ("arrow-up-right", "To outside"),
        Direction::Internal => ("arrow-right-left", "Inside"),
    });
    let (title, icon) = (way.clone(), way.clone());
    view! {
        <span class="call-way" title=move || title().1>
            <svg class="icon" aria-hidden="true"><use href=move || shape(icon().0)></use></svg>
            <span class="unseen">{move || way().1}", "</span>
        </span>
    }
    .into_any()
}

/// Who with whom.
#[component]
fn Between(row: ArcRwSignal<Call>) -> impl IntoView {
    let caller = of(&row, |row| party_name(&row.caller));
    let caller_text = of(&row, |row| party_text(&row.caller));
    let callee = of(&row, called);
    let callee_text = of(&row, |row| party_text(&row.callee));
    view! {
        <span class="call-parties">
            <span class="party" title=move || caller_text()>{move || caller()}</span>
            <svg class="icon arrow" role="img" aria-label="to"><use href=shape("arrow-right")></use></svg>
            <span class="party" title=move || callee_text()>{move || callee()}</span>
        </span>
    }
    .into_any()
}

/// How long what it does now.
#[component]
fn Time(row: ArcRwSignal<Call>, pbx: crate::model::PbxId) -> impl IntoView {
    let since = look(move || {
        row.with(|row| match row.state {
            CallState::Talking | CallState::Conference => row.answered.unwrap_or(row.state_since).0,
            CallState::Dialling
            | CallState::Ringing
            | CallState::Service(_)
            | CallState::Waiting
            | CallState::OnHold
            | CallState::Parked => row.state_since.0,
        })
    });
    view! { <Timer pbx since_ms=since/> }
}

/// Queue, parking space, conference room; whether it is recorded.
#[component]
fn Where(row: ArcRwSignal<Call>) -> impl IntoView {
    let place = of(&row, whereabouts);
    let recording = of(&row, |row| row.recording);
    view! {
        <span class="call-where">{move || place()}</span>
        {move || match recording() {
            Recording::Off => None,
            Recording::On => Some(view! { <span class="chip recording"><Icon name="disc"/>"Recording"</span> }.into_any()),
            Recording::Paused => Some(view! { <span class="chip"><Icon name="disc"/>"Recording paused"</span> }.into_any()),
        }}
    }
    .into_any()
}

fn whereabouts(row: &Call) -> String {
    if let Some(space) = &row.parked_in {
        return format!("Space {}", shortened(space, NAME_CHARS));
    }
    if let Some(room) = &row.conference {
        return format!("Room {}", shortened(room, NAME_CHARS));
    }
    if let Some(visit) = &row.queue {
        let queue = shortened(&visit.queue, NAME_CHARS);
        // while nobody has answered, the queue is already named as the one who was called
        return if called(row) == queue {
            String::new()
        } else {
            queue
        };
    }
    match &row.state {
        CallState::Service(Some(name)) => shortened(name, NAME_CHARS),
        _ => String::new(),
    }
}

/// The verbs of a row, drawn on hover and focus; the keys of the row do the same.
#[component]
fn RowVerbs(row: ArcRwSignal<Call>, pbx: crate::model::PbxId) -> impl IntoView {
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
    let of = move |make: fn(&Viewer, crate::model::PbxId, &Call) -> Option<Deed>| {
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

fn draft(viewer: &Viewer, pbx: crate::model::PbxId, row: &Call) -> Option<Draft> {
    let leg = verbs::can_be_moved(viewer, pbx, row).then(|| verbs::default_leg(viewer, pbx, row))??;
    Some(Draft::new(pbx, row.id.clone(), leg))
}

/// What can be done with a call; the same behind keys and menu.
#[derive(Clone)]
struct Actions {
    key: CallKey,
    row: ArcRwSignal<Call>,
    menu: Menu,
    perform: Callback<Act>,
    viewer: RwSignal<Viewer>,
    search: Memo<String>,
}

impl Actions {
    fn new(key: CallKey, row: ArcRwSignal<Call>) -> Self {
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
        entries.extend(Deed::hang_up(&viewer, pbx, &row).map(Entry::deed));
        entries
    }

    fn title(&self) -> String {
        self.row.with_untracked(between)
    }

    fn menu_at(&self, left_px: i32, top_px: i32) {
        self.menu.open(self.title(), self.entries(), left_px, top_px);
    }

    fn key(&self, event: &KeyboardEvent) {
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
                if let Some(element) = event
                    .current_target()
                    .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                {
                    self.menu.open_below(self.title(), entries, &element);
                }
            }
        }
    }
}
