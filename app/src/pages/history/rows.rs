//! The list: a call a row, the newest first.

use std::collections::BTreeMap;

use leptos::{html, prelude::*};
use telephony::Party;

use super::{Desk, columns::Column, words};
use crate::{
    components::{Icon, icon::shape, roving},
    live::Live,
    model::history::CallRow,
    words::{clock, moment, party::party_number, party_name, shortened, visible, visible::NAME_CHARS},
};

/// The table.
#[component]
pub fn Rows(rows: Vec<CallRow>, mut said: BTreeMap<i64, (Vec<String>, u32)>) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
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
                    {move || {
                        let head = |column: Column| {
                            let class = column.is_number().then_some("history-number");
                            view! { <th scope="col" class=class data-column=column.word()>{column.title()}</th> }.into_any()
                        };
                        asked.read().columns().into_iter().map(head).collect::<Vec<AnyView>>()
                    }}
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
    let (caller, caller_number) = (party_name(&row.caller), party_number(&row.caller));
    let cell = move |column: Column| {
        let number = |ms: u64| {
            view! { <td class="number history-number" data-column=column.word()>{clock(ms)}</td> }.into_any()
        };
        let text = |text: &str| {
            view! { <td data-column=column.word()>{shortened(text, NAME_CHARS)}</td> }.into_any()
        };
        let some = |some: &Option<String>| text(some.as_deref().unwrap_or_default());
        let none = || view! { <td class="number history-number" data-column=column.word()></td> }.into_any();
        match column {
            Column::Called => {
                view! { <td class="history-called" data-column="called">{party(&row.callee)}</td> }.into_any()
            }
            Column::Result => view! {
                <td data-column="result">
                    <span class="state" data-state=slug>
                        <svg class="icon" aria-hidden="true"><use href=shape(&["state-", slug].concat())></use></svg>
                        <span class="state-word">{word}</span>
                    </span>
                    " "<span class="soft">{was.clone()}</span>{chips(&row, &tags, notes)}
                </td>
            }
            .into_any(),
            Column::Dialled => text(&row.dialled),
            Column::Queue => some(&row.queue),
            Column::Trunk => some(&row.trunk),
            Column::Disposition => some(&row.disposition),
            Column::AnsweredBy => some(&row.first_by),
            Column::Rang => number(
                row.answered
                    .map_or(row.duration_ms, |at| at.since_ms(row.started)),
            ),
            Column::Talked => row.answered.map_or_else(none, |_| number(row.talk_ms)),
            Column::Held => {
                if row.held_ms > 0 {
                    number(row.held_ms)
                } else {
                    none()
                }
            }
            Column::Took => number(row.duration_ms),
        }
    };
    view! {
        <tr class:chosen=here data-state=slug>
            <td class="history-began">
                <span class="history-way" title=way><Icon name=icon/><span class="unseen">{way}</span></span>
                <time class="number" datetime=moment::machine(at_ms)>{when}</time>
            </td>
            <td class="who">
                <a class="row-link" data-cell href=move || asked.read().opening(Some(id)).address() aria-current=move || here().then_some("true")>
                    {caller}
                </a>
                <span class="soft number">{caller_number}</span>
            </td>
            {move || asked.read().columns().into_iter().map(&cell).collect::<Vec<AnyView>>()}
        </tr>
    }
    .into_any()
}

/// What is said of a call, beside its result.
fn chips(row: &CallRow, tags: &[String], notes: u32) -> AnyView {
    let unseen = words::unseen(row.marks)
        .map(|unseen| view! { " "<span class="chip partial" title=unseen>"partial"</span> });
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
    view! { {unseen}{tags}{noted} }.into_any()
}
