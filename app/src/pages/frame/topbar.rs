//! The top bar: which PBX, search, dial, my phone, how fresh everything is, me.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::query_signal;

use super::bell::Bell;
use crate::{
    api::account::SignOut,
    asking::Asking,
    components::{Icon, StateMark, lamp::Lamp, palette::PaletteOpen},
    live::{Live, keepsake},
    look::look,
    model::Viewer,
    words::{Status, check_number, visible},
};

/// The bar above every page.
#[component]
pub fn TopBar() -> impl IntoView {
    let palette = expect_context::<PaletteOpen>();
    view! {
        <header class="topbar">
            <PbxPicker/>
            <button
                type="button"
                class="search-button needs-js"
                aria-haspopup="dialog"
                on:click=move |_| palette.0.set(true)
            >
                <Icon name="search"/>
                <span class="search-word">"Search or do…"</span>
                <kbd>"Ctrl K"</kbd>
            </button>
            <DialBox/>
            <span class="topbar-gap"></span>
            <MyPhone/>
            <Lamp/>
            <Bell/>
            <Me/>
        </header>
    }
    .into_any()
}

/// Chooses whose rows are shown; nothing to choose with one PBX.
#[component]
fn PbxPicker() -> impl IntoView {
    let live = expect_context::<Live>();
    let (chosen, choose) = query_signal::<i64>("pbx");
    let rows = move || {
        let named = live.pbxs.keys().into_iter();
        named
            .filter_map(|id| live.pbxs.with(&id, |row| (id.0, visible(&row.name).into_owned())))
            .collect::<Vec<_>>()
    };
    let changed = move |event| choose.set(event_target_value(&event).parse().ok());
    move || {
        let rows = rows();
        (rows.len() > 1).then(|| {
            view! {
                <select
                    class="pbx-picker"
                    aria-label="PBX"
                    on:change=changed
                    prop:value=move || chosen.get().map_or_else(String::new, |id| id.to_string())
                >
                    <option value="">"All PBXs"</option>
                    {rows.into_iter().map(|(id, name)| view! {
                        <option value=id.to_string() selected=chosen.get_untracked() == Some(id)>{name}</option>
                    }.into_any()).collect_view()}
                </select>
            }
            .into_any()
        })
    }
}

/// A number typed here is called from the own phone. Without JavaScript it leads to the page that asks.
#[component]
fn DialBox() -> impl IntoView {
    let asking = expect_context::<Asking>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let busy = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        // read and let go of: a signal that is still being read cannot be set
        let number = check_number(&typed.read_untracked());
        match number {
            // the number stays in the box until the call before it is answered for
            Ok(_) if busy.get_untracked() => {}
            Ok(number) => {
                asking.call(busy, &viewer.read_untracked(), &number);
                typed.set(String::new());
            }
            Err(wrong) => problem.set(wrong.to_string()),
        }
    };
    view! {
        <form class="dial" role="search" aria-label="Call a number" action="/call" method="get" on:submit=submit>
            <Icon name="phone"/>
            <input
                id="dial"
                name="to"
                type="tel"
                autocomplete="off"
                placeholder="Number"
                aria-label="Number to call"
                aria-describedby="dial-problem"
                aria-invalid=move || (!problem.read().is_empty()).then_some("true")
                maxlength="64"
                prop:value=move || typed.get()
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    problem.set(String::new());
                }
            />
            <kbd>"Ctrl D"</kbd>
            <button type="submit" class="icon-button" aria-label="Call" aria-busy=move || busy.get().then_some("true")>
                <Icon name="corner-down-left"/>
            </button>
            <p class="dial-problem" id="dial-problem" role="alert" hidden=move || problem.read().is_empty()>
                {move || problem.get()}
            </p>
        </form>
    }
    .into_any()
}

/// My own extension and what it does.
#[component]
fn MyPhone() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let own = move || viewer.read().own_extension().cloned();
    let status = look(move || {
        let row = own().and_then(|own| {
            live.extensions
                .with(&(own.pbx, own.number), |row| Status::from(row))
        });
        row.unwrap_or(Status::Unreachable)
    });
    let number = Memo::new(move |_| own().map(|own| own.number));
    move || {
        match number.get() {
        Some(number) => view! {
            <a class="my-phone" href="/me" title="My phone">
                <span class="number">{number}</span>
                <StateMark status=status.clone()/>
            </a>
        }
        .into_any(),
        None => view! { <a class="my-phone choose" href="/me"><Icon name="smartphone"/><span class="state-word">"Choose my phone"</span></a> }.into_any(),
    }
    }
}

/// Who is signed in, and the way out.
#[component]
fn Me() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let name = move || visible(&viewer.read().display_name).into_owned();
    let initial = move || {
        let viewer = viewer.read();
        let first = viewer.display_name.chars().next();
        first.map_or_else(|| "?".to_owned(), String::from)
    };
    view! {
        <details class="me">
            <summary aria-label=move || format!("Me: {}", name())>
                <span class="avatar" aria-hidden="true">{move || initial()}</span>
            </summary>
            <div class="me-panel">
                <p class="me-name">{move || name()}</p>
                <p class="me-user">{move || visible(&viewer.read().username).into_owned()}</p>
                <a class="menu-item" href="/me"><Icon name="circle-user"/>"My profile"</a>
                <form method="post" action=SignOut::PATH on:submit=|_| keepsake::forget()>
                    <button type="submit" class="menu-item"><Icon name="log-out"/>"Sign out"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}
