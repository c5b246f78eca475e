//! Setting an authenticator app up: a picture to scan, the same as text, and a code that shows that it counts right.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::second::{AddApp, BeginApp, LoadSettingUp, load_setting_up},
    components::{
        confirming::Confirming,
        field::{FormProblem, TextField, problem_of, problem_of_form},
        trouble::Nothing,
    },
    load, loaded,
    model::sign_in::{AppOffer, SettingUp},
    sending::Sending,
};

/// The page of somebody who is in.
#[component]
pub fn AppPage() -> impl IntoView {
    let setting_up = load(LoadSettingUp::PATH, String::new(), load_setting_up);
    let begin = Sending::to::<BeginApp>();
    view! {
        <Title text="Authenticator app"/>
        <header class="page-head"><h1>"Authenticator app"</h1></header>
        <section class="paper" aria-label="Set up an authenticator app">
            <Suspense>
                {move || Suspend::new(async move {
                    match loaded(&setting_up.await) {
                        Ok(SettingUp { app: Some(offer), .. }) => view! { <AppSetUp offer/> }.into_any(),
                        Ok(SettingUp { app: None, .. }) | Err(_) => view! {
                            <Nothing icon="smartphone" title="An app on your phone shows a new code every 30 seconds">
                                <form method="post" action=begin.path on:submit=move |event| begin.submit(&event)>
                                    <button type="submit" class="button primary">"Set it up"</button>
                                </form>
                                <Confirming of=begin/>
                                <a href="/me/security">"Back to security"</a>
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

/// The picture, the secret and the code.
#[component]
pub fn AppSetUp(offer: AppOffer) -> impl IntoView {
    let add = Sending::to::<AddApp>();
    let problem = Signal::derive(move || problem_of(add.problem().as_ref(), "code"));
    let whole = Signal::derive(move || problem_of_form(add.problem().as_ref(), &["code"]));
    let AppOffer {
        secret,
        url,
        picture,
        dots,
    } = offer;
    view! {
        <ol class="app-steps">
            <li>
                <p>"Scan this with your authenticator app."</p>
                <svg class="qr" role="img" aria-label="QR code for your authenticator app"
                    viewBox=format!("0 0 {dots} {dots}") shape-rendering="crispEdges">
                    <path d=picture></path>
                </svg>
                <details>
                    <summary>"No camera?"</summary>
                    <p class="field-help">"Type this secret into the app (time-based, six digits):"</p>
                    <code class="secret">{secret}</code>
                    <p><a href=url rel="external">"Open it in an app on this device"</a></p>
                </details>
            </li>
            <li>
                <form class="form" method="post" action=add.path on:submit=move |event| add.submit(&event)>
                    <FormProblem problem=whole/>
                    <TextField name="code" label="Type the code that it shows" problem autocomplete="one-time-code"
                        inputmode="numeric" required=true maxlength=16/>
                    <div class="form-end">
                        <button type="submit" class="button primary" disabled=move || add.pending.get()>"Use this app"</button>
                    </div>
                </form>
                <Confirming of=add/>
            </li>
        </ol>
    }
    .into_any()
}
