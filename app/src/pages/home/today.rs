//! How the day goes, beside the same hours a week before; drawn anew when calls end.

use std::{sync::Arc, time::Duration};

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    again::{Again, Newer},
    api::history::{LoadCallReport, load_call_report},
    components::loading::{Bones, NotLoaded},
    live::Live,
    load_by, loaded,
    model::{
        history::CallSearch,
        report::{By, Measure, Report, ReportQuery, Than},
    },
    packed::{pack, unpack},
    pages::{
        history::{Desk, asked::Asked},
        reports::{Drawn, tiles::Tiles},
        span::Time,
        zone::Zone,
    },
};

/// A board on which calls end all the time is asked for no more often,
const PAUSE: Duration = Duration::from_secs(3);
/// and one on which nothing happens as often as this.
const QUIET_MS: u64 = 60_000;
const HOUR_MS: u64 = 3_600_000;

/// The day: from midnight to the end of this hour.
fn question(zone: Zone, now_ms: u64) -> ReportQuery {
    let midnight = zone.midnight(zone.day_of(now_ms));
    // hours end on quarters, and a zone's midnight is on one: whole hours after it
    let hours = now_ms.saturating_sub(midnight) / HOUR_MS + 1;
    ReportQuery {
        search: CallSearch {
            from_ms: Some(midnight),
            to_ms: Some(midnight + hours * HOUR_MS),
            ..CallSearch::default()
        },
        by: By::Hour,
        measure: Measure::Calls,
        than: Than::Week,
        zone: zone.name(),
    }
}

/// Today's calls.
#[component]
pub fn Day() -> impl IntoView {
    let live = expect_context::<Live>();
    let zone = Zone::of_the_browser();
    let now_ms = live.clock.now_ms.clone();
    let question = Memo::new(move |_| question(zone, now_ms.get()));
    let found = load_by(
        LoadCallReport::PATH,
        // our own types always pack
        move || pack(&question.get()).unwrap_or_default(),
        |asked: String| async move { load_call_report(unpack(&asked).unwrap_or_default()).await },
    );
    let asked = Memo::new(|_| Asked {
        time: Some(Time::Today),
        by: Some(By::Hour),
        than: Than::Week,
        ..Asked::default()
    });
    provide_context(Desk {
        asked,
        open: Memo::new(|_| None),
        zone,
    });
    let newer = keep_fresh(question);
    view! {
        <section aria-labelledby="home-today">
            <h2 id="home-today" class="home-title">
                <a href=move || asked.read().address()>"Today"</a>
                <span class="soft">"beside the same hours a week before"</span>
            </h2>
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<Report>(&found.await) {
                        Ok(report) => view! { <Shown report newer question/> }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Shown(report: Report, newer: Newer<ReportQuery, Report>, question: Memo<ReportQuery>) -> impl IntoView {
    let first = Arc::new(report);
    let shown = Memo::new(move |_| {
        let newer = newer.read();
        let fits = newer.as_ref().filter(|(query, _)| *query == *question.read());
        fits.map_or_else(|| first.clone(), |(_, report)| report.clone())
    });
    move || {
        let report = shown.get();
        let (whole, before, drawn) = (report.whole, report.before, report.drawn.clone());
        view! {
            <Tiles whole before/>
            <Drawn title="Calls for each hour".to_owned() measure=Measure::Calls drawn/>
        }
        .into_any()
    }
}

/// Asks again when calls ended.
fn keep_fresh(question: Memo<ReportQuery>) -> Newer<ReportQuery, Report> {
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let quiet = Memo::new(move |_| now_ms.get() / QUIET_MS);
    let again = Again::ready(LoadCallReport::PATH, question, PAUSE);
    Effect::new(move |before: Option<()>| {
        quiet.track();
        live.calls.len();
        if before.is_some() {
            again.soon();
        }
    });
    again.newer()
}
