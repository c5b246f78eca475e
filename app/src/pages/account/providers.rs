//! What the sign-in page has beside the password: a way to each provider, and why the last way led nowhere.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    components::field::FormProblem,
    model::single_sign_on::Trouble,
    words::{address, visible},
};

/// A link for each provider; it leaves our pages, so it works without a script as well.
#[component]
pub fn Providers(names: Vec<String>) -> impl IntoView {
    let query = use_query_map();
    let next = query.read_untracked().get("next").unwrap_or_default();
    let way = move |(at, name): (usize, String)| {
        let to = address::provider(at, &next);
        view! {
            <a class="button wide" rel="external" href=to>{format!("Sign in with {}", visible(&name))}</a>
        }
        .into_any()
    };
    let ways = names.into_iter().enumerate().map(way);
    ways.collect_view().into_any()
}

/// Why a provider led nowhere, in words of ours.
#[component]
pub fn LedNowhere() -> impl IntoView {
    let query = use_query_map();
    let problem = Signal::derive(move || {
        let word = query.read().get("trouble").unwrap_or_default();
        Trouble::of(&word).map_or_else(String::new, |trouble| trouble.says().to_owned())
    });
    view! { <FormProblem problem/> }.into_any()
}
