//! One person's tile: who, what they do, with whom, for how long. What can be done with them is in
//! [`crate::components::person_verbs`], fetched when a hand is there.

use leptos::prelude::*;
use telephony::Extension;

use crate::{
    components::{Icon, StateMark, Timer, icon::shape, person_verbs::person_name},
    favourites::Favourites,
    live::{ExtensionKey, Live},
    look::look,
    words::{Status, address, with_whom},
};

/// The tile.
#[component]
pub fn Person(key: ExtensionKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.extensions.get(&key)?;
    let favourites = expect_context::<Favourites>();
    let (pbx, number) = key.clone();
    let status = {
        let row = row.clone();
        look(move || row.with(|row| Status::from(row)))
    };
    let state = status.clone();
    let name = row.clone();
    let old = live.clone();
    let label = {
        let row = row.clone();
        move || row.with(spoken)
    };
    let place = format!("{}/{number}", pbx.0);
    let is_favourite = move || favourites.has(&key);
    Some(view! {
        <li class="tile" data-state=move || state().slug() class:old=move || old.freshness(pbx).is_old()
            draggable="true" data-person=place
        >
            <div class="tile-main" role="group" tabindex="0" data-cell aria-label=label>
                <span class="tile-name">
                    {move || name.with(person_name)}
                    {move || is_favourite().then(|| view! { <svg class="icon favourite" aria-label="Favourite" role="img"><use href=shape("star")></use></svg> }.into_any())}
                </span>
                <a class="tile-number number" tabindex="-1" href=address::dial(&number) draggable="false" data-dial>{number.clone()}</a>
                <StateMark status/>
                <Doing row=row pbx/>
            </div>
        </li>
    }.into_any())
}

/// With whom and for how long; for those who do nothing, what is worth knowing.
#[component]
fn Doing(row: ArcRwSignal<Extension>, pbx: crate::model::PbxId) -> impl IntoView {
    let since = {
        let row = row.clone();
        look(move || {
            row.with(|row| {
                row.engagements
                    .first()
                    .map_or(row.since.0, |engagement| engagement.since.0)
            })
        })
    };
    let with = row.clone();
    let busy = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| !row.engagements.is_empty()))
    };
    let voicemail = move || row.with(|row| row.voicemail).filter(|new| *new > 0);
    view! {
        <span class="tile-with">{move || with.with(with_first)}</span>
        {move || busy.get().then(|| view! { <Timer pbx since_ms=since.clone()/> }.into_any())}
        {move || voicemail().map(|new| view! {
            <span class="tile-mail" title="New voicemail"><Icon name="voicemail"/>{new.to_string()}</span>
        }.into_any())}
    }
    .into_any()
}

fn with_first(row: &Extension) -> String {
    row.engagements.first().map_or_else(String::new, with_whom)
}

fn spoken(row: &Extension) -> String {
    let mut text = format!(
        "{}, {}, {}",
        person_name(row),
        row.number,
        Status::from(row).word()
    );
    let with = with_first(row);
    if !with.is_empty() {
        text.push_str(" with ");
        text.push_str(&with);
    }
    text
}
