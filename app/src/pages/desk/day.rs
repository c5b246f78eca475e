//! My day in numbers: what I took, how long it was, and where the time went.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use telephony::figures::Sums;

use super::seat::Seat;
use crate::{
    api::queues::LoadFigures,
    live::Live,
    model::figures::{Figures, FiguresQuery, Split, Subject, Work},
    packed::pack,
    sending::ask,
    words::duration,
};

/// Asked for again so often at most.
const AGAIN_MS: u64 = 15_000;

/// Where today begins and ends in the browser's zone, Unix milliseconds.
fn today() -> (u64, u64) {
    let midnight = js_sys::Date::new_0();
    midnight.set_hours(0);
    midnight.set_minutes(0);
    midnight.set_seconds(0);
    midnight.set_milliseconds(0);
    let begin = midnight.get_time();
    midnight.set_date(midnight.get_date() + 1);
    (begin as u64, midnight.get_time() as u64)
}

/// The numbers. They are asked for once the page is awake: only then it is known where the day begins.
#[component]
pub fn MyDay(seats: Memo<Vec<Seat>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let mine = RwSignal::new(None::<(Sums, Work, u64)>);
    let asked = StoredValue::new(0_u64);
    Effect::new(move |_| {
        let now = live.clock.now_ms.get();
        let interfaces: Vec<String> = seats.read().iter().flat_map(Seat::interfaces).collect();
        if interfaces.is_empty() || now.saturating_sub(asked.get_value()) < AGAIN_MS {
            return;
        }
        asked.set_value(now);
        let (begin, end) = today();
        let query = FiguresQuery {
            edges: vec![begin, end],
            by: Split::Agent,
            queues: Vec::new(),
        };
        spawn_local(async move {
            let arguments = pack(&LoadFigures { query }).unwrap_or_default();
            let Ok(figures) = ask::<Figures>(LoadFigures::PATH, &arguments).await else {
                return;
            };
            let (mut sums, mut work, mut wrap_up_ms) = (Sums::default(), Work::default(), 0);
            for row in &figures.rows {
                if let Subject::Agent(_, interface) = &row.of
                    && interfaces.contains(interface)
                {
                    sums.merge(&row.visits);
                    work.merge(&row.work);
                    wrap_up_ms += row.wrap_up_ms;
                }
            }
            let _ = mine.try_set(Some((sums, work, wrap_up_ms)));
        });
    });
    let numbers = move || {
        let (sums, work, wrap_up_ms) = mine.get().unwrap_or_default();
        let time = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), duration::clock);
        let mut numbers = vec![
            ("Calls taken", sums.answered.to_string()),
            ("Rang and not taken", sums.rings_not_answered.to_string()),
            ("Average handling", time(sums.aht_ms(wrap_up_ms))),
            ("Talking", time(Some(work.talking_ms + work.on_hold_ms))),
            ("Wrap-up", time(Some(work.wrap_up_ms))),
            ("Ready", time(Some(work.available_ms))),
            ("Logged in", time(Some(work.logged_in_ms))),
        ];
        let share = work
            .occupancy()
            .map(|(part, whole)| format!("{} %", part * 100 / whole.max(1)));
        numbers.push(("Occupancy", share.unwrap_or_else(|| "–".to_owned())));
        let rows = numbers
            .into_iter()
            .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any());
        let pauses = work.paused.into_iter().map(|(reason, paid, ms)| {
            let reason = if reason.is_empty() {
                "Pause".to_owned()
            } else {
                crate::words::shortened(&reason, 40)
            };
            let paid = if paid { "" } else { " (unpaid)" };
            view! { <div><dt>{format!("{reason}{paid}")}</dt><dd>{duration::clock(ms)}</dd></div> }.into_any()
        });
        let rows: Vec<AnyView> = rows.chain(pauses).collect();
        rows
    };
    view! {
        <section class="paper" aria-labelledby="day-title">
            <h2 id="day-title">"My day"</h2>
            {move || if mine.read().is_some() {
                view! { <dl class="numbers">{numbers()}</dl> }.into_any()
            } else {
                view! { <p class="soft">"Since midnight where you are, once there is something to count."</p> }.into_any()
            }}
        </section>
    }
    .into_any()
}
