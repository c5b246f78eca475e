//! The table: a row for each queue, team, agent, hour or day, and a link at every figure.

use leptos::prelude::*;

use super::{
    Desk,
    asked::{Asked, By, Of},
    days::Parts,
    kpi::Kpi,
    worked::value,
};
use crate::{
    browser,
    components::roving,
    live::Live,
    model::figures::{Figures, FiguresRow, Subject},
    pages::zone::Zone,
    words::{clock, shortened, visible::NAME_CHARS},
};

/// What a row is of, as the address has it; None where it is in no interval that is shown.
fn of(row: &FiguresRow, parts: &Parts) -> Option<Of> {
    Some(match &row.of {
        Subject::Whole => Of::Whole,
        Subject::Queue(pbx, name) => Of::Queue((*pbx, name.clone())),
        Subject::Agent(pbx, interface) => Of::Agent(*pbx, interface.clone()),
        Subject::Team(id) => Of::Team(*id),
        Subject::Interval(from_ms) => parts.from(*from_ms)?.of(),
    })
}

/// The row that an address is about.
pub(super) fn find<'all>(figures: &'all Figures, parts: &Parts, wanted: &Of) -> Option<&'all FiguresRow> {
    if *wanted == Of::Whole {
        return Some(&figures.whole);
    }
    let mut rows = figures.rows.iter();
    rows.find(|row| of(row, parts).as_ref() == Some(wanted))
}

/// What a row is called.
pub(super) fn name(row: &FiguresRow, parts: &Parts, zone: Zone, live: &Live) -> String {
    let of_pbx = |pbx| {
        let several = untrack(|| live.pbxs.len()) > 1;
        let name = live.pbxs.peek(&pbx, |row| row.name.clone());
        name.filter(|_| several)
            .map_or_else(String::new, |name| format!(" · {}", shortened(&name, NAME_CHARS)))
    };
    match &row.of {
        Subject::Whole => "Together".into(),
        Subject::Queue(pbx, _) | Subject::Agent(pbx, _) => {
            format!("{}{}", shortened(&row.name, NAME_CHARS), of_pbx(*pbx))
        }
        Subject::Team(_) => shortened(&row.name, NAME_CHARS),
        Subject::Interval(from_ms) => interval(*from_ms, parts, zone),
    }
}

/// `09:00`, with the day where there are several, and with the offset where clocks show this hour twice.
fn interval(from_ms: u64, parts: &Parts, zone: Zone) -> String {
    let Some(part) = parts.from(from_ms) else {
        return zone.short_day(from_ms);
    };
    if part.hour.is_none() {
        return zone.short_day(from_ms);
    }
    let hour_of = |at_ms| zone.clock(at_ms).chars().take(5).collect::<String>();
    let hour = hour_of(from_ms);
    let of_day = parts.intervals.iter().filter(|one| one.day == part.day);
    let twice = of_day.filter(|one| hour_of(one.from_ms) == hour).count() > 1;
    let offset = if twice {
        format!(" {}", zone.offset(from_ms))
    } else {
        String::new()
    };
    let several = parts
        .intervals
        .last()
        .is_some_and(|last| last.day != parts.intervals[0].day);
    if several {
        format!("{}, {hour}{offset}", zone.short_day(from_ms))
    } else {
        format!("{hour}{offset}")
    }
}

/// The table.
pub(super) fn table(desk: Desk, figures: &Figures, parts: &Parts, by: By) -> AnyView {
    let live = expect_context::<Live>();
    let asked = desk.asked();
    let columns = Kpi::columns(by);
    let rows = figures.rows.iter().filter_map(|row| {
        let of = of(row, parts)?;
        let name = name(row, parts, desk.zone, &live);
        Some(line(row, &of, name, columns, &asked))
    });
    let rows = rows.collect_view();
    let together = (figures.rows.len() != 1)
        .then(|| line(&figures.whole, &Of::Whole, "Together".into(), columns, &asked));
    request_settling();
    view! {
        <div class="sheet-of-rows figures-room" role="region" aria-label="Table of figures" tabindex="0">
            <table class="figures-table" on:keydown=|event| { roving::moved(&event); }>
                <thead><tr>
                    <th scope="col">{by.label()}</th>
                    {columns.iter().map(|kpi| view! { <th scope="col" title=kpi.means()>{kpi.name()}</th> }.into_any()).collect_view()}
                </tr></thead>
                <tbody>{rows}</tbody>
                <tfoot>{together}</tfoot>
            </table>
        </div>
    }
    .into_any()
}

/// Once it is drawn, the table is one stop of the Tab key.
fn request_settling() {
    Effect::new(|_| {
        request_animation_frame(|| {
            for table in browser::everywhere(".figures-table") {
                roving::settle(&table);
            }
        });
    });
}

fn line(row: &FiguresRow, of: &Of, name: String, columns: &[Kpi], asked: &Asked) -> AnyView {
    let partial = row.visits.partial;
    let cells = columns.iter().map(|kpi| {
        let text = value(*kpi, row);
        let here = asked.figure == Some(*kpi) && asked.of == *of;
        let label = format!("{text}, {} of {name}", kpi.name());
        let below = (*kpi == Kpi::Paused)
            .then(|| pauses(row))
            .filter(|text| !text.is_empty());
        view! {
            <td>
                <a class="figure" data-cell href=asked.with(Some(*kpi), of.clone()).address() aria-label=label
                    aria-current=here.then_some("true")>{text}</a>
                {below.map(|text| view! { <span class="soft figure-parts">{text}</span> })}
            </td>
        }
        .into_any()
    });
    let cells = cells.collect_view();
    let mark = (partial > 0).then(|| {
        let address = asked.with(Some(Kpi::Partial), of.clone()).address();
        let label = format!("{partial} not seen as a whole, of {name}");
        view! { " "<a class="chip partial" href=address aria-label=label title="Calls not seen as a whole">{partial}" partial"</a> }
            .into_any()
    });
    view! { <tr><th scope="row">{name.clone()}{mark}</th>{cells}</tr> }.into_any()
}

/// Pauses by reason, paid or not.
pub(super) fn pauses(row: &FiguresRow) -> String {
    let parts = row.work.paused.iter().map(|(reason, paid, ms)| {
        let reason = if reason.is_empty() {
            "no reason".to_owned()
        } else {
            shortened(reason, NAME_CHARS)
        };
        format!("{reason} {}{}", clock(*ms), if *paid { " paid" } else { "" })
    });
    parts.collect::<Vec<_>>().join(", ")
}
