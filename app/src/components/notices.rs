//! What came of what was asked, in the corner: read aloud, dismissed by hand, good news by itself.

use leptos::prelude::*;

use super::Icon;
use crate::asking::{Asking, Notice, Tone};

/// The notices of the page.
#[component]
pub fn Notices() -> impl IntoView {
    let asking = expect_context::<Asking>();
    view! {
        <div class="notices" role="status" aria-live="polite">
            {move || asking.notices.get().into_iter().map(|notice| one(asking, notice).into_any()).collect_view()}
        </div>
    }
    .into_any()
}

fn one(asking: Asking, notice: Notice) -> impl IntoView {
    let (tone, icon) = match notice.tone {
        Tone::Good => ("good", "check"),
        Tone::Unknown => ("unknown", "circle-help"),
        Tone::Bad => ("bad", "triangle-alert"),
    };
    view! {
        <div class="notice" data-tone=tone>
            <Icon name=icon/>
            <p>{notice.text}</p>
            <button
                type="button"
                class="icon-button"
                aria-label="Dismiss"
                on:click=move |_| asking.dismiss(notice.id)
            >
                <Icon name="x"/>
            </button>
        </div>
    }
    .into_any()
}
