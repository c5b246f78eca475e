//! My security: what there is beside the password, the password itself, and where I am signed in.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{Leave, Tabs, factors::Factors, password::ChangePassword, sessions::Sessions};
use crate::{
    api::security::{LoadSecurity, load_security},
    components::trouble::{Nothing, capitalised},
    load, loaded,
    model::sign_in::Security,
};

/// What a part of the page calls when it has changed something: says so, and shows how things stand.
pub type Changed = Callback<String>;

/// The page.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let security = load(LoadSecurity::PATH, String::new(), load_security);
    let said = RwSignal::new(String::new());
    let changed: Changed = Callback::new(move |what: String| {
        said.set(what);
        security.refetch();
    });
    view! {
        <Title text="My security"/>
        <header class="page-head"><h1>"My profile"</h1><Tabs here="security"/></header>
        <p class="saved page-word" role="status">{move || said.get()}</p>
        <Transition>
            {move || Suspend::new(async move {
                match loaded::<Security>(&security.await) {
                    Ok(security) => {
                        let Security { now_ms, sessions, .. } = security.clone();
                        view! {
                            <Factors security changed/>
                            <ChangePassword changed/>
                            <Sessions sessions now_ms changed/>
                        }
                        .into_any()
                    }
                    Err(error) => view! {
                        <Nothing icon="lock" title=capitalised(&error.to_string())>
                            <a class="button" href="/me/security" rel="external">"Try again"</a>
                        </Nothing>
                    }
                    .into_any(),
                }
            })}
        </Transition>
        <Leave/>
    }
    .into_any()
}
