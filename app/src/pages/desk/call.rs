//! The call I am in, with big verbs, and who calls.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use telephony::{Call, CallId, Recording};

use super::taken::gist;
use crate::{
    api::desk::EarlierVisits,
    asking::Deed,
    components::{Icon, StateMark, Timer, deed_button::DeedButton},
    live::Live,
    look::{Look, look},
    model::{PbxId, Viewer, figures::KeptVisit},
    packed::pack,
    sending::ask,
    words::{Status, address, party_name, shortened, visible::NAME_CHARS},
};

/// Earlier calls of a number shown.
const SHOWN: usize = 5;

/// Every call that one of my extensions is on.
#[component]
pub fn MyCall() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let calls = Memo::new(move |_| {
        let own = viewer.read().rights.own.clone();
        let mut found: Vec<(PbxId, CallId)> = Vec::new();
        for own in own {
            let key = (own.pbx, own.number.clone());
            let calls = live.extensions.with(&key, |row| {
                row.engagements
                    .iter()
                    .map(|one| one.call.clone())
                    .collect::<Vec<_>>()
            });
            found.extend(calls.unwrap_or_default().into_iter().map(|call| (own.pbx, call)));
        }
        found.dedup();
        found
    });
    move || {
        calls
            .get()
            .into_iter()
            .map(|key| view! { <One key/> }.into_any())
            .collect_view()
    }
}

#[component]
fn One(key: (PbxId, CallId)) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let row = live.calls.get(&key)?;
    let (pbx, id) = key;
    let other = {
        let row = row.clone();
        Memo::new(move |_| {
            row.with(|call: &Call| {
                let mine = call.caller.extension.as_deref();
                let is_mine = mine.is_some_and(|number| viewer.read().rights.is_own(pbx, number));
                let other = if is_mine { &call.callee } else { &call.caller };
                (party_name(other), other.number.clone())
            })
        })
    };
    let deed =
        |make: fn(&Viewer, PbxId, &Call) -> Option<Deed>| of(&row, move |row| make(&viewer.read(), pbx, row));
    let status = of(&row, |call| Status::from(call));
    let since = of(&row, |call| call.state_since.0);
    let recording = of(&row, |call| call.recording);
    let queue = {
        let row = row.clone();
        Memo::new(move |_| row.with(|call: &Call| call.queue.as_ref().map(|visit| visit.queue.clone())))
    };
    let href = address::call(pbx.0, &id.0, "");
    Some(
        view! {
            <section class="paper mycall-now" aria-label="My call">
                <header>
                    <h2>{move || other.get().0}</h2>
                    <span class="number">{move || other.get().1}</span>
                    <StateMark status/>
                    {move || match recording() {
                        Recording::Off => None,
                        Recording::On => Some(view! { <span class="chip recording"><Icon name="disc"/>"Recording"</span> }.into_any()),
                        Recording::Paused => Some(view! { <span class="chip"><Icon name="pause"/>"Recording paused"</span> }.into_any()),
                    }}
                    <Timer pbx since_ms=since/>
                </header>
                {move || queue.get().map(|queue| view! {
                    <p class="soft"><Icon name="hourglass"/>{format!("Queue {}", shortened(&queue, NAME_CHARS))}</p>
                }.into_any())}
                <div class="bigverbs needs-js">
                    <DeedButton deed=deed(Deed::park)/>
                    <DeedButton deed=deed(Deed::record)/>
                    <DeedButton deed=deed(Deed::stop_recording)/>
                    <DeedButton deed=deed(Deed::hang_up)/>
                    <a class="button" href=href>"Transfer and more"</a>
                </div>
                <WhoCalls pbx number=look(move || other.get().1)/>
            </section>
        }
        .into_any(),
    )
}

fn of<T: 'static>(row: &ArcRwSignal<Call>, read: impl Fn(&Call) -> T + Send + Sync + 'static) -> Look<T> {
    let row = row.clone();
    look(move || row.with(&read))
}

/// What is known of a caller: earlier visits, what was said of them.
#[component]
fn WhoCalls(pbx: PbxId, number: Look<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let found = RwSignal::new(Vec::<KeptVisit>::new());
    Effect::new(move |before: Option<String>| {
        let number = number();
        if number.is_empty() || before.as_ref() == Some(&number) {
            return number;
        }
        let asked = number.clone();
        spawn_local(async move {
            let arguments = pack(&EarlierVisits {
                pbx: pbx.0,
                number: asked,
            })
            .unwrap_or_default();
            if let Ok(visits) = ask::<Vec<KeptVisit>>(EarlierVisits::PATH, &arguments).await {
                let _ = found.try_set(visits);
            }
        });
        number
    });
    let live = StoredValue::new(live);
    move || {
        let visits = found.get();
        (!visits.is_empty()).then(|| {
            let rows = visits.into_iter().take(SHOWN).map(|kept| {
                let note = kept.note.clone();
                let said = kept.disposition.clone();
                let line = move || gist(&kept, live.with_value(|live| live.clock.now_ms.get()));
                view! {
                    <li>
                        <span>{line}</span>
                        {said.map(|said| view! { <span class="chip">{shortened(&said, NAME_CHARS)}</span> }.into_any())}
                        {note.map(|note| view! { <p class="mynote">{shortened(&note, 400)}</p> }.into_any())}
                    </li>
                }
                .into_any()
            });
            view! {
                <section class="whocalls" aria-label="Earlier calls of this number">
                    <h3>"Earlier calls of this number"</h3>
                    <ul>{rows.collect_view()}</ul>
                </section>
            }
            .into_any()
        })
    }
}
