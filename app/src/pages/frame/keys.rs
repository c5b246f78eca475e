//! The keys that work everywhere.

use leptos::{ev, prelude::*};

use crate::{
    browser,
    components::{
        announcer::Spoken,
        connect::ConnectDraft,
        palette::{PaletteOpen, TypedAhead},
        roving,
        shortcuts::ShortcutsOpen,
        transfer::TransferDraft,
    },
    live::Live,
};

/// Listens while the frame is there; runs in a browser only.
pub(super) fn listen() {
    let palette = expect_context::<PaletteOpen>().0;
    let typed = expect_context::<TypedAhead>();
    let draft = expect_context::<TransferDraft>();
    let pair = expect_context::<ConnectDraft>();
    let shortcuts = expect_context::<ShortcutsOpen>().0;
    let spoken = Spoken::new();
    provide_context(spoken);
    let live = expect_context::<Live>();
    Effect::new(move |_| {
        let live = live.clone();
        let pressed = window_event_listener(ev::keydown, move |event| {
            let with_control = event.ctrl_key() || event.meta_key();
            let key = event.key();
            if with_control && !event.alt_key() && !event.shift_key() {
                match key.as_str() {
                    "k" | "K" => palette.update(|open| *open = !*open),
                    "d" | "D" => {
                        browser::focus("#dial");
                    }
                    _ => return,
                }
                event.prevent_default();
                return;
            }
            if with_control || event.alt_key() || browser::is_typing(&event) {
                return;
            }
            let awaited = palette.get_untracked() && browser::everywhere("dialog[open]").is_empty()
                || untrack(|| draft.is_begun() || pair.is_begun())
                    && browser::everywhere(".transfer").is_empty();
            // the key that asked for a sheet is no letter of it
            if awaited && !event.default_prevented() && typed.ahead(&key) {
                event.prevent_default();
                return;
            }
            match key.as_str() {
                "?" => shortcuts.set(true),
                "/" => {
                    let _ = browser::focus("[data-search]") || browser::focus(".search-button");
                }
                // the row that was opened has the focus again
                "Escape" if !event.default_prevented() && browser::everywhere("dialog[open]").is_empty() => {
                    let _ = browser::focus(".call-main[aria-current]");
                    let _ = browser::press(".pane-close");
                }
                "s" => spoken.summary(&live),
                _ => return,
            }
            event.prevent_default();
        });
        let focused = window_event_listener(ev::focusin, |event| roving::hold(&event));
        let pointed = window_event_listener(ev::pointerdown, |_| roving::let_go());
        on_cleanup(move || {
            pressed.remove();
            focused.remove();
            pointed.remove();
        });
    });
}
