//! The figures of everything together, and over hours or days bars of who came and what became of them.

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
    model::figures::{Figures, FiguresRow},
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

/// Everything together, in large.
pub(super) fn strip(desk: Desk, figures: &Figures) -> AnyView {
    let asked = desk.asked();
    let tile = |kpi: Kpi| {
        let note = match kpi {
            Kpi::ServiceLevel => reasons::targets(&figures.policies),
            Kpi::Abandoned => format!("and {} at once", figures.whole.visits.abandoned_short),
            Kpi::Aht => "talk, hold, wrap-up".into(),
            Kpi::Occupancy => "of agents".into(),
            _ => String::new(),
        };
        let here = asked.figure == Some(kpi) && asked.of == Of::Whole;
        view! {
            <li>
                <a class="kpi" href=asked.with(Some(kpi), Of::Whole).address() aria-current=here.then_some("true")>
                    <span class="kpi-name">{kpi.name()}</span>" "
                    <strong class="kpi-value">{value(kpi, &figures.whole)}</strong>" "
                    <span class="soft">{note}</span>
                </a>
            </li>
        }
        .into_any()
    };
    let tiles = STRIP.into_iter().map(tile).collect_view();
    view! { <ul class="kpi-strip" aria-label="Everything together">{tiles}</ul> }.into_any()
}

/// A bar for each hour or day.
pub(super) fn bars(desk: Desk, figures: &Figures, parts: &Parts, by: By) -> AnyView {
    let live = expect_context::<Live>();
    let offered = figures.rows.iter().map(|row| row.visits.offered);
    let most = offered.max().unwrap_or(0).max(1);
    let bar = |(place, row): (usize, &FiguresRow)| {
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
        stack.into_iter().collect_view()
    };
    let drawn = figures.rows.iter().enumerate().map(bar).collect_view();
    let size = format!("0 0 {} {HEIGHT}", (figures.rows.len().max(1) as u64) * STEP);
    let end = |row: Option<&FiguresRow>| row.map(|row| table::name(row, parts, desk.zone, &live));
    let (first, last) = (end(figures.rows.first()), end(figures.rows.last()));
    let unit = if by == By::Hour { "hour" } else { "day" };
    let title = format!("Callers for each {unit}, at most {most}");
    view! {
        <figure class="bars">
            <figcaption>
                <span>{title.clone()}</span>
                <span class="key" data-what="in-time">"answered in time"</span>
                <span class="key" data-what="late">"answered late"</span>
                <span class="key" data-what="lost">"not answered"</span>
            </figcaption>
            <svg role="img" aria-label=format!("{title}; the table below has the numbers") viewBox=size preserveAspectRatio="none">{drawn}</svg>
            <div class="bars-ends" aria-hidden="true"><span>{first}</span><span>{last}</span></div>
        </figure>
    }
    .into_any()
}
