//! Where a clicked `tel:` number lands: offers to place the call, and never places it by itself.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use telephony::Outcome;

use crate::{
    api::command::PlaceCall,
    asking::{Tone, told},
    components::{
        Icon,
        field::{TextField, problem_of},
        trouble::Nothing,
    },
    model::Viewer,
    sending::Sending,
    words::check_number,
};

/// The page.
#[component]
pub fn PlaceCallPage() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let query = use_query_map();
    let place = Sending::to::<PlaceCall>();
    // made where the page was made, and the same after waking up: a double click is one call
    let request_id = SharedValue::new(crate::random_name).into_inner();
    let asked = query.read_untracked().get("to").unwrap_or_default();
    let number = check_number(&asked);
    let typed_problem = number
        .as_ref()
        .err()
        .filter(|_| !asked.is_empty())
        .map(ToString::to_string);
    let problem = Signal::derive(move || {
        let failed = problem_of(place.problem().as_ref(), "to");
        if failed.is_empty() {
            typed_problem.clone().unwrap_or_default()
        } else {
            failed
        }
    });
    let shown = number.unwrap_or(asked);
    let outcome = {
        let to = shown.clone();
        move || {
            let answer = place.answer::<Outcome>()?;
            if problem_of(answer.as_ref().err(), "to").is_empty() {
                Some(told(&format!("ring your phone and call {to}"), &answer))
            } else {
                None
            }
        }
    };
    let own = move || viewer.read().own_extension().map(|own| own.number.clone());
    view! {
        <Title text="Call a number"/>
        <header class="page-head"><h1>"Call a number"</h1></header>
        {move || match own() {
            None => view! {
                <section class="paper">
                    <Nothing icon="smartphone" title="Which phone is yours?">
                        <p>"Your own phone rings first, then the number is called. Choose your extension once."</p>
                        <a class="button primary" href="/me">"Choose my extension"</a>
                    </Nothing>
                </section>
            }.into_any(),
            Some(own) => view! { <CallForm place own request_id=request_id.clone() to=shown.clone() problem/> }.into_any(),
        }}
        {move || outcome().map(|(tone, text)| {
            let tone = match tone { Tone::Good => "good", Tone::Unknown => "unknown", Tone::Bad => "bad" };
            view! { <div class="banner" data-tone=tone role="status"><p>{text}</p></div> }
        })}
    }
    .into_any()
}

#[component]
fn CallForm(
    place: Sending,
    own: String,
    request_id: String,
    to: String,
    problem: Signal<String>,
) -> impl IntoView {
    let done = RwSignal::new(false);
    Effect::new(move |_| {
        if matches!(place.answer::<Outcome>(), Some(Ok(_))) {
            done.set(true);
        }
    });
    view! {
        <section class="paper">
            <form class="form" method="post" action=place.path on:submit=move |event| place.submit(&event)>
                <input type="hidden" name="request_id" value=request_id/>
                <TextField name="to" label="Number" kind="tel" problem value=to required=true maxlength=64/>
                <p class="soft">{format!("Your phone {own} rings first. When you answer, the number is called.")}</p>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || place.pending.get() || done.get()>
                        <Icon name="phone"/>"Call"
                    </button>
                    <a class="button quiet" href="/">"To the switchboard"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
