//! The proof of a figure: what it means, its formula with the numbers, the policies that counted, Asterisk's own counters
//! beside it, what was not seen, and the calls.

use leptos::prelude::*;
use leptos_meta::Title;
use telephony::Timestamp;

use super::{
    Desk, Shown,
    asked::{Asked, Of},
    asterisk,
    calls::Calls,
    kpi::Kpi,
    reasons, table,
    worked::{definitions, formula, value},
};
use crate::{
    Load,
    access::QueueOn,
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    loaded,
    model::figures::{Figures, FiguresRow, PolicyOf, Subject},
    words::{clock, isolated, shortened, visible, visible::NAME_CHARS},
};

/// Lines of one kind at most.
const MOST_LINES: usize = 20;

/// The pane beside the table; below 900 px it is the whole page.
#[component]
pub(super) fn ProofPane(figures: Load) -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <section class="pane proof" aria-label="Proof">
            <a class="icon-button pane-close" href=move || desk.asked().list().address() aria-label="Close" title="Close (Esc)"><Icon name="x"/></a>
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<Figures>(&figures.await) {
                        Ok(found) => view! { <Proof found/> }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
            <Calls figures/>
        </section>
    }
    .into_any()
}

#[component]
fn Proof(found: Figures) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let shown = Shown::of(desk, found);
    let worked = move || {
        let asked = desk.asked();
        let Some(kpi) = asked.figure else {
            return ().into_any();
        };
        let figures = shown.get();
        let parts = &shown.parts;
        let Some(row) = table::find(&figures, parts, &asked.of) else {
            return view! {
                <Nothing icon="search" title="Nothing of this in this time">
                    <p>"The row that this figure was in is not there, or not yours to see."</p>
                    <a class="button" href=asked.list().address()>"To the table"</a>
                </Nothing>
            }
            .into_any();
        };
        let name = match row.of {
            // the time says which
            Subject::Interval(_) => String::new(),
            _ => format!("{}, ", isolated(table::name(row, parts, desk.zone, &live))),
        };
        view! {
            <Title text=format!("{} · Figures", kpi.name())/>
            <header class="pane-head">
                <h2>{kpi.name()}</h2>
                <p class="soft">{name}{move || time(desk)}</p>
                <p class="proof-value">{value(kpi, row)}</p>
            </header>
            <p>{kpi.means()}</p>
            {worked_out(kpi, row, &asked)}
            {(kpi == Kpi::ServiceLevel).then(|| levels(row, &figures, &asked, &live))}
            {(kpi == Kpi::Paused).then(|| pauses(row))}
            {kpi.has_policy().then(|| policies(desk, &figures.policies, &asked))}
            {kpi.is_counted_by_asterisk().then(|| asterisk::section(desk, kpi, row, &figures, queues(&figures, &asked)))}
            {not_seen(desk, kpi, row, &figures, &asked, &live)}
        }
        .into_any()
    };
    view! {
        <div class="proof-worked">{worked}</div>
    }
    .into_any()
}

/// The time that the figure is of.
fn time(desk: Desk) -> String {
    let asked = desk.asked();
    let (from_ms, to_ms) = desk.parts().range_of(&asked.of);
    let (first, last) = (desk.zone.day(from_ms), desk.zone.day(to_ms.saturating_sub(1)));
    if matches!(asked.of, Of::Hour(..)) {
        let (from, to) = (desk.zone.clock(from_ms), desk.zone.clock(to_ms));
        format!("{first}, {from} to {to} ({})", desk.zone.name())
    } else if first == last {
        format!("{first} ({})", desk.zone.name())
    } else {
        format!("{first} to {last} ({})", desk.zone.name())
    }
}

