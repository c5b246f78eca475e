//! Waiting: queues with who waits and who serves, parked calls, conferences.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::{Conference, MemberState, ParkedCall, Queue, Waiting};

use super::filter::chosen_pbx;
use crate::{
    components::{Icon, StateMark, Timer, trouble::Nothing},
    live::{Live, board::ParkedKey},
    look::{Look, always, look},
    model::{PbxId, Viewer},
    verbs,
    words::{Status, address, party_name, shortened, visible, visible::NAME_CHARS},
};

/// Callers of a queue drawn before somebody asks for all.
const FIRST_CALLERS: usize = 5;

/// The region.
#[component]
pub fn WaitingRegion() -> impl IntoView {
    let live = expect_context::<Live>();
    let pbx = chosen_pbx();
    let wanted = move |of: &PbxId| pbx.get().is_none_or(|pbx| pbx == *of);
    let queues = {
        let live = live.clone();
        look(move || {
            let keys = live.queues.keys().into_iter().filter(|(of, _)| wanted(of));
            // what needs a person moves up
            let (mut keys, quiet): (Vec<_>, Vec<_>) =
                keys.partition(|key| live.queues.with(key, |row| row.waiting.is_empty()) != Some(true));
            keys.extend(quiet);
            keys
        })
    };
    let parked = {
        let live = live.clone();
        look(move || {
            live.parked
                .keys()
                .into_iter()
                .filter(|(of, _)| wanted(of))
                .collect::<Vec<_>>()
        })
    };
    let rooms = {
        let live = live.clone();
        look(move || {
            live.conferences
                .keys()
                .into_iter()
                .filter(|(of, _)| wanted(of))
                .collect::<Vec<_>>()
        })
    };
    let count = {
        let (queues, parked) = (queues.clone(), parked.clone());
        move || {
            let waiting = |key| live.queues.with(key, |row| row.waiting.len()).unwrap_or(0);
            queues().iter().map(waiting).sum::<usize>() + parked().len()
        }
    };
    let nothing = {
        let (queues, parked, rooms) = (queues.clone(), parked.clone(), rooms.clone());
        Memo::new(move |_| queues().is_empty() && parked().is_empty() && rooms().is_empty())
    };
    view! {
        <section class="region waiting" aria-labelledby="waiting-title">
            <header class="region-head">
                <h2 id="waiting-title">"Waiting " <span class="count">{move || count().to_string()}</span></h2>
            </header>
            {move || queues().into_iter().map(|key| view! { <QueueCard key/> }.into_any()).collect_view()}
            <ul class="rows parked">
                {move || parked().into_iter().map(|key| view! { <Parked key/> }.into_any()).collect_view()}
            </ul>
            {move || rooms().into_iter().map(|key| view! { <Room key/> }.into_any()).collect_view()}
            {move || nothing.get().then(|| view! {
                <Nothing icon="hourglass" title="Nobody waits">
                    <p>"Callers in queues, parked calls and conferences appear here."</p>
                </Nothing>
            }.into_any())}
        </section>
    }
    .into_any()
}

/// One queue.
#[component]
fn QueueCard(key: (PbxId, String)) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.queues.get(&key)?;
    let pbx = key.0;
    let (waits, count, callers) = (row.clone(), row.clone(), row.clone());
    let late = {
        let live = expect_context::<Live>();
        let row = row.clone();
        Memo::new(move |_| row.with(|row| is_late(row, live.as_of_ms(pbx))))
    };
    let all = RwSignal::new(false);
    let many = callers.clone();
    let more = Memo::new(move |_| many.with(|row| row.waiting.len()) > FIRST_CALLERS);
    let whole = callers.clone();
    Some(view! {
        <article class="queue" class:old=move || live.freshness(pbx).is_old()
            data-waiting=move || waits.with(|row| (!row.waiting.is_empty()).then_some(""))
            data-late=move || late.get().then_some("")>
            <header>
                <h3>{shortened(&key.1, NAME_CHARS)}</h3>
                <span class="queue-count" title="Callers waiting">{move || count.with(|row| row.waiting.len().to_string())}</span>
                <span class="queue-staff">{move || row.with(staff)}</span>
                {move || late.get().then(|| view! { <span class="chip late"><Icon name="state-alarm"/>"Waiting too long"</span> }.into_any())}
            </header>
            <ol class="callers">
                {move || {
                    let many = if all.get() { usize::MAX } else { FIRST_CALLERS };
                    let waiting = callers.with(|row| row.waiting.iter().take(many).cloned().collect::<Vec<_>>());
                    waiting.into_iter().map(|caller| view! { <Caller caller pbx/> }.into_any()).collect_view()
                }}
            </ol>
            {move || more.get().then(|| {
                let whole = whole.clone();
                view! {
                <button type="button" class="queue-more needs-js" aria-expanded=move || all.get().to_string()
                    on:click=move |_| all.update(|all| *all = !*all)>
                    {move || if all.get() { "Show the first only".to_owned() } else { format!("Show all {}", whole.with(|row| row.waiting.len())) }}
                </button>
                }.into_any()
            })}
        </article>
    }.into_any())
}

