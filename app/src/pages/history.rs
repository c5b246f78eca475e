//! Calls that are over: all of them, found by anything that is known of them, each with its story.

pub mod asked;
pub mod choices;
pub mod columns;
pub mod comments;
pub mod export;
pub mod filter;
pub mod holding;
pub mod lanes;
pub mod pane;
pub mod player;
pub mod recordings;
pub mod rows;
pub mod said;
pub mod saved;
pub mod sharing;
pub mod typed;
pub mod words;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{
    asked::{Asked, PAGE},
    export::Exports,
    filter::Filters,
    pane::PastCallPane,
    rows::Rows,
};
use super::zone::Zone;
use crate::{
    access::{Ability, Reach},
    api::history::{LoadCalls, load_calls},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load_by, loaded,
    model::{
        Viewer,
        history::{CallPage, CallSearch, Turn},
        report::By,
    },
    packed::{pack, unpack},
};

/// Everything the parts of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    pub(super) asked: Memo<Asked>,
    pub(super) open: Memo<Option<i64>>,
    pub(super) zone: Zone,
}

/// The page.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let parameters = use_query_map();
    let zone = Zone::of_the_browser();
    let asked = Memo::new(move |_| {
        let parameters = parameters.read();
        Asked::read(|name| parameters.get_str(name).map(str::to_owned))
    });
    let open = Memo::new(move |_| asked.read().open);
    let now_ms = live.clock.now_ms.clone();
    // the question changes with the day, not with every second
    let day_ms = Memo::new(move |_| zone.midnight(zone.day_of(now_ms.get())));
    let question: Memo<(CallSearch, Turn)> = Memo::new(move |_| {
        let asked = asked.read();
        (asked.search(zone, day_ms.get()), asked.turn)
    });
    let found = load_by(
        LoadCalls::PATH,
        // our own types always pack
        move || pack(&question.get()).unwrap_or_default(),
        |asked: String| async move {
            let (search, turn) = unpack(&asked).unwrap_or_default();
            load_calls(search, turn).await
        },
    );
    provide_context(Desk { asked, open, zone });
    let viewer = expect_context::<RwSignal<Viewer>>();
    let sees_all = Memo::new(move |_| viewer.read().rights.reach(Ability::SeeCalls) >= Reach::Pbx);
    let erases = Memo::new(move |_| viewer.read().rights.has(Ability::EraseNumbers));
    let keeps = Memo::new(move |_| viewer.read().rights.has(Ability::KeepRecordings));
    let hears_all = Memo::new(move |_| viewer.read().rights.reach(Ability::HearRecordings) >= Reach::Pbx);
    view! {
        <Title text="Calls"/>
        <header class="page-head">
            <h1>"Calls"</h1>
            <div class="page-verbs">
                <Exports/>
                <a class="button quiet" href=move || asked.read().report(By::Day).address()><Icon name="chart"/>"Reports"</a>
            </div>
        </header>
        <div class="desk history-desk" data-pane=move || if open.get().is_some() { "open" } else { "closed" }>
            <section class="desk-list" aria-label="Calls">
                <Filters/>
                <Transition fallback=Bones>
                    {move || Suspend::new(async move {
                        match loaded::<CallPage>(&found.await) {
                            Ok(found) => view! { <List found/> }.into_any(),
                            Err(error) => view! { <NotLoaded error/> }.into_any(),
                        }
                    })}
                </Transition>
                <nav class="history-also" aria-label="Also">
                    <a href="/">"Calls that are up"</a>
                    {move || sees_all.get().then(|| view! { <a href="/calls/records">"Call records"</a> }.into_any())}
                    {move || hears_all.get().then(|| view! { <a href="/calls/recordings">"Recordings to look at"</a> }.into_any())}
                    {move || keeps.get().then(|| view! { <a href="/admin/keeping">"Keeping recordings"</a> }.into_any())}
                    {move || erases.get().then(|| view! { <a href="/admin/erase">"Erase a number"</a> }.into_any())}
                </nav>
            </section>
            {move || open.get().map(|id| view! { <PastCallPane id/> }.into_any())}
        </div>
    }
    .into_any()
}

/// How many there are, in words.
fn found_words(found: &CallPage) -> String {
    match (found.found, found.more) {
        (1, false) => "1 call".into(),
        (count, false) => format!("{} calls", grouped(count)),
        (count, true) => format!("{}+ calls", grouped(count)),
    }
}

/// `1,000`.
pub fn grouped(count: u64) -> String {
    if count >= 1_000 {
        format!("{},{:03}", grouped(count / 1_000), count % 1_000)
    } else {
        count.to_string()
    }
}

#[component]
fn List(found: CallPage) -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let ends = (
        found.rows.first().map(|row| row.id),
        found.rows.last().map(|row| row.id),
    );
    let words = found_words(&found);
    let newer = ends.0.filter(|_| found.newer);
    let older = ends.1.filter(|_| found.older);
    let nothing = found.rows.is_empty();
    view! {
        {if nothing {
            view! { <NothingFound/> }.into_any()
        } else {
            view! { <p class="soft history-found" role="status">{words}</p><Rows rows=found.rows said=found.said/> }.into_any()
        }}
        <footer class="list-end">
            <nav class="pager" aria-label="Pages">
                {newer.map(|id| view! {
                    <a class="button quiet" href=move || asked.read().turned(Turn::Newest).address()>"Newest"</a>
                    <a class="button" rel="prev" href=move || asked.read().turned(Turn::Newer(id)).address()>"Newer"</a>
                }.into_any())}
                {older.map(|id| view! {
                    <a class="button" rel="next" href=move || asked.read().turned(Turn::Older(id)).address()>"Older"<Icon name="arrow-right"/></a>
                }.into_any())}
            </nav>
            <p class="soft">"Times are in "{move || zone.name()}". A call is here a moment after it ends."</p>
        </footer>
    }
    .into_any()
}

#[component]
fn NothingFound() -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let filtered = asked.read_untracked().is_filtered();
    let turned = asked.read_untracked().turn != Turn::Newest;
    view! {
        <div class="sheet-of-rows">
            {if turned {
                view! {
                    <Nothing icon="phone" title="There are no more calls">
                        <a class="button" href=move || asked.read().turned(Turn::Newest).address()>"To the newest"</a>
                    </Nothing>
                }.into_any()
            } else if filtered {
                view! {
                    <Nothing icon="search" title="No call fits">
                        <p>"Fewer words find more; a part of a number or name is enough. Calls that you may not see are not found."</p>
                        <a class="button" href=PAGE>"Every call"</a>
                    </Nothing>
                }.into_any()
            } else {
                view! {
                    <Nothing icon="phone" title="No call has ended yet">
                        <p>"Every call that you may see stands here from the moment it ends."</p>
                        <a class="button" href="/">"Calls that are up"</a>
                    </Nothing>
                }.into_any()
            }}
        </div>
    }
    .into_any()
}
