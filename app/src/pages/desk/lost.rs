//! Who is to be called back by me: whom my queues and my extensions lost in the last days.

use std::sync::Arc;

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    again::Newer,
    api::lost::{LoadLostCallers, load_lost_callers},
    components::loading::NotLoaded,
    live::Live,
    load_by, loaded,
    look::look,
    model::lost::{LostPage, LostQuery, LostRow, Wanted},
    packed::{pack, unpack},
    pages::lost::{
        hands::{Hands, keep_fresh},
        verbs::RowVerbs,
        words,
    },
    words::{duration, isolated, shortened, visible::NAME_CHARS},
};

/// Rows of the card.
const MOST: usize = 5;
/// How far back it looks.
const WEEK_MS: u64 = 7 * 24 * 3_600_000;
/// The question moves on so often.
const HOUR_MS: u64 = 3_600_000;

/// The card.
#[component]
pub fn MyLost() -> impl IntoView {
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let hour = Memo::new(move |_| now_ms.get() / HOUR_MS);
    let query = Memo::new(move |_| {
        let now_ms = hour.get() * HOUR_MS;
        LostQuery {
            from_ms: now_ms.saturating_sub(WEEK_MS),
            to_ms: now_ms + 2 * HOUR_MS,
            wanted: Wanted::Open,
            limit: MOST,
            ..LostQuery::default()
        }
    });
    let found = load_by(
        LoadLostCallers::PATH,
        // our own types always pack
        move || pack(&query.get()).unwrap_or_default(),
        |asked: String| async move { load_lost_callers(unpack(&asked).unwrap_or_default()).await },
    );
    let hands = Hands::ready();
    let newer = keep_fresh(query, hands);
    view! {
        <section class="paper" aria-labelledby="lost-title">
            <Transition>
                {move || Suspend::new(async move {
                    match loaded::<LostPage>(&found.await) {
                        Ok(found) => view! { <List found newer hands/> }.into_any(),
                        Err(error) => view! { <h2 id="lost-title">"Callers to return"</h2><NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn List(found: LostPage, newer: Newer<LostQuery, LostPage>, hands: Hands) -> impl IntoView {
    let found = Arc::new(found);
    let page = Memo::new(move |_| {
        let newer = newer.read();
        newer
            .as_ref()
            .map_or_else(|| found.clone(), |(_, page)| page.clone())
    });
    let ids = Memo::new(move |_| page.read().rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let count = Memo::new(move |_| page.read().figures.open);
    view! {
        <header class="mylost-head">
            <h2 id="lost-title">"Callers to return " <span class="count">{count}</span></h2>
            <a href="/queues/lost">"All"</a>
        </header>
        <p class="form-problem" role="alert" hidden=move || hands.problem().is_none()>{move || hands.problem()}</p>
        <ul class="mylost" aria-label="Callers to return">
            <For each=move || ids.get() key=|id| *id let:id>
                <One id page hands/>
            </For>
        </ul>
        {move || ids.read().is_empty().then(|| view! {
            <p class="soft">"Nobody waits to be called. Who reaches nobody in your queues, or at your extension, stands here."</p>
        }.into_any())}
    }
    .into_any()
}

#[component]
fn One(id: i64, page: Memo<Arc<LostPage>>, hands: Hands) -> impl IntoView {
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let row = Memo::new(move |before: Option<&Option<LostRow>>| {
        let page = page.read();
        let found = page.rows.iter().find(|row| row.id == id).cloned();
        found.or_else(|| before.cloned().flatten())
    });
    let who = move || {
        row.read().as_ref().map(|row| {
            let number = isolated(shortened(&row.number, NAME_CHARS));
            let who = words::who(row);
            if who == number {
                who
            } else {
                format!("{who} ({number})")
            }
        })
    };
    let gist = move || {
        row.read().as_ref().map(|row| {
            let ago = duration::ago(now_ms.get().saturating_sub(row.last.0));
            let (calls, places) = (words::calls(row.calls), words::places(row));
            format!("{ago} · {places} · {calls}, {}", words::loss(row.how))
        })
    };
    let state = Memo::new(move |_| row.read().as_ref().map(words::fate));
    let fate = look(move || row.read().as_ref().map(|row| row.fate.clone()));
    view! {
        <li>
            <div class="mylost-who"><span class="party">{who}</span><span class="soft">{gist}</span></div>
            <span class="state" data-state=move || state.get().map(|(slug, _)| slug)>{move || state.get().map(|(_, word)| word)}</span>
            <RowVerbs id fate hands/>
        </li>
    }
    .into_any()
}
