//! Figures of queues and agents over any days: a table, and beside it the proof of whichever figure is opened.

pub mod asked;
mod asterisk;
pub mod calls;
pub mod chart;
pub mod days;
pub mod filter;
pub mod fresh;
pub mod kpi;
pub mod proof;
pub mod reasons;
pub mod table;
pub mod worked;

use std::sync::Arc;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{asked::Asked, days::Parts, filter::Filters, fresh::keep_fresh, proof::ProofPane};
use super::zone::Zone;
use crate::{
    access::Ability,
    again::Newer,
    api::queues::{LoadFigures, load_figures},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load_by, loaded,
    model::{
        Viewer,
        figures::{Figures, FiguresQuery},
    },
    packed::{pack, unpack},
};

/// In every zone hours begin on a quarter of one.
const QUARTER_MS: u64 = 900_000;

/// Everything the parts of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    asked: Memo<Asked>,
    parts: Memo<Parts>,
    question: Memo<FiguresQuery>,
    /// What was asked for again since the page was made, and the question it answers.
    newer: Newer<FiguresQuery, Figures>,
    zone: Zone,
}

// what is drawn may be looked at once more while the page is left: what is gone is nothing then
impl Desk {
    /// What is asked; tracked.
    fn asked(self) -> Asked {
        self.asked.try_get().unwrap_or_default()
    }

    /// Its parts; tracked.
    fn parts(self) -> Parts {
        self.parts.try_get().unwrap_or_default()
    }
}

/// What was found, or what is newer. It holds no signal of its own: what is drawn from it may be looked at once more while
/// it is replaced.
#[derive(Clone)]
pub struct Shown {
    desk: Desk,
    found: Arc<Figures>,
    /// The parts that were asked for: the page may be about others already.
    parts: Arc<Parts>,
}

impl Shown {
    fn of(desk: Desk, found: Figures) -> Self {
        Self {
            desk,
            found: Arc::new(found),
            parts: Arc::new(untrack(|| desk.parts())),
        }
    }

    /// The figures; tracked.
    fn get(&self) -> Arc<Figures> {
        let (question, newer) = (self.desk.question.try_read(), self.desk.newer.try_read());
        let (Some(question), Some(newer)) = (question, newer) else {
            return self.found.clone();
        };
        match newer.as_ref().filter(|(of, _)| *of == *question) {
            Some((_, newer)) => newer.clone(),
            None => self.found.clone(),
        }
    }
}

/// The page.
#[component]
pub fn FiguresPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let parameters = use_query_map();
    let zone = Zone::of_the_browser();
    let asked = Memo::new(move |_| {
        let parameters = parameters.read();
        Asked::read(|name| parameters.get_all(name).unwrap_or_default())
    });
    let now_ms = live.clock.now_ms.clone();
    let quarter = Memo::new(move |_| now_ms.get() / QUARTER_MS);
    let parts = Memo::new(move |_| Parts::of(&asked.read(), &zone, quarter.get() * QUARTER_MS));
    let question = Memo::new(move |_| {
        let asked = asked.read();
        FiguresQuery {
            edges: parts.read().edges(),
            by: asked.by.split(),
            queues: asked.span.queues.clone(),
        }
    });
    let figures = load_by(
        LoadFigures::PATH,
        // our own types always pack
        move || pack(&question.get()).unwrap_or_default(),
        |asked: String| async move { load_figures(unpack(&asked).unwrap_or_default()).await },
    );
    let newer = keep_fresh(question);
    let desk = Desk {
        asked,
        parts,
        question,
        newer,
        zone,
    };
    provide_context(desk);
    let open = Memo::new(move |_| asked.read().figure.is_some());
    let sets_up = move || viewer.read().rights.has(Ability::SetUpQueues);
    view! {
        <Title text="Figures"/>
        <header class="page-head">
            <h1>"Figures"</h1>
            <div class="page-verbs">
                {move || sets_up().then(|| view! { <a class="button" href="/queues/set-up"><Icon name="rows"/>"Targets and reasons"</a> })}
            </div>
        </header>
        <div class="desk figures-desk" data-pane=move || if open.get() { "open" } else { "closed" }>
            <section class="desk-list" aria-label="Figures">
                <Filters/>
                <Transition fallback=Bones>
                    {move || Suspend::new(async move {
                        let found = loaded::<Figures>(&figures.await);
                        if untrack(|| desk.parts()).too_long {
                            return view! { <TooLong/> }.into_any();
                        }
                        match found {
                            Ok(found) => view! { <Found found/> }.into_any(),
                            Err(error) => view! { <NotLoaded error/> }.into_any(),
                        }
                    })}
                </Transition>
            </section>
            {move || open.get().then(|| view! { <ProofPane figures/> }.into_any())}
        </div>
    }
    .into_any()
}

/// More days than one question can be about.
#[component]
fn TooLong() -> impl IntoView {
    view! {
        <div class="sheet-of-rows">
            <Nothing icon="hourglass" title="That is more than a year">
                <p>"Choose at most " {days::MAX_DAYS} " days at once."</p>
                <a class="button" href=asked::PAGE>"Show today"</a>
            </Nothing>
        </div>
    }
    .into_any()
}

/// What was found, kept up as calls go on.
#[component]
fn Found(found: Figures) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let shown = Shown::of(desk, found);
    let by = untrack(|| desk.asked()).by;
    let days_instead = shown.parts.days_instead;
    let zone = desk.zone;
    let as_of = {
        let shown = shown.clone();
        move || zone.clock(shown.get().as_of.0)
    };
    let drawn = move || {
        let figures = shown.get();
        let whole = &figures.whole;
        // hours and days are there even if nothing was in them
        let over_time = matches!(by, asked::By::Hour | asked::By::Day);
        let nothing = whole.visits.offered == 0 && whole.visits.talks == 0 && whole.work.logged_in_ms == 0;
        if nothing && !over_time {
            return view! {
                <div class="sheet-of-rows">
                    <Nothing icon="hourglass" title="Nobody called and nobody served">
                        <p>"In this time nothing was seen of these queues."</p>
                        <a class="button" href="/figures?time=30">"Show the last 30 days"</a>
                    </Nothing>
                </div>
            }
            .into_any();
        }
        view! {
            {chart::strip(desk, &figures)}
            {over_time.then(|| chart::bars(desk, &figures, &shown.parts, by))}
            {table::table(desk, &figures, &shown.parts, by)}
        }
        .into_any()
    };
    view! {
        {days_instead.then(|| view! { <p class="banner">"Hours are shown for at most 16 days: these are days."</p> })}
        {drawn}
        <footer class="list-end">
            <p class="soft">
                "As of " {as_of} ". Days and times are those of " {move || zone.name()} ". "
                "A call counts when its caller came, a talk when it ended. Open a figure to see how it came about."
            </p>
        </footer>
    }
    .into_any()
}
