//! Empty and broken, designed: what is so, and the next step.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::Icon;
use crate::{AppError, words::address};

/// A region with nothing in it, or nothing that can be shown.
#[component]
pub fn Nothing(
    /// Shape.
    #[prop(into)]
    icon: Oco<'static, str>,
    /// What is so.
    #[prop(into)]
    title: String,
    /// The next step, as text, link or button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="nothing">
            <Icon name=icon/>
            <p class="nothing-title">{title}</p>
            <div class="nothing-next">{children()}</div>
        </div>
    }
    .into_any()
}

/// A page that could not be loaded.
#[component]
pub fn Trouble(
    /// What the server said.
    error: AppError,
) -> impl IntoView {
    let signed_out = error == AppError::NotSignedIn;
    let text = capitalised(&error.to_string());
    let here = use_location();
    let sign_in = move || address::sign_in(&address::with_search(&here.pathname.read(), &here.search.read()));
    view! {
        <main class="lone-page">
            <Nothing icon="unplug" title=text>
                {if signed_out {
                    view! { <a class="button" href=sign_in rel="external">"Sign in"</a> }.into_any()
                } else {
                    view! { <a class="button" href="" rel="external">"Try again"</a> }.into_any()
                }}
            </Nothing>
        </main>
    }
    .into_any()
}

/// A sentence from an error that begins in the middle of one.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    // our own errors begin with English words
    let mut sentence = String::from(first.to_ascii_uppercase());
    sentence.push_str(characters.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
