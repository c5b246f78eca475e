//! Recovery codes: shown until their owner says that they are kept elsewhere.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::second::{LoadCodes, PutCodesAway, load_codes},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
        trouble::Nothing,
    },
    load, loaded,
    sending::Sending,
};

/// The page.
#[component]
pub fn CodesPage() -> impl IntoView {
    let codes = load(LoadCodes::PATH, String::new(), load_codes);
    view! {
        <Title text="Recovery codes"/>
        <header class="page-head"><h1>"Recovery codes"</h1></header>
        <section class="paper" aria-label="Recovery codes">
            <Suspense>
                {move || Suspend::new(async move {
                    match loaded::<Vec<String>>(&codes.await) {
                        Ok(codes) if !codes.is_empty() => view! { <Codes codes/> }.into_any(),
                        Ok(_) | Err(_) => view! {
                            <Nothing icon="lock" title="Recovery codes are shown once">
                                <p>"Where you kept them nobody here knows. New ones take the place of the old."</p>
                                <a class="button" href="/me/security">"Back to security"</a>
                            </Nothing>
                        }
                        .into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn Codes(codes: Vec<String>) -> impl IntoView {
    let away = Sending::to::<PutCodesAway>();
    let whole = Signal::derive(move || problem_of_form(away.problem().as_ref(), &[]));
    view! {
        <p>
            "With one of these you get in when neither passkey nor app is at hand. Each works once. Print them, or keep them in a password manager: after this page nobody can show them to you again."
        </p>
        <ul class="codes" aria-label="Your recovery codes">
            {codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()}
        </ul>
        <FormProblem problem=whole/>
        <form class="form-end" method="post" action=away.path on:submit=move |event| away.submit(&event)>
            <button type="submit" class="button primary" disabled=move || away.pending.get()>
                <Icon name="check"/>"I have kept them"
            </button>
        </form>
    }
    .into_any()
}
