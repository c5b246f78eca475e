//! Wallboards: those that may be opened, the bench on which one is made, and the screens that show them.

pub mod agents;
pub mod bench;
pub mod canvas;
pub mod draft;
pub mod inspector;
pub mod list;
pub mod screens;
pub mod tile;
pub mod today;
pub mod tv;
pub mod value;
pub mod wall;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::components::A;

pub use self::{tv::TvPage, wall::WallPage};
use super::screens::part_of_address;
use crate::{
    api::wallboard::{LoadWallboard, LoadWallboards, load_wallboard, load_wallboards},
    components::loading::{Bones, NotLoaded},
    load, loaded,
    model::wallboard::{Place, Shown, Wallboards},
};

/// A cell that is always there.
const CORNER: Place = Place {
    x: 0,
    y: 0,
    wide: 1,
    high: 1,
};

/// The page: the list, the screens, or one board.
#[component]
pub fn WallboardsPage() -> impl IntoView {
    let id = part_of_address(1);
    move || match id.get().as_deref() {
        None | Some("") => view! { <Overview screens=false/> }.into_any(),
        Some("screens") => view! { <Overview screens=true/> }.into_any(),
        Some(id) => view! { <One id=id.parse().unwrap_or_default()/> }.into_any(),
    }
}

/// What is there.
#[component]
fn Overview(screens: bool) -> impl IntoView {
    let found = load(LoadWallboards::PATH, String::new(), load_wallboards);
    let changed = Callback::new(move |()| found.refetch());
    let title = if screens { "Screens" } else { "Wallboards" };
    view! {
        <Title text=title/>
        <header class="page-head">
            <h1>{title}</h1>
            <nav class="tabs" aria-label="Wallboards">
                <A href="/wallboards" exact=true>"Boards"</A>
                <A href="/wallboards/screens">"Screens"</A>
            </nav>
        </header>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Wallboards>(&found.await) {
                    Ok(all) if screens => view! { <screens::Screens all changed/> }.into_any(),
                    Ok(all) => view! { <list::Boards all/> }.into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// One board, to be changed by whoever it belongs to.
#[component]
fn One(id: i64) -> impl IntoView {
    let found = load(LoadWallboard::PATH, format!("id={id}"), move || {
        load_wallboard(id)
    });
    view! {
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Shown>(&found.await) {
                    Ok(shown) if shown.mine => view! { <bench::Bench shown/> }.into_any(),
                    Ok(shown) => view! { <bench::SomebodyElses shown/> }.into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}
