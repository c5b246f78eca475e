//! The figures of everything together, and over hours or days bars of who came and what became of them.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    Desk,
    asked::{By, Of},
    days::Parts,
    kpi::Kpi,
    reasons, table,
    worked::value,
};
use crate::{
    live::Live,
    model::figures::{Figures, Subject},
};

const STRIP: [Kpi; 8] = [
    Kpi::ServiceLevel,
    Kpi::Offered,
    Kpi::Answered,
    Kpi::Abandoned,
    Kpi::Asa,
    Kpi::LongestWait,
    Kpi::Aht,
    Kpi::Occupancy,
];
/// How high the drawing is, and how wide a bar with the room beside it, in its own units.
const HEIGHT: u64 = 1_000;
const STEP: u64 = 10;

/// What stands above the table.
#[component]
pub(super) fn Chart(shown: Memo<Arc<Figures>>, by: By, parts: StoredValue<Parts>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let tile = move |kpi: Kpi| {
        let text = move || value(kpi, &shown.read().whole);
        let note = move || match kpi {
            Kpi::ServiceLevel => reasons::targets(&shown.read().policies),
            Kpi::Abandoned => format!("and {} at once", shown.read().whole.visits.abandoned_short),
            Kpi::Aht => "talk, hold, wrap-up".into(),
            Kpi::Occupancy => "of agents".into(),
            _ => String::new(),
        };
        let here = move || {
            let asked = desk.asked.read();
            asked.figure == Some(kpi) && asked.of == Of::Whole
        };
        view! {
            <li>
                <a class="kpi" href=move || desk.asked.read().with(Some(kpi), Of::Whole).address()
                    aria-current=move || here().then_some("true")>
                    <span class="kpi-name">{kpi.name()}</span>" "
                    <strong class="kpi-value">{text}</strong>" "
                    <span class="soft">{note}</span>
                </a>
            </li>
        }
        .into_any()
    };
    let over_time = matches!(by, By::Hour | By::Day);
    view! {
        <ul class="kpi-strip" aria-label="Everything together">{STRIP.into_iter().map(tile).collect_view()}</ul>
        {over_time.then(|| view! { <Bars shown by parts/> })}
    }
    .into_any()
}

#[component]
fn Bars(shown: Memo<Arc<Figures>>, by: By, parts: StoredValue<Parts>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let most = Memo::new(move |_| {
        let figures = shown.read();
        let offered = figures.rows.iter().map(|row| row.visits.offered);
        offered.max().unwrap_or(0).max(1)
    });
    let bars = move || {
        let figures = shown.read();
        let most = most.get();
        let bar = |(place, row): (usize, &crate::model::figures::FiguresRow)| {
            let sums = &row.visits;
            let late = sums.answered.saturating_sub(sums.answered_in_time);
            let lost = sums.offered.saturating_sub(sums.answered);
            let mut top = HEIGHT;
            let stack =
                [("in-time", sums.answered_in_time), ("late", late), ("lost", lost)].map(|(what, count)| {
                    let height = count * HEIGHT / most;
                    top = top.saturating_sub(height);
                    view! {
                        <rect data-what=what x=(place as u64 * STEP + 1).to_string() y=top.to_string()
                            width=(STEP - 2).to_string() height=height.to_string()></rect>
                    }
                    .into_any()
                });
            stack.collect_view()
        };
        figures.rows.iter().enumerate().map(bar).collect_view()
    };
    let size = move || format!("0 0 {} {HEIGHT}", (shown.read().rows.len().max(1) as u64) * STEP);
    let ends = move || {
        let figures = shown.read();
        let intervals = figures
            .rows
            .iter()
            .filter(|row| matches!(row.of, Subject::Interval(_)));
        let mut names =
            intervals.map(|row| parts.with_value(|parts| table::name(row, parts, desk.zone, &live)));
        let first = names.next().unwrap_or_default();
        let last = names.last().unwrap_or_default();
        view! { <span>{first}</span><span>{last}</span> }.into_any()
    };
    let unit = if by == By::Hour { "hour" } else { "day" };
    let label = move || {
        format!(
            "Callers for each {unit}, at most {}; the table below has the numbers",
            most.get()
        )
    };
    view! {
        <figure class="bars">
            <figcaption>
                <span>{move || format!("Callers for each {unit}, at most {}", most.get())}</span>
                <span class="key" data-what="in-time">"answered in time"</span>
                <span class="key" data-what="late">"answered late"</span>
                <span class="key" data-what="lost">"not answered"</span>
            </figcaption>
            <svg role="img" aria-label=label viewBox=size preserveAspectRatio="none">{bars}</svg>
            <div class="bars-ends" aria-hidden="true">{ends}</div>
        </figure>
    }
    .into_any()
}
