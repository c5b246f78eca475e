//! The filters: a form of its own where there is no JavaScript, and the address bar either way.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::PAGE;
use crate::{
    audit::{Action, AuditQuery, Outcome},
    components::Icon,
    pages::zone::Zone,
    words::{address, moment},
};

/// How long typing may pause before it is looked for.
const PAUSE: Duration = Duration::from_millis(250);

/// The form above the list.
#[component]
pub fn Filters(query: Memo<AuditQuery>) -> impl IntoView {
    let zone = expect_context::<Zone>();
    let here = use_location().pathname;
    let navigate = use_navigate();
    let change = Callback::new(move |change: Box<dyn FnOnce(&mut AuditQuery)>| {
        let mut wanted = query.get_untracked();
        change(&mut wanted);
        wanted.before = None;
        let quietly = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(
            &address::with_search(&here.get_untracked(), &wanted.search()),
            quietly,
        );
    });
    let search = leptos::leptos_dom::helpers::debounce(PAUSE, move |text: String| {
        change.run(Box::new(move |query| query.text = text.trim().to_owned()));
    });
    let actor = leptos::leptos_dom::helpers::debounce(PAUSE, move |text: String| {
        change.run(Box::new(move |query| query.actor = text.trim().to_owned()));
    });
    let (mut search, mut actor) = (search, actor);
    view! {
        <form class="tools audit-tools" method="get" action=PAGE role="search" aria-label="Entries" on:submit=|event| event.prevent_default()>
            <label class="search">
                <Icon name="search"/>
                <span class="unseen">"Search in names, addresses, objects and details"</span>
                <input type="search" name="q" placeholder="Search" autocomplete="off" maxlength="80" data-search
                    value=query.get_untracked().text
                    prop:value=move || query.get().text
                    on:input=move |event| search(event_target_value(&event))/>
            </label>
            <input type="text" name="actor" class="audit-who" aria-label="By whom" placeholder="By whom" autocomplete="off"
                autocapitalize="none" spellcheck="false" maxlength="80"
                value=query.get_untracked().actor
                prop:value=move || query.get().actor
                on:input=move |event| actor(event_target_value(&event))/>
            <select name="action" aria-label="What" on:change=move |event| {
                let action = Action::of(&event_target_value(&event));
                change.run(Box::new(move |query| query.action = action));
            }>
                <option value="" selected=move || query.read().action.is_none()>"Everything"</option>
                {groups().into_iter().map(|(group, actions)| view! {
                    <optgroup label=group>
                        {actions.into_iter().map(|action| view! {
                            <option value=action.word() selected=move || query.read().action == Some(action)>{action.label()}</option>
                        }.into_any()).collect_view()}
                    </optgroup>
                }.into_any()).collect_view()}
            </select>
            <select name="outcome" aria-label="What came of it" on:change=move |event| {
                let outcome = Outcome::of(&event_target_value(&event));
                change.run(Box::new(move |query| query.outcome = outcome));
            }>
                <option value="" selected=move || query.read().outcome.is_none()>"Every outcome"</option>
                {Outcome::ALL.iter().map(|outcome| view! {
                    <option value=outcome.word() selected=move || query.read().outcome == Some(*outcome)>{outcome.label()}</option>
                }.into_any()).collect_view()}
            </select>
            <fieldset class="audit-when">
                <legend class="unseen">{move || format!("When, in {}", zone.name())}</legend>
                <label><span class="soft">"From"</span>
                    <input type="datetime-local" name="from"
                        value=query.get_untracked().from_ms.map(moment::field)
                        prop:value=move || query.read().from_ms.map(|at_ms| zone.field(at_ms)).unwrap_or_default()
                        on:change=move |event| {
                            let from_ms = zone.read(&event_target_value(&event));
                            change.run(Box::new(move |query| query.from_ms = from_ms));
                        }/>
                </label>
                <label><span class="soft">"to"</span>
                    <input type="datetime-local" name="to"
                        value=query.get_untracked().to_ms.map(moment::field)
                        prop:value=move || query.read().to_ms.map(|at_ms| zone.field(at_ms)).unwrap_or_default()
                        on:change=move |event| {
                            let to_ms = zone.read(&event_target_value(&event));
                            change.run(Box::new(move |query| query.to_ms = to_ms));
                        }/>
                </label>
                <span class="soft">{move || zone.name()}</span>
            </fieldset>
            <noscript><button type="submit" class="button">"Show"</button></noscript>
            {move || query.read().is_filtered().then(|| view! {
                <a class="button quiet" href=PAGE><Icon name="x"/>"Clear"</a>
            }.into_any())}
        </form>
    }
    .into_any()
}

/// Actions under their headings, in the order of the table.
fn groups() -> Vec<(&'static str, Vec<Action>)> {
    let mut groups: Vec<(&'static str, Vec<Action>)> = Vec::new();
    for action in Action::ALL {
        match groups.iter_mut().find(|(group, _)| *group == action.group()) {
            Some((_, actions)) => actions.push(*action),
            None => groups.push((action.group(), vec![*action])),
        }
    }
    groups
}
