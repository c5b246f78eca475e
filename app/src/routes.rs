//! Every address of the interface and the page behind it.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::pages::{
    account::{SetUpPage, SignInPage},
    extensions::ExtensionsPage,
    frame::Frame,
    not_found::NotFound,
    pbx::{PbxListPage, PbxPage},
    place_call::PlaceCallPage,
    profile::ProfilePage,
    switchboard::{CallPane, NoPane, Switchboard},
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
                        <Route path=path!("calls/:pbx/:id") view=CallPane ssr=SsrMode::Async/>
                    </ParentRoute>
                    <Route path=path!("extensions") view=ExtensionsPage ssr=SsrMode::Async/>
                    <Route path=path!("admin/pbx") view=PbxListPage ssr=SsrMode::Async/>
                    <Route path=path!("admin/pbx/new") view=PbxPage ssr=SsrMode::Async/>
                    <Route path=path!("admin/pbx/:id") view=PbxPage ssr=SsrMode::Async/>
                    <Route path=path!("me") view=ProfilePage ssr=SsrMode::Async/>
                    <Route path=path!("call") view=PlaceCallPage ssr=SsrMode::Async/>
                </ParentRoute>
                <Route path=path!("sign-in") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("setup") view=SetUpPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
    .into_any()
}
