//! The sheet of keys.

use leptos::{html, prelude::*};

/// Whether the sheet is open.
#[derive(Clone, Copy)]
pub struct ShortcutsOpen(pub RwSignal<bool>);

const KEYS: [(&str, &str); 15] = [
    ("Ctrl K", "Search people, calls, pages and what can be done"),
    ("Ctrl D", "Type a number to call"),
    ("/", "Search this page"),
    ("s", "Hear how things stand"),
    ("?", "This sheet"),
    ("Tab", "To the next region"),
    ("← ↑ → ↓", "Inside people and calls"),
    ("Enter", "Open the call"),
    ("Esc", "Close the call"),
    ("c", "Call the person"),
    ("f", "Add to favourites, or remove"),
    ("t", "Transfer the call"),
    ("p", "Park the call"),
    ("h", "Hang up the call"),
    ("m", "Everything that can be done here"),
];

/// Draws the sheet.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let open = expect_context::<ShortcutsOpen>().0;
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            if open.get() && !dialog.open() {
                let _ = dialog.show_modal();
            } else if !open.get() && dialog.open() {
                dialog.close();
            }
        }
    });
    view! {
        <dialog class="sheet" node_ref=dialog aria-label="Keys" on:close=move |_| open.set(false)>
            <h2>"Keys"</h2>
            <dl class="keys">
                {KEYS.into_iter().map(|(key, meaning)| view! {
                    <div><dt><kbd>{key}</kbd></dt><dd>{meaning}</dd></div>
                }).collect_view()}
            </dl>
            <button type="button" class="button" on:click=move |_| open.set(false)>"Close"</button>
        </dialog>
    }
    .into_any()
}
