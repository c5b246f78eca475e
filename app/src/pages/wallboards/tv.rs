//! What a television opens: a code until somebody approves it, then the board.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_meta::Title;

use super::wall::Wall;
use crate::{
    AppError,
    api::wallboard::{LoadTv, load_tv},
    browser,
    components::{
        Icon,
        icon::shape,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    frame_data,
    live::LiveBoard,
    load, loaded,
    model::wallboard::{Shown, Tv},
    pages::frame,
    sending,
};

/// How often a screen that waits asks whether somebody has approved it.
const ASK: Duration = Duration::from_secs(3);

/// The page.
#[component]
pub fn TvPage() -> impl IntoView {
    let tv = load(LoadTv::PATH, String::new(), load_tv);
    view! {
        <Title text="Screen"/>
        <main class="tv" id="main" tabindex="-1">
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<Tv>(&tv.await) {
                        Ok(Tv::Board { shown, .. }) => view! { <Showing shown=*shown/> }.into_any(),
                        Ok(Tv::SomebodyIsSignedIn) => somebody(),
                        Ok(code @ Tv::Code { .. }) => view! { <Code first=Ok(code)/> }.into_any(),
                        Err(error @ AppError::TooMany { .. }) => view! { <Code first=Err(error)/> }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
    .into_any()
}

/// The board, live.
#[component]
fn Showing(shown: Shown) -> impl IntoView {
    let data = match frame_data() {
        Ok(data) => data,
        Err(error) => return view! { <NotLoaded error/> }.into_any(),
    };
    let live = LiveBoard::new(data.snapshot);
    provide_context(live.clone());
    frame::run_feed(live);
    let again = Callback::new(move |found: RwSignal<Shown>| {
        spawn_local(async move {
            match sending::ask::<Tv>(LoadTv::PATH, "").await {
                Ok(Tv::Board { shown, .. }) => {
                    // the page may be gone
                    if found.try_with_untracked(|known| *known == *shown) == Some(false) {
                        found.set(*shown);
                    }
                }
                // it was revoked
                Ok(Tv::Code { .. } | Tv::SomebodyIsSignedIn) => browser::reload(),
                // it is told by the age of what is shown
                Err(_) => {}
            }
        });
    });
    view! { <Wall shown again/> }.into_any()
}

fn somebody() -> AnyView {
    view! {
        <Nothing icon="monitor" title="Somebody is signed in here">
            <p>"A screen is paired in a browser in which nobody is signed in. Sign out first, or show a board as yourself."</p>
            <a class="button" href="/wallboards" rel="external">"To the wallboards"</a>
        </Nothing>
    }
    .into_any()
}

/// The code, until somebody has approved it.
#[component]
fn Code(first: Result<Tv, AppError>) -> impl IntoView {
    let now = RwSignal::new(first);
    let cut_off = RwSignal::new(false);
    Effect::new(move |_| {
        browser::stay_awake();
        let asking = set_interval_with_handle(move || ask(now, cut_off), ASK).ok();
        on_cleanup(move || {
            if let Some(asking) = asking {
                asking.clear();
            }
        });
    });
    view! {
        <section class="tv-code" aria-labelledby="tv-title">
            <h1 id="tv-title"><svg class="brand-mark" aria-hidden="true"><use href=shape("starboard")></use></svg>"This screen shows a wallboard once it is paired"</h1>
            {move || match now.get() {
                Ok(Tv::Code { code, address, picture: (path, size), left_ms }) => {
                    let minutes = left_ms.div_ceil(60_000);
                    let aloud = spelled(&code);
                    view! {
                        <p class="tv-letters" role="status" aria-label=aloud>{code}</p>
                        <div class="tv-how">
                            <svg class="qr" viewBox=format!("0 0 {size} {size}") role="img" aria-label="The address below as a QR code">
                                <rect width=size.to_string() height=size.to_string()></rect>
                                <path d=path></path>
                            </svg>
                            <ol>
                                <li>"Open "<strong class="tv-address">{address}</strong>" and sign in."</li>
                                <li>"Type the code and choose what this screen shows."</li>
                            </ol>
                        </div>
                        <p class="tv-left">{if minutes > 1 { format!("Good for {minutes} minutes, then another code comes by itself.") } else { "Another code comes in a moment.".to_owned() }}</p>
                    }.into_any()
                }
                Err(AppError::TooMany { .. }) => view! { <p class="tv-left">"Too many screens here ask for a code. Another try is made by itself."</p> }.into_any(),
                Ok(_) | Err(_) => view! { <p class="tv-left">"One moment."</p> }.into_any(),
            }}
            {move || cut_off.get().then(|| view! {
                <p class="tv-cut" role="alert"><Icon name="unplug"/>"Starboard cannot be reached. This screen goes on trying."</p>
            }.into_any())}
        </section>
    }
    .into_any()
}

/// Letter by letter, for those who hear it.
fn spelled(code: &str) -> String {
    let letters = code.chars().map(|letter| letter.to_string());
    format!("Code: {}", letters.collect::<Vec<_>>().join(" "))
}

fn ask(now: RwSignal<Result<Tv, AppError>>, cut_off: RwSignal<bool>) {
    spawn_local(async move {
        let asked = sending::ask::<Tv>(LoadTv::PATH, "").await;
        // the page may be gone
        let _ = cut_off.try_set(matches!(asked, Err(AppError::Offline)));
        match asked {
            Ok(Tv::Board { .. } | Tv::SomebodyIsSignedIn) => browser::reload(),
            Err(AppError::Offline) => {}
            other => {
                // what reads the same is not read aloud again
                let same = now.try_with_untracked(|now| reads_as(now) == reads_as(&other));
                if same == Some(false) {
                    let _ = now.try_set(other);
                }
            }
        }
    });
}

/// What of an answer is drawn.
fn reads_as(answer: &Result<Tv, AppError>) -> Option<(&str, u64)> {
    match answer {
        Ok(Tv::Code { code, left_ms, .. }) => Some((code.as_str(), left_ms.div_ceil(60_000))),
        Ok(_) | Err(_) => None,
    }
}
