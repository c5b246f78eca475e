//! How the day goes: figures since midnight, the day as a line of bars, and the last calls. Asked for again when callers
//! came, were answered or left, and once a minute.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};
use telephony::{
    Left, Queue, Visit,
    figures::{ServiceLevel, Share, Sums},
};

use super::QueueKey;
use crate::{
    AppError,
    api::queues::{LoadFigures, LoadQueueSetUp, LoadVisits},
    components::Icon,
    live::Live,
    model::{
        figures::{Figures, FiguresQuery, FiguresRow, KeptVisit, Split, Subject, VisitsQuery},
        queues::QueueSetUp,
    },
    packed::pack,
    sending::ask,
    words::{clock, shortened, visible::NAME_CHARS},
};

/// Visits shown.
const LAST_CALLS: usize = 12;
/// Bars of the day are so long.
const STEP_MS: u64 = 30 * 60 * 1_000;
/// Bars at most: a day of 25 hours.
const MAX_STEPS: usize = 50;
/// So long after an answer is asked again: with the two ways to the server no figure is more than a second old.
const PAUSE: Duration = Duration::from_millis(600);

/// Something asked for again and again: one question at a time, and never two close together.
struct Asked<T: Send + Sync + 'static> {
    answer: RwSignal<Option<Result<T, AppError>>>,
    under_way: StoredValue<bool>,
    again: StoredValue<bool>,
}

impl<T: Send + Sync + 'static> Copy for Asked<T> {}

impl<T: Send + Sync + 'static> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Asked<T> {
    fn new() -> Self {
        Self {
            answer: RwSignal::new(None),
            under_way: StoredValue::new(false),
            again: StoredValue::new(false),
        }
    }

    fn ask(self, path: &'static str, arguments: impl Fn() -> String + 'static) {
        match self.under_way.try_get_value() {
            None => return,
            Some(true) => return self.again.set_value(true),
            Some(false) => self.under_way.set_value(true),
        }
        spawn_local(async move {
            let answer = ask(path, &arguments()).await;
            // the page may be gone
            if self.answer.try_set(Some(answer)).is_some() {
                return;
            }
            set_timeout(
                move || {
                    let _ = self.under_way.try_update_value(|under_way| *under_way = false);
                    if self.again.try_update_value(std::mem::take) == Some(true) {
                        self.ask(path, arguments);
                    }
                },
                PAUSE,
            );
        });
    }
}

fn packed<T: Serialize>(arguments: &T) -> String {
    // our own types always pack; what cannot be read is refused by the server
    pack(arguments).unwrap_or_default()
}

/// Midnight, in the browser's zone, so many days from today. Unix milliseconds.
fn midnight_ms(days: u32) -> u64 {
    let day = js_sys::Date::new_0();
    day.set_hours(0);
    day.set_minutes(0);
    day.set_seconds(0);
    day.set_milliseconds(0);
    day.set_date(day.get_date() + days);
    day.get_time() as u64
}

/// The figures of the day, of every queue on the page, and what is set up of them.
#[derive(Clone, Copy)]
pub struct Today {
    figures: Asked<Figures>,
    set_up: Asked<QueueSetUp>,
}

impl Today {
    /// Follows these queues.
    pub fn follow(keys: Memo<Vec<QueueKey>>) -> Self {
        let live = expect_context::<Live>();
        let today = Self {
            figures: Asked::new(),
            set_up: Asked::new(),
        };
        provide_context(today);
        let moved = Memo::new(move |_| {
            // who waits and who is through, in one number: fewer wait than fit below the rest
            let moved = |key: &QueueKey| {
                live.queues.with(key, |row| {
                    let ended = u64::from(row.completed) + u64::from(row.abandoned);
                    (ended << 20) + row.waiting.len() as u64
                })
            };
            let moved: u64 = keys.read().iter().filter_map(moved).sum();
            (moved, live.clock.now_ms.get() / 60_000)
        });
        Effect::new(move |before: Option<()>| {
            moved.track();
            today.figures.ask(LoadFigures::PATH, || {
                packed(&LoadFigures {
                    query: FiguresQuery {
                        edges: vec![midnight_ms(0), midnight_ms(1)],
                        by: Split::Queue,
                        queues: Vec::new(),
                    },
                })
            });
            if before.is_none() {
                today.set_up.ask(LoadQueueSetUp::PATH, String::new);
            }
        });
        today
    }

    /// The target of a queue in seconds, where one is set up; tracked.
    pub(super) fn target_s(self, key: &QueueKey) -> Option<u32> {
        self.set_up.answer.with(|set_up| {
            let set_up = set_up.as_ref()?.as_ref().ok()?;
            let rules = set_up.queues.iter().find(|rules| rules.queue == *key)?;
            Some(rules.target_s)
        })
    }

