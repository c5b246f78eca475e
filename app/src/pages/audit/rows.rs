//! The rows, day by day.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use super::PAGE;
use crate::{
    audit::{Action, AuditRow, Outcome},
    components::{Icon, roving},
    pages::zone::Zone,
    words::{address, isolated, moment, visible},
};

/// The table.
#[component]
pub fn Rows(rows: Vec<AuditRow>, open: Memo<Option<i64>>) -> impl IntoView {
    let zone = expect_context::<Zone>();
    let table = NodeRef::<html::Table>::new();
    Effect::new(move |_| {
        if let Some(table) = table.get() {
            request_animation_frame(move || roving::settle(&table));
        }
    });
    // the days are the zone's: there may be others once it is known
    let days = move || {
        let mut days: Vec<(String, Vec<AuditRow>)> = Vec::new();
        for row in &rows {
            let day = zone.day(row.at_ms);
            match days.last_mut() {
                Some((last, rows)) if *last == day => rows.push(row.clone()),
                _ => days.push((day, vec![row.clone()])),
            }
        }
        days
    };
    view! {
        <div class="sheet-of-rows">
            <table class="list audit-list" node_ref=table on:keydown=|event| { roving::moved(&event); }>
                <thead><tr>
                    <th scope="col">"Time"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"On what"</th>
                    <th scope="col">"Outcome"</th>
                </tr></thead>
                {move || days().into_iter().map(|(day, rows)| view! {
                    <tbody>
                        <tr class="day"><th colspan="5" scope="rowgroup">{day}</th></tr>
                        {rows.into_iter().map(|row| view! { <Row row open/> }).collect_view()}
                    </tbody>
                }.into_any()).collect_view()}
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(row: AuditRow, open: Memo<Option<i64>>) -> impl IntoView {
    let zone = expect_context::<Zone>();
    let search = use_location().search;
    let AuditRow {
        id,
        at_ms,
        actor,
        address,
        action,
        object,
        outcome,
        note,
    } = row;
    let here = move || open.get() == Some(id);
    let what = Action::of(&action).map_or(action.clone(), |action| action.label().to_owned());
    view! {
        <tr class:chosen=here data-outcome=outcome.clone()>
            <td class="soft"><time datetime=moment::machine(at_ms)>{move || zone.clock(at_ms)}</time></td>
            <td class="audit-actor"><Actor actor address/></td>
            <td class="who">
                <a class="row-link" data-cell href=move || address::with_search(&format!("{PAGE}/{id}"), &search.read())
                    aria-current=move || here().then_some("true")>{what}</a>
            </td>
            <td class="audit-object">
                <span>{isolated(visible(&object).into_owned())}</span>
                {(!note.is_empty()).then(|| view! { <span class="soft">{isolated(visible(&note).into_owned())}</span> })}
            </td>
            <td><OutcomeMark outcome=outcome.clone()/></td>
        </tr>
    }
    .into_any()
}

/// Who, in words: users by name, others by what they are.
#[component]
pub fn Actor(actor: String, #[prop(optional, into)] address: String) -> impl IntoView {
    let (icon, name, kind) = match actor.split_once(':') {
        Some(("cli", user)) => ("server", visible(user).into_owned(), "command line"),
        Some(("server", _)) => ("layout-grid", "Starboard".to_owned(), "by itself"),
        Some((kind, name)) => (
            "server",
            visible(name).into_owned(),
            if kind == "token" { "program" } else { "" },
        ),
        None if actor.is_empty() => ("circle-help", "Nobody signed in".to_owned(), ""),
        None => ("circle-user", visible(&actor).into_owned(), ""),
    };
    let beside = if kind.is_empty() { address } else { kind.to_owned() };
    view! {
        <span class="actor"><Icon name=icon/><span class="party">{isolated(name)}</span></span>
        <span class="soft number">{beside}</span>
    }
    .into_any()
}

/// What came of it: shape, word and hue.
#[component]
pub fn OutcomeMark(outcome: String) -> impl IntoView {
    let known = Outcome::of(&outcome);
    let icon = match known {
        Some(Outcome::Done) => "check",
        Some(Outcome::Refused) => "circle-x",
        Some(Outcome::Failed) => "triangle-alert",
        Some(Outcome::Unknown) | None => "circle-help",
        Some(Outcome::Begun) => "circle-dashed",
    };
    let word = known.map_or_else(
        || visible(&outcome).into_owned(),
        |outcome| outcome.label().to_owned(),
    );
    view! { <span class="outcome-mark" data-outcome=outcome><Icon name=icon/>{word}</span> }.into_any()
}