/// Whether the first caller waits longer than the queue's own target.
fn is_late(queue: &Queue, now_ms: u64) -> bool {
    let target_ms = u64::from(queue.service_level_s) * 1_000;
    target_ms > 0
        && queue
            .waiting
            .first()
            .is_some_and(|caller| now_ms.saturating_sub(caller.joined.0) > target_ms)
}

fn staff(queue: &Queue) -> String {
    let count = |state: MemberState| {
        queue
            .members
            .iter()
            .filter(|member| member.state == state)
            .count()
    };
    let (ready, busy, paused) = (
        count(MemberState::Ready),
        count(MemberState::Busy),
        count(MemberState::Paused),
    );
    let ringing = count(MemberState::Ringing);
    let mut parts = vec![format!("{ready} of {} ready", queue.members.len())];
    for (number, word) in [(ringing, "ringing"), (busy, "busy"), (paused, "paused")] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    parts.join(" · ")
}

#[component]
fn Caller(caller: Waiting, pbx: PbxId) -> impl IntoView {
    let search = use_location().search;
    let Waiting {
        call,
        number,
        name,
        position,
        joined,
        ..
    } = caller;
    let who = name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| {
        if number.is_empty() {
            "Number withheld".into()
        } else {
            number.clone()
        }
    });
    view! {
        <li>
            <a class="caller" href=move || address::call(pbx.0, &call.0, &search.read())>
                <span class="position">{position.to_string()}</span>
                <span class="party" title=visible(&number).into_owned()>{shortened(&who, NAME_CHARS)}</span>
                <Timer pbx since_ms=always(joined.0)/>
            </a>
        </li>
    }
    .into_any()
}

/// One parked call.
#[component]
fn Parked(key: ParkedKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let search = use_location().search;
    let row = live.parked.get(&key)?;
    let (pbx, (lot, space)) = key;
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    let who = of(&row, |row| party_name(&row.caller));
    let by = of(&row, |row| row.parked_by.as_ref().map(party_name));
    let since = of(&row, |row| row.since.0);
    let call = of(&row, |row| row.call.clone());
    let can_take = Memo::new(move |_| verbs::may_take(&viewer.read(), pbx));
    let place = format!("{}/{space}/{lot}", pbx.0);
    Some(
        view! {
            <li class="call" data-state="parked" class:old=move || old.get()>
                <a class="call-main" href=move || address::call(pbx.0, &call().0, &search.read())>
                    <span class="call-way space number" title="Parking space">{shortened(&space, 8)}</span>
                    <span class="call-parties"><span class="party">{move || who()}</span></span>
                    <Timer pbx since_ms=since/>
                    <span class="call-line">
                        <StateMark status=always(Status::Parked)/>
                        <span class="call-where">{move || by().map_or_else(String::new, |by| format!("by {by}"))}</span>
                    </span>
                </a>
                {move || can_take.get().then(|| view! {
                    <span class="verbs always needs-js">
                        <button type="button" class="button deed" data-take=place.clone()><Icon name="phone-incoming"/>"Take"</button>
                    </span>
                }.into_any())}
            </li>
        }
        .into_any(),
    )
}

fn of<T: 'static>(
    row: &ArcRwSignal<ParkedCall>,
    read: impl Fn(&ParkedCall) -> T + Send + Sync + 'static,
) -> Look<T> {
    let row = row.clone();
    look(move || row.with(&read))
}

/// One conference room.
#[component]
fn Room(key: (PbxId, String)) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.conferences.get(&key)?;
    let pbx = key.0;
    let since = {
        let row = row.clone();
        look(move || row.with(|row: &Conference| row.since.0))
    };
    let people = {
        let row = row.clone();
        look(move || {
            row.with(|row| {
                let named = row.participants.iter();
                named
                    .map(|one| (party_name(&one.party), one.muted))
                    .collect::<Vec<_>>()
            })
        })
    };
    let locked = row.clone();
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    Some(view! {
        <article class="room" class:old=move || old.get()>
            <header>
                <StateMark status=always(Status::Conference)/>
                <h3>"Room " {shortened(&key.1, NAME_CHARS)}</h3>
                <Timer pbx since_ms=since/>
            </header>
            <ul class="participants">
                {move || people().into_iter().map(|(name, muted)| view! {
                    <li class="chip">{muted.then(|| view! { <Icon name="mic-off"/><span class="unseen">"Muted: "</span> }.into_any())}{name}</li>
                }.into_any()).collect_view()}
                {move || locked.with(|row| row.locked).then(|| view! { <li class="chip"><Icon name="lock"/>"Locked"</li> }.into_any())}
                {move || row.with(|row| row.recording).then(|| view! { <li class="chip recording"><Icon name="disc"/>"Recording"</li> }.into_any())}
            </ul>
        </article>
    }.into_any())
}
