//! The list: a call a row, the newest first.

use std::collections::BTreeMap;

use leptos::{html, prelude::*};
use telephony::Party;

use super::{Desk, words};
use crate::{
    components::{Icon, icon::shape, roving},
    live::Live,
    model::history::CallRow,
    words::{clock, moment, party::party_number, party_name, shortened, visible, visible::NAME_CHARS},
};

/// The table.
#[component]
pub fn Rows(rows: Vec<CallRow>, mut said: BTreeMap<i64, (Vec<String>, u32)>) -> impl IntoView {
    let table = NodeRef::<html::Table>::new();
    Effect::new(move |_| {
        if let Some(table) = table.get() {
            request_animation_frame(move || roving::settle(&table));
        }
    });
    let rows = rows
        .into_iter()
        .map(|row| {
            let said = said.remove(&row.id).unwrap_or_default();
            view! { <PastCall row said/> }.into_any()
        })
        .collect_view();
    view! {
        <div class="sheet-of-rows">
            <table class="list history-list" node_ref=table on:keydown=|event| { roving::moved(&event); }>
                <thead><tr>
                    <th scope="col">"Began"</th>
                    <th scope="col">"Caller"</th>
                    <th scope="col">"Called"</th>
                    <th scope="col">"Queue"</th>
                    <th scope="col">"Result"</th>
                    <th scope="col" class="history-number">"Talked"</th>
                    <th scope="col" class="history-number">"Took"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn party(party: &Party) -> AnyView {
    let (name, number) = (party_name(party), party_number(party));
    view! { <span class="party">{name}</span>" "<span class="soft number">{number}</span> }.into_any()
}

#[component]
fn PastCall(row: CallRow, said: (Vec<String>, u32)) -> impl IntoView {
    let Desk { asked, open, zone } = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let (id, at_ms) = (row.id, row.started.0);
    let now_ms = live.clock.now_ms.clone();
    // the day alone changes it
    let today = Memo::new(move |_| zone.day_of(now_ms.get()));
    let when = move || {
        if today.get() == zone.day_of(at_ms) {
            zone.clock(at_ms)
        } else {
            format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))
        }
    };
    let here = move || open.get() == Some(id);
    let (icon, way) = words::way(row.direction);
    let (slug, word) = words::result(row.result);
    let was = words::marks(row.marks).join(", ");
    let (tags, notes) = said;
    let tags = tags
        .iter()
        .map(|tag| view! { " "<span class="chip">{visible(tag).into_owned()}</span> }.into_any())
        .collect_view();
    let noted = (notes > 0).then(|| {
        let words = if notes == 1 {
            "1 note".to_owned()
        } else {
            format!("{notes} notes")
        };
        view! { " "<span class="chip">{words}</span> }.into_any()
    });
    let unseen = words::unseen(row.marks)
        .map(|unseen| view! { " "<span class="chip partial" title=unseen>"partial"</span> });
    let talked = row.answered.map(|_| clock(row.talk_ms));
    view! {
        <tr class:chosen=here data-state=slug>
            <td class="history-began">
                <span class="history-way" title=way><Icon name=icon/><span class="unseen">{way}</span></span>
                <time class="number" datetime=moment::machine(at_ms)>{when}</time>
            </td>
            <td class="who">
                <a class="row-link" data-cell href=move || asked.read().opening(Some(id)).address() aria-current=move || here().then_some("true")>
                    {party_name(&row.caller)}
                </a>
                <span class="soft number">{party_number(&row.caller)}</span>
            </td>
            <td class="history-called">{party(&row.callee)}</td>
            <td>{row.queue.as_deref().map(|queue| shortened(queue, NAME_CHARS))}</td>
            <td>
                <span class="state" data-state=slug>
                    <svg class="icon" aria-hidden="true"><use href=shape(&["state-", slug].concat())></use></svg>
                    <span class="state-word">{word}</span>
                </span>
                " "<span class="soft">{was}</span>{unseen}{tags}{noted}
            </td>
            <td class="number history-number">{talked}</td>
            <td class="number history-number">{clock(row.duration_ms)}</td>
        </tr>
    }
    .into_any()
}
