//! A button that asks for a passkey: the server for the question, the browser for the answer, the server for its word.

use leptos::{prelude::*, task::spawn_local};

use super::Icon;
use crate::{
    AppError, browser,
    model::sign_in::{PasskeyPlace, PasskeyQuestion},
    passkeys::Passkeys,
    sending::{Sending, ask},
};

/// The button; where passkeys do not work, what to do about it stands in its place.
#[component]
pub fn PasskeyButton(
    /// Its word.
    label: &'static str,
    /// What the browser does.
    does: Passkeys,
    /// The server function that asks.
    question: &'static str,
    /// Where the answer goes.
    answer: Sending,
    /// Where passkeys work.
    place: PasskeyPlace,
    /// Where to go in the end.
    #[prop(optional, into)]
    next: String,
    /// It is what most people want.
    #[prop(optional)]
    primary: bool,
) -> impl IntoView {
    let next = StoredValue::new(next);
    let busy = RwSignal::new(false);
    let elsewhere = RwSignal::new(false);
    let awake = RwSignal::new(false);
    let origin = match place {
        PasskeyPlace::At(origin) => origin,
        PasskeyPlace::Nowhere(why) => return view! { <p class="field-help needs-js">{why}</p> }.into_any(),
    };
    {
        let origin = origin.clone();
        Effect::new(move |_| {
            elsewhere.set(browser::origin() != origin);
            // a press before that would be lost
            awake.set(true);
        });
    }
    let press = Callback::new(move |()| {
        if busy.get_untracked() || answer.pending.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match asked(does, question).await {
                Ok((name, credential)) => next.with_value(|next| {
                    answer.send_pairs(&[("name", &name), ("credential", &credential), ("next", next)]);
                }),
                Err(error) => answer.failed(error),
            }
            let _ = busy.try_set(false);
        });
    });
    answer.again_by(press);
    let class = if primary { "button primary wide" } else { "button" };
    view! {
        <button
            type="button"
            class=class
            class:needs-js=true
            hidden=move || elsewhere.get()
            disabled=move || !awake.get() || busy.get() || answer.pending.get()
            on:click=move |_| press.run(())
        >
            <Icon name="key-round"/>
            {label}
        </button>
        <p class="field-help" hidden=move || !elsewhere.get()>
            "Passkeys work at " <a href=origin.clone() rel="external">{origin.clone()}</a> " alone: open Starboard there."
        </p>
    }
    .into_any()
}

async fn asked(does: Passkeys, question: &str) -> Result<(String, String), AppError> {
    let question: PasskeyQuestion = ask(question, "").await?;
    let credential = does.ask(&question.options).await.map_err(AppError::Conflict)?;
    Ok((question.name, credential))
}
