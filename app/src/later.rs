//! What the first screen does without: built into files of its own, which a browser loads when it wants them.
//! The server has everything at hand. What cannot be loaded is an error like any other, and the next try starts anew.
#![allow(
    unsafe_code,
    reason = "the macro declares what is in the other file; only the browser's half has such code"
)]

use std::pin::Pin;

use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};
use leptos_router::LazyRoute;

use crate::{
    AppError,
    asking::{self, Tone},
    components::{
        alarm_voice::AlarmVoice, connect::ConnectSheet, help::HelpRequests, menu::ContextMenu,
        palette::Palette, shortcuts::Shortcuts, transfer::TransferSheet, trouble::Trouble,
    },
    model::CommandRequest,
    pages::{
        screens::{Doors, Screens},
        switchboard::{CallPane, Handling},
    },
    words::address,
};

impl From<SplitLoaderError> for AppError {
    fn from(_: SplitLoaderError) -> Self {
        AppError::Offline
    }
}

#[wasm_split(screens, wasm_split_path = ::leptos::wasm_split, preload(screens_at_hand), fallible)]
fn screens(in_frame: bool) -> Result<AnyView, AppError> {
    // one function for both: what is fetched ahead is known to be there by its name
    Ok(if in_frame {
        view! { <Screens/> }.into_any()
    } else {
        view! { <Doors/> }.into_any()
    })
}

#[wasm_split(call, wasm_split_path = ::leptos::wasm_split, preload(call_at_hand), fallible)]
fn call_pane() -> Result<AnyView, AppError> {
    Ok(view! { <CallPane/> }.into_any())
}

/// What floats above the page once somebody asks for it.
#[wasm_split(sheets, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn sheets() -> Result<AnyView, AppError> {
    let sheets = view! {
        <TransferSheet/>
        <ConnectSheet/>
        <ContextMenu/>
        <Palette/>
        <Shortcuts/>
    };
    Ok(sheets.into_any())
}

/// What hands do on the board; who asks for help and what alarms say, for whoever has a hand there.
#[wasm_split(handling, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn handling() -> Result<AnyView, AppError> {
    let handling = view! {
        <Handling/>
        <AlarmVoice/>
        <div class="help-panel">
            <HelpRequests/>
        </div>
    };
    Ok(handling.into_any())
}

/// What came of a command, on its way.
type Telling = Pin<Box<dyn Future<Output = (Tone, String)>>>;

/// Sends a command and puts what came of it into words.
#[wasm_split(
    commands,
    wasm_split_path = ::leptos::wasm_split,
    return_wrapper(let answer = _; { Ok(answer?.await) } -> Result<(Tone, String), AppError>),
    fallible
)]
pub(crate) fn carry_out(what: String, request: CommandRequest) -> Result<Telling, AppError> {
    Ok(Box::pin(asking::carry_out(what, request)))
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
                $view.await.unwrap_or_else(|error| view! { <Trouble error/> }.into_any())
            }

            async fn preload() {
                // what is missing is told where it is shown
                let _ = $at_hand().await;
            }
        }
    )*};
}

routes! {
    /// Every screen beside the switchboard.
    Beside: screens(true), screens_at_hand;
    /// The pages before the frame.
    Before: screens(false), screens_at_hand;
    /// One call, beside the switchboard.
    Call: call_pane(), call_at_hand;
}

/// Fetches what the page at this path is made of, so that it can be woken up at once.
///
/// # Errors
/// [`AppError::Offline`] when they cannot be fetched: the page is whole as the server sent it, and stays so.
pub async fn at_hand(path: &str) -> Result<(), AppError> {
    if address::is_call(path) {
        call_at_hand().await?;
    } else if path != "/" {
        screens_at_hand().await?;
    }
    Ok(())
}

/// A part that is there from when it is `wanted`. Where it cannot be loaded, `missed` hears of it and nobody wants it
/// any more.
pub(crate) fn once_wanted<Loading>(
    wanted: RwSignal<bool>,
    load: fn() -> Loading,
    missed: impl Fn(AppError) + Copy + Send + 'static,
) -> impl IntoView
where
    Loading: Future<Output = Result<AnyView, AppError>> + Send + 'static,
{
    move || {
        wanted.get().then(|| {
            Suspend::new(async move {
                load().await.unwrap_or_else(|error| {
                    missed(error);
                    wanted.set(false);
                    ().into_any()
                })
            })
        })
    }
}
