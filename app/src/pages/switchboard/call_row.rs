//! One call as a row. What can be done with it is in [`super::call_verbs`], fetched when a hand is there.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::{Call, CallState, Direction, Recording};

use crate::{
    components::{Icon, StateMark, Timer, icon::shape},
    live::{CallKey, Live},
    look::{Look, look},
    model::Viewer,
    verbs,
    words::{Status, address, called, party_name, party_text, shortened, visible::NAME_CHARS},
};

/// The row.
#[component]
pub fn CallRow(key: CallKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.calls.get(&key)?;
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
    let place = format!("{}/{}", pbx.0, key.1.0);
    let open_path = address::call(pbx.0, &key.1.0, "");
    let open = Memo::new(move |_| *location.pathname.read() == open_path);
    Some(
        view! {
            <li class="call" data-state=move || state().slug() class:old=move || live.freshness(pbx).is_old()
                class:mine=move || mine.get() draggable="true" data-call=place
            >
                <a class="call-main" href=href data-cell draggable="false"
                    aria-current=move || open.get().then_some("true")>
                    <Way row=row.clone()/>
                    <Between row=row.clone()/>
                    <Time row=row.clone() pbx/>
                    <span class="call-line">
                        <StateMark status/>
                        <Where row/>
                    </span>
                </a>
            </li>
        }
        .into_any(),
    )
}

pub(super) fn of<T: 'static>(
    row: &ArcRwSignal<Call>,
    read: impl Fn(&Call) -> T + Send + Sync + 'static,
) -> Look<T> {
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
