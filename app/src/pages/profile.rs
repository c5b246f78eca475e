//! My profile: name, own extension, how the page looks, the way out.

pub mod app;
pub mod codes;
pub mod factors;
pub mod password;
pub mod security;
pub mod sessions;
pub mod tokens;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::{app::AppPage, codes::CodesPage, security::SecurityPage, tokens::TokensPage};
use crate::{
    api::account::{SaveProfile, SignOut},
    browser,
    components::{
        Icon,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
    },
    live::{Live, keepsake},
    model::Viewer,
    pages::{not_found::NotFound, screens::part_of_address},
    sending::Sending,
    words::visible,
};

/// The page, or one of those behind it.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let part = part_of_address(1);
    move || match part.read().as_deref() {
        None => view! { <Mine/> }.into_any(),
        Some("security") => view! { <SecurityPage/> }.into_any(),
        Some("app") => view! { <AppPage/> }.into_any(),
        Some("codes") => view! { <CodesPage/> }.into_any(),
        Some("tokens") => view! { <TokensPage/> }.into_any(),
        Some(_) => view! { <NotFound/> }.into_any(),
    }
}

/// Leads from one part to the other.
#[component]
fn Tabs(here: &'static str) -> impl IntoView {
    let tab = move |name: &'static str, href: &'static str, word: &'static str| {
        view! { <a href=href aria-current=(name == here).then_some("page")>{word}</a> }
    };
    view! {
        <nav class="tabs" aria-label="My profile">
            {tab("me", "/me", "Me")}
            {tab("security", "/me/security", "Security")}
            {tab("tokens", "/me/tokens", "Tokens")}
        </nav>
    }
}

#[component]
fn Mine() -> impl IntoView {
    view! {
        <Title text="My profile"/>
        <header class="page-head"><h1>"My profile"</h1><Tabs here="me"/></header>
        <Person/>
        <Looks/>
        <Leave/>
    }
    .into_any()
}

/// Name and own extension.
#[component]
fn Person() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let save = Sending::to::<SaveProfile>();
    Effect::new(move |_| {
        if let Some(Ok(saved)) = save.answer::<Viewer>() {
            viewer.set(saved);
        }
    });
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(save.problem().as_ref(), &["display_name", "own"]));
    let saved = move || matches!(save.answer::<Viewer>(), Some(Ok(_))) && !save.pending.get();
    let now = viewer.get_untracked();
    view! {
        <section class="paper" aria-labelledby="person-title">
            <h2 id="person-title">"Me"</h2>
            <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)>
                <FormProblem problem=whole/>
                <p class="soft">"User name " <strong>{visible(&now.username).into_owned()}</strong> " · " {visible(&now.role).into_owned()}</p>
                <TextField name="display_name" label="Name shown" problem=of("display_name") value=now.display_name.clone()
                    autocomplete="name" required=true maxlength=100/>
                <OwnExtension problem=of("own")/>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || save.pending.get()>"Save"</button>
                    <span class="saved" role="status">{move || saved().then_some("Saved.")}</span>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// The picker: every extension of the board, and the present one even where the board does not show it.
#[component]
fn OwnExtension(problem: Signal<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let own = viewer.get_untracked().own_extension().cloned();
    let chosen = own.as_ref().map(|own| (own.pbx, own.number.clone()));
    let mut keys = untrack(|| live.extensions.keys());
    if let Some(chosen) = &chosen
        && !keys.contains(chosen)
    {
        keys.push(chosen.clone());
    }
    let several = untrack(|| live.pbxs.len()) > 1;
    let options = keys
        .into_iter()
        .map(|key| {
            let name = live
                .extensions
                .peek(&key, |row| row.name.clone())
                .flatten()
                .unwrap_or_default();
            let pbx = live.pbxs.peek(&key.0, |row| row.name.clone()).filter(|_| several);
            let text = [
                Some(key.1.clone()),
                (!name.is_empty()).then(|| visible(&name).into_owned()),
                pbx,
            ];
            let text = text.into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let selected = chosen.as_ref() == Some(&key);
            view! { <option value=format!("{}:{}", key.0.0, key.1) selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="own">"My extension"</label>
            <select id="own" name="own" aria-describedby="own-help own-problem">
                <option value="" selected=chosen.is_none()>"None"</option>
                {options}
            </select>
            <p class="field-help" id="own-help">
                "Its phone rings first when you call somebody from here. Calls that ring there are announced to you."
            </p>
            <Problem id="own-problem" problem/>
        </div>
    }
    .into_any()
}

/// Theme and density: remembered in this browser.
#[component]
fn Looks() -> impl IntoView {
    view! {
        <section class="paper needs-js" aria-labelledby="looks-title">
            <h2 id="looks-title">"How it looks here"</h2>
            <div class="form">
                <Choices name="theme" legend="Theme" standard="auto"
                    choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")].to_vec()/>
                <Choices name="density" legend="Density" standard="comfortable"
                    choices=[("comfortable", "Comfortable"), ("compact", "Compact")].to_vec()/>
                <p class="field-help">"Remembered in this browser only."</p>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Choices(
    name: &'static str,
    legend: &'static str,
    standard: &'static str,
    choices: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let chosen = RwSignal::new(standard.to_owned());
    // what was chosen is known to the browser alone
    Effect::new(move |_| {
        if let Some(value) = browser::root_data(name) {
            chosen.set(value);
        }
    });
    let choose = move |value: &'static str| {
        chosen.set(value.into());
        browser::set_root_data(name, value);
        browser::remember(&format!("starboard-{name}"), value);
    };
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {choices.into_iter().map(|(value, word)| view! {
                <label class="choice">
                    <input type="radio" name=name value=value
                        checked=value == standard
                        prop:checked=move || *chosen.read() == value
                        on:change=move |_| choose(value)/>
                    {word}
                </label>
            }).collect_view()}
        </fieldset>
    }
    .into_any()
}

#[component]
fn Leave() -> impl IntoView {
    view! {
        <section class="paper" aria-labelledby="leave-title">
            <h2 id="leave-title">"This session"</h2>
            <form method="post" action=SignOut::PATH on:submit=|_| keepsake::forget()>
                <button type="submit" class="button"><Icon name="log-out"/>"Sign out"</button>
            </form>
        </section>
    }
    .into_any()
}
