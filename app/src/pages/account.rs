//! The pages before the sign-in.

pub mod providers;
pub mod second;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::providers::{LedNowhere, Providers};
use crate::{
    api::{
        account::{AskPasskey, Doorstep, EnterForm, LoadDoorstep, PasskeySignIn, SetUpForm, load_doorstep},
        people::{AcceptForm, LoadInvited, load_invited},
    },
    components::{
        field::{FormProblem, TextField, problem_of, problem_of_form},
        icon::shape,
        passkey_button::PasskeyButton,
        trouble::capitalised,
    },
    load, loaded,
    model::{people::Invited, sign_in::PasskeyPlace},
    passkeys::Passkeys,
    sending::Sending,
    words::{self, visible},
};

use self::second::{FactorPage, SecondPage};

/// The calm frame of both pages.
#[component]
fn Doorway(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="doorway">
            <section class="door">
                <p class="door-brand">
                    <svg class="brand-mark" aria-hidden="true"><use href=shape("starboard")></use></svg>
                    "Starboard"
                </p>
                <h1>{title}</h1>
                {children()}
            </section>
            <p class="door-foot">"The live cockpit for your telephone system."</p>
        </main>
    }
    .into_any()
}

/// Sign-in, and the steps after it.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    match query.read_untracked().get_str("step") {
        Some("second") => view! { <SecondPage/> }.into_any(),
        Some("factor") => view! { <FactorPage/> }.into_any(),
        Some(_) | None => view! { <Password/> }.into_any(),
    }
}

/// The password, or a passkey in its stead.
#[component]
fn Password() -> impl IntoView {
    let enter = Sending::to::<EnterForm>();
    let passkey = Sending::to::<PasskeySignIn>();
    let query = use_query_map();
    let next = move || query.read().get("next").unwrap_or_default();
    let doorstep = load(LoadDoorstep::PATH, String::new(), load_doorstep);
    let of = move |name: &'static str| Signal::derive(move || problem_of(enter.problem().as_ref(), name));
    let whole = Signal::derive(move || {
        let failed = passkey.problem().or_else(|| enter.problem());
        problem_of_form(failed.as_ref(), &["username", "password"])
    });
    view! {
        <Doorway title="Sign in">
            <form class="form" method="post" action=enter.path on:submit=move |event| enter.submit(&event)>
                <LedNowhere/>
                <FormProblem problem=whole/>
                <input type="hidden" name="next" value=next/>
                <TextField name="username" label="User name" problem=of("username") autocomplete="username webauthn" required=true autofocus=true maxlength=64/>
                <TextField name="password" label="Password" kind="password" problem=of("password") autocomplete="current-password" required=true/>
                <button type="submit" class="button primary wide" disabled=move || enter.pending.get()>"Sign in"</button>
            </form>
            <Suspense>
                {move || Suspend::new(async move {
                    let Ok(Doorstep { setup_open, passkeys: place, providers, .. }) = loaded(&doorstep.await) else {
                        return ().into_any();
                    };
                    if setup_open {
                        return view! {
                            <p class="door-note">
                                "There is no administrator yet. Open the one-time link that Starboard printed when it started."
                            </p>
                        }
                        .into_any();
                    }
                    let no_provider = providers.is_empty();
                    let passkeys = matches!(place, PasskeyPlace::At(_));
                    // where passkeys do not work strangers are not told why
                    (passkeys || !no_provider)
                        .then(|| view! {
                            <div class="door-or" class:needs-js=no_provider>
                                {passkeys.then(|| view! {
                                    <div class="needs-js">
                                        <PasskeyButton label="Sign in with a passkey" does=Passkeys::Use question=AskPasskey::PATH
                                            answer=passkey place next=query.read_untracked().get("next").unwrap_or_default()/>
                                    </div>
                                })}
                                <Providers names=providers/>
                            </div>
                        })
                        .into_any()
                })}
            </Suspense>
        </Doorway>
    }
    .into_any()
}

