//! Which days, which queues, which of them: a form where there is no JavaScript, and the address bar either way.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    Desk,
    asked::{Asked, PAGE},
};
use crate::{
    access::QueueOn,
    components::Icon,
    live::Live,
    model::lost::Wanted,
    pages::figures::asked::Time,
    words::{moment, shortened, visible::NAME_CHARS},
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
        wanted.before = None;
        let quietly = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&wanted.address(), quietly);
    });
    let now_ms = live.clock.now_ms.clone();
    let days = Memo::new(move |_| asked.read().time.days(zone.day_of(now_ms.get())));
    let typed = move |text: String, is_first: bool| {
        let Some(day) = moment::read_date(&text) else {
            return;
        };
        let (first, last) = days.get_untracked();
        let (from, to) = if is_first {
            (day, last.max(day))
        } else {
            (first.min(day), day)
        };
        change.run(Box::new(move |asked| asked.time = Time::Between(from, to)));
    };
    let chosen = move |word: String| {
        let (from, to) = days.get_untracked();
        let time = Time::of_word(&word, from, to);
        change.run(Box::new(move |asked| asked.time = time));
    };
    view! {
        <form class="tools figures-tools" method="get" action=PAGE aria-label="Which callers" on:submit=|event| event.prevent_default()>
            <select name="time" aria-label="Time" on:change=move |event| chosen(event_target_value(&event))>
                {Time::CHOICES.into_iter().map(|(word, label)| view! {
                    <option value=word selected=move || asked.read().time.word() == word>{label}</option>
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
            <Queues change/>
            <input type="hidden" name="show" value=move || asked.read().wanted.word()/>
            <noscript><button type="submit" class="button">"Show"</button></noscript>
            <span class="soft figures-zone">{move || zone.name()}</span>
        </form>
        <nav class="tabs figures-split" aria-label="Which of them">
            {Wanted::EVERY.into_iter().map(|wanted| {
                let there = move || {
                    let there = Asked { wanted, before: None, ..asked.get() };
                    there.address()
                };
                view! { <a href=there aria-current=move || (asked.read().wanted == wanted).then_some("true")>{wanted.label()}</a> }.into_any()
            }).collect_view()}
        </nav>
    }
    .into_any()
}

/// The queues to choose from: those of the boards, and those in the address.
#[component]
fn Queues(change: Callback<Change>) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let all = {
        let live = live.clone();
        Memo::new(move |_| {
            let mut all: Vec<QueueOn> = live.queues.keys();
            let named = asked.read().queues.clone();
            all.extend(named);
            all.sort();
            all.dedup();
            all
        })
    };
    let title = move || match asked.read().queues.as_slice() {
        [] => "Every queue".to_owned(),
        [(_, name)] => shortened(name, 20),
        several => format!("{} queues", several.len()),
    };
    let tick = move |queue: &QueueOn, on: bool| {
        let queue = queue.clone();
        change.run(Box::new(move |asked| {
            asked.queues.retain(|one| *one != queue);
            if on {
                asked.queues.push(queue);
            }
        }));
    };
    let choice = move |queue: QueueOn| {
        let several = live.pbxs.len() > 1;
        let on = live
            .pbxs
            .peek(&queue.0, |row| row.name.clone())
            .filter(|_| several);
        let (is, ticked) = (queue.clone(), queue.clone());
        let checked = asked.read_untracked().queues.contains(&queue);
        view! {
            <label class="choice">
                <input type="checkbox" name="queue" value=format!("{}/{}", queue.0.0, queue.1) checked=checked
                    prop:checked=move || asked.read().queues.contains(&is)
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
                <p class="soft">"None ticked means every queue, and calls to extensions."</p>
            </fieldset>
        </details>
    }
    .into_any()
}
