//! What is looked for: a text that says all of it, and choices beside it. A form where there is no JavaScript, and the address
//! bar either way.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    Desk,
    asked::{Asked, BY, PAGE, REPORTS, RESULTS, WAYS},
    columns::Columns,
    saved::Saved,
    typed::NAMED,
};
use crate::{
    components::Icon,
    live::Live,
    model::history::{MAX_TEXT, Turn},
    pages::span::Time,
    words::{moment, visible},
};

/// What is done to the question.
type Change = Box<dyn FnOnce(&mut Asked)>;

/// The form above the list.
#[component]
pub fn Filters() -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let navigate = use_navigate();
    let change = Callback::new(move |change: Change| {
        let mut wanted = asked.get_untracked();
        change(&mut wanted);
        wanted.turn = Turn::Newest;
        wanted.open = None;
        let quietly = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&wanted.address(), quietly);
    });
    let now_ms = live.clock.now_ms.clone();
    let today = Memo::new(move |_| zone.day_of(now_ms.get()));
    let typed = Memo::new(move |_| asked.read().typed(today.get()));
    let days = Memo::new(move |_| {
        let chosen = asked.read().time.map(|time| time.days(today.get()));
        chosen.or(typed.read().days).unwrap_or((today.get(), today.get()))
    });
    let dated = move |text: String, is_first: bool| {
        let Some(day) = moment::read_date(&text) else {
            return;
        };
        let (first, last) = days.get_untracked();
        let (from, to) = if is_first {
            (day, last.max(day))
        } else {
            (first.min(day), day)
        };
        change.run(Box::new(move |asked| asked.time = Some(Time::Between(from, to))));
    };
    let chosen = move |word: String| {
        let (from, to) = days.get_untracked();
        let known = Time::CHOICES.iter().any(|(known, _)| *known == word);
        let time = known.then(|| Time::of_word(&word, from, to));
        change.run(Box::new(move |asked| asked.time = time));
    };
    let ranged = move || matches!(asked.read().time, Some(Time::Between(..)));
    let text = move |text: String| change.run(Box::new(move |asked| asked.text = text.trim().to_owned()));
    // a report stays one where there is no JavaScript
    let report = BY
        .iter()
        .find(|(.., by)| Some(*by) == asked.get_untracked().by)
        .map(|(word, ..)| *word);
    view! {
        <form class="tools history-tools" method="get" action=if report.is_some() { REPORTS } else { PAGE } role="search" aria-label="Calls"
            on:submit=move |event| {
                event.prevent_default();
                // what stands in the field now, also before it is left
                if let Some(field) = document().get_element_by_id("history-text") {
                    use leptos::wasm_bindgen::JsCast;
                    if let Ok(field) = field.dyn_into::<leptos::web_sys::HtmlInputElement>() {
                        text(field.value());
                    }
                }
            }>
            {asked.get_untracked().columns_word().map(|words| view! { <input type="hidden" name="columns" value=words/> }.into_any())}
            {report.map(|word| view! { <input type="hidden" name="by" value=word/> }.into_any())}
            <label class="search history-search">
                <Icon name="search"/>
                <span class="unseen">"Search calls"</span>
                <input id="history-text" type="search" name="q" placeholder="Number, name, or from:+44 queue:sales missed last week"
                    autocomplete="off" autocapitalize="none" spellcheck="false" maxlength=(MAX_TEXT * 4).to_string() data-search
                    aria-describedby="history-how"
                    value=asked.get_untracked().text
                    prop:value=move || asked.read().text.clone()
                    on:change=move |event| text(event_target_value(&event))/>
            </label>
            <select name="time" aria-label="Time" on:change=move |event| chosen(event_target_value(&event))>
                <option value="" selected=move || asked.read().time.is_none()>"Any time"</option>
                {Time::CHOICES.into_iter().map(|(word, label)| view! {
                    <option value=word selected=move || asked.read().time.is_some_and(|time| time.word() == word)>{label}</option>
                }.into_any()).collect_view()}
            </select>
            {move || ranged().then(|| view! {
                <fieldset class="figures-days">
                    <legend class="unseen">{move || format!("Days, in {}", zone.name())}</legend>
                    <label><span class="soft">"From"</span>
                        <input type="date" name="from" prop:value=move || moment::date(days.get().0) value=moment::date(days.get_untracked().0)
                            on:change=move |event| dated(event_target_value(&event), true)/>
                    </label>
                    <label><span class="soft">"to"</span>
                        <input type="date" name="to" prop:value=move || moment::date(days.get().1) value=moment::date(days.get_untracked().1)
                            on:change=move |event| dated(event_target_value(&event), false)/>
                    </label>
                </fieldset>
            }.into_any())}
            <select name="way" aria-label="Which way" on:change=move |event| {
                let word = event_target_value(&event);
                let way = WAYS.iter().find(|(known, ..)| *known == word).map(|(.., way)| *way);
                change.run(Box::new(move |asked| asked.way = way));
            }>
                <option value="" selected=move || asked.read().way.is_none()>"Every way"</option>
                {WAYS.into_iter().map(|(word, label, way)| view! {
                    <option value=word selected=move || asked.read().way == Some(way)>{label}</option>
                }.into_any()).collect_view()}
            </select>
            <select name="result" aria-label="What came of it" on:change=move |event| {
                let word = event_target_value(&event);
                let result = RESULTS.iter().find(|(known, ..)| *known == word).map(|(.., result)| *result);
                change.run(Box::new(move |asked| asked.result = result));
            }>
                <option value="" selected=move || asked.read().result.is_none()>"Every result"</option>
                {RESULTS.into_iter().map(|(word, label, result)| view! {
                    <option value=word selected=move || asked.read().result == Some(result)>{label}</option>
                }.into_any()).collect_view()}
            </select>
            <noscript><button type="submit" class="button">"Show"</button></noscript>
            {move || asked.read().is_filtered().then(|| view! {
                <a class="button quiet" href=asked.read().cleared().address()><Icon name="x"/>"Clear"</a>
            }.into_any())}
        </form>
        {move || {
            let unknown = typed.read().unknown.iter().map(|word| visible(word).into_owned()).collect::<Vec<_>>();
            (!unknown.is_empty()).then(|| view! {
                <p class="form-problem" role="status">"Not understood, and left out: "{unknown.join(", ")}"."</p>
            }.into_any())
        }}
        <Saved/>
        {report.is_none().then(|| view! { <Columns/> }.into_any())}
        <details class="history-how" id="history-how">
            <summary>"What can be typed"</summary>
            <dl>
                {NAMED.into_iter().map(|(word, means)| view! { <div><dt><code>{word}</code></dt><dd>{means}</dd></div> }.into_any()).collect_view()}
                <div><dt><code>"missed"</code></dt><dd>"and answered, busy, failed, abandoned, voicemail, service, interrupted: what came of it"</dd></div>
                <div><dt><code>"in"</code></dt><dd>"and out, internal: which way; recorded, unrecorded"</dd></div>
                <div><dt><code>"last week"</code></dt><dd>"and today, yesterday, this week, this month, last month, last 30 days, 2026-11-26, 2026-11-01..2026-11-20"</dd></div>
                <div><dt><code>"ann 0301"</code></dt><dd>"anything else is a part of the number or name of the caller or the called; \"quotation marks\" keep blanks together"</dd></div>
            </dl>
        </details>
    }
    .into_any()
}