/// The first administrator.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let make = Sending::to::<SetUpForm>();
    let query = use_query_map();
    let token = move || query.read().get("token").unwrap_or_default();
    let doorstep = load(LoadDoorstep::PATH, String::new(), load_doorstep);
    let failed = move || make.problem();
    let of = move |name: &'static str| Signal::derive(move || problem_of(failed().as_ref(), name));
    let fields = ["username", "display_name", "password", "password_again"];
    let whole = Signal::derive(move || problem_of_form(failed().as_ref(), &fields));
    view! {
        <Doorway title="Welcome aboard">
            <Suspense>
                {move || Suspend::new(async move {
                    let closed = loaded(&doorstep.await).is_ok_and(|doorstep: Doorstep| !doorstep.setup_open);
                    closed.then(|| view! {
                        <p class="door-note">"Starboard is set up already. " <a href="/sign-in">"Sign in"</a></p>
                    })
                })}
            </Suspense>
            <p class="door-lead">"You are the first here: make the administrator's account. It takes a minute, and this link works once."</p>
            <form class="form" method="post" action=make.path on:submit=move |event| make.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="token" value=token/>
                <TextField name="display_name" label="Your name" problem=of("display_name") autocomplete="name" required=true autofocus=true maxlength=100/>
                <TextField name="username" label="User name" problem=of("username") autocomplete="username"
                    help="Small letters, digits, dot, dash and underscore." required=true maxlength=64/>
                <TextField name="password" label="Password" kind="password" problem=of("password")
                    help="At least 12 characters. A sentence is easy to remember." autocomplete="new-password" required=true/>
                <TextField name="password_again" label="The password again" kind="password" problem=of("password_again") autocomplete="new-password" required=true/>
                <button type="submit" class="button primary wide" disabled=move || make.pending.get()>"Set up Starboard"</button>
            </form>
        </Doorway>
    }
    .into_any()
}

/// Where a one-time link leads: choosing a password.
#[component]
pub fn WelcomePage() -> impl IntoView {
    let query = use_query_map();
    let token = query.read_untracked().get("token").unwrap_or_default();
    let asked = token.clone();
    let arguments = format!("token={}", words::address::part(&token));
    let invited = load(LoadInvited::PATH, arguments, move || load_invited(asked.clone()));
    view! {
        <Doorway title="Welcome aboard">
            <Suspense>
                {move || {
                    let token = token.clone();
                    Suspend::new(async move {
                        match loaded::<Invited>(&invited.await) {
                            Ok(invited) => view! { <Choose token invited/> }.into_any(),
                            Err(error) => view! {
                                <p class="door-note">{capitalised(&error.to_string())}</p>
                                <a class="button wide" href="/sign-in">"Sign in"</a>
                            }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </Doorway>
    }
    .into_any()
}

#[component]
fn Choose(token: String, invited: Invited) -> impl IntoView {
    let accept = Sending::to::<AcceptForm>();
    let failed = move || accept.problem();
    let of = move |name: &'static str| Signal::derive(move || problem_of(failed().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(failed().as_ref(), &["password", "password_again"]));
    view! {
        <p class="door-lead">{format!("{}, choose a password. Your user name is ", visible(&invited.display_name))}<strong>{invited.username.clone()}</strong>"."</p>
        <form class="form" method="post" action=accept.path on:submit=move |event| accept.submit(&event)>
            <FormProblem problem=whole/>
            <input type="hidden" name="token" value=token/>
            <input type="text" name="username" value=invited.username autocomplete="username" hidden readonly/>
            <TextField name="password" label="Password" kind="password" problem=of("password") autofocus=true
                help="At least 12 characters. A sentence is easy to remember." autocomplete="new-password" required=true/>
            <TextField name="password_again" label="The password again" kind="password" problem=of("password_again") autocomplete="new-password" required=true/>
            <button type="submit" class="button primary wide" disabled=move || accept.pending.get()>"Come aboard"</button>
        </form>
    }
    .into_any()
}
