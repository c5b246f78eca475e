//! Which days, which queues, split by what.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{
    Desk,
    asked::{Asked, By, Of, PAGE},
};
use crate::pages::{
    span::Span,
    span_form::{Parts, quietly, span_form},
};

/// The form above the table.
#[component]
pub(super) fn Filters() -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let navigate = use_navigate();
    let choose = Callback::new(move |span: Span| {
        let mut wanted = asked.get_untracked();
        if span.queues != wanted.span.queues {
            wanted.of = Of::Whole;
        }
        let wanted = Asked {
            span,
            before: None,
            ..wanted
        };
        navigate(&wanted.address(), quietly());
    });
    let parts = Parts {
        span: Memo::new(move |_| asked.read().span.clone()),
        zone,
        choose,
        page: PAGE,
        label: "Which figures",
        kept: ("by", Signal::derive(move || asked.read().by.word().to_owned())),
        none: "None ticked means every queue.",
    };
    view! {
        {span_form(parts)}
        <nav class="tabs figures-split" aria-label="A row for each">
            {By::ALL.into_iter().map(|by| {
                let there = move || {
                    let mut there = asked.get();
                    if there.by != by {
                        there = there.with(there.figure, Of::Whole);
                    }
                    there.by = by;
                    there.address()
                };
                view! { <a href=there aria-current=move || (asked.read().by == by).then_some("true")>{by.label()}</a> }.into_any()
            }).collect_view()}
        </nav>
    }
    .into_any()
}
