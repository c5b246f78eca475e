//! The second half of the sign-in: show something beside the password, or set it up.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use super::Doorway;
use crate::{
    AppError,
    api::{
        account::SignOut,
        second::{
            AddPasskey, AskNewPasskey, AskSecond, BeginApp, LoadSecondWays, LoadSettingUp, SecondCode,
            SecondPasskey, load_second_ways, load_setting_up,
        },
    },
    components::{
        Icon,
        field::{FormProblem, TextField, problem_of, problem_of_form},
        passkey_button::PasskeyButton,
        trouble::capitalised,
    },
    load, loaded,
    model::sign_in::{SettingUp, Ways},
    pages::profile::app::AppSetUp,
    passkeys::Passkeys,
    sending::Sending,
};

/// Shows a passkey, a code of an app, or a recovery code.
#[component]
pub fn SecondPage() -> impl IntoView {
    let ways = load(LoadSecondWays::PATH, String::new(), load_second_ways);
    view! {
        <Doorway title="One more step">
            <Suspense>
                {move || Suspend::new(async move {
                    match loaded::<Ways>(&ways.await) {
                        Ok(ways) => view! { <Second ways/> }.into_any(),
                        Err(error) => view! { <Over error/> }.into_any(),
                    }
                })}
            </Suspense>
        </Doorway>
    }
    .into_any()
}

#[component]
fn Second(ways: Ways) -> impl IntoView {
    let code = Sending::to::<SecondCode>();
    let passkey = Sending::to::<SecondPasskey>();
    let query = use_query_map();
    let next = move || query.read().get("next").unwrap_or_default();
    let problem = Signal::derive(move || problem_of(code.problem().as_ref(), "code"));
    let whole = Signal::derive(move || {
        let failed = passkey.problem().or_else(|| code.problem());
        problem_of_form(failed.as_ref(), &["code"])
    });
    let Ways {
        passkeys,
        app,
        recovery,
    } = ways;
    let with_passkey = passkeys.is_some();
    let (label, help) = match (app, recovery) {
        (true, true) => (
            "Code",
            "Six digits from your authenticator app, or one of your recovery codes.",
        ),
        (true, false) => ("Code", "Six digits from your authenticator app."),
        (false, _) => (
            "Recovery code",
            "One of the ten codes that you put away. Each works once.",
        ),
    };
    view! {
        <p class="door-lead">
            {if with_passkey { "Your password is right. Now use your passkey, or type a code." } else { "Your password is right. Now type a code." }}
        </p>
        <FormProblem problem=whole/>
        {passkeys.map(|place| view! {
            <PasskeyButton label="Use a passkey" does=Passkeys::Use question=AskSecond::PATH answer=passkey place
                next=query.read_untracked().get("next").unwrap_or_default() primary=true/>
        })}
        {(app || recovery).then(|| view! {
            <form class="form" method="post" action=code.path on:submit=move |event| code.submit(&event)>
                <input type="hidden" name="next" value=next/>
                <TextField name="code" label help problem autocomplete="one-time-code"
                    required=true autofocus=!with_passkey maxlength=32/>
                <button type="submit" class=if with_passkey { "button wide" } else { "button primary wide" }
                    disabled=move || code.pending.get()>"Go on"</button>
            </form>
        })}
        <p class="field-help">
            "Lost all of it? An administrator can help: in Starboard, or on the server itself."
        </p>
        <Back/>
    }
    .into_any()
}

/// Sets a factor up, for somebody of whom one is asked and who has none.
#[component]
pub fn FactorPage() -> impl IntoView {
    let setting_up = load(LoadSettingUp::PATH, String::new(), load_setting_up);
    let begin = Sending::to::<BeginApp>();
    let passkey = Sending::to::<AddPasskey>();
    Effect::new(move |_| {
        if matches!(begin.answer::<()>(), Some(Ok(()))) {
            setting_up.refetch();
        }
    });
    let whole = Signal::derive(move || {
        let failed = passkey.problem().or_else(|| begin.problem());
        problem_of_form(failed.as_ref(), &[])
    });
    view! {
        <Doorway title="Protect your account">
            <p class="door-lead">
                "What you may do here needs more than a password. Set up a passkey or an authenticator app; it takes a minute."
            </p>
            <FormProblem problem=whole/>
            <Transition>
                {move || Suspend::new(async move {
                    let SettingUp { place, app } = match loaded(&setting_up.await) {
                        Ok(setting_up) => setting_up,
                        Err(error) => return view! { <Over error/> }.into_any(),
                    };
                    let begun = app.is_some();
                    view! {
                        {app.map(|offer| view! { <AppSetUp offer/> })}
                        <PasskeyButton label="Set up a passkey" does=Passkeys::Create question=AskNewPasskey::PATH
                            answer=passkey place primary=!begun/>
                        {(!begun).then(|| view! {
                            <form method="post" action=begin.path on:submit=move |event| begin.submit(&event)>
                                <button type="submit" class="button wide" disabled=move || begin.pending.get()>
                                    <Icon name="smartphone"/>"Set up an authenticator app"
                                </button>
                            </form>
                        })}
                    }
                    .into_any()
                })}
            </Transition>
            <Back/>
        </Doorway>
    }
    .into_any()
}

/// Nothing is asked here any more.
#[component]
fn Over(error: AppError) -> impl IntoView {
    let text = match error {
        AppError::NotSignedIn => "This took too long. Begin again with your password.".to_owned(),
        other => capitalised(&other.to_string()),
    };
    view! { <p class="door-note">{text}</p> }
}

/// Gives the sign-in up.
#[component]
fn Back() -> impl IntoView {
    view! {
        <form method="post" action=SignOut::PATH>
            <button type="submit" class="button quiet wide">"Back to the sign-in"</button>
        </form>
    }
}
