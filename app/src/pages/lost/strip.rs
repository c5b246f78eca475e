//! The figures above the list, and how they come about.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Desk, asked::Asked, words};
use crate::model::lost::{LostPage, Wanted};

/// Four figures, each leading to those behind it, and their proof.
#[component]
pub fn Strip(page: Memo<Arc<LostPage>>) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let leads = move |wanted: Wanted| {
        move || {
            let there = Asked {
                wanted,
                before: None,
                ..asked.get()
            };
            there.address()
        }
    };
    let figures = move || page.read().figures.clone();
    let tile = move |wanted: Wanted, name: &'static str, value: Signal<String>, word: Signal<String>| {
        view! {
            <li><a class="kpi" href=leads(wanted)>
                <span class="kpi-name">{name}</span>
                <strong class="kpi-value">{value}</strong>
                <span class="soft">{word}</span>
            </a></li>
        }
        .into_any()
    };
    let people = Signal::derive(move || figures().people.to_string());
    let open = Signal::derive(move || figures().open.to_string());
    let given_up = Signal::derive(move || match figures().given_up {
        0 => String::new(),
        count => format!("{count} given up"),
    });
    let reached = Signal::derive(move || format!("{} reached", figures().reached));
    let rate = Signal::derive(move || words::rate(&figures()).0);
    let rate_worked = move || words::rate(&figures()).1;
    let time = Signal::derive(move || words::time(&figures()).0);
    let time_worked = move || words::time(&figures()).1;
    let short_link = move || {
        let there = Asked {
            short: !asked.read().short,
            before: None,
            ..asked.get()
        };
        there.address()
    };
    view! {
        <ul class="kpi-strip lost-strip" aria-label="Figures">
            {tile(Wanted::All, "Lost callers", people, Signal::derive(|| "people".to_owned()))}
            {tile(Wanted::Open, "To return", open, given_up)}
            {tile(Wanted::Reached, "Recovered rate", rate, reached)}
            {tile(Wanted::Reached, "Time to recovery", time, Signal::derive(|| "median of the reached".to_owned()))}
        </ul>
        <details class="lost-proof">
            <summary>"How these come about"</summary>
            <dl>
                <div>
                    <dt>"Recovered rate"</dt>
                    <dd>"people who were lost and talked to afterwards ÷ people who were lost"</dd>
                    <dd class="formula-numbers">{rate_worked}</dd>
                    <dd class="soft">"Who is still to be called counts as not recovered, and so does who was given up."</dd>
                </div>
                <div>
                    <dt>"Time to recovery"</dt>
                    <dd>"from the first try until the talk began, the one in the middle"</dd>
                    <dd class="formula-numbers">{time_worked}</dd>
                    <dd class="soft">"Half of those who were reached were reached within it."</dd>
                </div>
                <div>
                    <dt>"Left out"</dt>
                    <dd>{move || {
                        let figures = figures();
                        let short = if asked.read().short {
                            "Who hung up at once is counted".to_owned()
                        } else {
                            format!("{} who only hung up at once", figures.short)
                        };
                        format!("{short}; {} calls without a number.", figures.withheld)
                    }}</dd>
                    <dd><a href=short_link>{move || if asked.read().short { "Leave out who hung up at once" } else { "Count who hung up at once, too" }}</a></dd>
                    <dd class="soft">"A person counts in every time in which they tried, with what became of them until now."</dd>
                </div>
            </dl>
        </details>
    }
    .into_any()
}
