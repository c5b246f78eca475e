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
        asked::{Asked, BY},
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
    model::report::{Report, ReportQuery},
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
            <nav class="reports-by" aria-label="Added up by">
                {BY.into_iter().map(|(_, word, by)| view! {
                    <a class="button quiet" href=move || asked.read().report(by).address()
                        aria-current=move || (asked.read().by == Some(by)).then_some("page")>{word}</a>
                }.into_any()).collect_view()}
            </nav>
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
    let by = untrack(|| asked.read().by).unwrap_or_default();
    let Report {
        whole,
        before,
        rows,
        week,
        drawn: [wide, narrow],
        cut,
    } = report;
    let title = by.title();
    view! {
        {cut.then(|| view! { <p class="form-problem" role="status">"There are more calls than are added up: ask for less time."</p> }.into_any())}
        <Tiles whole before/>
        <figure class="bars drawn">
            <figcaption>
                <span>{title.clone()}</span>
                <span class="key" data-what="in-time">"answered"</span>
                <span class="key" data-what="lost">"not answered"</span>
                <span class="key" data-what="late">"voicemail, service"</span>
            </figcaption>
            <div class="drawn-wide" role="img" aria-label=format!("{title}; the table below has the numbers") inner_html=wide></div>
            <div class="drawn-narrow" aria-hidden="true" inner_html=narrow></div>
        </figure>
        <Week week/>
        <Rows rows by/>
        <p class="soft">"Days and hours begin where they do in "{move || zone.name()}". A call counts when it began."</p>
    }
    .into_any()
}
