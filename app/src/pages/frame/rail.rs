//! The left rail: where one can go.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    access::Ability,
    browser,
    components::{Icon, icon::shape},
    model::Viewer,
};

/// The rail. Whether it is open is remembered in this browser and drawn by CSS alone.
#[component]
pub fn Rail() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    // each with the ability that shows it
    let places = move |places: &[(&'static str, &'static str, &'static str, Ability)]| {
        let rights = &viewer.read().rights;
        let mine = places.iter().filter(|(_, _, _, ability)| rights.has(*ability));
        mine.map(|(href, icon, word, _)| view! { <li><Place href icon word/></li> }.into_any())
            .collect::<Vec<_>>()
    };
    let work = move || {
        places(&[
            ("/queues", "hourglass", "Queues", Ability::SeeQueues),
            ("/desk", "headset", "My desk", Ability::ServeQueues),
            ("/calls/history", "phone", "Calls", Ability::SeeCalls),
            ("/figures", "chart", "Figures", Ability::SeeQueues),
            ("/wallboards", "monitor", "Wallboards", Ability::SeeQueues),
        ])
    };
    let administration = move || {
        let places = places(&[
            ("/admin/users", "users", "People", Ability::SeeUsers),
            ("/admin/pbx", "server", "PBX", Ability::ManageConnections),
            ("/admin/audit", "scroll-text", "Audit", Ability::SeeAudit),
        ]);
        (!places.is_empty()).then(|| {
            view! {
                <p class="rail-heading rail-word">"Administration"</p>
                <ul class="rail-list">{places}</ul>
            }
            .into_any()
        })
    };
    view! {
        <nav class="rail" aria-label="Main">
            <a class="brand" href="/" aria-label="Starboard, to the switchboard">
                <svg class="brand-mark" aria-hidden="true"><use href=shape("starboard")></use></svg>
                <span class="rail-word">"Starboard"</span>
            </a>
            <ul class="rail-list">
                <li><Place href="/home" icon="house" word="Home"/></li>
                <li><Place href="/" icon="layout-grid" word="Switchboard"/></li>
                {work}
                <li><Place href="/extensions" icon="contact" word="Extensions"/></li>
            </ul>
            {administration}
            <ul class="rail-list rail-end">
                <li><Place href="/me" icon="circle-user" word="Me"/></li>
                <li class="needs-js">
                    <button type="button" class="rail-link" on:click=|_| toggle() title="Open or close the menu">
                        <Icon name="panel-left"/>
                        <span class="rail-word">"Close menu"</span>
                    </button>
                </li>
            </ul>
        </nav>
    }
    .into_any()
}

#[component]
fn Place(href: &'static str, icon: &'static str, word: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    // a page below it is part of it, save that everything is below the first one
    let here = move || {
        let rest = path
            .read()
            .strip_prefix(href)
            .map(|rest| rest.is_empty() || href != "/" && rest.starts_with('/'));
        (rest == Some(true)).then_some("page")
    };
    view! {
        <a href=href class="rail-link" title=word aria-current=here>
            <Icon name=icon/>
            <span class="rail-word">{word}</span>
        </a>
    }
    .into_any()
}

fn toggle() {
    let next = if browser::root_data("rail").as_deref() == Some("open") {
        "closed"
    } else {
        "open"
    };
    browser::set_root_data("rail", next);
    browser::remember("starboard-rail", next);
}
