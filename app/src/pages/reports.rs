//! Calls that are over, added up: how many, when, and what became of them; every number leads to its calls.

pub mod files;
pub mod mailings;
pub mod rows;
pub mod tiles;
pub mod week;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{files::Files, mailings::ByMail, rows::Rows, tiles::Tiles, week::Week};
use super::{
    history::{
        Desk,
        asked::{Asked, BY, MEASURES, THAN},
        filter::Filters,
    },
    zone::Zone,
};
use crate::{
    api::history::{LoadCallReport, load_call_report},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load_by, loaded,
    model::report::{Measure, Report, ReportQuery},
    packed::{pack, unpack},
};

/// The page.
#[component]
pub fn ReportsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let parameters = use_query_map();
    let zone = Zone::of_the_browser();
    let asked = Memo::new(move |_| {
        let parameters = parameters.read();
        Asked::read_report(|name| parameters.get_str(name).map(str::to_owned))
    });
    let now_ms = live.clock.now_ms.clone();
    let day_ms = Memo::new(move |_| zone.midnight(zone.day_of(now_ms.get())));
    let question = Memo::new(move |_| {
        let asked = asked.read();
        ReportQuery {
            search: asked.search(zone, day_ms.get()),
            by: asked.by.unwrap_or_default(),
            measure: asked.measure,
            than: asked.than,
            zone: zone.name(),
        }
    });
    let found = load_by(
        LoadCallReport::PATH,
        // our own types always pack
        move || pack(&question.get()).unwrap_or_default(),
        |asked: String| async move { load_call_report(unpack(&asked).unwrap_or_default()).await },
    );
    let none = Memo::new(|_| None);
    provide_context(Desk {
        asked,
        open: none,
        zone,
    });
    view! {
        <Title text="Reports"/>
        <header class="page-head">
            <h1>"Reports"</h1>
            <div class="page-verbs">
                <a class="button quiet" href=move || asked.read().list().address()><Icon name="phone"/>"These calls"</a>
                <Files/>
            </div>
        </header>
        <div class="reports">
            <Filters/>
            <div class="reports-how">
                <Choices name="Added up by" choices=BY.map(|(_, word, by)| (word, with(move |asked| asked.by = Some(by)))).into()/>
                <Choices name="Drawn" choices=MEASURES.map(|(_, word, measure)| (word, with(move |asked| asked.measure = measure))).into()/>
                <Choices name="Against" choices=THAN.map(|(_, word, than)| (word, with(move |asked| asked.than = than))).into()/>
            </div>
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<Report>(&found.await) {
                        Ok(report) if report.whole.calls() == 0 => view! { <NoCalls/> }.into_any(),
                        Ok(report) => view! { <Shown report/> }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
            <ByMail/>
        </div>
    }
    .into_any()
}

/// Another question in place of one.
type Wish = Box<dyn Fn(&mut Asked) + Send + Sync>;

fn with(change: impl Fn(&mut Asked) + Send + Sync + 'static) -> Wish {
    Box::new(change)
}

/// Choices of which one holds, as links.
#[component]
fn Choices(name: &'static str, choices: Vec<(&'static str, Wish)>) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let choices = choices.into_iter().map(|(word, change)| {
        let other = Memo::new(move |_| {
            let mut other = asked.read().resting();
            change(&mut other);
            other
        });
        let chosen = move || (*other.read() == asked.read().resting()).then_some("page");
        view! { <a class="button quiet" href=move || other.read().address() aria-current=chosen>{word}</a> }
            .into_any()
    });
    let choices: Vec<AnyView> = choices.collect();
    view! {
        <nav class="reports-by" aria-label=name>
            <span class="soft" aria-hidden="true">{name}</span>
            {choices}
        </nav>
    }
    .into_any()
}

#[component]
fn NoCalls() -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    view! {
        <div class="sheet-of-rows">
            <Nothing icon="chart" title="There were no calls">
                <p>"None that you may see began in this time and fits what is asked."</p>
                <a class="button" href=move || asked.read().cleared().address()>"The last seven days"</a>
            </Nothing>
        </div>
    }
    .into_any()
}

#[component]
fn Shown(report: Report) -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let (by, measure) = untrack(|| {
        let asked = asked.read();
        (asked.by.unwrap_or_default(), asked.measure)
    });
    let Report {
        whole,
        before,
        rows,
        week,
        drawn,
        cut,
    } = report;
    view! {
        {cut.then(|| view! { <p class="form-problem" role="status">"There are more calls than are added up: ask for less time."</p> }.into_any())}
        <Tiles whole before/>
        <Drawn title=by.title() measure drawn/>
        <Week week/>
        <Rows rows by measure/>
        <p class="soft">"Days and hours begin where they do in "{move || zone.name()}". A call counts when it began."</p>
    }
    .into_any()
}

/// What the colours of a drawing mean: the word of the page's own style, and what it says.
fn key(measure: Measure) -> &'static [(&'static str, &'static str)] {
    match measure {
        Measure::Calls => &[
            ("in-time", "answered"),
            ("lost", "not answered"),
            ("late", "voicemail, service"),
        ],
        Measure::Answered
        | Measure::Unanswered
        | Measure::Average
        | Measure::Talked
        | Measure::Delay
        | Measure::Voice => &[("now", "now"), ("before", "before")],
    }
}

/// The drawing, for wide and for narrow pages.
#[component]
pub fn Drawn(title: String, measure: Measure, drawn: [String; 2]) -> impl IntoView {
    let [wide, narrow] = drawn;
    let title = match measure {
        Measure::Calls => title,
        Measure::Answered
        | Measure::Unanswered
        | Measure::Average
        | Measure::Talked
        | Measure::Delay
        | Measure::Voice => {
            format!("{title}: {}", measure.title().to_lowercase())
        }
    };
    let key = key(measure)
        .iter()
        .map(|(slug, word)| view! { <span class="key" data-what=*slug>{*word}</span> }.into_any());
    let key: Vec<AnyView> = key.collect();
    view! {
        <figure class="bars drawn">
            <figcaption><span>{title.clone()}</span>{key}</figcaption>
            <div class="drawn-wide" role="img" aria-label=format!("{title}; the table has the numbers") inner_html=wide></div>
            <div class="drawn-narrow" aria-hidden="true" inner_html=narrow></div>
        </figure>
    }
    .into_any()
}
