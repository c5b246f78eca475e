//! One entry, whole: who, when, from where, what it changed, what came of it, and its place in the chain.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::{
    PAGE,
    rows::{Actor, OutcomeMark},
};
use crate::{
    api::audit::{LoadAuditEntry, load_audit_entry},
    audit::{Action, AuditEntry, AuditQuery, Fact, Outcome},
    components::{
        Icon,
        trouble::{Nothing, capitalised},
    },
    load, loaded,
    pages::zone::Zone,
    words::{address, isolated, moment, visible},
};

/// The pane beside the list; below 900 px it is the whole page.
#[component]
pub fn EntryPane(id: i64) -> impl IntoView {
    let search = use_location().search;
    let found = load(LoadAuditEntry::PATH, format!("id={id}"), move || {
        load_audit_entry(id)
    });
    view! {
        <section class="pane audit-pane" aria-label="Entry">
            <a class="icon-button pane-close" href=move || address::with_search(PAGE, &search.read()) aria-label="Close the entry's pane" title="Close (Esc)">
                <Icon name="x"/>
            </a>
            <Suspense fallback=|| view! { <div class="skeleton"><div class="bone-title"></div><div class="bone"></div></div> }>
                {move || Suspend::new(async move {
                    match loaded::<AuditEntry>(&found.await) {
                        Ok(entry) => view! { <Entry entry/> }.into_any(),
                        Err(error) => view! {
                            <Nothing icon="search" title=capitalised(&error.to_string())>
                                <p>"It may be older than entries are kept."</p>
                                <a class="button" href=PAGE>"To the newest"</a>
                            </Nothing>
                        }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn Entry(entry: AuditEntry) -> impl IntoView {
    let zone = expect_context::<Zone>();
    let AuditEntry {
        row,
        ended_ms,
        facts,
        hash,
        outcome_row,
    } = entry;
    let action = Action::of(&row.action);
    let title = action.map_or_else(
        || visible(&row.action).into_owned(),
        |action| action.label().to_owned(),
    );
    let (changes, remarks): (Vec<Fact>, Vec<Fact>) = facts.into_iter().partition(|fact| fact.changed);
    let took = ended_ms.map(|ended_ms| took(ended_ms.saturating_sub(row.at_ms)));
    let meaning = Outcome::of(&row.outcome).map(Outcome::says).unwrap_or_default();
    let at_ms = row.at_ms;
    let says = action.map(Action::says).unwrap_or_default();
    let address = row.address.clone();
    view! {
        <Title text=format!("{title} · Audit trail")/>
        <header class="pane-head">
            <h2>{title}</h2>
            <p class="pane-state" title=meaning><OutcomeMark outcome=row.outcome.clone()/></p>
            <p class="soft">{says}</p>
        </header>
        <dl class="facts">
            <div><dt>"When"</dt><dd><time datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.day(at_ms), zone.clock(at_ms))}</time>
                <span class="soft">" " {move || zone.name()}</span></dd></div>
            <div><dt>"Who"</dt><dd class="audit-actor"><Actor actor=row.actor.clone()/></dd></div>
            {(!address.is_empty()).then(|| view! { <div><dt>"From"</dt><dd class="number">{address}</dd></div> })}
            <div><dt>"On"</dt><dd>{isolated(visible(&row.object).into_owned())}</dd></div>
            {remarks.into_iter().map(|fact| view! {
                <div><dt>{name(&fact.name)}</dt><dd>{isolated(visible(&fact.new.unwrap_or_default()).into_owned())}</dd></div>
            }.into_any()).collect_view()}
            {took.map(|took| view! { <div><dt>"Took"</dt><dd>{took}</dd></div> })}
        </dl>
        {(!changes.is_empty()).then(|| view! { <h3>"What changed"</h3><Changes changes/> })}
        <More row_actor=row.actor action row_object=row.object/>
        <details class="technical">
            <summary>"Technical details"</summary>
            <dl class="facts chain">
                <div><dt>"Row"</dt><dd>{row.id}</dd></div>
                <div><dt>"Chained by"</dt><dd><code>{hash}</code></dd></div>
                {outcome_row.map(|(id, hash)| view! {
                    <div><dt>"Outcome"</dt><dd>{format!("row {id}")}</dd></div>
                    <div><dt>"Chained by"</dt><dd><code>{hash}</code></dd></div>
                }.into_any())}
            </dl>
        </details>
    }
    .into_any()
}

/// Old and new of every field.
#[component]
fn Changes(changes: Vec<Fact>) -> impl IntoView {
    let shown = |text: String| isolated(visible(&text).into_owned());
    view! {
        <dl class="changes">
            {changes.into_iter().map(|fact| view! {
                <div>
                    <dt>{name(&fact.name)}</dt>
                    {fact.old.map(|old| view! { <dd><span class="unseen">"before: "</span><del>{shown(old)}</del></dd> })}
                    {fact.new.map(|new| view! { <dd><span class="unseen">"now: "</span><ins>{shown(new)}</ins></dd> })}
                </div>
            }.into_any()).collect_view()}
        </dl>
    }
    .into_any()
}

/// Where this leads: what else the same person did, on the same thing, of the same kind.
#[component]
fn More(row_actor: String, action: Option<Action>, row_object: String) -> impl IntoView {
    let link = |query: AuditQuery| address::with_search(PAGE, &query.search());
    let by = (!row_actor.is_empty()).then(|| {
        let query = AuditQuery {
            actor: row_actor,
            ..AuditQuery::default()
        };
        view! { <a class="button quiet" href=link(query)>"All of theirs"</a> }.into_any()
    });
    let like = action.map(|action| {
        let query = AuditQuery {
            action: Some(action),
            ..AuditQuery::default()
        };
        view! { <a class="button quiet" href=link(query)>"All like this"</a> }.into_any()
    });
    let on = (!row_object.is_empty()).then(|| {
        let query = AuditQuery {
            text: row_object,
            ..AuditQuery::default()
        };
        view! { <a class="button quiet" href=link(query)>"All on this"</a> }.into_any()
    });
    view! { <nav class="pane-verbs" aria-label="More of this">{by}{on}{like}</nav> }.into_any()
}

/// A fact's name as a word that begins a line.
fn name(fact: &str) -> String {
    let text = visible(fact);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        let mut name: String = first.to_uppercase().collect();
        name.push_str(letters.as_str());
        name
    })
}

fn took(duration_ms: u64) -> String {
    match duration_ms {
        0..10_000 => format!("{duration_ms} ms"),
        longer => crate::words::age(longer),
    }
}
