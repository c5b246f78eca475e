//! A button that asks a PBX for something: once, disabled until the answer is there, and with the consequence
//! named first where somebody else is touched. No window pops up for that: the question takes the button's place.

use leptos::prelude::*;

use super::Icon;
use crate::{
    asking::{Asking, Deed},
    look::Look,
};

/// The button of a deed. Where the deed is impossible there is no button.
#[component]
pub fn DeedButton(
    /// What it would do now.
    deed: Look<Option<Deed>>,
    /// Only the icon is drawn; the word is its label.
    #[prop(optional)]
    small: bool,
    /// Not in the order of the Tab key: the row has a key of its own for it.
    #[prop(optional)]
    skip_tab: bool,
) -> impl IntoView {
    let asking = expect_context::<Asking>();
    let busy = RwSignal::new(false);
    let asked = RwSignal::new(false);
    let label = {
        let deed = deed.clone();
        Memo::new(move |_| deed().map(|deed| (deed.label, deed.icon)))
    };
    let deed = StoredValue::new(deed);
    let now = move || untrack(|| deed.with_value(|deed| deed()));
    let go = move || {
        asked.set(false);
        if let Some(deed) = now() {
            asking.ask(busy, deed.pbx, deed.command, deed.what);
        }
    };
    let press = move |_| {
        let harmless = now().is_none_or(|deed| deed.consequence.is_empty());
        if harmless { go() } else { asked.set(true) }
    };
    let button = move |(word, icon): (&'static str, &'static str)| {
        view! {
            <button
                type="button"
                class=if small { "icon-button deed" } else { "button deed" }
                class:danger=word == "Hang up"
                disabled=move || busy.get()
                aria-busy=move || busy.get().then_some("true")
                aria-label=small.then_some(word)
                title=small.then_some(word)
                tabindex=skip_tab.then_some("-1")
                on:click=press
            >
                <Icon name=icon/>
                {if small { "" } else { word }}
            </button>
        }
    };
    let question = move |word: &'static str| {
        let consequence = now().map(|deed| deed.consequence);
        view! {
            <span class="question" role="group" aria-label="Are you sure?">
                <span class="question-text">{consequence}</span>
                <button type="button" class="button danger" autofocus on:click=move |_| go()>{word}</button>
                <button type="button" class="button quiet" on:click=move |_| asked.set(false)>"Cancel"</button>
            </span>
        }
    };
    move || {
        label.get().map(|(word, icon)| {
            if asked.get() {
                question(word).into_any()
            } else {
                button((word, icon)).into_any()
            }
        })
    }
}
