//! The left rail: where one can go.

use leptos::prelude::*;
use leptos_router::components::A;

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
    let may = move |ability: Ability| Memo::new(move |_| viewer.read().rights.has(ability));
    let (people, connections) = (may(Ability::SeeUsers), may(Ability::ManageConnections));
    let audit = may(Ability::SeeAudit);
    view! {
        <nav class="rail" aria-label="Main">
            <a class="brand" href="/" aria-label="Starboard, to the switchboard">
                <svg class="brand-mark" aria-hidden="true"><use href=shape("starboard")></use></svg>
                <span class="rail-word">"Starboard"</span>
            </a>
            <ul class="rail-list">
                <li><Place href="/" icon="layout-grid" word="Switchboard" exact=true/></li>
                <li><Place href="/extensions" icon="contact" word="Extensions"/></li>
            </ul>
            {move || (people.get() || connections.get() || audit.get()).then(|| view! {
                <p class="rail-heading rail-word">"Administration"</p>
                <ul class="rail-list">
                    {people.get().then(|| view! { <li><Place href="/admin/users" icon="users" word="People"/></li> }.into_any())}
                    {connections.get().then(|| view! { <li><Place href="/admin/pbx" icon="server" word="PBX"/></li> }.into_any())}
                    {audit.get().then(|| view! { <li><Place href="/admin/audit" icon="scroll-text" word="Audit"/></li> }.into_any())}
                </ul>
            }.into_any())}
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
fn Place(
    href: &'static str,
    icon: &'static str,
    word: &'static str,
    #[prop(optional)] exact: bool,
) -> impl IntoView {
    view! {
        <A href=href exact=exact attr:class="rail-link" attr:title=word>
            <Icon name=icon/>
            <span class="rail-word">{word}</span>
        </A>
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