/// The formula, and ways to the figures that are in it.
fn worked_out(kpi: Kpi, row: &FiguresRow, asked: &Asked) -> AnyView {
    let formula = formula(kpi, row);
    let inside: &[Kpi] = match kpi {
        Kpi::Offered => &[
            Kpi::Answered,
            Kpi::Abandoned,
            Kpi::AbandonedShort,
            Kpi::TimedOut,
            Kpi::Key,
            Kpi::KeptPlace,
            Kpi::NotServed,
        ],
        Kpi::ServiceLevel => &[
            Kpi::InTime,
            Kpi::Late,
            Kpi::Offered,
            Kpi::AbandonedShort,
            Kpi::KeptPlace,
        ],
        Kpi::Late => &[Kpi::Answered, Kpi::InTime],
        Kpi::Answered => &[Kpi::InTime, Kpi::Late],
        Kpi::Abandoned => &[Kpi::AbandonedShort],
        Kpi::Asa => &[Kpi::Answered],
        Kpi::Utilisation => &[Kpi::LoggedIn, Kpi::Paused],
        _ => &[],
    };
    let links = inside.iter().map(|one| {
        let address = asked.with(Some(*one), asked.of.clone()).address();
        view! { <a class="button quiet" href=address>{one.name()}" "<span class="number">{value(*one, row)}</span></a> }.into_any()
    });
    view! {
        <div class="formula">
            <p class="soft">{formula.words}</p>
            <p class="formula-numbers">{formula.numbers}</p>
        </div>
        {(!inside.is_empty()).then(|| view! { <nav class="pane-verbs" aria-label="Figures in it">{links.collect_view()}</nav> })}
    }
    .into_any()
}

/// Queues that are in what an address is about; None where the page cannot tell.
fn queues(figures: &Figures, asked: &Asked) -> Option<Vec<QueueOn>> {
    match &asked.of {
        Of::Queue(queue) => Some(vec![queue.clone()]),
        Of::Team(_) | Of::Agent(..) => None,
        Of::Whole | Of::Day(_) | Of::Hour(..) if !asked.span.queues.is_empty() => {
            Some(asked.span.queues.clone())
        }
        Of::Whole | Of::Day(_) | Of::Hour(..) => {
            let mut all: Vec<QueueOn> = figures.policies.iter().map(|one| one.queue.clone()).collect();
            all.dedup();
            Some(all)
        }
    }
}

