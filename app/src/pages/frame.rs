//! The frame around every page behind the sign-in: rail, top bar, the live board and what floats above.

mod feed;
mod keys;
pub mod rail;
pub mod topbar;

use leptos::{either::Either, prelude::*};
use leptos_router::components::Outlet;

use self::{rail::Rail, topbar::TopBar};
use crate::{
    api::frame::{FrameData, load_frame},
    asking::Asking,
    browser,
    components::{
        announcer::Announcer,
        connect::{ConnectDraft, ConnectSheet},
        menu::{ContextMenu, Menu},
        notices::Notices,
        palette::{Palette, PaletteOpen},
        shortcuts::{Shortcuts, ShortcutsOpen},
        transfer::{TransferDraft, TransferSheet},
        trouble::Trouble,
    },
    dragging::Dragging,
    favourites::Favourites,
    live::{Freshness, Live, LiveBoard},
    words,
};

/// Loads who looks and the board, then shows the page inside the frame. A transition: what is on the screen stays there,
/// with its focus and scrolled where it was, while the router goes elsewhere.
#[component]
pub fn Frame() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| load_frame());
    view! {
        <Transition fallback=Skeleton>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => Either::Left(view! { <Cockpit data/> }),
                    Err(error) => Either::Right(view! { <Trouble error/> }),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// The page in its final shape, with nothing in it yet.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="cockpit" aria-busy="true">
            <div class="rail"></div>
            <div class="topbar"></div>
            <main class="page skeleton" aria-label="Loading">
                <div class="bone bone-title"></div>
                <div class="bone"></div>
                <div class="bone"></div>
                <div class="bone"></div>
            </main>
        </div>
    }
    .into_any()
}

#[component]
fn Cockpit(data: FrameData) -> impl IntoView {
    let viewer = RwSignal::new(data.viewer.clone());
    let live = LiveBoard::new(data.into_snapshot());
    provide_context(live.clone());
    provide_context(viewer);
    provide_context(Asking::new());
    provide_context(Favourites::new());
    provide_context(Dragging::nothing());
    provide_context(Menu::closed());
    provide_context(TransferDraft::none());
    provide_context(ConnectDraft::none());
    provide_context(PaletteOpen(RwSignal::new(false)));
    provide_context(ShortcutsOpen(RwSignal::new(false)));
    feed::run(live);
    keys::listen();
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to the content"</a>
        <div class="cockpit">
            <Rail/>
            <TopBar/>
            <main class="page" id="main" tabindex="-1">
                <LinkBanner/>
                <Outlet/>
            </main>
        </div>
        <TransferSheet/>
        <ConnectSheet/>
        <Notices/>
        <ContextMenu/>
        <Palette/>
        <Shortcuts/>
        <Announcer/>
    }
    .into_any()
}

/// Says so, above everything, when what is shown is old or another build is there.
#[component]
fn LinkBanner() -> impl IntoView {
    let live = expect_context::<Live>();
    let newer_build = live.newer_build.clone();
    let clock = live.clock.clone();
    let troubles = Memo::new(move |_| troubles(&live));
    let reload = newer_build.clone();
    Effect::new(move |_| {
        if reload.get() && browser::root_data("reload").is_some() {
            browser::reload();
        }
    });
    view! {
        {move || troubles.get().into_iter().map(|(what, why, since_ms)| {
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
        }).collect_view()}
        {move || newer_build.get().then(|| view! {
            <div class="banner" data-tone="good">
                <p>"A new version of Starboard is ready."</p>
                <button type="button" class="button" on:click=|_| browser::reload()>"Reload now"</button>
            </div>
        })}
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
