//! The frame around every page behind the sign-in: rail, top bar, the live board and what floats above.

pub mod bell;
mod feed;
mod keys;
pub mod rail;
pub mod topbar;

use leptos::prelude::*;
use leptos_router::components::Outlet;

pub(super) use self::feed::run as run_feed;

use self::{rail::Rail, topbar::TopBar};
use crate::{
    api::frame::FrameData,
    asking::{Asking, Tone},
    browser,
    components::{
        announcer::Announcer,
        connect::ConnectDraft,
        menu::Menu,
        notices::Notices,
        palette::{PaletteOpen, TypedAhead},
        shortcuts::ShortcutsOpen,
        transfer::TransferDraft,
        trouble::{Trouble, capitalised},
    },
    favourites::Favourites,
    frame_data,
    hands::Hands,
    later,
    live::{Freshness, Live, LiveBoard},
    said_to_the_viewer, words,
};

/// Shows the page inside the frame, with the board that came with it.
#[component]
pub fn Frame() -> impl IntoView {
    match frame_data() {
        Ok(data) => view! { <Cockpit data/> }.into_any(),
        Err(error) => view! { <Trouble error/> }.into_any(),
    }
}

#[component]
fn Cockpit(data: FrameData) -> impl IntoView {
    let said = said_to_the_viewer(&data);
    let viewer = RwSignal::new(data.viewer);
    let live = LiveBoard::new(data.snapshot);
    provide_context(live.clone());
    provide_context(viewer);
    provide_context(Asking::new());
    provide_context(Favourites::new());
    provide_context(Menu::closed());
    provide_context(TransferDraft::none());
    provide_context(ConnectDraft::none());
    provide_context(PaletteOpen(RwSignal::new(false)));
    provide_context(TypedAhead(RwSignal::new(String::new())));
    provide_context(ShortcutsOpen(RwSignal::new(false)));
    let you = live.you.clone();
    Effect::new(move |_| {
        if let Some(changed) = you.get() {
            viewer.set(*changed);
        }
    });
    feed::run(live);
    keys::listen();
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to the content"</a>
        <div class="cockpit">
            <Rail/>
            <TopBar/>
            <main class="page" id="main" tabindex="-1">
                <LinkBanner/>
                <div class="said" inner_html=said></div>
                <Outlet/>
            </main>
        </div>
        <Notices/>
        <Sheets/>
        <Hands/>
        <Announcer/>
    }
    .into_any()
}

/// What floats above the page: fetched when the first of them is opened, and kept.
#[component]
fn Sheets() -> impl IntoView {
    let menu = expect_context::<Menu>();
    let draft = expect_context::<TransferDraft>();
    let pair = expect_context::<ConnectDraft>();
    let palette = expect_context::<PaletteOpen>().0;
    let shortcuts = expect_context::<ShortcutsOpen>().0;
    let typed = expect_context::<TypedAhead>();
    let wanted = RwSignal::new(false);
    Effect::new(move |_| {
        let open = menu.is_open() || draft.is_begun() || pair.is_begun() || palette.get() || shortcuts.get();
        if open && !wanted.get_untracked() {
            wanted.set(true);
        }
    });
    let asking = expect_context::<Asking>();
    later::once_wanted(wanted, later::sheets, move |error| {
        menu.close();
        draft.end();
        pair.end();
        let _ = typed.take();
        palette.set(false);
        shortcuts.set(false);
        asking.tell(Tone::Bad, capitalised(&error.to_string()));
    })
}

/// Says so, above everything, when what is shown is old or another build is there.
#[component]
fn LinkBanner() -> impl IntoView {
    let live = expect_context::<Live>();
    let newer_build = live.newer_build.clone();
    let clock = live.clock.clone();
    let reload = newer_build.clone();
    Effect::new(move |_| {
        if reload.get() && browser::root_data("reload").is_some() {
            browser::reload();
        }
    });
    view! {
        {move || troubles(&live).into_iter().map(|(what, why, since_ms)| {
            let clock = clock.clone();
            view! {
                <div class="banner" data-tone="bad">
                    <p>
                        <strong>{what} " "</strong>
                        {why}
                        " What you see is "
                        {move || words::age(clock.now_ms.get().saturating_sub(since_ms))}
                        " old."
                    </p>
                </div>
            }
            .into_any()
        }).collect_view()}
        {move || newer_build.get().then(|| view! {
            <div class="banner" data-tone="good">
                <p>"A new version of Starboard is ready."</p>
                <button type="button" class="button" on:click=|_| browser::reload()>"Reload now"</button>
            </div>
        }.into_any())}
    }
    .into_any()
}

/// What is cut, why, and since when (Unix milliseconds).
fn troubles(live: &Live) -> Vec<(String, String, u64)> {
    if let Freshness::Old { since_ms, reason } = live.overall()
        && reason.is_empty()
    {
        let why = "This page comes back by itself.".to_owned();
        return vec![("Starboard cannot be reached.".to_owned(), why, since_ms)];
    }
    let pbxs = live.pbxs.keys().into_iter();
    pbxs.filter_map(|pbx| {
        let name = live
            .pbxs
            .with(&pbx, |row| words::visible(&row.name).into_owned())?;
        match live.freshness(pbx) {
            Freshness::Old { since_ms, reason } => Some((
                format!("{name} is cut off."),
                words::visible(&reason).into_owned(),
                since_ms,
            )),
            Freshness::Refused { since_ms } => {
                let why =
                    "An administrator can mend the user name or secret under PBX connections.".to_owned();
                Some((format!("{name} refuses Starboard's sign-in."), why, since_ms))
            }
            Freshness::Live | Freshness::CatchingUp | Freshness::Connecting | Freshness::Disabled => None,
        }
    })
    .collect()
}
