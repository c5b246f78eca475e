//! What the first screen does without: built into files of its own, which a browser loads when it wants them.
//! The server has everything at hand.
#![allow(
    unsafe_code,
    reason = "the macro declares what is in the other file; only the browser's half has such code"
)]

use std::pin::Pin;

use leptos::{prelude::*, wasm_split::wasm_split};
use leptos_router::LazyRoute;

use crate::{
    asking::{self, Tone},
    components::{
        connect::ConnectSheet, menu::ContextMenu, palette::Palette, shortcuts::Shortcuts,
        transfer::TransferSheet,
    },
    model::CommandRequest,
    pages::{
        account::{SetUpPage, SignInPage},
        extensions::ExtensionsPage,
        pbx::{PbxListPage, PbxPage},
        place_call::PlaceCallPage,
        profile::ProfilePage,
        switchboard::{CallPane, Handling},
    },
};

/// A screen beside the switchboard.
#[derive(Clone, Copy)]
enum Screen {
    Extensions,
    PbxList,
    Pbx,
    Profile,
    PlaceCall,
    SignIn,
    SetUp,
}

#[wasm_split(screens, wasm_split_path = ::leptos::wasm_split, preload(screens_at_hand))]
fn screen(which: Screen) -> AnyView {
    match which {
        Screen::Extensions => view! { <ExtensionsPage/> }.into_any(),
        Screen::PbxList => view! { <PbxListPage/> }.into_any(),
        Screen::Pbx => view! { <PbxPage/> }.into_any(),
        Screen::Profile => view! { <ProfilePage/> }.into_any(),
        Screen::PlaceCall => view! { <PlaceCallPage/> }.into_any(),
        Screen::SignIn => view! { <SignInPage/> }.into_any(),
        Screen::SetUp => view! { <SetUpPage/> }.into_any(),
    }
}

#[wasm_split(call, wasm_split_path = ::leptos::wasm_split, preload(call_at_hand))]
fn call_pane() -> AnyView {
    view! { <CallPane/> }.into_any()
}

/// What floats above the page once somebody asks for it.
#[wasm_split(sheets, wasm_split_path = ::leptos::wasm_split)]
pub(crate) fn sheets() -> AnyView {
    view! {
        <TransferSheet/>
        <ConnectSheet/>
        <ContextMenu/>
        <Palette/>
        <Shortcuts/>
    }
    .into_any()
}

/// What hands do on the board.
#[wasm_split(handling, wasm_split_path = ::leptos::wasm_split)]
pub(crate) fn handling() -> AnyView {
    view! { <Handling/> }.into_any()
}

/// Sends a command and puts what came of it into words.
#[wasm_split(
    commands,
    wasm_split_path = ::leptos::wasm_split,
    return_wrapper(let answer = _; { answer.await } -> (Tone, String))
)]
pub(crate) fn carry_out(
    what: String,
    request: CommandRequest,
) -> Pin<Box<dyn Future<Output = (Tone, String)>>> {
    Box::pin(asking::carry_out(what, request))
}

macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident: $view:expr, $at_hand:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl LazyRoute for $name {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                $view.await
            }

            async fn preload() {
                $at_hand().await;
            }
        }
    )*};
}

routes! {
    /// Extensions.
    Extensions: screen(Screen::Extensions), screens_at_hand;
    /// Every PBX connection.
    PbxList: screen(Screen::PbxList), screens_at_hand;
    /// One of them.
    Pbx: screen(Screen::Pbx), screens_at_hand;
    /// My profile.
    Profile: screen(Screen::Profile), screens_at_hand;
    /// Where a clicked number lands.
    PlaceCall: screen(Screen::PlaceCall), screens_at_hand;
    /// Sign-in.
    SignIn: screen(Screen::SignIn), screens_at_hand;
    /// The first administrator.
    SetUp: screen(Screen::SetUp), screens_at_hand;
    /// One call, beside the switchboard.
    Call: call_pane(), call_at_hand;
}

/// Fetches what the page at this path is made of, so that it can be woken up at once.
pub async fn at_hand(path: &str) {
    if path.starts_with("/calls/") {
        call_at_hand().await;
    } else if path != "/" {
        screens_at_hand().await;
    }
}
