//! Every address of the interface and the page behind it.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    later,
    pages::{
        frame::Frame,
        not_found::NotFound,
        switchboard::{NoPane, Switchboard},
    },
};

/// The interface. The server renders it whole, then the browser wakes it up.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Starboard".to_owned() } else { format!("{title} · Starboard") }
        }/>
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <ParentRoute path=path!("") view=Switchboard ssr=SsrMode::Async>
                        <Route path=path!("") view=NoPane ssr=SsrMode::Async/>
                        <Route path=path!("calls/:pbx/:id") view={Lazy::<later::Call>::new()} ssr=SsrMode::Async/>
                    </ParentRoute>
                    <Route path=path!("extensions") view={Lazy::<later::Extensions>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/pbx") view={Lazy::<later::PbxList>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/pbx/new") view={Lazy::<later::Pbx>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/pbx/:id") view={Lazy::<later::Pbx>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/users/:id?") view={Lazy::<later::Users>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/teams/:id?") view={Lazy::<later::Teams>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/roles/:id?") view={Lazy::<later::Roles>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("admin/audit/:id?") view={Lazy::<later::Audit>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me") view={Lazy::<later::Profile>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("call") view={Lazy::<later::PlaceCall>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
                <Route path=path!("sign-in") view={Lazy::<later::SignIn>::new()} ssr=SsrMode::Async/>
                <Route path=path!("welcome") view={Lazy::<later::Welcome>::new()} ssr=SsrMode::Async/>
                <Route path=path!("setup") view={Lazy::<later::SetUp>::new()} ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
    .into_any()
}
