//! PBX connections: the list, and one of them to make, change, test and remove.

pub mod form;
pub mod steps;

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::form::PbxForm;
use super::screens::part_of_address;
use crate::{
    api::pbx::{LoadPbxConnections, load_pbx_connections},
    components::{
        Icon,
        lamp::Lamp,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load, loaded,
    model::{PbxConnection, PbxId},
    words::{shortened, visible::NAME_CHARS},
};

/// Every connection with its lamp.
#[component]
pub fn PbxListPage() -> impl IntoView {
    let connections = load(LoadPbxConnections::PATH, String::new(), load_pbx_connections);
    view! {
        <Title text="PBX connections"/>
        <header class="page-head">
            <h1>"PBX connections"</h1>
            <a class="button primary" href="/admin/pbx/new"><Icon name="plus"/>"Connect a PBX"</a>
        </header>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Vec<PbxConnection>>(&connections.await) {
                    Ok(found) if found.is_empty() => view! { <NoPbx/> }.into_any(),
                    Ok(found) => view! {
                        <ul class="cards">
                            {found.into_iter().map(|one| view! { <li><PbxCard one/></li> }).collect_view()}
                        </ul>
                    }.into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn PbxCard(one: PbxConnection) -> impl IntoView {
    let live = expect_context::<Live>();
    let pbx = one.id;
    let counts = Memo::new(move |_| {
        let of =
            |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let extensions = live.extensions.keys().iter().filter(|(of, _)| *of == pbx).count();
        let calls = live.calls.keys().iter().filter(|(of, _)| *of == pbx).count();
        format!(
            "{} · {}",
            of(extensions, "extension", "extensions"),
            of(calls, "call", "calls")
        )
    });
    view! {
        <a class="card" href=format!("/admin/pbx/{}", one.id.0)>
            <h2>{shortened(&one.name, NAME_CHARS)}</h2>
            <Lamp pbx=one.id/>
            <p>{format!("{}:{} as {}", shortened(&one.host, NAME_CHARS), one.port, shortened(&one.username, NAME_CHARS))}</p>
            <p class="card-counts">{move || counts.get()}</p>
        </a>
    }
    .into_any()
}

#[component]
fn NoPbx() -> impl IntoView {
    view! {
        <section class="paper">
            <Nothing icon="plug" title="No PBX is connected yet">
                <p>"Starboard needs a manager user on your Asterisk. It takes two minutes."</p>
                <a class="button primary" href="/admin/pbx/new">"Connect a PBX"</a>
            </Nothing>
        </section>
    }
    .into_any()
}

/// One connection.
#[component]
pub fn PbxPage() -> impl IntoView {
    let which = part_of_address(2);
    let query = use_query_map();
    let id = Memo::new(move |_| {
        let id = which.get()?;
        (id != "new").then(|| id.parse::<i64>().unwrap_or(-1))
    });
    let tested = move || query.read().get_str("test").is_some();
    let connections = load(LoadPbxConnections::PATH, String::new(), load_pbx_connections);
    view! {
        <Transition fallback=Bones>
            {move || {
                let (id, tested) = (id.get(), tested());
                Suspend::new(async move {
                    match loaded(&connections.await) {
                        Ok(found) => Either::Left(one_of(found, id, tested)),
                        Err(error) => Either::Right(view! { <Title text="PBX connection"/><NotLoaded error/> }),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn one_of(found: Vec<PbxConnection>, id: Option<i64>, tested: bool) -> impl IntoView {
    let one = found.into_iter().find(|one| Some(one.id) == id.map(PbxId));
    match (id, one) {
        (Some(_), None) => view! {
            <Title text="PBX connection"/>
            <Nothing icon="server" title="This PBX connection does not exist any more">
                <a class="button" href="/admin/pbx">"PBX connections"</a>
            </Nothing>
        }
        .into_any(),
        (_, one) => view! { <PbxForm one tested/> }.into_any(),
    }
}
