//! Lost callers: who called and reached nobody, one row a person, until somebody has talked to them.

pub mod asked;
pub mod filter;
pub mod hands;
pub mod pane;
pub mod rows;
pub mod strip;
pub mod verbs;
pub mod words;

use std::sync::Arc;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{
    asked::Asked,
    filter::Filters,
    hands::{Hands, keep_fresh},
    pane::CallerPane,
    rows::Rows,
    strip::Strip,
};
use super::{screens::part_of_address, zone::Zone};
use crate::{
    again::Newer,
    api::lost::{LoadLostCallers, load_lost_callers},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load_by, loaded,
    model::lost::{LostPage as Found, LostQuery, MAX_ROWS, Wanted},
    packed::{pack, unpack},
};

/// In every zone hours begin on a quarter of one.
const QUARTER_MS: u64 = 900_000;
/// The longest time that can be asked for, in days.
const MAX_DAYS: u64 = 366;

/// Everything the parts of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    asked: Memo<Asked>,
    open: Memo<Option<i64>>,
    newer: Newer<LostQuery, Found>,
    hands: Hands,
    zone: Zone,
}

/// What is asked of the server, given where days begin.
fn question(asked: &Asked, zone: Zone, now_ms: u64) -> LostQuery {
    let (first, last) = asked.span.time.days(zone.day_of(now_ms));
    let first = first.max(last.saturating_sub(MAX_DAYS - 1));
    LostQuery {
        from_ms: zone.midnight(first),
        to_ms: zone.midnight(last + 1),
        queues: asked.span.queues.clone(),
        wanted: asked.wanted,
        short: asked.short,
        before: asked.before,
        limit: MAX_ROWS,
    }
}

/// The page.
#[component]
pub fn LostPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let parameters = use_query_map();
    let zone = Zone::of_the_browser();
    let asked = Memo::new(move |_| {
        let parameters = parameters.read();
        Asked::read(|name| parameters.get_all(name).unwrap_or_default())
    });
    let which = part_of_address(2);
    let open = Memo::new(move |_| {
        let id = which.get().filter(|id| !id.is_empty());
        id.map(|id| id.parse::<i64>().unwrap_or(-1))
    });
    let now_ms = live.clock.now_ms.clone();
    let quarter = Memo::new(move |_| now_ms.get() / QUARTER_MS);
    let query = Memo::new(move |_| question(&asked.read(), zone, quarter.get() * QUARTER_MS));
    let found = load_by(
        LoadLostCallers::PATH,
        // our own types always pack
        move || pack(&query.get()).unwrap_or_default(),
        |asked: String| async move { load_lost_callers(unpack(&asked).unwrap_or_default()).await },
    );
    let hands = Hands::ready();
    let newer = keep_fresh(query, hands);
    provide_context(Desk {
        asked,
        open,
        newer,
        hands,
        zone,
    });
    view! {
        <Title text="Lost callers"/>
        <header class="page-head">
            <h1>"Lost callers"</h1>
            <div class="page-verbs"><a class="button quiet" href="/queues"><Icon name="hourglass"/>"Queues"</a></div>
        </header>
        <div class="desk lost-desk" data-pane=move || if open.get().is_some() { "open" } else { "closed" }>
            <section class="desk-list" aria-label="Lost callers">
                <Filters/>
                <p class="form-problem" role="alert" hidden=move || hands.problem().is_none()>{move || hands.problem()}</p>
                <Transition fallback=Bones>
                    {move || Suspend::new(async move {
                        match loaded::<Found>(&found.await) {
                            Ok(found) => view! { <List found query/> }.into_any(),
                            Err(error) => view! { <NotLoaded error/> }.into_any(),
                        }
                    })}
                </Transition>
            </section>
            {move || open.get().map(|id| view! { <CallerPane id/> }.into_any())}
        </div>
    }
    .into_any()
}

/// What was found, kept up as people call and are called.
#[component]
fn List(found: Found, query: Memo<LostQuery>) -> impl IntoView {
    let Desk {
        asked, newer, zone, ..
    } = expect_context::<Desk>();
    let of = query.get_untracked();
    let found = Arc::new(found);
    let page = Memo::new(move |before: Option<&Arc<Found>>| {
        let newer = newer.read();
        let fits = newer.as_ref().filter(|(asked, _)| *asked == of);
        let kept = || before.cloned().unwrap_or_else(|| found.clone());
        fits.map_or_else(kept, |(_, page)| page.clone())
    });
    let nothing = Memo::new(move |_| page.read().rows.is_empty());
    let older = move || {
        let page = page.read();
        let last = page.rows.last().filter(|_| page.more)?;
        let next = Asked {
            before: Some(last.id),
            ..asked.get()
        };
        Some(
            view! { <a class="button" href=next.address() rel="next">"Older"<Icon name="arrow-right"/></a> }
                .into_any(),
        )
    };
    let newest = move || {
        asked.read().before?;
        let first = Asked {
            before: None,
            ..asked.get()
        };
        Some(view! { <a class="button quiet" href=first.address()>"Newest"</a> }.into_any())
    };
    view! {
        <Strip page/>
        {move || if nothing.get() {
            view! { <NobodyThere/> }.into_any()
        } else {
            view! { <Rows page/> }.into_any()
        }}
        <footer class="list-end">
            <nav class="pager" aria-label="Pages">{newest}{older}</nav>
            <p class="soft">
                "As of " {move || zone.clock(page.read().as_of.0)} ", in " {move || zone.name()}
                ". A row closes by itself when somebody talks to them. What you claim is yours while this page or My desk is open, and two minutes more."
            </p>
        </footer>
    }
    .into_any()
}

#[component]
fn NobodyThere() -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let (icon, title) = match asked.get_untracked().wanted {
        Wanted::Open => ("circle-check", "Nobody waits to be called"),
        Wanted::Free => ("circle-check", "Somebody is on everybody"),
        Wanted::Mine => ("phone-missed", "You are on nobody"),
        Wanted::Reached => ("phone-missed", "Nobody was reached afterwards"),
        Wanted::GivenUp => ("phone-missed", "Nobody was given up"),
        Wanted::All => ("circle-check", "Nobody was lost"),
    };
    view! {
        <div class="sheet-of-rows">
            <Nothing icon=icon title=title>
                <p>"Who calls and reaches nobody stands here by itself, as far as their queue or extension is yours to call for."</p>
                <a class="button" href="/queues/lost?time=30&show=all">"Show the last 30 days"</a>
            </Nothing>
        </div>
    }
    .into_any()
}
