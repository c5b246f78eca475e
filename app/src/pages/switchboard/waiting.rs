//! Waiting: queues with who waits and who serves, parked calls, conferences.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::{Conference, MemberState, ParkedCall, Queue, Waiting};

use super::filter::chosen_pbx;
use crate::{
    asking::Deed,
    components::{Icon, StateMark, Timer, deed_button::DeedButton, trouble::Nothing},
    live::{Live, board::ParkedKey},
    model::{PbxId, Viewer},
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
        Memo::new(move |_| {
            let mut keys = live.queues.keys();
            keys.retain(|(of, _)| wanted(of));
            // what needs a person moves up
            keys.sort_by_key(|key| live.queues.with(key, |row| row.waiting.is_empty()));
            keys
        })
    };
    let parked = {
        let live = live.clone();
        Memo::new(move |_| {
            live.parked
                .keys()
                .into_iter()
                .filter(|(of, _)| wanted(of))
                .collect::<Vec<_>>()
        })
    };
    let rooms = {
        let live = live.clone();
        Memo::new(move |_| {
            live.conferences
                .keys()
                .into_iter()
                .filter(|(of, _)| wanted(of))
                .collect::<Vec<_>>()
        })
    };
    let count = Memo::new(move |_| {
        let waiting = |key| live.queues.with(key, |row| row.waiting.len()).unwrap_or(0);
        queues.read().iter().map(waiting).sum::<usize>() + parked.read().len()
    });
    let nothing = move || queues.read().is_empty() && parked.read().is_empty() && rooms.read().is_empty();
    view! {
        <section class="region waiting" aria-labelledby="waiting-title">
            <header class="region-head">
                <h2 id="waiting-title">"Waiting " <span class="count">{move || count.get()}</span></h2>
            </header>
            <For each=move || queues.get() key=|key| key.clone() let:key><QueueCard key/></For>
            <ul class="rows parked">
                <For each=move || parked.get() key=|key| key.clone() let:key><Parked key/></For>
            </ul>
            <For each=move || rooms.get() key=|key| key.clone() let:key><Room key/></For>
            {move || nothing().then(|| view! {
                <Nothing icon="hourglass" title="Nobody waits">
                    <p>"Callers in queues, parked calls and conferences appear here."</p>
                </Nothing>
            })}
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
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    let waiting = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| row.waiting.clone()))
    };
    let late = {
        let live = expect_context::<Live>();
        let row = row.clone();
        Memo::new(move |_| row.with(|row| is_late(row, live.as_of_ms(pbx))))
    };
    let staff = Memo::new(move |_| row.with(staff));
    let all = RwSignal::new(false);
    let shown = move || {
        let many = if all.get() { usize::MAX } else { FIRST_CALLERS };
        waiting.with(|waiting| waiting.iter().take(many).cloned().collect::<Vec<_>>())
    };
    let more = move || waiting.with(Vec::len) > FIRST_CALLERS;
    Some(view! {
        <article class="queue" class:old=move || old.get() data-waiting=move || (!waiting.read().is_empty()).then_some("")
            data-late=move || late.get().then_some("")>
            <header>
                <h3>{shortened(&key.1, NAME_CHARS)}</h3>
                <span class="queue-count" title="Callers waiting">{move || waiting.read().len()}</span>
                <span class="queue-staff">{move || staff.get()}</span>
                {move || late.get().then(|| view! { <span class="chip late"><Icon name="state-alarm"/>"Waiting too long"</span> })}
            </header>
            <ol class="callers">
                <For each=shown key=|caller| (caller.call.clone(), caller.position) let:caller>
                    <Caller caller pbx/>
                </For>
            </ol>
            {move || more().then(|| view! {
                <button type="button" class="queue-more needs-js" aria-expanded=move || all.get().to_string()
                    on:click=move |_| all.update(|all| *all = !*all)>
                    {move || if all.get() { "Show the first only".to_owned() } else { format!("Show all {}", waiting.read().len()) }}
                </button>
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
                <span class="position">{position}</span>
                <span class="party" title=visible(&number).into_owned()>{shortened(&who, NAME_CHARS)}</span>
                <Timer pbx since_ms=Signal::stored(joined.0)/>
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
    let (pbx, (_, space)) = key;
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    let who = of(&row, |row| party_name(&row.caller));
    let by = of(&row, |row| row.parked_by.as_ref().map(party_name));
    let since = of(&row, |row| row.since.0);
    let call = of(&row, |row| row.call.clone());
    let take = Memo::new(move |_| row.with(|row| Deed::take(&viewer.read(), pbx, row)));
    Some(
        view! {
            <li class="call" data-state="parked" class:old=move || old.get()>
                <a class="call-main" href=move || address::call(pbx.0, &call.read().0, &search.read())>
                    <span class="call-way space number" title="Parking space">{shortened(&space, 8)}</span>
                    <span class="call-parties"><span class="party">{move || who.get()}</span></span>
                    <Timer pbx since_ms=Signal::from(since)/>
                    <span class="call-line">
                        <StateMark status=Signal::stored(Status::Parked)/>
                        <span class="call-where">{move || by.get().map(|by| format!("by {by}"))}</span>
                    </span>
                </a>
                <span class="verbs always needs-js"><DeedButton deed=Signal::from(take)/></span>
            </li>
        }
        .into_any(),
    )
}

fn of<T>(row: &ArcRwSignal<ParkedCall>, look: impl Fn(&ParkedCall) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let row = row.clone();
    Memo::new(move |_| row.with(&look))
}

/// One conference room.
#[component]
fn Room(key: (PbxId, String)) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.conferences.get(&key)?;
    let pbx = key.0;
    let since = {
        let row = row.clone();
        Signal::derive(move || row.with(|row: &Conference| row.since.0))
    };
    let people = {
        let row = row.clone();
        Memo::new(move |_| {
            row.with(|row| {
                let named = row.participants.iter();
                named
                    .map(|one| (party_name(&one.party), one.muted))
                    .collect::<Vec<_>>()
            })
        })
    };
    let flags = Memo::new(move |_| row.with(|row| (row.locked, row.recording)));
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    Some(view! {
        <article class="room" class:old=move || old.get()>
            <header>
                <StateMark status=Signal::stored(Status::Conference)/>
                <h3>"Room " {shortened(&key.1, NAME_CHARS)}</h3>
                <Timer pbx since_ms=since/>
            </header>
            <ul class="participants">
                {move || people.get().into_iter().map(|(name, muted)| view! {
                    <li class="chip">{muted.then(|| view! { <Icon name="mic-off"/><span class="unseen">"Muted: "</span> })}{name}</li>
                }).collect_view()}
                {move || flags.get().0.then(|| view! { <li class="chip"><Icon name="lock"/>"Locked"</li> })}
                {move || flags.get().1.then(|| view! { <li class="chip recording"><Icon name="disc"/>"Recording"</li> })}
            </ul>
        </article>
    }.into_any())
}
