//! The table: the numbers of the drawing, and more; each row leads to its calls.

use leptos::prelude::*;

use crate::{
    model::{
        history::CallTotals,
        report::{About, By, Measure, ReportRow},
    },
    pages::{
        figures::worked::percent,
        history::{
            Desk,
            asked::{Asked, WAYS},
            grouped,
        },
        span::Time,
        zone::Zone,
    },
    words::{clock, shortened, visible::NAME_CHARS},
};

/// The list of a row's calls, where a list can say exactly which they are.
fn list(asked: &Asked, zone: Zone, by: By, about: &About) -> Option<String> {
    let list = asked.list();
    let list = match (by, about) {
        (By::Day, About::Time(from, _)) => Asked {
            time: Some(Time::Between(zone.day_of(*from), zone.day_of(*from))),
            ..list
        },
        (_, About::Time(..) | About::Rest) | (By::Day | By::Hour | By::Pbx, _) => return None,
        (By::Way, About::Word(word)) => {
            let short = match word.as_str() {
                "inbound" => "in",
                "outbound" => "out",
                _ => "internal",
            };
            Asked {
                way: WAYS
                    .iter()
                    .find(|(known, ..)| *known == short)
                    .map(|(.., way)| *way),
                ..list
            }
        }
        (_, About::Word(word)) if word.is_empty() || word.contains('"') => return None,
        (By::Queue, About::Word(word)) => list.and(&format!("queue:\"{word}\"")),
        (By::Agent, About::Word(word)) => list.and(&format!("by:\"{word}\"")),
        (By::Trunk, About::Word(word)) => list.and(&format!("trunk:\"{word}\"")),
        (By::Disposition, About::Word(word)) => list.and(&format!("disposition:\"{word}\"")),
    };
    Some(list.address())
}

/// The table.
#[component]
pub fn Rows(rows: Vec<ReportRow>, by: By, measure: Measure) -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    // most PBXs measure neither on most days
    let delay = rows.iter().any(|row| row.totals.pdd_ms.of > 0);
    let voice = rows.iter().any(|row| row.totals.mes.of > 0);
    let rows = rows.into_iter().map(|row| {
        let ReportRow {
            about,
            name,
            totals,
            before,
        } = row;
        let address = move || list(&asked.read(), zone, by, &about);
        let shown = shortened(&name, NAME_CHARS);
        let name = move || match address() {
            Some(address) => view! { <a class="row-link" href=address>{shown.clone()}</a> }.into_any(),
            None => view! { {shown.clone()} }.into_any(),
        };
        let then = told(measure, &before);
        view! { <tr><th scope="row">{name}</th>{numbers(&totals, [delay, voice])}<td class="number soft">{then}</td></tr> }
            .into_any()
    });
    let rows: Vec<AnyView> = rows.collect();
    let what = match by {
        By::Day => "Day",
        By::Hour => "Hour",
        By::Queue => "Queue",
        By::Agent => "Answered first by",
        By::Trunk => "Trunk",
        By::Way => "Way",
        By::Pbx => "PBX",
        By::Disposition => "Disposition",
    };
    view! {
        <div class="sheet-of-rows">
            <table class="list reports-list">
                <thead><tr>
                    <th scope="col">{what}</th>
                    <th scope="col" class="number">"Calls"</th>
                    <th scope="col" class="number">"Answered"</th>
                    <th scope="col" class="number"><abbr title="Answered, of all calls (answer-seizure ratio)">"ASR"</abbr></th>
                    <th scope="col" class="number">"Not answered"</th>
                    <th scope="col" class="number">"Voicemail, service"</th>
                    <th scope="col" class="number"><abbr title="Talked on average, of answered calls (average call duration)">"ACD"</abbr></th>
                    <th scope="col" class="number">"Talked"</th>
                    {delay.then(|| measured_head("PDD", "Seconds from dialling a trunk to its first sign, on average (post-dial delay)"))}
                    {voice.then(|| measured_head("MES", "Voice, 0 to 100: the worst average of each call, on average (Media Experience Score)"))}
                    <th scope="col" class="number" title="What the row is held against">{format!("{} before", noun(measure))}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What is drawn, in a table's head.
fn noun(measure: Measure) -> &'static str {
    match measure {
        Measure::Calls => "Calls",
        Measure::Answered => "ASR",
        Measure::Unanswered => "Not answered",
        Measure::Average => "ACD",
        Measure::Talked => "Talked",
        Measure::Delay => "PDD",
        Measure::Voice => "MES",
    }
}

/// How much it is, in words.
fn told(measure: Measure, totals: &CallTotals) -> String {
    match measure {
        Measure::Calls => grouped(totals.calls()),
        Measure::Answered => percent(totals.answered, totals.calls()),
        Measure::Unanswered => grouped(totals.not_answered()),
        Measure::Average => totals.average_talk_ms().map_or_else(|| "–".into(), clock),
        Measure::Talked => clock(totals.talk_ms),
        Measure::Delay | Measure::Voice => measured(measure, totals),
    }
}

/// To one place; a dash where nothing was measured.
pub fn measured(measure: Measure, totals: &CallTotals) -> String {
    measure
        .of(totals)
        .map_or_else(|| "–".into(), |value| format!("{value:.1}"))
}

fn measured_head(short: &'static str, long: &'static str) -> AnyView {
    view! { <th scope="col" class="number"><abbr title=long>{short}</abbr></th> }.into_any()
}

fn numbers(totals: &CallTotals, [delay, voice]: [bool; 2]) -> AnyView {
    let average = totals.average_talk_ms().map(clock);
    let cells = [
        grouped(totals.calls()),
        grouped(totals.answered),
        percent(totals.answered, totals.calls()),
        grouped(totals.not_answered()),
        grouped(totals.voicemail + totals.service),
        average.unwrap_or_else(|| "–".into()),
        clock(totals.talk_ms),
    ];
    let more = [(delay, Measure::Delay), (voice, Measure::Voice)];
    let more = more.into_iter().filter(|(shown, _)| *shown);
    let cells = cells
        .into_iter()
        .chain(more.map(|(_, measure)| measured(measure, totals)))
        .map(|cell| view! { <td class="number">{cell}</td> }.into_any());
    cells.collect::<Vec<AnyView>>().into_any()
}
