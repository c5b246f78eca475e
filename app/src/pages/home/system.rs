//! How the system itself does: what is not well comes first, with its reason.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use crate::{
    api::home::LoadHealth,
    backend::BackendHandle,
    browser,
    components::{
        Icon,
        loading::{Bones, NotLoaded},
    },
    error::AppError,
    load, loaded,
    model::health::{Health, Part, Sign},
    sending::ask_packed,
};

/// How often it is looked at.
const AGAIN: Duration = Duration::from_secs(5);

/// The card.
#[component]
pub fn System() -> impl IntoView {
    let found = load(LoadHealth::PATH, String::new(), || async {
        let backend = use_context::<BackendHandle>().ok_or(AppError::NotSignedIn)?;
        backend.health().await
    });
    let newer = RwSignal::new(None::<Result<Health, AppError>>);
    Effect::new(move |_| again(newer));
    view! {
        <section class="paper home-system" aria-labelledby="system-title">
            <h2 id="system-title">"System"</h2>
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    let first = loaded::<Health>(&found.await);
                    move || match newer.get().unwrap_or_else(|| first.clone()) {
                        Ok(health) => view! { <Parts health/> }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

/// Looks again and again, as long as the page is there.
fn again(newer: RwSignal<Option<Result<Health, AppError>>>) {
    set_timeout(
        move || {
            spawn_local(async move {
                if browser::page_visible() {
                    let answer = ask_packed(LoadHealth::PATH, "").await;
                    if newer.try_set(Some(loaded::<Health>(&answer))).is_some() {
                        // the page is gone
                        return;
                    }
                }
                again(newer);
            });
        },
        AGAIN,
    );
}

#[component]
fn Parts(health: Health) -> impl IntoView {
    let sign = health.sign();
    let says = match sign {
        Sign::Well => "Everything is as it should be.",
        Sign::Strained => "It goes on, and somebody should look at it.",
        Sign::Broken => "Something does not work.",
    };
    let mut parts = health.parts;
    // what needs a person moves up
    parts.sort_by_key(|part| std::cmp::Reverse(part.sign));
    let parts = parts.into_iter().map(|part| view! { <One part/> }.into_any());
    let parts: Vec<AnyView> = parts.collect();
    view! {
        <p class="health-whole" data-sign=sign.slug() role="status"><Icon name=sign.icon()/>{says}</p>
        <ul class="health" aria-label="Parts of the system">{parts}</ul>
    }
    .into_any()
}

#[component]
fn One(part: Part) -> impl IntoView {
    let Part {
        name,
        sign,
        says,
        more,
    } = part;
    let name = match more {
        Some(address) => view! { <a href=address>{name}</a> }.into_any(),
        None => view! { <span>{name}</span> }.into_any(),
    };
    view! {
        <li data-sign=sign.slug()>
            <Icon name=sign.icon()/>
            <strong>{name}</strong>
            <span class="health-word">{sign.word()}</span>
            <p class="soft">{says}</p>
        </li>
    }
    .into_any()
}