fn levels(row: &FiguresRow, figures: &Figures, asked: &Asked, live: &Live) -> AnyView {
    let rows: Vec<_> = queues(figures, asked)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|queue| {
            let policy = reasons::latest(&figures.policies, &queue)?;
            Some((policy, live.queues.with(&queue, Clone::clone)?))
        })
        .collect();
    let at = Timestamp(live.clock.now_ms.get());
    let now = reasons::waiting(rows.iter().map(|(policy, queue)| (*policy, queue)), at);
    let lines = definitions(&row.visits, now).map(|one| {
        view! {
            <div>
                <dt>{one.name}</dt>
                <dd class="number">{one.value}</dd>
                <dd class="soft number">{one.numbers}</dd>
                <dd class="soft">{one.why}</dd>
            </div>
        }
        .into_any()
    });
    view! {
        <section aria-label="Five definitions">
            <h3>"As the field defines it, five ways"</h3>
            <dl class="levels">{lines.into_iter().collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn pauses(row: &FiguresRow) -> AnyView {
    let lines = row.work.paused.iter().map(|(reason, paid, ms)| {
        let reason = if reason.is_empty() { "No reason".to_owned() } else { shortened(reason, NAME_CHARS) };
        view! { <div><dt>{reason}</dt><dd>{clock(*ms)}<span class="soft">{if *paid { " paid" } else { " unpaid" }}</span></dd></div> }.into_any()
    });
    view! { <dl class="facts">{lines.collect_view()}</dl> }.into_any()
}

fn policies(desk: Desk, all: &[PolicyOf], asked: &Asked) -> AnyView {
    let of: Vec<&PolicyOf> = all
        .iter()
        .filter(|one| match &asked.of {
            Of::Queue(queue) => one.queue == *queue,
            _ => true,
        })
        .collect();
    let hidden = of.len().saturating_sub(MOST_LINES);
    let lines = of.iter().take(MOST_LINES).map(|one| {
        let since_ms = one.since.0;
        let since = move || match since_ms {
            0 => "from the beginning".to_owned(),
            at_ms => format!("since {}, {}", desk.zone.day(at_ms), desk.zone.clock(at_ms)),
        };
        let says = format!(
            "in time within {} s, at once under {} s",
            reasons::seconds(one.policy.target_ms),
            reasons::seconds(one.policy.short_abandon_ms)
        );
        view! {
            <div><dt>{shortened(&one.queue.1, NAME_CHARS)}</dt>
                <dd>{says}<span class="soft">", version " {one.policy.version} ", " {since}</span></dd></div>
        }
        .into_any()
    });
    view! {
        <section aria-label="Counted by">
            <h3>"Counted by"</h3>
            <dl class="facts">{lines.collect_view()}</dl>
            {(hidden > 0).then(|| view! { <p class="soft">"And " {hidden} " more."</p> })}
            <p class="soft">"Each call by the policy of the moment in which its caller came. A new policy counts from then on."</p>
        </section>
    }
    .into_any()
}

fn not_seen(
    desk: Desk,
    kpi: Kpi,
    row: &FiguresRow,
    figures: &Figures,
    asked: &Asked,
    live: &Live,
) -> Option<AnyView> {
    let range = desk.parts().range_of(&asked.of);
    let of_pbx = match &asked.of {
        Of::Queue((pbx, _)) | Of::Agent(pbx, _) => Some(*pbx),
        _ => None,
    };
    let crossed: Vec<_> = figures
        .gaps
        .iter()
        .filter(|gap| of_pbx.is_none_or(|pbx| pbx == gap.pbx))
        .filter_map(|gap| Some((gap, reasons::crossed(gap, range)?)))
        .collect();
    let (partial, from_log) = (row.visits.partial, row.visits.from_log);
    if crossed.is_empty() && partial == 0 && from_log == 0 {
        return None;
    }
    let hidden = crossed.len().saturating_sub(MOST_LINES);
    let lines = crossed
        .iter()
        .rev()
        .take(MOST_LINES)
        .map(|(gap, (from_ms, to_ms))| {
            let (from_ms, to_ms) = (*from_ms, *to_ms);
            let name = live.pbxs.peek(&gap.pbx, |row| row.name.clone());
            let name = shortened(&name.unwrap_or_else(|| "the PBX".into()), NAME_CHARS);
            let reason = visible(&gap.reason).into_owned();
            let zone = desk.zone;
            let when = move || {
                let to = if zone.day_of(from_ms) == zone.day_of(to_ms) {
                    zone.clock(to_ms)
                } else {
                    format!("{}, {}", zone.short_day(to_ms), zone.clock(to_ms))
                };
                format!(
                    "from {}, {} to {to}",
                    zone.short_day(from_ms),
                    zone.clock(from_ms)
                )
            };
            view! {
                <li>"Nothing was seen of " {name} " " {when} "."
                    {reasons::filled(gap)}
                    {(!reason.is_empty()).then(|| view! { " "<span class="soft">{reason}</span> })}</li>
            }
            .into_any()
        });
    let marked = (partial > 0 && kpi != Kpi::Partial).then(|| {
        let address = asked.with(Some(Kpi::Partial), asked.of.clone()).address();
        let calls = if partial == 1 {
            "1 call".to_owned()
        } else {
            format!("{partial} calls")
        };
        view! { <p><a href=address>{calls}</a>" were not seen as a whole, or the queue log tells them otherwise: their times may be off."</p> }
            .into_any()
    });
    let logged = (from_log > 0).then(|| {
        let calls = if from_log == 1 {
            "1 call is".to_owned()
        } else {
            format!("{from_log} calls are")
        };
        view! { <p>{calls}" told by the PBX's queue log: to the second, and without phones that rang while another answered."</p> }
            .into_any()
    });
    Some(
        view! {
            <section class="not-seen" aria-label="What was not seen">
                <h3>"What was not seen"</h3>
                <ul class="why">{lines.collect_view()}</ul>
                {(hidden > 0).then(|| view! { <p class="soft">"And " {hidden} " gaps before."</p> })}
                {marked}
                {logged}
            </section>
        }
        .into_any(),
    )
}
