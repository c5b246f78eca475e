//! My queues: in which I am, and in which I could be.

use leptos::prelude::*;
use telephony::{Member, QueueCommand};

use super::seat::{Seat, ask_queue};
use crate::{
    asking::Asking,
    components::{Icon, Timer},
    live::Live,
    look::look,
    model::{PbxId, Viewer},
    words::{shortened, visible::NAME_CHARS},
};

/// Queues of the PBXs that my extensions are on.
#[component]
pub fn MyQueues(seats: Memo<Vec<Seat>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let queues = Memo::new(move |_| {
        let mut keys: Vec<(PbxId, String)> = live.queues.keys();
        // who left a queue of their team does not see it any more, and may come back
        for queue in &viewer.read().rights.team_queues {
            if !keys.contains(queue) {
                keys.push(queue.clone());
            }
        }
        keys.retain(|(pbx, _)| seats.read().iter().any(|seat| seat.own.pbx == *pbx));
        keys.sort();
        keys
    });
    view! {
        <section class="paper" aria-labelledby="queues-title">
            <h2 id="queues-title">"My queues"</h2>
            <ul class="myqueues">
                {move || queues.get().into_iter().map(|key| view! { <OneQueue key seats/> }.into_any()).collect_view()}
            </ul>
            {move || queues.read().is_empty().then(|| view! {
                <p class="soft">"No queue is yours yet. A supervisor puts you into one, or into a team that has one."</p>
            }.into_any())}
        </section>
    }
    .into_any()
}

#[component]
fn OneQueue(key: (PbxId, String), seats: Memo<Vec<Seat>>) -> impl IntoView {
    let asking = expect_context::<Asking>();
    let live = expect_context::<Live>();
    let busy = RwSignal::new(false);
    let (pbx, name) = key.clone();
    let member = {
        let name = name.clone();
        Memo::new(move |_| {
            let seats = seats.read();
            let mut all = seats
                .iter()
                .filter(|seat| seat.own.pbx == pbx)
                .flat_map(|seat| &seat.members);
            all.find(|(queue, _)| *queue == name)
                .map(|(_, member)| member.clone())
        })
    };
    let first = {
        let (live, key) = (live.clone(), key.clone());
        Memo::new(move |_| {
            live.queues
                .with(&key, |row| row.waiting.first().map(|one| one.joined.0))
                .flatten()
        })
    };
    let waiting = {
        let (live, key) = (live.clone(), key.clone());
        Memo::new(move |_| live.queues.with(&key, |row| row.waiting.len()).unwrap_or(0))
    };
    let shown = shortened(&name, NAME_CHARS);
    let go = {
        let name = name.clone();
        move |_| {
            let queue = name.clone();
            let number = {
                let seats = seats.read_untracked();
                seats
                    .iter()
                    .find(|seat| seat.own.pbx == pbx)
                    .map(|seat| seat.own.number.clone())
            };
            let (command, what) = match (member.get_untracked(), number) {
                (Some(Member { interface, .. }), _) => {
                    let what = format!("log you out of {queue}");
                    (QueueCommand::RemoveMember { queue, interface }, what)
                }
                (None, Some(extension)) => {
                    let what = format!("log you in to {queue}");
                    let command = QueueCommand::AddMember {
                        queue,
                        extension,
                        penalty: 0,
                    };
                    (command, what)
                }
                (None, None) => return,
            };
            ask_queue(asking, busy, pbx, vec![command], what);
        }
    };
    let is_in = Memo::new(move |_| member.read().is_some());
    let fixed = Memo::new(move |_| member.read().as_ref().is_some_and(|member| !member.dynamic));
    view! {
        <li class="myqueue" data-in=move || is_in.get().then_some("")>
            <span class="myqueue-name">{shown}</span>
            <span class="myqueue-line">
                {move || match waiting.get() {
                    0 => view! { <span class="soft">"Nobody waits"</span> }.into_any(),
                    many => view! {
                        <span class="state" data-state="waiting"><Icon name="hourglass"/>{format!("{many} waiting")}</span>
                        {move || first.get().is_some().then(|| view! {
                            <Timer pbx since_ms=look(move || first.get().unwrap_or_default())/>
                        }.into_any())}
                    }.into_any(),
                }}
            </span>
            {move || if fixed.get() {
                view! { <span class="chip" title="The configuration of the PBX has you in this queue: pause to get no calls"><Icon name="lock"/>"Always in"</span> }.into_any()
            } else {
                let go = go.clone();
                view! {
                    <button type="button" class="button needs-js" disabled=move || busy.get() on:click=go>
                        {move || if is_in.get() { "Log out" } else { "Log in" }}
                    </button>
                }.into_any()
            }}
        </li>
    }
    .into_any()
}
