//! Which days, which queues, which of them.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{
    Desk,
    asked::{Asked, PAGE},
};
use crate::{
    model::lost::Wanted,
    pages::span_form::{Parts, quietly, span_form},
};

/// The form above the list.
#[component]
pub fn Filters() -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let navigate = use_navigate();
    let choose = Callback::new(move |span| {
        let wanted = Asked {
            span,
            before: None,
            ..asked.get_untracked()
        };
        navigate(&wanted.address(), quietly());
    });
    let parts = Parts {
        span: Memo::new(move |_| asked.read().span.clone()),
        zone,
        choose,
        page: PAGE,
        label: "Which callers",
        kept: (
            "show",
            Signal::derive(move || asked.read().wanted.word().to_owned()),
        ),
        none: "None ticked means every queue, and calls to extensions.",
    };
    view! {
        {span_form(parts)}
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
