//! Queues: a card for each, and one opened beside them with who waits, who serves and how the day went.

pub mod agents;
pub mod callers;
pub mod card;
pub mod day;
pub mod deed;
pub mod menu;
pub mod pane;
pub mod sheet;

use leptos::prelude::*;
use leptos_meta::Title;

use self::{card::Card, day::Today, deed::Hands, menu::RowMenu, pane::QueuePane, sheet::Sheet};
use super::{screens::part_of_address, switchboard::chosen_pbx};
use crate::{
    access::Ability,
    components::{Icon, trouble::Nothing},
    live::Live,
    model::{PbxId, Viewer},
};

/// A queue on a PBX.
pub type QueueKey = (PbxId, String);

/// The page.
#[component]
pub fn QueuesPage() -> impl IntoView {
    let live = expect_context::<Live>();
    provide_context(Hands::new());
    let (pbx, name) = (part_of_address(1), part_of_address(2));
    let open = Memo::new(move |_| {
        let pbx = pbx.get()?.parse().ok()?;
        Some((PbxId(pbx), decoded(&name.get()?)))
    });
    let chosen = chosen_pbx();
    let keys = Memo::new(move |_| {
        let mut keys = live.queues.keys();
        keys.retain(|(pbx, _)| chosen.get().is_none_or(|chosen| chosen == *pbx));
        // what needs a person moves up
        let (mut waiting, quiet): (Vec<_>, Vec<_>) = keys
            .into_iter()
            .partition(|key| live.queues.with(key, |row| row.waiting.is_empty()) == Some(false));
        waiting.extend(quiet);
        waiting
    });
    let today = Today::follow(keys);
    let viewer = expect_context::<RwSignal<Viewer>>();
    let keeps = Memo::new(move |_| {
        let rights = &viewer.read().rights;
        rights.has(Ability::ManageCallers) || rights.has(Ability::SetUpQueues)
    });
    let returns = Memo::new(move |_| viewer.read().rights.has(Ability::ReturnCalls));
    view! {
        <Title text="Queues"/>
        <header class="page-head">
            <h1>"Queues " <span class="count">{move || keys.read().len()}</span></h1>
            <div class="page-verbs">
                {move || returns.get().then(|| view! {
                    <a class="button quiet" href="/queues/lost"><Icon name="phone-missed"/>"Lost callers"</a>
                }.into_any())}
                {move || keeps.get().then(|| view! {
                    <a class="button quiet" href="/queues/callbacks"><Icon name="phone-outgoing"/>"Callbacks"</a>
                }.into_any())}
                <a class="button quiet" href="/alarms"><Icon name="bell"/>"Alarms"</a>
            </div>
        </header>
        <div class="queue-board" data-pane=move || if open.read().is_some() { "open" } else { "closed" }>
            <ul class="queue-cards" aria-label="Queues">
                <For each=move || keys.get() key=|key| key.clone() let:key>
                    <Card key open today/>
                </For>
            </ul>
            {move || keys.read().is_empty().then(|| view! {
                <Nothing icon="headset" title="No queues to see">
                    <p>"Queues appear here by themselves once a PBX that has some is connected, as far as your role shows them."</p>
                </Nothing>
            })}
            {move || open.get().map(|key| view! { <QueuePane key today/> })}
        </div>
        <Sheet/>
        <RowMenu/>
    }
    .into_any()
}

/// The address of a queue's pane.
fn address_of(key: &QueueKey, search: &str) -> String {
    let (pbx, name) = key;
    let path = format!("/queues/{}/{}", pbx.0, crate::words::address::part(name));
    crate::words::address::with_search(&path, search)
}

/// A part of an address as text; what is not properly escaped is no queue's name.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        if byte != b'%' {
            bytes.push(byte);
        } else if let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{address_of, decoded};
    use crate::model::PbxId;

    #[test]
    fn a_queue_of_any_name_finds_its_way_back() {
        for name in ["support", "a b", "Köln/Süd", "100%", "q?x#y", "%41"] {
            let address = address_of(&(PbxId(1), name.to_owned()), "");
            let part = address.strip_prefix("/queues/1/").unwrap_or_default();
            assert!(!part.contains(['/', '?', '#', ' ']), "{address}");
            assert_eq!(decoded(part), name);
        }
        assert_eq!(decoded("a%2"), "a");
    }
}
