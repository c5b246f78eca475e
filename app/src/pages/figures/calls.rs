//! The very calls behind a figure, page by page.

use leptos::{prelude::*, server_fn::ServerFn};
use telephony::{Left, visit::TalkEnd};

use super::{
    Desk, Shown,
    asked::{Asked, Of},
    days::Parts,
    kpi::Kpi,
    table,
};
use crate::{
    Load,
    api::queues::{LoadVisits, load_visits},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
    },
    live::Live,
    load_by, loaded,
    model::figures::{KeptVisit, VisitsQuery},
    packed::{pack, unpack},
    pages::zone::Zone,
    words::{clock, isolated, moment, shortened, visible, visible::NAME_CHARS},
};

/// Calls of a page.
const PAGE_CALLS: usize = 100;
/// A day and an hour: a time that is longer needs days beside the clock.
const LONG_DAY_MS: u64 = 25 * 3_600_000;

type Found = (Vec<KeptVisit>, bool);

/// How a caller left, in words.
pub fn left(how: Left) -> &'static str {
    match how {
        Left::Answered => "Answered",
        Left::Abandoned => "Hung up",
        Left::TimedOut => "Timed out",
        Left::Key => "Left by a key",
        Left::KeptPlace => "Kept the place, to be called back",
        Left::Full => "Turned away: the queue was full",
        Left::NoAgentsAtFirst => "Turned away: nobody served",
        Left::NoAgents => "Sent out: nobody served any more",
        Left::Withdrawn => "Taken out by somebody",
        Left::Continued => "Sent on: no agent answered",
        Left::Unexplained => "Left; why was not seen",
        Left::PbxStopped => "The PBX stopped",
    }
}

/// How a talk ended, in words.
fn talk_end(by: TalkEnd) -> &'static str {
    match by {
        TalkEnd::Caller => "the caller hung up",
        TalkEnd::Agent => "the agent hung up",
        TalkEnd::Transfer => "handed on",
        TalkEnd::Unexplained => "ended",
    }
}

/// How many calls there are, and why fewer may be seen; `behind` is what the figure says.
pub fn heading(found: usize, more: bool, first_page: bool, behind: Option<u64>) -> String {
    let calls = |count: u64| {
        if count == 1 {
            "1 call".to_owned()
        } else {
            format!("{count} calls")
        }
    };
    let found = found as u64;
    match (first_page, more, behind) {
        (true, false, Some(behind)) if behind > found => {
            format!(
                "You see {found} of {}: the others are not yours to see.",
                calls(behind)
            )
        }
        (true, false, _) if found == 0 => "No calls.".into(),
        (true, false, _) => format!("{}, the newest first.", calls(found)),
        (_, _, Some(behind)) => format!("{found} of {}, the newest first.", calls(behind)),
        (_, _, None) => format!("{found} calls of more, the newest first."),
    }
}

/// What is asked of the store; a time in which nobody called where no calls are behind a figure.
fn question(asked: &Asked, parts: &Parts) -> VisitsQuery {
    let figure = asked.figure.and_then(Kpi::calls);
    let (from_ms, to_ms) = if figure.is_some() {
        parts.range_of(&asked.of)
    } else {
        (0, 1)
    };
    VisitsQuery {
        from_ms,
        to_ms,
        queues: match &asked.of {
            Of::Queue(queue) => vec![queue.clone()],
            _ => asked.span.queues.clone(),
        },
        agent: match &asked.of {
            Of::Agent(pbx, interface) => Some((*pbx, interface.clone())),
            _ => None,
        },
        team: match asked.of {
            Of::Team(id) => Some(id),
            _ => None,
        },
        figure,
        before: asked.before,
        limit: PAGE_CALLS,
    }
}

