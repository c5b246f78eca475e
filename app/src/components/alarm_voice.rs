//! Tells of alarms as they are raised: on the screen, aloud, and by the browser where it may.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::{
    asking::{Asking, Tone},
    live::Live,
    model::alarms::Raised,
    notifications,
    words::{alarm::says, shortened, visible::NAME_CHARS},
};

/// Told apart on the screen at most; more are one sentence.
const MAX_TOLD: usize = 3;

/// Draws nothing itself: notices do, and are read aloud.
#[component]
pub fn AlarmVoice() -> impl IntoView {
    let live = expect_context::<Live>();
    let asking = expect_context::<Asking>();
    Effect::new(move |known: Option<BTreeSet<i64>>| {
        let raised = live.notes_of::<Raised>();
        let ids: BTreeSet<i64> = raised.iter().map(|(_, one)| one.0.id).collect();
        // what was there before is in the bell
        let is_new = |one: &Raised| known.as_ref().is_some_and(|known| !known.contains(&one.0.id));
        let fresh: Vec<_> = raised.iter().filter(|(_, one)| is_new(one)).collect();
        for (_, Raised(alarm)) in fresh.iter().take(MAX_TOLD) {
            asking.tell(Tone::Bad, format!("{}.", says(alarm)));
            let name = shortened(&alarm.name, NAME_CHARS);
            notifications::show(&name, &says(alarm), &format!("alarm-{}", alarm.id));
        }
        if fresh.len() > MAX_TOLD {
            asking.tell(
                Tone::Bad,
                format!("{} more alarms were raised.", fresh.len() - MAX_TOLD),
            );
        }
        ids
    });
}
