//! One queue as a card: who waits, for how long, how well that goes, and who serves.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::Queue;

use super::{
    QueueKey, address_of,
    day::Today,
    deed::{level_now, queue_name},
};
use crate::{
    components::{Icon, StateMark, Timer},
    live::Live,
    look::{always, look},
    model::alarms::Raised,
    words::{Status, shortened, visible::NAME_CHARS},
};

/// The states of agents, in the order of the card.
const STATES: [Status; 6] = [
    Status::Idle,
    Status::Ringing,
    Status::Talking,
    Status::OnHold,
    Status::Paused,
    Status::Unreachable,
];

/// The card; its name leads to the queue.
#[component]
pub fn Card(key: QueueKey, open: Memo<Option<QueueKey>>, today: Today) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.queues.get(&key)?;
    let pbx = key.0;
    let search = use_location().search;
    let old = {
        let live = live.clone();
        Memo::new(move |_| live.freshness(pbx).is_old())
    };
    let current = {
        let key = key.clone();
        Memo::new(move |_| open.read().as_ref() == Some(&key))
    };
    let waiting = of(&row, |row| row.waiting.len());
    let first = of(&row, |row| row.waiting.first().map(|one| one.joined.0));
    let target = {
        let (key, row) = (key.clone(), row.clone());
        Memo::new(move |_| {
            today
                .target_s(&key)
                .unwrap_or_else(|| row.with(|row| row.service_level_s))
        })
    };
    let now = {
        let (live, row) = (live.clone(), row.clone());
        Memo::new(move |_| row.with(|row| level_now(row, target.get(), live.as_of_ms(pbx))))
    };
    let late = Memo::new(move |_| now.get().is_some_and(|level| level < 100));
    let alarms = {
        let (live, key) = (live.clone(), key.clone());
        Memo::new(move |_| {
            let raised = live.notes_of::<Raised>().into_iter();
            let here = raised.filter(|(pbx, one)| *pbx == key.0 && one.0.queue == key.1);
            here.map(|(_, one)| one.0.name).collect::<Vec<_>>()
        })
    };
    let staff = of(&row, staff);
    let day = {
        let key = key.clone();
        move || today.in_words(&key)
    };
    let href = {
        let key = key.clone();
        move || address_of(&key, &search.read())
    };
    Some(view! {
        <li class="queue-card" class:old=move || old.get()
            data-waiting=move || (waiting.get() > 0).then_some("") data-late=move || (late.get() || !alarms.read().is_empty()).then_some("")>
            <a class="queue-card-name" href=href aria-current=move || current.get().then_some("true")>
                <h2>{queue_name(&key)}</h2>
            </a>
            <dl class="queue-numbers">
                <div class="queue-big">
                    <dt>"Waiting"</dt>
                    <dd>{move || waiting.get().to_string()}</dd>
                </div>
                <div>
                    <dt>"Longest"</dt>
                    <dd>{move || match first.get() {
                        Some(since_ms) => view! { <Timer pbx since_ms=always(since_ms)/> }.into_any(),
                        None => "–".into_any(),
                    }}</dd>
                </div>
                <div>
                    <dt title="Of the callers who wait now, how many wait within the target">{move || format!("Within {} s", target.get())}</dt>
                    <dd>{move || now.get().map_or_else(|| "–".to_owned(), |level| format!("{level} %"))}</dd>
                </div>
            </dl>
            {move || alarms.get().into_iter().map(|name| view! {
                <p class="queue-late"><Icon name="bell"/>{shortened(&name, NAME_CHARS)}</p>
            }).collect_view()}
            {move || late.get().then(|| view! { <p class="queue-late"><Icon name="state-alarm"/>"Somebody waits too long"</p> })}
            <ul class="queue-states" aria-label="Agents by state">
                {move || {
                    let staff = staff.get();
                    if staff.iter().all(|count| *count == 0) {
                        return view! { <li class="soft">"Nobody serves it"</li> }.into_any();
                    }
                    let counts = STATES.into_iter().zip(staff).filter(|(_, count)| *count > 0);
                    counts.map(|(status, count)| view! {
                        <li data-state=status.slug() title=status.word()>
                            <StateMark status=look(move || status) quiet=true/>
                            {count.to_string()}
                        </li>
                    }).collect_view().into_any()
                }}
            </ul>
            <p class="queue-today">{day}</p>
        </li>
    }.into_any())
}

/// How many members are in each of [`STATES`].
fn staff(row: &Queue) -> [usize; 6] {
    let mut counts = [0; 6];
    for member in &row.members {
        let status = super::agents::status_of(member);
        if let Some(at) = STATES.iter().position(|state| *state == status) {
            counts[at] += 1;
        }
    }
    counts
}

/// Something of a queue that wakes only when it changes.
pub(super) fn of<T>(row: &ArcRwSignal<Queue>, look: impl Fn(&Queue) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let row = row.clone();
    Memo::new(move |_| row.with(&look))
}