/// The list, for whichever figure is open.
#[component]
pub(super) fn Calls(figures: Load) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let query = Memo::new(move |_| question(&desk.asked.read(), &desk.parts.read()));
    let visits = load_by(
        LoadVisits::PATH,
        // our own types always pack
        move || pack(&query.get()).unwrap_or_default(),
        |asked: String| async move { load_visits(unpack(&asked).unwrap_or_default()).await },
    );
    // when the figure moves, so does the list
    let counted = Memo::new(move |_| {
        let newer = desk.newer.read();
        let (_, figures) = newer.as_ref()?;
        let row = table::find(figures, &desk.parts.read(), &desk.asked.read().of);
        row.map(|row| row.visits)
    });
    Effect::watch(
        move || counted.get(),
        move |now, _, _| {
            if now.is_some() {
                visits.refetch();
            }
        },
        false,
    );
    let lists = Memo::new(move |_| desk.asked.read().figure.and_then(Kpi::calls).is_some());
    view! {
        <section class="behind" aria-label="Calls behind it" hidden=move || !lists.get()>
            <h3>"The calls behind it"</h3>
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    let (found, figures) = (visits.await, figures.await);
                    let asked = untrack(|| desk.asked());
                    if asked.figure.and_then(Kpi::calls).is_none() {
                        return ().into_any();
                    }
                    match loaded::<Found>(&found) {
                        Ok(found) => view! { <List found behind=behind(desk, &figures, &asked) asked/> }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

/// How many calls the figure says there are.
fn behind(desk: Desk, figures: &str, asked: &Asked) -> Option<u64> {
    let shown = Shown::of(desk, loaded(figures).ok()?);
    let figures = untrack(|| shown.get());
    let row = table::find(&figures, &shown.parts, &asked.of)?;
    asked.figure?.behind(row)
}

#[component]
fn List(found: Found, behind: Option<u64>, asked: Asked) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let (visits, more) = found;
    let heading = heading(visits.len(), more, asked.before.is_none(), behind);
    let older = visits.last().filter(|_| more).map(|last| {
        let next = Asked {
            before: Some(last.id),
            ..asked.clone()
        };
        view! { <a class="button" href=next.address() rel="next">"Older"<Icon name="arrow-right"/></a> }
            .into_any()
    });
    let newest = asked.before.map(|_| {
        let first = Asked {
            before: None,
            ..asked.clone()
        };
        view! { <a class="button quiet" href=first.address()>"Newest"</a> }.into_any()
    });
    let one_queue = matches!(asked.of, Of::Queue(_)) || asked.span.queues.len() == 1;
    let (from_ms, to_ms) = untrack(|| desk.parts()).range_of(&asked.of);
    let long = to_ms - from_ms > LONG_DAY_MS;
    let lines = visits
        .into_iter()
        .map(|kept| line(kept, desk.zone, &live, one_queue, long));
    view! {
        <p class="soft">{heading}</p>
        <ol class="visits">{lines.collect_view()}</ol>
        <nav class="pager" aria-label="Pages of calls">{newest}{older}</nav>
    }
    .into_any()
}

fn line(kept: KeptVisit, zone: Zone, live: &Live, one_queue: bool, long: bool) -> AnyView {
    let KeptVisit {
        pbx,
        visit,
        disposition,
        from_log,
        doubted,
        ..
    } = kept;
    let joined_ms = visit.joined.0;
    let caller = match (&visit.name, visit.number.as_str()) {
        (Some(name), number) if !name.is_empty() && !number.is_empty() => {
            format!("{} ({})", isolated(shortened(name, NAME_CHARS)), visible(number))
        }
        (Some(name), _) if !name.is_empty() => isolated(shortened(name, NAME_CHARS)),
        (_, "") => "Number withheld".into(),
        (_, number) => visible(number).into_owned(),
    };
    let when = move || {
        let time = zone.clock(joined_ms);
        if long {
            format!("{}, {time}", zone.short_day(joined_ms))
        } else {
            time
        }
    };
    let waited = visit.waited_ms();
    let how = visit.left.map(|(_, how)| how);
    let agent = visit.talk.as_ref().map(|talk| {
        let name = talk.extension.as_ref().and_then(|number| {
            let name = live
                .extensions
                .peek(&(pbx, number.clone()), |row| row.name.clone());
            name.flatten().filter(|name| !name.is_empty())
        });
        let fallback = talk.extension.as_deref().unwrap_or(&talk.interface);
        isolated(shortened(name.as_deref().unwrap_or(fallback), NAME_CHARS))
    });
    let end = match (how, &agent) {
        (None, _) => "Waits".to_owned(),
        (Some(Left::Answered), Some(agent)) => format!("Answered by {agent}"),
        (Some(how), _) => left(how).to_owned(),
    };
    let talk = visit.talk.as_ref().and_then(|talk| {
        let (at, by) = talk.ended?;
        let held = if talk.held_ms > 0 {
            format!(", {} of it on hold", clock(talk.held_ms))
        } else {
            String::new()
        };
        Some(format!(
            "talked {}{held}, {}",
            clock(at.since_ms(talk.began)),
            talk_end(by)
        ))
    });
    let talks_on = visit.talk.as_ref().is_some_and(|talk| talk.ended.is_none());
    let missed = visit.rings.iter().filter(|ring| {
        ring.ended
            .is_some_and(|(_, how)| how == telephony::visit::RingEnd::NotAnswered)
    });
    let missed = missed.count();
    let queue =
        (!one_queue).then(|| view! { <span class="soft">{shortened(&visit.queue, NAME_CHARS)}</span> });
    view! {
        <li>
            <p class="visit-caller"><strong>{caller}</strong>" "{queue}" "<time class="soft" datetime=moment::machine(joined_ms)>{when}</time></p>
            <p class="soft">
                {waited.map(|waited| format!("Waited {}. ", clock(waited)))}
                {end}{talk.map(|talk| format!(", {talk}"))}{talks_on.then_some(", they talk now")}"."
                {(missed > 0).then(|| format!(" {missed} {} missed.", if missed == 1 { "ring" } else { "rings" }))}
                {disposition.map(|word| view! { " "<span class="chip">{shortened(&word, NAME_CHARS)}</span> })}
                {from_log.then(|| view! { " "<span class="chip">"from the queue log"</span> })}
                {visit.partial.then(|| view! { " "<span class="chip partial">"not seen as a whole"</span> })}
                {doubted.then(|| view! { " "<span class="chip partial" title="It was seen as a whole, and the PBX's queue log tells it otherwise.">"told otherwise by the queue log"</span> })}
            </p>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::heading;

    #[test]
    fn the_heading_says_how_many_calls_there_are_and_when_some_are_not_shown() {
        for (found, more, first, behind, text) in [
            (0, false, true, Some(0), "No calls."),
            (1, false, true, Some(1), "1 call, the newest first."),
            (12, false, true, Some(12), "12 calls, the newest first."),
            (12, false, true, None, "12 calls, the newest first."),
            (100, true, true, Some(242), "100 of 242 calls, the newest first."),
            (42, false, false, Some(242), "42 of 242 calls, the newest first."),
            (
                3,
                false,
                true,
                Some(5),
                "You see 3 of 5 calls: the others are not yours to see.",
            ),
        ] {
            assert_eq!(heading(found, more, first, behind), text);
        }
    }
}