    fn row(self, key: &QueueKey) -> Option<FiguresRow> {
        self.figures.answer.with(|figures| {
            let figures = figures.as_ref()?.as_ref().ok()?;
            let (pbx, name) = key;
            let of = Subject::Queue(*pbx, name.clone());
            figures.rows.iter().find(|row| row.of == of).cloned()
        })
    }

    /// The day in a line; tracked.
    pub(super) fn in_words(self, key: &QueueKey) -> String {
        match self.row(key) {
            Some(row) => in_words(&row.visits),
            None if self.figures.answer.with(|answer| matches!(answer, Some(Ok(_)))) => {
                "No calls today".into()
            }
            None => String::new(),
        }
    }
}

/// The words for a pause that are set up.
pub(super) fn reasons() -> Memo<Vec<String>> {
    let today = expect_context::<Today>();
    Memo::new(move |_| {
        today.set_up.answer.with(|set_up| {
            let reasons = set_up.as_ref().and_then(|set_up| set_up.as_ref().ok());
            let reasons = reasons
                .map(|set_up| set_up.reasons.as_slice())
                .unwrap_or_default();
            reasons
                .iter()
                .filter(|reason| !reason.retired)
                .map(|reason| reason.name.clone())
                .collect()
        })
    })
}

fn in_words(sums: &Sums) -> String {
    let mut words = vec![format!("Today {}", sums.offered)];
    if let Some(level) = sums.service_level(ServiceLevel::Strict) {
        words.push(format!("{} % in time", whole_percent(level)));
    }
    let lost = lost(sums);
    if lost > 0 {
        words.push(format!("{lost} lost"));
    }
    words.join(" · ")
}

/// Whoever waited or came in vain.
fn lost(sums: &Sums) -> u64 {
    sums.abandoned + sums.timed_out + sums.turned_away + sums.no_agents
}

fn whole_percent(share: Share) -> u64 {
    (share.part * 100 + share.whole / 2) / share.whole.max(1)
}

/// The day of one queue.
#[component]
pub(super) fn Day(key: QueueKey, row: ArcRwSignal<Queue>, today: Today) -> impl IntoView {
    let live = expect_context::<Live>();
    let (bars, calls) = (Asked::<Figures>::new(), Asked::<(Vec<KeptVisit>, bool)>::new());
    let moved = Memo::new(move |_| {
        let ended = row.with(|row| (row.completed, row.abandoned, row.waiting.len()));
        (ended, live.clock.now_ms.get() / 60_000)
    });
    let of = key.clone();
    Effect::new(move |_| {
        moved.track();
        let queues = vec![of.clone()];
        let asked = queues.clone();
        bars.ask(LoadFigures::PATH, move || {
            let (from_ms, to_ms) = (midnight_ms(0), midnight_ms(1));
            let steps = (0_u64..).map(|step| from_ms + step * STEP_MS);
            let mut edges: Vec<u64> = steps.take_while(|edge| *edge < to_ms).take(MAX_STEPS).collect();
            edges.push(to_ms);
            packed(&LoadFigures {
                query: FiguresQuery {
                    edges,
                    by: Split::Interval,
                    queues: asked.clone(),
                },
            })
        });
        calls.ask(LoadVisits::PATH, move || {
            packed(&LoadVisits {
                query: VisitsQuery {
                    from_ms: midnight_ms(0),
                    to_ms: midnight_ms(1),
                    queues: queues.clone(),
                    limit: LAST_CALLS,
                    ..VisitsQuery::default()
                },
            })
        });
    });
    let sums = Memo::new(move |_| today.row(&key).map(|row| row.visits));
    view! {
        <section class="queue-part queue-day" aria-label="Today">
            <h3>"Today"</h3>
            {move || sums.get().map(|sums| view! { <Numbers sums/> })}
            {move || bars.answer.with(|answer| match answer {
                Some(Ok(figures)) => Some(spark(&figures.rows).into_any()),
                Some(Err(error)) => Some(view! { <p class="queue-none">{crate::components::trouble::capitalised(&error.to_string())}</p> }.into_any()),
                None => None,
            })}
            <h3>"Last calls"</h3>
            {move || calls.answer.with(|answer| match answer {
                Some(Ok((visits, _))) if !visits.iter().any(|kept| is_out(&kept.visit)) => view! { <p class="queue-none">"No calls yet today."</p> }.into_any(),
                Some(Ok((visits, _))) => view! {
                    <ol class="rows last-calls">{visits.iter().map(|kept| &kept.visit).filter(|visit| is_out(visit)).map(last_call).collect_view()}</ol>
                }.into_any(),
                Some(Err(_)) | None => ().into_any(),
            })}
            <noscript><p class="queue-none">"Figures and last calls need JavaScript."</p></noscript>
        </section>
    }
    .into_any()
}

