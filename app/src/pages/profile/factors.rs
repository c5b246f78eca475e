//! What there is beside the password: passkeys, an authenticator app, recovery codes.

use leptos::{prelude::*, server_fn::ServerFn};

use super::security::Changed;
use crate::{
    api::second::{
        AddPasskey, AskNewPasskey, BeginApp, CODES_PAGE, RemoveApp, RemovePasskey, RenamePasskey, RenewCodes,
    },
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, problem_of, problem_of_form},
        passkey_button::PasskeyButton,
    },
    model::sign_in::{Passkey, PasskeyPlace, Security, Standing},
    passkeys::Passkeys,
    sending::Sending,
    words::{duration::ago, visible},
};

/// All of it.
#[component]
pub fn Factors(security: Security, changed: Changed) -> impl IntoView {
    let word = standing(&security);
    let has_factor = security.has_factor();
    let Security {
        now_ms,
        place,
        passkeys,
        app_since_ms,
        recovery_left,
        codes_to_keep,
        ..
    } = security;
    view! {
        <section class="paper" aria-labelledby="factors-title">
            <h2 id="factors-title">"Second factor"</h2>
            <p class="soft">{word}</p>
            <KeyList passkeys place now_ms changed/>
            <App since_ms=app_since_ms now_ms changed/>
            {has_factor.then(|| view! { <Codes left=recovery_left codes_to_keep/> })}
        </section>
    }
    .into_any()
}

fn standing(security: &Security) -> String {
    match (security.has_factor(), security.required, security.standing) {
        (true, _, _) => "Your password alone does not open your account.".to_owned(),
        (false, _, Standing::Grace { days: 1 }) => {
            "Your role asks for one from tomorrow on: set up a passkey or an app.".to_owned()
        }
        (false, _, Standing::Grace { days }) => {
            format!("Your role asks for one in {days} days: set up a passkey or an app.")
        }
        (false, true, _) => {
            "Your role asks for one at your next sign-in: set up a passkey or an app.".to_owned()
        }
        (false, false, _) => {
            "With a passkey or an app your password alone does not open your account.".to_owned()
        }
    }
}

#[component]
fn KeyList(passkeys: Vec<Passkey>, place: PasskeyPlace, now_ms: u64, changed: Changed) -> impl IntoView {
    let add = Sending::to::<AddPasskey>();
    let whole = Signal::derive(move || problem_of_form(add.problem().as_ref(), &[]));
    let none = passkeys.is_empty();
    view! {
        <section class="part" aria-labelledby="passkeys-title">
            <h3 id="passkeys-title">"Passkeys"</h3>
            <p class="field-help">
                "Your fingerprint, face or PIN on a device of yours, or a security key. Nothing to type, nothing to steal; you can also sign in with it alone."
            </p>
            <ul class="things" aria-label="Passkeys" hidden=none>
                {passkeys.into_iter().map(|passkey| view! { <Key passkey now_ms changed/> }).collect_view()}
            </ul>
            <FormProblem problem=whole/>
            <div class="form-end">
                <PasskeyButton label="Add a passkey" does=Passkeys::Create question=AskNewPasskey::PATH answer=add place/>
            </div>
            <Confirming of=add/>
        </section>
    }
    .into_any()
}

