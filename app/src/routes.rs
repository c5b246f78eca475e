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
            <Routes fallback=|| ()>
                <Route path=path!("sign-in") view={Lazy::<later::Before>::new()} ssr=SsrMode::Async/>
                <Route path=path!("welcome") view={Lazy::<later::Before>::new()} ssr=SsrMode::Async/>
                <Route path=path!("setup") view={Lazy::<later::Before>::new()} ssr=SsrMode::Async/>
                <Route path=path!("tv") view={Lazy::<later::Before>::new()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <ParentRoute path=path!("") view=Switchboard ssr=SsrMode::Async>
                        <Route path=path!("") view=NoPane ssr=SsrMode::Async/>
                        <Route path=path!("calls/:pbx/:id") view={Lazy::<later::Call>::new()} ssr=SsrMode::Async/>
                    </ParentRoute>
                    <Route path=path!("*rest") view={Lazy::<later::Beside>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}
