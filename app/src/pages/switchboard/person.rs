//! One person's tile: who, what they do, with whom, for how long, and what can be done.

use leptos::prelude::*;
use telephony::Extension;
use web_sys::DragEvent;

use crate::{
    asking::{Asking, Tone},
    components::{
        Icon, StateMark, Timer,
        connect::{ConnectDraft, Pair},
        icon::shape,
        person_verbs::{PersonActions, PersonVerbs, person_name},
        transfer::{Draft, TransferDraft},
    },
    dragging::{Dragged, Dragging},
    favourites::Favourites,
    live::{ExtensionKey, Live},
    look::look,
    model::Viewer,
    verbs,
    words::{Status, with_whom},
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
        look(move || row.with(|row| Status::from(row)))
    };
    let state = status.clone();
    let name = row.clone();
    let old = live.clone();
    let label = {
        let row = row.clone();
        move || row.with(spoken)
    };
    let actions = PersonActions::new(key.clone(), row.clone());
    let key_actions = actions.clone();
    let menu_actions = actions.clone();
    let over = RwSignal::new(false);
    let dropped = dropper(key.clone());
    let drag_key = key.clone();
    let is_favourite = move || favourites.has(&key);
    Some(view! {
        <li class="tile" data-state=move || state().slug() class:old=move || old.freshness(pbx).is_old() class:over=move || over.get()
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
                    {move || name.with(person_name)}
                    {move || is_favourite().then(|| view! { <svg class="icon favourite" aria-label="Favourite" role="img"><use href=shape("star")></use></svg> }.into_any())}
                </span>
                <span class="tile-number number">{number}</span>
                <StateMark status/>
                <Doing row=row pbx/>
            </div>
            <PersonVerbs actions/>
        </li>
    }.into_any())
}

/// With whom and for how long; for those who do nothing, what is worth knowing.
#[component]
fn Doing(row: ArcRwSignal<Extension>, pbx: crate::model::PbxId) -> impl IntoView {
    let since = {
        let row = row.clone();
        look(move || {
            row.with(|row| {
                row.engagements
                    .first()
                    .map_or(row.since.0, |engagement| engagement.since.0)
            })
        })
    };
    let with = row.clone();
    let busy = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| !row.engagements.is_empty()))
    };
    let voicemail = move || row.with(|row| row.voicemail).filter(|new| *new > 0);
    view! {
        <span class="tile-with">{move || with.with(with_first)}</span>
        {move || busy.get().then(|| view! { <Timer pbx since_ms=since.clone()/> }.into_any())}
        {move || voicemail().map(|new| view! {
            <span class="tile-mail" title="New voicemail"><Icon name="voicemail"/>{new.to_string()}</span>
        }.into_any())}
    }
    .into_any()
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
