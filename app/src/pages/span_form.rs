//! The form above a list: a plain one where there is no JavaScript, and the address bar either way.

use leptos::prelude::*;
use leptos_router::NavigateOptions;

use super::{
    span::{Span, Time},
    zone::Zone,
};
use crate::{
    access::QueueOn,
    components::Icon,
    live::Live,
    words::{moment, shortened, visible::NAME_CHARS},
};

/// How a choice changes the address.
pub(super) fn quietly() -> NavigateOptions {
    NavigateOptions {
        replace: true,
        scroll: false,
        ..NavigateOptions::default()
    }
}

/// What the form is made of.
pub(super) struct Parts {
    /// What is chosen.
    pub(super) span: Memo<Span>,
    /// Where days begin.
    pub(super) zone: Zone,
    /// Told what is wanted instead.
    pub(super) choose: Callback<Span>,
    /// The page's address.
    pub(super) page: &'static str,
    /// What is chosen here.
    pub(super) label: &'static str,
    /// What else stands in the address.
    pub(super) kept: (&'static str, Signal<String>),
    /// What it means that no queue is ticked.
    pub(super) none: &'static str,
}

/// The form.
pub(super) fn span_form(parts: Parts) -> impl IntoView {
    let Parts {
        span,
        zone,
        choose,
        page,
        label,
        kept,
        none,
    } = parts;
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let days = Memo::new(move |_| span.read().time.days(zone.day_of(now_ms.get())));
    let choose_time = move |time: Time| {
        choose.run(Span {
            time,
            ..span.get_untracked()
        })
    };
    let typed = move |text: String, is_first: bool| {
        let Some(day) = moment::read_date(&text) else {
            return;
        };
        let (first, last) = days.get_untracked();
        choose_time(if is_first {
            Time::Between(day, last.max(day))
        } else {
            Time::Between(first.min(day), day)
        });
    };
    let chosen = move |word: String| {
        let (from, to) = days.get_untracked();
        choose_time(Time::of_word(&word, from, to));
    };
    view! {
        <form class="tools figures-tools" method="get" action=page aria-label=label on:submit=|event| event.prevent_default()>
            <select name="time" aria-label="Time" on:change=move |event| chosen(event_target_value(&event))>
                {Time::CHOICES.into_iter().map(|(word, label)| view! {
                    <option value=word selected=move || span.read().time.word() == word>{label}</option>
                }.into_any()).collect_view()}
            </select>
            <fieldset class="figures-days">
                <legend class="unseen">{move || format!("Days, in {}", zone.name())}</legend>
                <label><span class="soft">"From"</span>
                    <input type="date" name="from" value=moment::date(days.get_untracked().0)
                        prop:value=move || moment::date(days.get().0)
                        on:change=move |event| typed(event_target_value(&event), true)/>
                </label>
                <label><span class="soft">"to"</span>
                    <input type="date" name="to" value=moment::date(days.get_untracked().1)
                        prop:value=move || moment::date(days.get().1)
                        on:change=move |event| typed(event_target_value(&event), false)/>
                </label>
            </fieldset>
            <Queues span choose none/>
            <input type="hidden" name=kept.0 value=kept.1/>
            <noscript><button type="submit" class="button">"Show"</button></noscript>
            <span class="soft figures-zone">{move || zone.name()}</span>
        </form>
    }
    .into_any()
}

/// The queues to choose from: those of the boards, and those in the address.
#[component]
fn Queues(span: Memo<Span>, choose: Callback<Span>, none: &'static str) -> impl IntoView {
    let live = expect_context::<Live>();
    let all = {
        let live = live.clone();
        Memo::new(move |_| {
            let mut all: Vec<QueueOn> = live.queues.keys();
            let named = span.read().queues.clone();
            all.extend(named);
            all.sort();
            all.dedup();
            all
        })
    };
    let title = move || match span.read().queues.as_slice() {
        [] => "Every queue".to_owned(),
        [(_, name)] => shortened(name, 20),
        several => format!("{} queues", several.len()),
    };
    let tick = move |queue: &QueueOn, on: bool| {
        let mut wanted = span.get_untracked();
        wanted.queues.retain(|one| one != queue);
        if on {
            wanted.queues.push(queue.clone());
        }
        choose.run(wanted);
    };
    let choice = move |queue: QueueOn| {
        let several = live.pbxs.len() > 1;
        let on = live
            .pbxs
            .peek(&queue.0, |row| row.name.clone())
            .filter(|_| several);
        let (is, ticked) = (queue.clone(), queue.clone());
        let checked = span.read_untracked().queues.contains(&queue);
        view! {
            <label class="choice">
                <input type="checkbox" name="queue" value=format!("{}/{}", queue.0.0, queue.1) checked=checked
                    prop:checked=move || span.read().queues.contains(&is)
                    on:change=move |event| tick(&ticked, event_target_checked(&event))/>
                {shortened(&queue.1, NAME_CHARS)}" "<span class="soft">{on.map(|on| shortened(&on, NAME_CHARS))}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <details class="figures-queues">
            <summary class="button"><Icon name="headset"/>{title}</summary>
            <fieldset class="figures-choices">
                <legend class="unseen">"Queues"</legend>
                {move || all.get().into_iter().map(&choice).collect_view()}
                <p class="soft">{none}</p>
            </fieldset>
        </details>
    }
    .into_any()
}
