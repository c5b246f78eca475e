//! The freshness lamp: how old what you see is.

use leptos::prelude::*;

use crate::{
    live::{Freshness, Live},
    look::look,
    model::PbxId,
    words::{self, visible},
};

/// The lamp of one PBX, or of the whole page.
#[component]
pub fn Lamp(
    /// One PBX; the worst of all without.
    #[prop(optional)]
    pbx: Option<PbxId>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let clock = live.clock.clone();
    let freshness = look(move || match pbx {
        Some(pbx) => live.freshness(pbx),
        None => live.overall(),
    });
    let (light, title) = (freshness.clone(), freshness.clone());
    view! {
        <span
            class="lamp needs-js"
            data-lamp=move || slug(&light())
            title=move || explanation(&title())
        >
            <span class="lamp-light" aria-hidden="true"></span>
            <span class="lamp-word">{move || lamp_text(&freshness(), || clock.now_ms.get())}</span>
        </span>
    }
    .into_any()
}

/// The lamp's word. `now_ms` is asked only when an age is shown.
pub fn lamp_text(freshness: &Freshness, now_ms: impl Fn() -> u64) -> String {
    match freshness {
        Freshness::Live => "live".into(),
        Freshness::CatchingUp => "catching up".into(),
        Freshness::Connecting => "connecting".into(),
        Freshness::Old { since_ms, .. } => {
            format!("offline · {} old", words::age(now_ms().saturating_sub(*since_ms)))
        }
        Freshness::Refused { since_ms } => {
            format!(
                "sign-in refused · {} old",
                words::age(now_ms().saturating_sub(*since_ms))
            )
        }
        Freshness::Disabled => "switched off".into(),
    }
}

/// The name of a freshness in attributes.
pub fn slug(freshness: &Freshness) -> &'static str {
    match freshness {
        Freshness::Live => "live",
        Freshness::CatchingUp | Freshness::Connecting => "catching-up",
        Freshness::Old { .. } => "offline",
        Freshness::Refused { .. } => "refused",
        Freshness::Disabled => "off",
    }
}

fn explanation(freshness: &Freshness) -> String {
    match freshness {
        Freshness::Live => "Everything you see is as it is now.".into(),
        Freshness::CatchingUp => "Connected; the board is being compared with the PBX.".into(),
        Freshness::Connecting => "Connecting to the PBX for the first time.".into(),
        Freshness::Old { reason, .. } if reason.is_empty() => {
            "Starboard cannot be reached. What you see is the last it said; this page comes back by itself.".into()
        }
        Freshness::Old { reason, .. } => visible(reason).into_owned(),
        Freshness::Refused { .. } => {
            "The PBX does not accept the user name or secret. An administrator can mend it under PBX connections.".into()
        }
        Freshness::Disabled => "An administrator has switched this connection off.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::lamp_text;
    use crate::live::Freshness;

    #[test]
    fn old_news_carry_their_age() {
        let old = Freshness::Old {
            since_ms: 1_000,
            reason: String::new(),
        };
        assert_eq!(lamp_text(&old, || 13_500), "offline · 12 s old");
        assert_eq!(lamp_text(&Freshness::Live, || 0), "live");
    }
}
