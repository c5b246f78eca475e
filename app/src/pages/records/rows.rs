//! The list: what belongs together a row, the newest first.

use leptos::{html, prelude::*};

use super::{Desk, words};
use crate::{
    components::{icon::shape, roving},
    model::records::RecordsRow,
    pages::history::words as calls,
    words::{clock, moment, shortened, visible::NAME_CHARS},
};

/// The table.
#[component]
pub fn Rows(rows: Vec<RecordsRow>) -> impl IntoView {
    let table = NodeRef::<html::Table>::new();
    Effect::new(move |_| {
        if let Some(table) = table.get() {
            request_animation_frame(move || roving::settle(&table));
        }
    });
    let rows = rows.into_iter().map(|row| view! { <Checked row/> }.into_any());
    let rows = rows.collect_view();
    view! {
        <div class="sheet-of-rows">
            <table class="list records-list" node_ref=table on:keydown=|event| { roving::moved(&event); }>
                <thead><tr>
                    <th scope="col">"Began"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"Held against each other"</th>
                    <th scope="col">"The records say"</th>
                    <th scope="col">"The call here"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A state, drawn and in a word.
pub fn state(slug: &'static str, word: &'static str) -> AnyView {
    view! {
        <span class="state" data-state=slug>
            <svg class="icon" aria-hidden="true"><use href=shape(&["state-", slug].concat())></use></svg>
            <span class="state-word">{word}</span>
        </span>
    }
    .into_any()
}

#[component]
fn Checked(row: RecordsRow) -> impl IntoView {
    let Desk { asked, open, zone } = expect_context::<Desk>();
    let (id, at_ms) = (row.id, row.began.0);
    let here = move || open.get() == Some(id);
    let (slug, word, means) = words::class(row.class);
    let there = row.first.as_ref().map(|first| {
        let said = shortened(&first.disposition, NAME_CHARS);
        let count = words::records(row.records);
        view! {
            <span>{said}</span>" "<span class="soft number">{clock(first.duration_s * 1_000)}</span>" "<span class="soft">{count}</span>
        }
        .into_any()
    });
    let ours = row.call.as_ref().map(|call| {
        let (slug, word) = calls::result(call.result);
        view! { {state(slug, word)}" "<span class="soft number">{clock(call.duration_ms)}</span> }.into_any()
    });
    let none = || view! { <span class="soft">"nothing"</span> }.into_any();
    view! {
        <tr class:chosen=here data-state=slug>
            <td><time class="number" datetime=moment::machine(at_ms)>
                {move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}
            </time></td>
            <td class="who">
                <a class="row-link" data-cell href=move || asked.read().opening(Some(id)).address() aria-current=move || here().then_some("true")>
                    {words::title(&row)}
                </a>
            </td>
            <td title=means>{state(slug, word)}</td>
            <td>{there.unwrap_or_else(none)}</td>
            <td>{ours.unwrap_or_else(none)}</td>
        </tr>
    }
    .into_any()
}
