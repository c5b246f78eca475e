//! What happens at this moment, in six numbers; each leads to where it happens.

use std::collections::BTreeMap;

use leptos::prelude::*;
use telephony::Member;

use crate::{
    access::Ability,
    live::Live,
    model::{PbxId, Viewer, alarms::Raised},
    pages::{history::grouped, queues::agents::status_of},
    words::{Status, clock},
};

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    waiting: usize,
    /// Since when the first of them waits, and on which PBX.
    first: Option<(u64, PbxId)>,
    free: usize,
    talking: usize,
    paused: usize,
    agents: usize,
}

/// What queues tell at this moment; who serves several of them is one.
fn counts(live: &Live) -> Counts {
    let mut counts = Counts::default();
    let mut agents: BTreeMap<(PbxId, String), Status> = BTreeMap::new();
    for key in live.queues.keys() {
        live.queues.with(&key, |queue| {
            counts.waiting += queue.waiting.len();
            let joined = queue.waiting.iter().map(|one| (one.joined.0, key.0)).min();
            counts.first = counts.first.into_iter().chain(joined).min();
            for member in &queue.members {
                let status = status_of(member);
                let known = agents.entry((key.0, whose(member))).or_insert(status);
                // paused in one queue, and there for another
                if *known == Status::Paused {
                    *known = status;
                }
            }
        });
    }
    counts.agents = agents.len();
    for status in agents.values() {
        match status {
            Status::Idle => counts.free += 1,
            Status::Talking | Status::OnHold | Status::Ringing => counts.talking += 1,
            Status::Paused => counts.paused += 1,
            _ => {}
        }
    }
    counts
}

fn whose(member: &Member) -> String {
    member.interface.clone()
}

/// The numbers.
#[component]
pub fn Now() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let sees_queues = Memo::new(move |_| viewer.read().rights.has(Ability::SeeQueues));
    let told = {
        let live = live.clone();
        Memo::new(move |_| counts(&live))
    };
    let calls = {
        let live = live.clone();
        Memo::new(move |_| live.calls.len())
    };
    let alarms = {
        let live = live.clone();
        Memo::new(move |_| live.notes_of::<Raised>().len())
    };
    let longest = move || {
        let first = told.read().first;
        first.map_or_else(
            || "nobody waits".to_owned(),
            |(since_ms, pbx)| {
                format!(
                    "the first for {}",
                    clock(live.as_of_ms(pbx).saturating_sub(since_ms))
                )
            },
        )
    };
    let of_agents = move || {
        let told = told.read();
        format!("{} on calls, {} paused", told.talking, told.paused)
    };
    view! {
        <ul class="kpi-strip home-now" aria-label="At this moment">
            <li>
                <a class="kpi" href="/">
                    <span class="kpi-name">"Calls now"</span>" "
                    <strong class="kpi-value">{move || grouped(calls.get() as u64)}</strong>" "
                    <span class="soft">"that you see"</span>
                </a>
            </li>
            {move || sees_queues.get().then(|| {
                let longest = longest.clone();
                view! {
                    <li>
                        <a class="kpi" href="/queues" data-late=move || (told.read().waiting > 0).then_some("")>
                            <span class="kpi-name">"Waiting"</span>" "
                            <strong class="kpi-value">{move || grouped(told.read().waiting as u64)}</strong>" "
                            <span class="soft">{longest}</span>
                        </a>
                    </li>
                    <li>
                        <a class="kpi" href="/queues">
                            <span class="kpi-name">"Agents free"</span>" "
                            <strong class="kpi-value">{move || format!("{} of {}", told.read().free, told.read().agents)}</strong>" "
                            <span class="soft">{of_agents}</span>
                        </a>
                    </li>
                    <li>
                        <a class="kpi" href="/alarms" data-late=move || (alarms.get() > 0).then_some("")>
                            <span class="kpi-name">"Alarms"</span>" "
                            <strong class="kpi-value">{alarms}</strong>" "
                            <span class="soft">{move || if alarms.get() == 0 { "none is raised" } else { "raised now" }}</span>
                        </a>
                    </li>
                }.into_any()
            })}
        </ul>
    }
    .into_any()
}
