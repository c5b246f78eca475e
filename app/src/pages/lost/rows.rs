//! The list: a person a row, the latest first.

use std::sync::Arc;

use leptos::{html, prelude::*};

use super::{Desk, verbs::RowVerbs, words};
use crate::{
    components::{icon::shape, roving},
    live::Live,
    look::look,
    model::lost::{Fate, LostPage, LostRow},
    words::{clock, duration, moment, shortened, visible::NAME_CHARS},
};

/// The table.
#[component]
pub fn Rows(page: Memo<Arc<LostPage>>) -> impl IntoView {
    let ids = Memo::new(move |_| page.read().rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let table = NodeRef::<html::Table>::new();
    Effect::new(move |_| {
        ids.track();
        if let Some(table) = table.get() {
            request_animation_frame(move || roving::settle(&table));
        }
    });
    view! {
        <div class="sheet-of-rows">
            <table class="list lost-list" node_ref=table on:keydown=|event| { roving::moved(&event); }>
                <thead><tr>
                    <th scope="col">"Caller"</th>
                    <th scope="col">"Tried"</th>
                    <th scope="col">"Last try"</th>
                    <th scope="col">"Longest wait"</th>
                    <th scope="col">"Since"</th>
                    <th scope="col">"State"</th>
                    <th scope="col"><span class="unseen">"What can be done"</span></th>
                </tr></thead>
                <tbody>
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Row id page/>
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(id: i64, page: Memo<Arc<LostPage>>) -> impl IntoView {
    let Desk {
        asked,
        open,
        zone,
        hands,
        ..
    } = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let row = Memo::new(move |before: Option<&Option<LostRow>>| {
        let page = page.read();
        let found = page.rows.iter().find(|row| row.id == id).cloned();
        found.or_else(|| before.cloned().flatten())
    });
    let of = move |read: fn(&LostRow) -> String| move || row.read().as_ref().map(read);
    let number = |row: &LostRow| {
        let has_name = row.name.as_ref().is_some_and(|name| !name.trim().is_empty());
        if has_name {
            shortened(&row.number, NAME_CHARS)
        } else {
            String::new()
        }
    };
    let last_ms = Memo::new(move |_| row.read().as_ref().map_or(0, |row| row.last.0));
    let first_ms = Memo::new(move |_| row.read().as_ref().map_or(0, |row| row.first.0));
    let state = Memo::new(move |_| row.read().as_ref().map(words::fate));
    let slug = move || state.get().map(|(slug, _)| slug);
    let is_open = move || {
        row.read()
            .as_ref()
            .is_some_and(|row| matches!(row.fate, Fate::Open(_)))
    };
    let since = {
        let now_ms = now_ms.clone();
        move || {
            if is_open() {
                duration::age(now_ms.get().saturating_sub(first_ms.get()))
            } else {
                row.read().as_ref().and_then(words::took).unwrap_or_default()
            }
        }
    };
    let day = move || {
        let (now, last) = (now_ms.get(), last_ms.get());
        let same = zone.day_of(now) == zone.day_of(last);
        if same {
            zone.clock(last)
        } else {
            format!("{}, {}", zone.short_day(last), zone.clock(last))
        }
    };
    let here = move || open.get() == Some(id);
    let fate = look(move || row.read().as_ref().map(|row| row.fate.clone()));
    view! {
        <tr class:chosen=here data-state=slug>
            <td class="who">
                <a class="row-link" data-cell href=move || asked.read().with_row(id) aria-current=move || here().then_some("true")>
                    {of(words::who)}
                </a>
                <span class="soft number">{of(number)}</span>
            </td>
            <td><span>{of(|row| words::calls(row.calls))}</span>" "<span class="soft">{of(words::places)}</span></td>
            <td><time class="number" datetime=move || moment::machine(last_ms.get())>{day}</time>" "<span class="soft">{of(|row| words::loss(row.how).to_owned())}</span></td>
            <td class="number">{of(|row| clock(row.longest_ms))}</td>
            <td class="number">{since}</td>
            <td>
                <span class="state" data-state=slug>
                    <svg class="icon" aria-hidden="true"><use href=move || slug().map(|slug| shape(&["state-", slug].concat()))></use></svg>
                    <span class="state-word">{move || state.get().map(|(_, word)| word)}</span>
                </span>
            </td>
            <td class="last"><RowVerbs id fate hands/></td>
        </tr>
    }
    .into_any()
}