#[component]
fn Numbers(sums: Sums) -> impl IntoView {
    let time = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), clock);
    let level = sums.service_level(ServiceLevel::Strict);
    let facts = [
        ("Offered", sums.offered.to_string()),
        ("Answered", sums.answered.to_string()),
        (
            "In time",
            level.map_or_else(|| "–".to_owned(), |level| format!("{} %", whole_percent(level))),
        ),
        ("Lost", lost(&sums).to_string()),
        ("Average wait", time(sums.asa_ms())),
        (
            "Longest wait",
            time((sums.offered > 0).then_some(sums.longest_wait_ms)),
        ),
    ];
    view! {
        <dl class="queue-numbers day">
            {facts.into_iter().map(|(what, figure)| view! { <div><dt>{what}</dt><dd>{figure}</dd></div> }).collect_view()}
        </dl>
    }
}

/// The day as bars: calls, and the lost ones of them.
fn spark(rows: &[FiguresRow]) -> impl IntoView + use<> {
    let most = rows.iter().map(|row| row.visits.offered).max().unwrap_or(0);
    if most == 0 {
        return ().into_any();
    }
    let height = |count: u64| (count * 40).div_ceil(most);
    let bars = rows
        .iter()
        .take(MAX_STEPS)
        .enumerate()
        .filter(|(_, row)| row.visits.offered > 0);
    let bars = bars.map(|(at, row)| {
        let (all, lost) = (height(row.visits.offered), height(lost(&row.visits)));
        let x = (at * 4).to_string();
        view! {
            <rect class="bar" x=x.clone() y=(40 - all).to_string() width="3" height=all.to_string()></rect>
            <rect class="bar-lost" x=x y=(40 - lost).to_string() width="3" height=lost.to_string()></rect>
        }
    });
    let width = rows.len().min(MAX_STEPS) * 4;
    let says = format!("Calls by half hour since midnight: {most} in the fullest one.");
    view! {
        <svg class="spark" role="img" aria-label=says viewBox=format!("0 0 {width} 40") preserveAspectRatio="none">
            {bars.collect_view()}
        </svg>
    }
    .into_any()
}

/// Whoever still waits is among the callers.
fn is_out(visit: &Visit) -> bool {
    visit.left.is_some()
}

fn last_call(visit: &Visit) -> impl IntoView + use<> {
    let name = visit
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let who = match name {
        Some(name) => shortened(name, NAME_CHARS),
        None if visit.number.is_empty() => "Number withheld".into(),
        None => shortened(&visit.number, NAME_CHARS),
    };
    let joined = js_sys::Date::new(&(visit.joined.0 as f64).into());
    let at = format!("{:02}:{:02}", joined.get_hours(), joined.get_minutes());
    let (icon, what, state) = how_left(visit);
    let waited = visit.waited_ms().map(clock).unwrap_or_default();
    view! {
        <li class="last-call" data-state=state>
            <time>{at}</time>
            <span class="party">{who}</span>
            <span class="queue-notes"><Icon name=icon/>{what}</span>
            <span class="timer" title="Waited">{waited}</span>
        </li>
    }
}

/// What became of a caller: shape, word, state.
fn how_left(visit: &Visit) -> (&'static str, String, &'static str) {
    let lost = |word: &str| ("phone-missed", word.to_owned(), "alarm");
    match visit.left.map(|(_, how)| how) {
        None => ("hourglass", "waits".into(), "waiting"),
        Some(Left::Answered) => {
            let agent = visit.talk.as_ref().map(|talk| {
                let number = talk.extension.as_deref().unwrap_or(&talk.interface);
                shortened(number, NAME_CHARS)
            });
            ("phone", agent.unwrap_or_else(|| "answered".into()), "talking")
        }
        Some(Left::Abandoned) => lost("gave up"),
        Some(Left::TimedOut) => lost("waited too long"),
        Some(Left::Full) => lost("queue was full"),
        Some(Left::NoAgentsAtFirst | Left::NoAgents) => lost("nobody served"),
        Some(Left::KeptPlace) => ("phone-outgoing", "kept the place".into(), "idle"),
        Some(Left::Key) => ("phone-outgoing", "left by a key".into(), "idle"),
        Some(Left::Withdrawn) => ("log-out", "taken out".into(), "idle"),
        Some(Left::Continued) => ("arrow-right", "sent on".into(), "idle"),
        Some(Left::PbxStopped) => lost("the PBX stopped"),
        Some(Left::Unexplained) => ("circle-help", "left".into(), "idle"),
    }
}