#[component]
fn Key(passkey: Passkey, now_ms: u64, changed: Changed) -> impl IntoView {
    let rename = Sending::to::<RenamePasskey>();
    let remove = Sending::to::<RemovePasskey>();
    let name = visible(&passkey.name).into_owned();
    let done = move |sending: Sending, word: String| {
        Effect::new(move |_| {
            if let Some(Ok(())) = sending.answer::<()>() {
                changed.run(word.clone());
            }
        });
    };
    done(rename, "The passkey has its new name.".to_owned());
    done(remove, format!("The passkey {name} was removed."));
    let used = match passkey.used_ms {
        Some(used_ms) => format!("used {}", ago(now_ms.saturating_sub(used_ms))),
        None => "not used yet".to_owned(),
    };
    let added = ago(now_ms.saturating_sub(passkey.created_ms));
    let whole = Signal::derive(move || {
        let failed = remove.problem().or_else(|| rename.problem());
        problem_of_form(failed.as_ref(), &["name"])
    });
    let wrong = move || problem_of(rename.problem().as_ref(), "name");
    let id = passkey.id.to_string();
    let (change, renaming, removing) = (
        format!("Change the passkey {name}"),
        format!("Name of the passkey {name}"),
        format!("Remove the passkey {name}"),
    );
    view! {
        <li class="thing">
            <Icon name="key-round"/>
            <div class="thing-words">
                <strong>{name.clone()}</strong>
                <p class="soft">"Added " {added} " · " {used}</p>
                <FormProblem problem=whole/>
            </div>
            <details class="thing-more">
                <summary class="button" aria-label=change>"Change"</summary>
                <div class="thing-forms">
                    <form class="form-end" method="post" action=rename.path on:submit=move |event| rename.submit(&event)>
                        <input type="hidden" name="id" value=id.clone()/>
                        <input type="text" name="name" value=passkey.name aria-label=renaming maxlength="60" required=true/>
                        <button type="submit" class="button" disabled=move || rename.pending.get()>"Rename"</button>
                    </form>
                    <FormProblem problem=Signal::derive(wrong)/>
                    <form method="post" action=remove.path on:submit=move |event| remove.submit(&event)>
                        <input type="hidden" name="id" value=id/>
                        <button type="submit" class="button danger" aria-label=removing disabled=move || remove.pending.get()>
                            <Icon name="trash-2"/>"Remove"
                        </button>
                    </form>
                </div>
            </details>
            <Confirming of=rename/>
            <Confirming of=remove/>
        </li>
    }
    .into_any()
}

#[component]
fn App(since_ms: Option<u64>, now_ms: u64, changed: Changed) -> impl IntoView {
    let begin = Sending::to::<BeginApp>();
    let remove = Sending::to::<RemoveApp>();
    Effect::new(move |_| {
        if let Some(Ok(())) = remove.answer::<()>() {
            changed.run("The authenticator app was removed.".to_owned());
        }
    });
    let whole = Signal::derive(move || {
        let failed = remove.problem().or_else(|| begin.problem());
        problem_of_form(failed.as_ref(), &[])
    });
    view! {
        <section class="part" aria-labelledby="app-title">
            <h3 id="app-title">"Authenticator app"</h3>
            {match since_ms {
                Some(since_ms) => view! {
                    <div class="thing">
                        <Icon name="smartphone"/>
                        <div class="thing-words"><strong>"Your app"</strong><p class="soft">"Added " {ago(now_ms.saturating_sub(since_ms))}</p></div>
                        <form method="post" action=remove.path on:submit=move |event| remove.submit(&event)>
                            <button type="submit" class="button danger" disabled=move || remove.pending.get()>
                                <Icon name="trash-2"/>"Remove the app"
                            </button>
                        </form>
                    </div>
                }
                .into_any(),
                None => view! {
                    <p class="field-help">"An app on your phone shows a code of six digits, a new one every 30 seconds."</p>
                    <form class="form-end" method="post" action=begin.path on:submit=move |event| begin.submit(&event)>
                        <button type="submit" class="button" disabled=move || begin.pending.get()>
                            <Icon name="smartphone"/>"Set up an app"
                        </button>
                    </form>
                }
                .into_any(),
            }}
            <FormProblem problem=whole/>
            <Confirming of=begin/>
            <Confirming of=remove/>
        </section>
    }
    .into_any()
}

#[component]
fn Codes(left: u32, codes_to_keep: bool) -> impl IntoView {
    let renew = Sending::to::<RenewCodes>();
    let whole = Signal::derive(move || problem_of_form(renew.problem().as_ref(), &[]));
    let word = match left {
        0 => "None is left. Make new ones.".to_owned(),
        1 => "One is left. Make new ones soon.".to_owned(),
        left => format!("{left} are left. Each lets you in once, when neither passkey nor app is at hand."),
    };
    view! {
        <section class="part" aria-labelledby="codes-title">
            <h3 id="codes-title">"Recovery codes"</h3>
            <p class="field-help">{word}</p>
            <div class="form-end">
                {codes_to_keep.then(|| view! { <a class="button primary" href=CODES_PAGE>"Show the new ones"</a> })}
                <form method="post" action=renew.path on:submit=move |event| renew.submit(&event)>
                    <button type="submit" class="button" disabled=move || renew.pending.get()>"Make new ones"</button>
                </form>
                <span class="field-help">"The old ones are worth nothing then."</span>
            </div>
            <FormProblem problem=whole/>
            <Confirming of=renew/>
        </section>
    }
    .into_any()
}
